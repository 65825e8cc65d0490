using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

/// <summary>One desk for all tests of a class; each files cases of its own. The second unit review has four eyes, the first copies its decisions.</summary>
public sealed class HandlingFixture : IAsyncLifetime
{
    internal CaseDesk Desk { get; private set; } = null!;

    public async Task InitializeAsync() => Desk = await CaseDesk.OpenAsync(Definition(), folder =>
    {
        var file = Path.Combine(folder, "service.json");
        var service = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        service["handling"] = JsonNode.Parse("""
            {"urgeEvery":"24h","urgesPerStage":2,"jumpDays":3,"opinions":[{"zh":"材料齐全，同意","outcome":"approve"},{"zh":"请补充任职证明","stage":"employer-review","outcome":"return"},{"zh":"仅市局使用","stage":"bureau-review"}]}
            """);
        File.WriteAllText(file, service.ToJsonString());
    });

    public async Task DisposeAsync() => await Desk.DisposeAsync();

    internal Caller Administrator(string user) => Desk.As(user).Caller with { Scopes = new HashSet<string> { "admin", "cases" } };

    internal async Task<DelegationView> Delegate(string principal, string to, int days = 30, IReadOnlyList<string>? services = null, IReadOnlyList<string>? roles = null, int fromDay = 0) =>
        await Desk.Get<DelegationCommands>().CreateAsync(Desk.As(principal).Caller, new NewDelegation
        {
            Delegate = to, Services = services, Roles = roles, From = Desk.Now.AddDays(fromDay), Until = Desk.Now.AddDays(fromDay + days),
        }, null, default);

    /// <summary>Everything revoked: the next test begins with none.</summary>
    internal Task Revoke() => Desk.Execute("update approvals.delegations set revoked_at = now() where revoked_at is null");

    internal static async Task<WorkflowException> Refused(Func<Task> act, string code, string? reason = null)
    {
        var refused = await Assert.ThrowsAsync<WorkflowException>(act);
        Assert.Equal((code, reason), (refused.Code, reason is null ? null : refused.Facts.GetValueOrDefault("reason")));
        Assert.Matches(@"\p{IsCJKUnifiedIdeographs}", refused.MessageZh);
        return refused;
    }

    private static string Definition()
    {
        var definition = JsonNode.Parse(ReviewFlow.Definition())!;
        foreach (var activity in definition["root"]!["activities"]!.AsArray())
            switch ((string?)activity!["id"])
            {
                case "unit-review-2":
                    activity["fourEyes"] = Literal("true");
                    break;
                case "unit-review":
                    activity["copyTo"] = new JsonObject { ["expression"] = new JsonObject { ["type"] = "Object", ["value"] = """["user:emp-metro-superior","role:bureau.panel-secretary@case:bureau"]""" } };
                    break;
            }
        return definition.ToJsonString();

        static JsonObject Literal(JsonNode value) => new() { ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value } };
    }
}
