using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using static Talent.Workflows.Approvals.Tests.Reviews.Handling.HandlingFixture;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

/// <summary>撤回 of a return that had ended a review beside it: a move brings back the one stage, and nobody would see that the other is gone.</summary>
public sealed class RecallInBranchesTests
{
    [Theory]
    [InlineData("WaitAllActive", "siblings_ended")]
    [InlineData("WaitAny", "siblings_ended")]
    [InlineData("WaitAll", "held_up")]
    public async Task Recall_WhenTheReturnHadEndedAReviewBesideIt_ThenItIsRefusedAndNotOffered_R_REV_7_R_REV_2(string join, string reason)
    {
        await using var desk = await CaseDesk.OpenAsync(Flow(join));
        var filed = await desk.SubmittedAsync();
        var reviewer = desk.As("emp-metro-reviewer-1");
        var task = await TaskAt(filed, "联审");
        await reviewer.Decide(task, "return", "请补充证明");
        Assert.Equal("补正", (await filed.Waiting()).Name);

        var refused = await Refused(() => desk.Get<RecallCommands>().RecallAsync(reviewer.Caller, task, null, default), ErrorCodes.WrongState, reason);

        if (reason == "siblings_ended")
            Assert.Equal("other", refused.Facts["what"]);
        Assert.Equal("补正", (await filed.Waiting()).Name);
        var shown = await desk.Get<TaskNextActions>().AddAsync(reviewer.Caller, "done", await reviewer.Inbox("done"), default);
        Assert.DoesNotContain(shown.Single(t => t.Id == task).NextActions, a => a.Action == "recall");
    }

    [Fact]
    public async Task Recall_WhenTheReviewBesideItHadBeenDecidedBefore_ThenItComesBackAlone_R_REV_7()
    {
        await using var desk = await CaseDesk.OpenAsync(Flow("WaitAllActive"));
        var filed = await desk.SubmittedAsync();
        var reviewer = desk.As("emp-metro-reviewer-1");
        var task = await TaskAt(filed, "联审");
        await desk.As("bureau-reviewer-1").Decide(await TaskAt(filed, "并行审核"), "approve", "同意");
        await reviewer.Decide(task, "return", "请补充证明");

        await desk.Get<RecallCommands>().RecallAsync(reviewer.Caller, task, null, default);

        await reviewer.Decide((await filed.Waiting()).TaskId, "approve", "同意");
        Assert.Equal("市局审核", (await filed.Waiting()).Name);
    }

    private static async Task<Guid> TaskAt(FiledCase filed, string stage) => Assert.Single((await filed.Read()).Stages, s => s.Name == stage).TaskId;

    private static string Flow(string join)
    {
        var definition = JsonNode.Parse(StageFlow.Definition(("role", "Literal", "employer.reviewer"), ("organisation", "Input", "EmployerId")))!;
        var (activities, connections) = (definition["root"]!["activities"]!.AsArray(), definition["root"]!["connections"]!.AsArray());
        var other = activities.Single(a => (string?)a!["id"] == "last")!.DeepClone();
        (other["id"], other["stageName"]!["expression"]!["value"]) = ("other", "并行审核");
        activities.Add(other);
        activities.Add(new JsonObject { ["id"] = "join", ["type"] = "Elsa.FlowJoin", ["version"] = 1, ["mode"] = new JsonObject { ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = join } } });
        connections.Single(c => (string?)c!["source"]!["activity"] == "stage" && (string?)c["source"]!["port"] == "Approve")!["target"]!["activity"] = "join";
        foreach (var (from, port, to) in ((string, string, string)[])[("pending", "Done", "other"), ("other", "Approve", "join"), ("other", "Reject", "rejected"), ("other", "Return", "returned"), ("join", "Done", "last")])
            connections.Add(new JsonObject { ["source"] = new JsonObject { ["activity"] = from, ["port"] = port }, ["target"] = new JsonObject { ["activity"] = to, ["port"] = "In" } });
        // A correction begins all of it anew.
        connections.Single(c => (string?)c!["source"]!["activity"] == "fix" && (string?)c["source"]!["port"] == "Done")!["target"]!["activity"] = "pending";
        return definition.ToJsonString();
    }
}
