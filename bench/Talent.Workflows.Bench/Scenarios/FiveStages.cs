using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Bench.Scenarios;

/// <summary>A plain five-stage approval, each stage one reviewer, a deadline in working days and one message.</summary>
internal sealed class FiveStages(BenchHost host)
{
    public const string DefinitionId = "bench-five-stages";
    private static readonly Caller Reviewer = new("key:bench", "u-bench", new HashSet<string>(), null, null, null);
    /// <summary>Who the reviewer and the applicant are.</summary>
    public const string Directory = """
        insert into approvals.organisations (id, kind, name_zh, name_en, region) values ('org-bench', 'employer', '示例单位', 'Sample', '110105') on conflict do nothing;
        insert into approvals.users (id, name, organisation_id) values ('u-bench', '王审核', 'org-bench'), ('u-applicant', '李示例', 'org-bench') on conflict do nothing;
        insert into approvals.user_roles (user_id, role, organisation_id) values ('u-bench', 'employer.reviewer', 'org-bench') on conflict do nothing;
        """;

    /// <summary>What every case starts with.</summary>
    public static readonly Dictionary<string, JsonElement> Input = new()
    {
        ["Service"] = JsonSerializer.SerializeToElement("bench"),
        ["ApplicantId"] = JsonSerializer.SerializeToElement("u-applicant"),
        ["EmployerId"] = JsonSerializer.SerializeToElement("org-bench"),
    };

    private readonly TaskCommands tasks = host.Get<TaskCommands>();
    // Shared by all flows of the process: some work on one database after the other.
    private static long keys;

    /// <summary>Imports the definition and the people it needs.</summary>
    public async Task PrepareAsync()
    {
        await using var directory = host.Database.CreateCommand(Directory);
        await directory.ExecuteNonQueryAsync();
        await host.Get<DefinitionStore>().ImportAsync(Definition(), publish: true, Actor.System, default);
    }

    public async Task<Guid> StartAsync()
    {
        var answer = await host.Runtime.StartAsync(new StartRequest
        {
            DefinitionId = DefinitionId, Input = Input, Actor = Reviewer.Actor, Idempotency = Key(),
        }, default);
        return answer.InstanceId;
    }

    /// <summary>Approves at a stage, 1 to 5.</summary>
    public Task DecideAsync(Guid instance, int stage) => tasks.DecideAsync(Reviewer, TaskId(instance, stage), "approve", null, Key(), null, default);

    public static Guid TaskId(Guid instance, int stage) => DerivedId.For(instance, $"stage{stage}", 1, "bookmark");

    private static Idempotency Key() => new("key:bench", $"bench-{Interlocked.Increment(ref keys)}-{Environment.ProcessId}", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32]);

    public static byte[] Definition()
    {
        static JsonObject Literal(string text) => new() { ["typeName"] = "String", ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = text } };
        var activities = new JsonArray(new JsonObject { ["id"] = "start", ["type"] = "Elsa.Start", ["version"] = 1 });
        var connections = new JsonArray();
        for (var i = 1; i <= 5; i++)
        {
            activities.Add(new JsonObject
            {
                ["id"] = $"stage{i}", ["type"] = ReviewStage.TypeName, ["version"] = 1,
                ["stageName"] = Literal($"第{i}级审核"), ["role"] = Literal("employer.reviewer"), ["organisation"] = Literal("org-bench"),
                ["due"] = Literal("5wd"), ["requireOpinion"] = Literal("False"), ["tellApplicant"] = Literal("False"),
                ["ladder"] = new JsonObject { ["typeName"] = "Object", ["expression"] = new JsonObject { ["type"] = "Object", ["value"] = """[{"at":"1wd before","do":"remind"},{"at":"due","do":"remind"},{"at":"1wd after","do":"tell_superior"}]""" } },
            });
            connections.Add(new JsonObject
            {
                ["source"] = new JsonObject { ["activity"] = i == 1 ? "start" : $"stage{i - 1}", ["port"] = i == 1 ? "Done" : "Approve" },
                ["target"] = new JsonObject { ["activity"] = $"stage{i}", ["port"] = "In" },
            });
        }
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["id"] = "bench-five-stages-1", ["definitionId"] = DefinitionId, ["name"] = "五级审核", ["version"] = 1,
            ["root"] = new JsonObject { ["id"] = "chart", ["type"] = "Elsa.Flowchart", ["version"] = 1, ["activities"] = activities, ["connections"] = connections },
        });
    }
}
