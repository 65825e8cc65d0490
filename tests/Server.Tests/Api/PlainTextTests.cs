using System.Net.Sockets;
using System.Text;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>Text that PostgreSQL can't keep is refused with its place, wherever it comes, and nothing is written.</summary>
public sealed class PlainTextTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Start = $"/api/v1/workflows/{ServerFixture.Waiting}/start";
    private const string Nothing = "01900000-0000-7000-8000-000000000000";
    private readonly RunningServer server = fixture.Server;

    [Theory]
    [InlineData("POST", Start, """{"correlationId":"a\u0000b"}""", "$.correlationId")]
    [InlineData("POST", Start, """{"input":{"a":[1,{"b":"x"},{"c":["y","\u0000"]}]}}""", "$.input.a[2].c[1]")]
    [InlineData("POST", Start, """{"input":{"a\u0000":1}}""", "$.input")]
    [InlineData("POST", Start, """{"name":"\ud800"}""", "$.name")]
    [InlineData("POST", Start, """{"input":{"x":{},"text":"\uDC00 and more"}}""", "$.input.text")]
    [InlineData("POST", Start, """{"input":{"\ud83d":1}}""", "$.input")]
    [InlineData("POST", "/api/v1/workflows/instances/" + Nothing + "/signals", """{"signalId":"\u0000","name":"paid"}""", "$.signalId")]
    [InlineData("POST", "/api/v1/workflows/definitions", """{"definitionId":"x","name":"\u0000","root":{}}""", "$.name")]
    [InlineData("POST", "/api/v1/keys", """{"name":"\u0000","scopes":["admin"]}""", "$.name")]
    [InlineData("POST", "/api/v1/cases", """{"serviceId":"s\u0000"}""", "$.serviceId")]
    [InlineData("POST", "/api/v1/tasks/" + Nothing + "/decisions", """{"decision":"a","comment":"\u0000"}""", "$.comment")]
    [InlineData("PUT", "/api/v1/operations/intake", """{"open":false,"reason":"\u0000"}""", "$.reason")]
    public async Task Body_WhenATextCannotBeKept_Then400NamesThePath(string method, string path, string body, string place)
    {
        var before = await CountAsync();

        var answer = (await server.SendAsync(method, path, body, user: "bureau-reviewer-1", headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).IsProblem(400, ErrorCodes.InvalidRequest);

        Assert.Equal(place, answer.Json.GetProperty("errors")[0].GetProperty("path").GetString());
        Assert.Equal("invalid_text", answer.Json.GetProperty("errors")[0].GetProperty("code").GetString());
        Assert.Equal(before, await CountAsync());
    }

    [Theory]
    [InlineData(new byte[] { 0xC3, 0x28 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xFF })]
    public async Task Body_WhenItIsNotUtf8_Then400(byte[] text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Start) { Content = new ByteArrayContent([.. """{"input":{"a":" """u8, .. text, .. "\"}}"u8]) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TryAddWithoutValidation("Authorization", $"ApiKey {RunningServer.AdminKey}");
        request.Headers.TryAddWithoutValidation("Idempotency-Key", Guid.NewGuid().ToString());
        using var response = await server.Http.SendAsync(request);

        (await Answer.ReadAsync(response)).IsProblem(400, ErrorCodes.InvalidRequest);
    }

    [Fact]
    public async Task Body_WhenItHasWholePairsAndEscapedBackslashes_ThenTheyAreKeptAsTheyAre()
    {
        var started = (await server.SendAsync("POST", Start, """{"name":"\ud83d\ude00 \\u0000 𠮷","input":{"a":["\uD842\uDFB7","\\ud800"]}}""", headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).Is(201);

        Assert.Equal("😀 \\u0000 𠮷", (await server.SendAsync("GET", $"/api/v1/workflows/instances/{started.Json.GetProperty("id").GetString()}")).Is(200).Json.GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("/api/v1/workflows/instances?correlationId=a%00b", "correlationId")]
    [InlineData("/api/v1/workflows/instances?cursor=%00", "cursor")]
    [InlineData("/api/v1/cases?status=%00", "status")]
    [InlineData("/api/v1/notices?service=%00", "service")]
    public async Task Query_WhenAParameterHoldsNull_Then400NamesIt(string path, string parameter) =>
        Assert.Equal(parameter, (await server.SendAsync("GET", path, user: "bureau-reviewer-1")).IsProblem(400, ErrorCodes.InvalidRequest).Json.GetProperty("errors")[0].GetProperty("path").GetString());

    [Theory]
    [InlineData("/api/v1/workflows/definitions/a%00b", "")]
    [InlineData("/api/v1/workflows/definitions", "Talent-User: a\0b")]
    [InlineData("/api/v1/workflows/definitions", "Idempotency-Key: a\0b")]
    public async Task PathOrHeader_WhenItHoldsNull_Then400(string path, string header)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Http.BaseAddress!.Host, server.Http.BaseAddress.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: test\r\nAuthorization: ApiKey {RunningServer.AdminKey}\r\n{(header.Length > 0 ? header + "\r\n" : "")}Connection: close\r\n\r\n"));

        Assert.StartsWith("HTTP/1.1 400", await new StreamReader(stream).ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/workflows/definitions/%ED%A0%80")]
    [InlineData("/api/v1/keys/%FF")]
    [InlineData("/api/v1/cases/%ED%A0%80")]
    public async Task Path_WhenItIsNotUtf8_ThenTheAnswerIsACallersError(string path) =>
        Assert.InRange((await server.SendAsync("GET", path, user: "bureau-reviewer-1")).Status, 400, 499);

    private async Task<object?> CountAsync() => await server.SqlAsync("select (select count(*) from engine.instances) + (select count(*) from engine.receipts) + (select count(*) from engine.definitions) + (select count(*) from security.keys)");
}
