using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Talent.Workflows.Runtime.Tests.Http;

/// <summary>HTTP requests of workflows, against a server of the test.</summary>
public sealed class HttpCallTests(RuntimeDatabase database) : RuntimeTest(database), IDisposable
{
    private HttpListener server = new();
    private readonly List<(string Method, string Path, string? Key, string? Type, string Body)> received = [];
    private int port;
    private RuntimeNode caller = null!;

    protected override Task ArrangeAsync()
    {
        Listen();
        _ = AnswerAsync();
        caller = NewCaller();
        return Task.CompletedTask;
    }

    private RuntimeNode NewCaller() => NewNode(settings: new()
    {
        ["Runtime:HttpHosts:0"] = $"127.0.0.1:{port}", ["Runtime:HttpHosts:1"] = "127.0.0.1:9", ["Runtime:HttpTimeoutSeconds"] = "1", ["Runtime:HttpAnswerBytes"] = "64",
    });

    [Theory]
    [InlineData("ok", "200", "200")]
    [InlineData("missing", "200", "other")]
    [InlineData("missing", "404", "404")]
    [InlineData("ok", null, "done")]
    [InlineData("redirect", "302", "302")]
    [InlineData("slow", "200", "timeout")]
    public async Task Request_WhenAnswered_ThenGoesOnByItsStatus(string path, string? expected, string after)
    {
        var id = await StartAsync($"http://127.0.0.1:{port}/{path}", expected);

        await caller.Outbox.DrainAsync(default);

        Assert.Equal(after, Assert.Single((await caller.ReadAsync(id)).State.Bookmarks).ActivityId);
    }

    [Fact]
    public async Task Request_WhenSent_ThenCarriesBodyAndAKeyOfItsOwn()
    {
        await StartAsync($"http://127.0.0.1:{port}/ok", "200", ("method", "POST"), ("content", """{"id":7}"""), ("contentType", "application/json"));
        await StartAsync($"http://127.0.0.1:{port}/ok", "200");

        await caller.Outbox.DrainAsync(default);

        var post = Assert.Single(received, r => r.Method == "POST");
        Assert.Equal(("""{"id":7}""", "application/json; charset=utf-8"), (post.Body, post.Type));
        Assert.Equal(2, received.Select(r => Guid.Parse(r.Key!)).Distinct().Count());
    }

    [Fact]
    public async Task Request_WhenHostIsNotAllowed_ThenIsADeadLetterAndNothingIsSent()
    {
        var id = await StartAsync($"http://localhost:{port}/ok", "200");

        await caller.Outbox.DrainAsync(default);

        Assert.Contains("Runtime:HttpHosts", await ScalarAsync<string>($"select last_error from engine.outbox_failed where instance_id = '{id}' and dead"), StringComparison.Ordinal);
        Assert.Empty(received);
    }

    [Fact]
    public async Task Request_WhenNobodyListens_ThenIsTriedThreeTimesAndGoesOnByThatOutcome()
    {
        var id = await StartAsync("http://127.0.0.1:9/", "200");

        for (var attempt = 1; attempt <= 3; attempt++)
        {
            Assert.Equal("call", Assert.Single((await caller.ReadAsync(id)).State.Bookmarks).ActivityId);
            await ScalarAsync<long>("with due as (update engine.outbox_failed set retry_at = '-infinity' returning 1) select count(*) from due");
            // A node looks at what has failed once a second; a new one does at once.
            await NewCaller().Outbox.DrainAsync(default);
        }

        Assert.Equal("failed", Assert.Single((await caller.ReadAsync(id)).State.Bookmarks).ActivityId);
    }

    [Fact]
    public async Task Answer_WhenTooLong_ThenIsCutOff()
    {
        var id = await StartAsync($"http://127.0.0.1:{port}/long", "200", ("parsedContent", "v-answer"));

        await caller.Outbox.DrainAsync(default);

        Assert.Equal(new string('x', 64), (await caller.ReadAsync(id)).State.Variables["v-answer"].GetString());
    }

    public void Dispose() => server.Close();

    private async Task<Guid> StartAsync(string url, string? expected, params (string Name, string Value)[] more)
    {
        var name = $"calls-{Guid.NewGuid():N}";
        var call = Flows.Activity("call", "Elsa.FlowSendHttpRequest", [("url", url), .. more.Where(m => m.Name != "parsedContent").Select(m => (m.Name, (JsonNode)m.Value))]);
        if (expected is not null)
            call["expectedStatusCodes"] = new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = "Object", ["value"] = $"[{expected}]" } };
        foreach (var (output, variable) in more.Where(m => m.Name == "parsedContent"))
            call[output] = new JsonObject { ["typeName"] = "Object", ["memoryReference"] = new JsonObject { ["id"] = variable } };
        string[] ways = [.. expected is null ? (string[])["call:Done>done"] : [$"call:{expected}>{expected}"], "call:Unmatched status code>other", "call:Failed to connect>failed", "call:Timeout>timeout"];
        var definition = JsonNode.Parse(Flows.Flowchart(name, [call, Flows.Event(expected ?? "done", "x"), Flows.Event("other", "x"), Flows.Event("failed", "x"), Flows.Event("timeout", "x")], ways))!;
        definition["variables"] = new JsonArray(new JsonObject { ["id"] = "v-answer", ["name"] = "Answer", ["typeName"] = "Object" });
        await caller.PublishAsync(definition.ToJsonString());
        return await caller.StartInstanceAsync(name);
    }

    private async Task AnswerAsync()
    {
        while (server.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await server.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            var path = context.Request.Url!.AbsolutePath.Trim('/');
            using (var reader = new StreamReader(context.Request.InputStream))
                received.Add((context.Request.HttpMethod, path, context.Request.Headers["Idempotency-Key"], context.Request.ContentType, await reader.ReadToEndAsync()));
            if (path == "slow")
                continue;
            context.Response.StatusCode = path switch { "missing" => 404, "redirect" => 302, _ => 200 };
            if (path == "redirect")
                context.Response.RedirectLocation = $"http://127.0.0.1:{port}/ok";
            context.Response.Close(System.Text.Encoding.UTF8.GetBytes(path == "long" ? new string('x', 1000) : "{}"), willBlock: false);
        }
    }

    private void Listen()
    {
        // Between finding a free port and taking it another test may be faster.
        for (var attempt = 1; ; attempt++)
        {
            using (var free = new TcpListener(IPAddress.Loopback, 0))
            {
                free.Start();
                port = ((IPEndPoint)free.LocalEndpoint).Port;
            }
            server = new HttpListener();
            server.Prefixes.Add($"http://127.0.0.1:{port}/");
            try
            {
                server.Start();
                return;
            }
            catch (HttpListenerException) when (attempt < 20)
            {
                server.Close();
            }
        }
    }
}
