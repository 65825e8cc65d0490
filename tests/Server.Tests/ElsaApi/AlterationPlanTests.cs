using System.Text.Json;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>The same changes for many instances: tried out, ordered, carried out, looked up.</summary>
public sealed class AlterationPlanTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Migrate = """[{"type":"Migrate","targetVersion":2}]""";

    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task DryRun_WhenAskedWithTheFilterAlone_ThenNamesTheInstancesAsElsa()
    {
        var (stays, gone) = await StartTwoVersionsAsync("filter-alone");

        var answer = (await server.SendAsync("POST", "/elsa/api/alterations/dry-run", """{"definitionVersionIds":["filter-alone-v1"]}""")).Is(200).Json;

        Assert.Equal([stays, gone], answer.GetProperty("workflowInstanceIds").EnumerateArray().Select(i => i.GetString()));
        Assert.False(answer.TryGetProperty("results", out _));
    }

    [Theory]
    [InlineData("LessThan", 0)]
    [InlineData("GreaterThan", 1)]
    public async Task DryRun_WhenTheFilterNamesATime_ThenOnlyInstancesOfThatTimeAreNamed(string comparison, int fit)
    {
        var definition = $"timed-{fit}";
        await PublishAsync(new Flow(definition).Event("first", "go"));
        await StartAsync(definition);

        var answer = (await server.SendAsync("POST", "/elsa/api/alterations/dry-run",
            $$"""{"definitionIds":["{{definition}}"],"timestampFilters":[{"column":"CreatedAt","operator":"{{comparison}}","timestamp":"2020-01-01T00:00:00Z"}]}""")).Is(200).Json;

        Assert.Equal(fit, answer.GetProperty("workflowInstanceIds").GetArrayLength());
    }

    [Fact]
    public async Task DryRun_WhenAskedWithAPlan_ThenSaysWhatEachWouldMakeOfItAndChangesNothing()
    {
        var (stays, gone) = await StartTwoVersionsAsync("tried-out");
        var before = (await ReadAsync(stays), await ReadAsync(gone));

        var answer = (await server.SendAsync("POST", "/elsa/api/alterations/dry-run", $$"""{"alterations":{{Migrate}},"filter":{"definitionIds":["tried-out"]} }""")).Is(200).Json;

        Shape.Matches("dry-run-plan", answer);
        var results = answer.GetProperty("results").EnumerateArray().ToDictionary(r => r.GetProperty("workflowInstanceId").GetString()!);
        Assert.True(results[stays].GetProperty("isSuccessful").GetBoolean());
        Assert.Contains("1 → 2", results[stays].GetRawText(), StringComparison.Ordinal);
        Assert.False(results[gone].GetProperty("isSuccessful").GetBoolean());
        Assert.Contains("'second' (Elsa.Event) is missing", results[gone].GetRawText(), StringComparison.Ordinal);
        Assert.Equal(before, (await ReadAsync(stays), await ReadAsync(gone)));
    }

    [Fact]
    public async Task Plan_WhenSubmitted_ThenItsJobsSayWhatBecameOfEachInstance()
    {
        var (stays, gone) = await StartTwoVersionsAsync("planned");

        var submitted = (await server.SendAsync("POST", "/elsa/api/alterations/submit", $$"""{"alterations":{{Migrate}},"filter":{"definitionIds":["planned"]} }""")).Is(200).Json;
        await DrainAsync();

        var answer = (await server.SendAsync("GET", $"/elsa/api/alterations/{submitted.GetProperty("planId").GetString()}")).Is(200).Json;
        Shape.Allows("alteration-plan", answer);
        Assert.Equal("Completed", answer.GetProperty("plan").GetProperty("status").GetString());
        Assert.Equal("""[{"type":"Migrate","targetVersion":2}]""", answer.GetProperty("plan").GetProperty("alterations").GetRawText());
        var jobs = answer.GetProperty("jobs").EnumerateArray().ToDictionary(j => j.GetProperty("workflowInstanceId").GetString()!);
        Assert.Equal(("Completed", "Failed"), (jobs[stays].GetProperty("status").GetString(), jobs[gone].GetProperty("status").GetString()));
        Assert.Contains("'second' (Elsa.Event) is missing", jobs[gone].GetProperty("log").GetRawText(), StringComparison.Ordinal);
        Assert.Equal(2, JsonDocument.Parse(await ReadAsync(stays)).RootElement.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Plan_WhenItNamesAnInstanceThatThereIsNot_ThenItsJobSaysSo()
    {
        var missing = Guid.NewGuid();

        (await server.SendAsync("POST", "/elsa/api/alterations/submit", $$"""{"id":"missing","alterations":{{Migrate}},"filter":{"workflowInstanceIds":["{{missing}}","{{missing}}"]} }""")).Is(200);
        await DrainAsync();

        var job = (await server.SendAsync("GET", "/elsa/api/alterations/missing")).Is(200).Json.GetProperty("jobs").EnumerateArray().Single();
        Assert.Equal("Failed", job.GetProperty("status").GetString());
        Assert.Contains($"no instance {missing}", job.GetProperty("log").GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"alterations":[{"type":"Migrate","targetVersion":2}]}""")]
    [InlineData("""{"alterations":[{"type":"Migrate","targetVersion":2}],"filter":{}}""")]
    [InlineData("""{"alterations":[{"type":"Migrate","targetVersion":2}],"filter":{"activityFilters":[{"activityId":"a"}]}}""")]
    [InlineData("""{"alterations":[{"type":"Migrate","targetVersion":2}],"filter":{"statuses":["Broken"]}}""")]
    [InlineData("""{"alterations":[{"type":"Migrate","targetVersion":2}],"filter":{"searchTerm":"  "}}""")]
    [InlineData("""{"alterations":[{"type":"Migrate","targetVersion":2}],"filter":{"timestampFilters":[{"column":"CreatedAt","operator":"LessThan","timestmp":"2020-01-01T00:00:00Z"}]}}""")]
    [InlineData("""{"alterations":[],"filter":{"definitionIds":["a"]}}""")]
    [InlineData("""{"alterations":[{"type":"Explode"}],"filter":{"definitionIds":["a"]}}""")]
    [InlineData("[]")]
    public async Task Plan_WhenItIsNotUnderstood_ThenIsRefusedAndSoIsItsDryRun(string plan)
    {
        foreach (var way in (string[])["submit", "dry-run"])
            (await server.SendAsync("POST", $"/elsa/api/alterations/{way}", plan)).Is(400);
    }

    [Fact]
    public async Task Plan_WhenMoreInstancesFitThanItTakes_ThenIsRefused()
    {
        var ids = string.Join(',', Enumerable.Range(0, 1001).Select(_ => $"\"{Guid.NewGuid()}\""));

        var answer = await server.SendAsync("POST", "/elsa/api/alterations/submit", $$"""{"alterations":{{Migrate}},"filter":{"workflowInstanceIds":[{{ids}}]} }""");

        Assert.Contains("1000", answer.Text, StringComparison.Ordinal);
        Assert.InRange(answer.Status, 400, 499);
    }

    [Fact]
    public async Task Plan_WhenTheKeyIsAnOperators_ThenIsRefused()
    {
        var (_, key) = await server.CreateKeyAsync(new { name = "operator", scopes = new[] { "workflows" } });
        var plan = $$"""{"alterations":{{Migrate}},"filter":{"definitionIds":["a"]} }""";

        (await server.SendAsync("POST", "/elsa/api/alterations/submit", plan, key: key)).Is(403);
        (await server.SendAsync("POST", "/elsa/api/alterations/dry-run", plan, key: key)).Is(403);
        (await server.SendAsync("GET", "/elsa/api/alterations/any", key: key)).Is(403);
        (await server.SendAsync("GET", "/elsa/api/alterations/any")).Is(404);
    }

    /// <summary>Two instances of version 1, of which the first can go on by version 2 and the other can't.</summary>
    private async Task<(string Stays, string Gone)> StartTwoVersionsAsync(string definition)
    {
        await PublishAsync(new Flow(definition).Event("first", "go").Event("second", "then"));
        var (stays, gone) = (await StartAsync(definition), await StartAsync(definition));
        (await server.SendAsync("POST", $"/api/v1/workflows/instances/{gone}/signals", new { signalId = "s", name = "go" })).Is(200);
        await PublishAsync(new Flow(definition).Event("first", "go").Event("third", "then"));
        return (stays, gone);
    }

    // The development server's clock moves on when all that was to be delivered is.
    private async Task DrainAsync() => (await server.SendAsync("POST", "/dev/clock", """{"by":"1wd"}""", key: null)).Is(200);

    private async Task PublishAsync(Flow flow) => (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", flow.ToJson())).Is(200);

    private async Task<string> StartAsync(string definition) =>
        (await server.SendAsync("POST", $"/api/v1/workflows/{definition}/start", "{}", headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).Is(201).Json.GetProperty("id").GetString()!;

    private async Task<string> ReadAsync(string id) => (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}")).Is(200).Text;
}
