using System.Text.Json;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>A server with two services that people handle over HTTP: two reviews in a row, and one with a panel.</summary>
public sealed class HandledService : IAsyncLifetime
{
    public const string Reviewed = "handled-allowance";
    public const string Applicant = "applicant-li";
    public const string Reviewer = "emp-metro-reviewer-1";
    public const string Colleague = "emp-metro-reviewer-2";
    public const string Superior = "emp-metro-superior";

    /// <summary>Holds the role nowhere that the stages ask for.</summary>
    public const string Stranger = "unit-health-reviewer-1";

    public RunningServer Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await RunningServer.StartAsync();
        Server.Shared = true;
        await PublishAsync(Reviewed, "SLBT", Activity("employer", "Talent.ReviewStage", ("stageName", "单位审核"), ("role", "employer.reviewer"), ("organisation", "case:employer"), ("due", "3wd+2wd")),
            Activity("bureau", "Talent.ReviewStage", ("stageName", "市局审核"), ("role", "bureau.reviewer"), ("organisation", "case:bureau"), ("due", "5wd")));
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();

    /// <summary>Publishes a service whose activities follow one another by Approve; the last leads to its completion.</summary>
    public async Task PublishAsync(string id, string code, params string[] activities)
    {
        var ids = activities.Select(a => JsonDocument.Parse(a).RootElement.GetProperty("id").GetString()!).ToArray();
        string[] connections = [Connection("filed", "Done", ids[0]), .. ids.Zip(ids.Skip(1).Append("done"), (from, to) => Connection(from, activities[Array.IndexOf(ids, from)].Contains("Talent.ExpertPanel", StringComparison.Ordinal) ? "Passed" : "Approve", to))];
        (await Server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", $$"""
            {"definitionId":"{{id}}","name":"补贴","root":{"id":"flow","type":"Elsa.Flowchart","version":1,
             "activities":[{{Activity("filed", "Talent.Filing", ("serviceName", "补贴"), ("numberCode", code), ("phone", "0199-0000-8300"))}},{{string.Join(',', activities)}},{{Activity("done", "Talent.SetStatus", ("status", "completed"))}}],
             "connections":[{{string.Join(',', connections)}}]} }
            """)).Is(200);
    }

    /// <summary>One activity; an input that begins with <c>[</c> is a list.</summary>
    public static string Activity(string id, string type, params (string Name, string Value)[] inputs) => JsonSerializer.Serialize(new Dictionary<string, object> { ["id"] = id, ["type"] = type, ["version"] = 1 }
        .Concat(inputs.Select(i => KeyValuePair.Create(i.Name, (object)new { typeName = "String", expression = new { type = i.Value.StartsWith('[') ? "Object" : "Literal", value = i.Value } }))).ToDictionary());

    /// <summary>A case that was handed in.</summary>
    public async Task<HandledCase> FileAsync(string service = Reviewed)
    {
        var created = (await Server.SendAsync("POST", "/api/v1/cases", new { service, data = new { } }, user: Applicant, headers: Once())).Is(201).Json.GetProperty("id").GetGuid();
        (await Server.SendAsync("POST", $"/api/v1/cases/{created}/submit", "{}", user: Applicant, headers: Once())).Is(200);
        return new HandledCase(Server, created);
    }

    public static (string, string) Once() => ("Idempotency-Key", Guid.NewGuid().ToString());

    private static string Connection(string from, string port, string to) => $$"""{"source":{"activity":"{{from}}","port":"{{port}}"},"target":{"activity":"{{to}}","port":"In"} }""";
}

/// <summary>A case as those who handle it meet it over HTTP.</summary>
public sealed record HandledCase(RunningServer Server, Guid Id)
{
    public string Path => $"/api/v1/cases/{Id}";

    public async Task<JsonElement> ReadAsync(string user = HandledService.Applicant) => (await Server.SendAsync("GET", Path, user: user)).Is(200).Json;

    /// <summary>The address of the one open task.</summary>
    public async Task<string> TaskAsync() => $"/api/v1/tasks/{(await ReadAsync()).GetProperty("stages").EnumerateArray().Single().GetProperty("taskId").GetGuid()}";

    public Task<Answer> PostAsync(string path, object body, string user) => Server.SendAsync("POST", path, body, user: user, headers: HandledService.Once());

    public async Task<Answer> DecideAsync(string user, string outcome = "approve") => await PostAsync($"{await TaskAsync()}/decide", new { outcome, opinion = "已核对材料。" }, user);

    /// <summary>What an attempt is answered; nothing of the case and its tasks has changed by it.</summary>
    public async Task<Answer> RefusedAsync(Func<Task<Answer>> attempt, int status, string code)
    {
        var before = await StateAsync();
        var answer = (await attempt()).IsProblem(status, code);
        Assert.Equal(before, await StateAsync());
        Assert.Matches(@"\p{IsCJKUnifiedIdeographs}", answer.Json.GetProperty("detail").GetString()!);
        return answer;
    }

    private async Task<string> StateAsync() => (string)(await Server.SqlAsync($"""
        select concat((select i.version from engine.instances i where i.id = '{Id}'), (select jsonb_agg(to_jsonb(t) order by t.id) from approvals.tasks t where t.case_id = '{Id}'),
            (select count(*) from approvals.audit a where a.case_id = '{Id}'), (select count(*) from approvals.transfers), (select count(*) from approvals.copies), (select count(*) from approvals.delegations),
            (select count(*) from approvals.comments), (select jsonb_agg(to_jsonb(j) order by j.id) from approvals.jumps j), (select jsonb_agg(to_jsonb(e) order by e.id) from approvals.extensions e),
            (select count(*) from approvals.clock_pauses), (select count(*) from approvals.urges))
        """))!;
}
