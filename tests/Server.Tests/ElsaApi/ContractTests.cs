using System.Text;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>Every endpoint below <c>/elsa/api</c>: fields, types, casing, words, paging and status as an Elsa server answers, and nothing besides.</summary>
public sealed class ContractTests(ServerFixture fixture) : IClassFixture<ServerFixture>, IAsyncLifetime
{
    private readonly RunningServer server = fixture.Server;
    private readonly ContractData data = new(fixture.Server);

    public static TheoryData<int, string> Calls
    {
        get
        {
            var calls = new TheoryData<int, string>();
            foreach (var (i, call) in Contract.Calls.Index())
                calls.Add(i, $"{call.Method} {call.Path ?? call.Route} {call.Status}");
            return calls;
        }
    }

    public async Task InitializeAsync() => await data.PublishAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Answer_WhenCalledAsByElsasClients_ThenHasTheRecordedShape(int number, string name)
    {
        var call = Contract.Calls[number];

        var answer = await SendAsync(call);

        Assert.True(answer.Status == call.Status, $"{name}: {answer.Status} {answer.Text}");
        if (call.Shape is null)
        {
            Assert.True(call.MediaType != "application/json" ? answer.MediaType == call.MediaType : answer.Text.Length == 0, $"{name}: {answer.MediaType} {answer.Text}");
            return;
        }
        Assert.Equal(call.Shape == "problem" ? "application/problem+json" : "application/json", answer.MediaType);
        Shape.Matches(call.Shape, answer.Json);
    }

    [Fact]
    public void Contract_WhenComparedWithTheServersRoutes_ThenEachIsCalled()
    {
        var called = Contract.Calls.Select(c => $"{c.Method} {c.Route}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

        Assert.Equal(server.Routes("/elsa/api").Order(StringComparer.Ordinal), called);
    }

    private async Task<Answer> SendAsync(Call call)
    {
        var path = $"/elsa/api{await data.FillAsync(call.Path ?? call.Route)}";
        var body = call.Body is null ? null : await data.FillAsync(call.Body);
        if (body is not ['@', .. var file])
            return await server.SendAsync(call.Method, path, body);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(file)), "files", "file.json" } } };
        request.Headers.TryAddWithoutValidation("Authorization", $"ApiKey {RunningServer.AdminKey}");
        using var response = await server.Http.SendAsync(request);
        return await Answer.ReadAsync(response);
    }
}
