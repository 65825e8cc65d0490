using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>附件管理 through the whole server: streams, limits, keys, headers.</summary>
public sealed class MaterialTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Path = "/api/v1/materials";
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Material_WhenUploadedFoundFetchedAndDeleted_ThenEachAnswerIsAsDescribed_R_CASE_4_R_CASE_3()
    {
        var content = SampleFiles.Jpeg(300, 200, note: [.. "one"u8]);

        var uploaded = await UploadAsync("applicant-li", "学位 证书.jpg", content, contentType: "application/x-msdownload");
        uploaded.Is(201);
        var id = uploaded.Json.GetProperty("id").GetGuid();
        Assert.Equal($"{Path}/{id}", uploaded.Response.Headers.Location!.ToString());
        Assert.Equal(("学位 证书", "jpg", content.Length, 300), (uploaded.Json.GetProperty("name").GetString(), uploaded.Json.GetProperty("kind").GetString(), uploaded.Json.GetProperty("size").GetInt32(), uploaded.Json.GetProperty("width").GetInt32()));
        var again = (await UploadAsync("applicant-li", "证书", content)).Is(200).Json;
        Assert.Equal((id, true), (again.GetProperty("id").GetGuid(), again.GetProperty("duplicate").GetBoolean()));

        Assert.Equal([id], Ids(await server.SendAsync("GET", $"{Path}?name={Uri.EscapeDataString("证")}&limit=1", user: "applicant-li")));
        Assert.Equal(id, (await server.SendAsync("GET", $"{Path}/{id}", user: "emp-metro-handler")).Is(200).Json.GetProperty("id").GetGuid());
        Assert.Equal("学位证书（正本）", (await server.SendAsync("PUT", $"{Path}/{id}/name", new { name = "学位证书（正本）" }, user: "applicant-li")).Is(200).Json.GetProperty("name").GetString());
        Assert.Equal(90, (await server.SendAsync("PUT", $"{Path}/{id}/rotation", new { degrees = 90 }, user: "applicant-li")).Is(200).Json.GetProperty("rotation").GetInt32());
        (await server.SendAsync("PUT", $"{Path}/{id}/rotation", new { degrees = 1 }, user: "applicant-li")).IsProblem(400, ErrorCodes.InvalidRequest);
        (await server.SendAsync("PUT", $"{Path}/{id}/name", new { name = "../x" }, user: "applicant-li")).IsProblem(422, ErrorCodes.InvalidForm);

        using var request = Request(HttpMethod.Get, $"{Path}/{id}/content", "applicant-li");
        using var file = await server.Http.SendAsync(request);
        Assert.Equal(content, await file.Content.ReadAsByteArrayAsync());
        var disposition = file.Content.Headers.ContentDisposition!;
        Assert.Equal(("attachment", "示例市城市运行集团有限公司-李示例-学位证书（正本）.jpg"), (disposition.DispositionType, disposition.FileNameStar));
        Assert.Equal(("image/jpeg", "nosniff", content.Length), (file.Content.Headers.ContentType!.MediaType, file.Headers.GetValues("X-Content-Type-Options").Single(), file.Content.Headers.ContentLength));
        Assert.True(file.Headers.CacheControl!.NoStore);

        (await server.SendAsync("DELETE", $"{Path}/{id}", user: "applicant-wang")).IsProblem(404, ErrorCodes.NotFound);
        (await server.SendAsync("DELETE", $"{Path}/{id}", user: "applicant-li")).Is(204);
        (await server.SendAsync("GET", $"{Path}/{id}/content", user: "applicant-li")).IsProblem(404, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Upload_WhenItCantBeTaken_ThenEachAnswerIsAClearProblemAndNothingIsKept_R_CASE_4()
    {
        var before = Files().Length;
        (byte[] Content, string Fault)[] wrong =
        [
            ([], "file_empty"), ([.. "MZ"u8, .. new byte[4000]], "file_type"), (SampleFiles.Zip(), "file_type"), (SampleFiles.Jpeg(after: SampleFiles.Zip()), "file_hidden"),
            ([.. "%PDF-1.7\n<script>alert(1)</script>\n"u8, .. SampleFiles.Pdf()], "file_hidden"), (SampleFiles.Png()[..^3], "file_damaged"), (SampleFiles.Png(100_000, 100_000), "image_dimensions"),
        ];

        foreach (var (content, fault) in wrong)
        {
            var answer = (await UploadAsync("applicant-wang", "学位证书.pdf", content, contentType: "application/pdf")).IsProblem(422, ErrorCodes.InvalidForm);
            Assert.Equal(fault, answer.Json.GetProperty("errors")[0].GetProperty("code").GetString());
        }
        foreach (var name in (string[])["../../etc/passwd", "C:\\x.pdf", "a/b", ".htaccess", "con.pdf", "x\u202egpj.exe", ""])
            (await UploadAsync("applicant-wang", name, SampleFiles.Pdf())).IsProblem(name.Length == 0 ? 400 : 422, name.Length == 0 ? ErrorCodes.InvalidRequest : ErrorCodes.InvalidForm);
        (await server.SendAsync("POST", Path, SampleFiles.Pdf(), user: "applicant-wang")).IsProblem(400, ErrorCodes.InvalidRequest);
        (await UploadAsync("applicant-wang", "证书", SampleFiles.Pdf(), query: "?employer=emp-metro")).IsProblem(403, ErrorCodes.Forbidden);
        (await UploadAsync("applicant-wang", "证书", SampleFiles.Pdf(), query: "?employer=emp-metro&person=applicant-li")).IsProblem(400, ErrorCodes.InvalidRequest);
        (await UploadAsync(null, "证书", SampleFiles.Pdf())).IsProblem(400, ErrorCodes.InvalidRequest);

        Assert.Equal(before, Files().Length);
        Assert.Equal(0L, await server.SqlAsync("select count(*) from approvals.materials where owner_id = 'applicant-wang'"));
    }

    [Fact]
    public async Task Upload_WhenItDeclaresTwoGigabytes_ThenItIsRefusedBeforeAnyOfItIsRead_R_CASE_4()
    {
        var before = Files().Length;

        var answer = await SendRawAsync($"Content-Length: {2L << 30}", (_, _) => Task.FromResult(false));

        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Contains($"\"code\":\"{ErrorCodes.TooLarge}\"", answer, StringComparison.Ordinal);
        Assert.Contains("超过20MB", answer, StringComparison.Ordinal);
        Assert.Equal(before, Files().Length);
    }

    [Fact]
    public async Task Upload_WhenItNeverEnds_ThenItIsCutOffAtTheLimitAndNothingIsKept_R_CASE_4()
    {
        var before = Files().Length;
        var sent = 0L;
        var piece = new byte[1 << 16];

        // As much as it takes, up to a hundred times the limit.
        var ended = await Record.ExceptionAsync(() => SendRawAsync("Transfer-Encoding: chunked", async (stream, first) =>
        {
            var bytes = first ? "%PDF-1.7\n"u8.ToArray() : piece;
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"));
            await stream.WriteAsync(bytes);
            await stream.WriteAsync("\r\n"u8.ToArray());
            return (sent += bytes.Length) < 2L << 30;
        }));

        Assert.IsAssignableFrom<IOException>(ended);
        // The limit, what is thrown away after the answer, and what lies in the buffers of the two sockets.
        Assert.InRange(sent, 20L << 20, 128L << 20);
        Assert.Equal(before, Files().Length);
        (await UploadAsync("applicant-zhang", "证书", SampleFiles.Pdf(size: 20 << 20))).Is(201);
        (await UploadAsync("applicant-zhang", "证书", SampleFiles.Pdf(size: (20 << 20) + 1), chunked: true)).IsProblem(413, ErrorCodes.TooLarge);
        (await UploadAsync("applicant-zhang", "照片", [.. SampleFiles.Png(), .. new byte[10 << 20]], chunked: true)).IsProblem(413, ErrorCodes.TooLarge);
    }

    [Fact]
    public async Task Upload_WhenTheKeyIsRevokedMeanwhile_ThenItIsRefusedAndNothingIsKept_R_CASE_4()
    {
        var (id, key) = await server.CreateKeyAsync(new { name = "portal", scopes = new[] { "cases" } });
        (await UploadAsync("applicant-huang", "证书", SampleFiles.Pdf(), key: key)).Is(201);
        var before = Files().Length;
        var content = SampleFiles.Pdf("half", 200_000);

        var answer = await SendRawAsync($"Content-Length: {content.Length}", async (stream, first) =>
        {
            await stream.WriteAsync(first ? content.AsMemory(0, 100_000) : content.AsMemory(100_000));
            if (first)
                (await server.SendAsync("POST", $"/api/v1/keys/{id}/revoke")).Is(200);
            return first;
        }, key, "applicant-huang");

        Assert.StartsWith("HTTP/1.1 401", answer, StringComparison.Ordinal);
        Assert.Contains("key_revoked", answer, StringComparison.Ordinal);
        Assert.Equal(before, Files().Length);
        Assert.Equal(1L, await server.SqlAsync("select count(*) from approvals.materials where owner_id = 'applicant-huang'"));
    }

    [Fact]
    public async Task Thumbnail_WhenFetchedOverHttp_ThenItIsAJpegWithATagThatTheTurningChanges_R_CASE_4_R_CASE_5()
    {
        var id = (await UploadAsync("applicant-li", "证件照片.png", SampleFiles.Picture(800, 400))).Is(201).Json.GetProperty("id").GetGuid();

        var first = (await server.SendAsync("GET", $"{Path}/{id}/thumbnail", user: "applicant-li")).Is(200);
        Assert.Equal("image/jpeg", first.Response.Content.Headers.ContentType!.MediaType);
        (await server.SendAsync("GET", $"{Path}/{id}/thumbnail", user: "applicant-li", headers: ("If-None-Match", first.ETag!))).Is(304);
        (await server.SendAsync("PUT", $"{Path}/{id}/rotation", new { degrees = 270 }, user: "applicant-li")).Is(200);
        Assert.NotEqual(first.ETag, (await server.SendAsync("GET", $"{Path}/{id}/thumbnail", user: "applicant-li", headers: ("If-None-Match", first.ETag!))).Is(200).ETag);
        (await server.SendAsync("GET", $"{Path}/{id}/thumbnail", user: "emp-water-handler")).IsProblem(404, ErrorCodes.NotFound);
        var text = (await UploadAsync("applicant-li", "说明", SampleFiles.Pdf("no picture"))).Is(201).Json.GetProperty("id").GetGuid();
        (await server.SendAsync("GET", $"{Path}/{text}/thumbnail", user: "applicant-li")).IsProblem(400, ErrorCodes.InvalidRequest);
    }

    [Fact]
    public async Task Upload_WhenItsHandlerIsReplacedInMidUpload_ThenItIsRefusedAndNothingOfItIsThere_R_EMP_3_R_CASE_4()
    {
        const string handler = "emp-university-handler", library = "?employer=emp-university";
        (await UploadAsync(handler, "营业执照", SampleFiles.Png(), query: library)).Is(201);
        var before = Files().Length;
        var content = SampleFiles.Pdf("half of it", 200_000);

        var answer = await SendRawAsync($"Content-Length: {content.Length}", async (stream, first) =>
        {
            await stream.WriteAsync(first ? content.AsMemory(0, 100_000) : content.AsMemory(100_000));
            if (first)
                (await server.SendAsync("POST", "/api/v1/employers/emp-university/handlers", new { replaces = handler, account = new { id = "university-hr-2", name = "尤新任", phone = "19900006604" }, reason = "原经办人已离职" },
                    user: "unit-education-reviewer-1", headers: ("Idempotency-Key", "university-hr-2"))).Is(200);
            return first;
        }, user: handler, query: library);

        Assert.StartsWith("HTTP/1.1 403", answer, StringComparison.Ordinal);
        Assert.Contains($"\"code\":\"{ErrorCodes.Forbidden}\"", answer, StringComparison.Ordinal);
        Assert.Equal(before, Files().Length);
        Assert.Equal(1L, await server.SqlAsync("select count(*) from approvals.materials where owner_id = 'emp-university'"));
        (await server.SendAsync("GET", $"{Path}{library}", user: handler)).IsProblem(403, ErrorCodes.Forbidden);
        Assert.Single((await server.SendAsync("GET", $"{Path}{library}", user: "university-hr-2")).Is(200).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Upload_WhenRepeatedWithItsKey_ThenItIsAnsweredAsBefore_R_CASE_4()
    {
        var first = (await UploadAsync("applicant-lin", "证书", SampleFiles.Pdf("1"), idempotencyKey: "material-1")).Is(201).Json;
        var again = (await UploadAsync("applicant-lin", "证书", SampleFiles.Pdf("1"), idempotencyKey: "material-1")).Is(201).Json;

        Assert.Equal(first.GetProperty("id").GetGuid(), again.GetProperty("id").GetGuid());
        (await UploadAsync("applicant-lin", "证书", SampleFiles.Pdf("2"), idempotencyKey: "material-1")).IsProblem(422, ErrorCodes.IdempotencyKeyReused);
    }

    [Fact]
    public async Task Files_WhenTheServerHasAScanner_ThenTheyAreScannedByThemselvesAndOthersGetThemWhenClean_R_CASE_4_R_AUD_2()
    {
        // Reads all that it gets, as the settings say.
        await using var scanned = await RunningServer.StartAsync("Development", "--Talent:Materials:Scanner=command", "--Talent:Materials:ScannerCommand=/bin/sh",
            "--Talent:Materials:ScannerArguments:0=-c", "--Talent:Materials:ScannerArguments:1=if grep -c EICAR > /dev/null; then echo Eicar-Test; exit 1; fi");
        var clean = (await UploadAsync("applicant-li", "李示例的证书", SampleFiles.Pdf(), to: scanned)).Is(201).Json.GetProperty("id").GetGuid();
        var found = (await UploadAsync("applicant-li", "李示例的照片", SampleFiles.Eicar(), to: scanned)).Is(201).Json.GetProperty("id").GetGuid();

        for (var left = 600; left > 0 && (long)(await scanned.SqlAsync("select count(*) from approvals.material_contents where scan = 'unscanned'"))! > 0; left--)
            await Task.Delay(100);

        (await scanned.SendAsync("GET", $"{Path}/{clean}/content", user: "emp-metro-handler")).Is(200);
        (await scanned.SendAsync("GET", $"{Path}/{found}/content", user: "applicant-li")).IsProblem(409, ErrorCodes.WrongState);
        var told = (await scanned.SendAsync("GET", $"{Path}/{found}", user: "applicant-li")).Is(200).Json;
        Assert.Equal(("found", "Eicar-Test", false), (told.GetProperty("scan").GetString(), told.GetProperty("scanResult").GetString(), told.GetProperty("usable").GetBoolean()));
        Assert.Equal(2, Ids(await scanned.SendAsync("GET", $"{Path}?name={Uri.EscapeDataString("李示例")}", user: "applicant-li")).Count());
        await scanned.StopAsync();
        var logs = string.Concat(Directory.EnumerateFiles(System.IO.Path.Combine(scanned.DataFolder, "logs")).Select(File.ReadAllText));
        Assert.Contains("The scanner found", logs, StringComparison.Ordinal);
        Assert.Contains(Path, logs, StringComparison.Ordinal);
        foreach (var name in (string[])["李示例", Uri.EscapeDataString("李示例")])
            Assert.DoesNotContain(name, logs, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Lists_WhenAskedWrongly_ThenEachAnswerIsAClearProblem_R_CASE_4()
    {
        (await server.SendAsync("GET", $"{Path}?employer=emp-metro", user: "applicant-li")).IsProblem(403, ErrorCodes.Forbidden);
        (await server.SendAsync("GET", $"{Path}?cursor=x", user: "applicant-li")).IsProblem(400, ErrorCodes.InvalidRequest);
        (await server.SendAsync("GET", $"{Path}?kind=exe", user: "applicant-li")).IsProblem(400, ErrorCodes.InvalidRequest);
        (await server.SendAsync("GET", $"{Path}/proposals?service=none", user: "applicant-li")).IsProblem(404, ErrorCodes.NotFound);
        (await server.SendAsync("GET", Path)).IsProblem(400, ErrorCodes.InvalidRequest);
        (await server.SendAsync("GET", Path, key: null)).IsProblem(401, ErrorCodes.Unauthorized);
        Assert.Empty(Ids(await server.SendAsync("GET", $"{Path}?everybody=true&name={Uri.EscapeDataString("没有这样的名称")}", user: "bureau-superior")));
        (await server.SendAsync("GET", $"{Path}?everybody=true", key: (await server.CreateKeyAsync(new { name = "portal", scopes = new[] { "cases" } })).Key, user: "bureau-superior")).IsProblem(403, ErrorCodes.Forbidden);
    }

    private static IEnumerable<Guid> Ids(Answer answer) => answer.Is(200).Json.GetProperty("items").EnumerateArray().Select(m => m.GetProperty("id").GetGuid());

    private string[] Files() => Directory.Exists(System.IO.Path.Combine(server.DataFolder, "materials"))
        ? Directory.GetFiles(System.IO.Path.Combine(server.DataFolder, "materials"), "*", SearchOption.AllDirectories) : [];

    private static HttpRequestMessage Request(HttpMethod method, string path, string? user, string key = RunningServer.AdminKey)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Authorization", $"ApiKey {key}");
        if (user is not null)
            request.Headers.TryAddWithoutValidation("Talent-User", user);
        return request;
    }

    private async Task<Answer> UploadAsync(string? user, string name, byte[] content, string query = "", string contentType = "application/octet-stream", string? idempotencyKey = null, bool chunked = false,
        string key = RunningServer.AdminKey, RunningServer? to = null)
    {
        using var request = Request(HttpMethod.Post, Path + query, user, key);
        request.Content = new ByteArrayContent(content);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        request.Content.Headers.TryAddWithoutValidation("Content-Disposition", $"attachment; filename*=UTF-8''{Uri.EscapeDataString(name)}");
        request.Headers.TransferEncodingChunked = chunked;
        if (idempotencyKey is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        using var response = await (to ?? server).Http.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    /// <param name="send">Sends a piece of the body and says whether another follows; told whether it is the first.</param>
    private async Task<string> SendRawAsync(string framing, Func<NetworkStream, bool, Task<bool>> send, string key = RunningServer.AdminKey, string user = "applicant-liu", string query = "")
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Http.BaseAddress!.Host, server.Http.BaseAddress.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"POST {Path}{query} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAuthorization: ApiKey {key}\r\nTalent-User: {user}\r\nContent-Disposition: attachment; filename=\"x.pdf\"\r\n{framing}\r\n\r\n")));
        for (var first = true; await send(stream, first); first = false)
        {
        }
        return await new StreamReader(stream).ReadToEndAsync();
    }
}
