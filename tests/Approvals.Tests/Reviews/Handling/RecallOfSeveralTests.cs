using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using static Talent.Workflows.Approvals.Tests.Reviews.Handling.HandlingFixture;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

/// <summary>拿回 where several decide together, and after something has been sent.</summary>
public sealed class RecallOfSeveralTests
{
    private const string One = "emp-metro-reviewer-1", Two = "emp-metro-reviewer-2", Three = "emp-metro-superior";

    [Fact]
    public async Task Recall_WhenSomeOfAllHaveSigned_ThenOnesOwnSeatAloneIsOpenAgain_R_REV_7_R_REV_6()
    {
        await using var desk = await OpenAsync("all", One, Two, Three);
        var filed = await desk.SubmittedAsync();
        var (first, second, third) = (await TaskOf(desk, One), await TaskOf(desk, Two), await TaskOf(desk, Three));
        await desk.As(One).Decide(first, "approve", "同意");
        await desk.As(Two).Decide(second, "approve", "同意");

        await Recall(desk, One, first);

        var again = await TaskOf(desk, One);
        Assert.NotEqual(first, again);
        Assert.Equal(third, await TaskOf(desk, Three));
        Assert.Equal([(first, "recalled"), (second, "")], await Done(desk));
        Assert.DoesNotContain("stage.recalled → applicant-li", await filed.Told());
        await desk.As(Three).Decide(third, "approve", "同意");
        Assert.Equal("联审", Assert.Single((await filed.Read()).Stages).Name);
        await desk.As(One).Decide(again, "reject", "材料不实");
        Assert.Equal("未通过", await filed.Status());
        Assert.Equal("task.recalled", (await filed.History()).Select(h => h.Action).Single(a => a == "task.recalled"));
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
    }

    [Fact]
    public async Task Recall_WhenItIsInTurn_ThenTheNextWaitsAgain_AndNotOnceTheNextHasSigned_R_REV_7_R_REV_6()
    {
        await using var desk = await OpenAsync("sequential", One, Two, Three);
        var filed = await desk.SubmittedAsync();
        var first = await TaskOf(desk, One);
        await desk.As(One).Decide(first, "approve", "同意");
        var second = await TaskOf(desk, Two);

        await Recall(desk, One, first);

        Assert.Equal(ErrorCodes.TaskClosed, (await Assert.ThrowsAsync<WorkflowException>(() => desk.As(Two).Decide(second, "approve", "同意"))).Code);
        Assert.Contains($"stage.recalled → {Two}", await filed.Told());
        first = await TaskOf(desk, One);
        await desk.As(One).Decide(first, "approve", "再次核对，同意");
        second = await TaskOf(desk, Two);
        await desk.As(Two).Decide(second, "approve", "同意");
        var version = (await filed.Read()).Version;
        await Refused(() => Recall(desk, One, first), ErrorCodes.WrongState, "acted");
        Assert.Equal(version, (await filed.Read()).Version);
        await Recall(desk, Two, second);
        await desk.As(Two).Decide(await TaskOf(desk, Two), "approve", "同意");
        await desk.As(Three).Decide(await TaskOf(desk, Three), "approve", "同意");
        Assert.Equal("市局审核", (await filed.Waiting()).Name);
    }

    [Theory]
    [InlineData("all")]
    [InlineData("sequential")]
    public async Task Recall_WhenSeveralHaveDecidedTheStage_ThenNobodyTakesItBackForTheOthers_R_REV_7_R_REV_6(string mode)
    {
        await using var desk = await OpenAsync(mode, One, Two);
        var filed = await desk.SubmittedAsync();
        var first = await TaskOf(desk, One);
        await desk.As(One).Decide(first, "approve", "同意");
        var second = await TaskOf(desk, Two);
        await desk.As(Two).Decide(second, "approve", "同意");
        var version = (await filed.Read()).Version;

        await Refused(() => Recall(desk, One, first), ErrorCodes.WrongState, "several");
        await Refused(() => Recall(desk, Two, second), ErrorCodes.WrongState, "several");

        Assert.Equal(("市局审核", version), ((await filed.Waiting()).Name, (await filed.Read()).Version));
    }

    [Fact]
    public async Task Recall_WhenOneDecidedForAll_ThenAllCanDecideAgain_R_REV_7_R_REV_6()
    {
        await using var desk = await OpenAsync("any", One, Two);
        var filed = await desk.SubmittedAsync();
        var task = await TaskOf(desk, One);
        await desk.As(One).Decide(task, "approve", "同意");
        Assert.Equal("市局审核", (await filed.Waiting()).Name);

        await Recall(desk, One, task);
        await desk.Deliver();

        Assert.Equal(2, (await filed.Read()).Stages.Count);
        await desk.As(Two).Decide(await TaskOf(desk, Two), "approve", "同意");
        Assert.Equal("市局审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Recall_WhenThePersonAddedBesideHasSigned_ThenTheAskerTakesBackTheirOwn_R_REV_7()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("role", "Literal", "employer.reviewer"), ("organisation", "Input", "EmployerId")));
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        await desk.Get<Approvals.Reviews.Signing.SignCommands>().AddAsync(desk.As(One).Caller, task, "beside", [Two, Three], "请会同把关", null, default);
        await desk.As(Two).Decide(await TaskOf(desk, Two), "approve", "同意");
        await desk.As(One).Decide(task, "approve", "同意");

        await Recall(desk, One, task);

        await desk.As(Three).Decide(await TaskOf(desk, Three), "approve", "同意");
        Assert.Equal("联审", Assert.Single((await filed.Read()).Stages).Name);
        await desk.As(One).Decide(await TaskOf(desk, One), "approve", "同意");
        Assert.Equal("市局审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Recall_WhenTheCaseWasReturnedToTheStageBefore_ThenTheEarlierDecisionIsNoObstacle_R_REV_7()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("role", "Literal", "employer.reviewer"), ("organisation", "Input", "EmployerId")));
        var filed = await desk.SubmittedAsync();
        await desk.As(Two).Return(filed, "请补充证明");
        await filed.Supplement(filed.Sample.Correction!.Data);
        var task = (await filed.Waiting()).TaskId;
        await desk.As(One).Approve(filed);

        await Recall(desk, One, task);

        Assert.Equal("联审", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Recall_WhenPeopleWereToldMeanwhile_ThenItGoesThroughAndTheyAreToldAgain_R_REV_7_R_NTF_3()
    {
        await using var desk = await CaseDesk.OpenAsync(After("Talent.Notify", ("event", "case.submitted"), ("to", "applicant")));
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        await desk.As(One).Approve(filed);
        await filed.Told();

        await Recall(desk, One, task);
        Assert.Contains("stage.recalled → applicant-li", await filed.Told());
        await desk.As(Two).Approve(filed);
        await filed.Told();

        Assert.Equal("市局审核", (await filed.Waiting()).Name);
        Assert.Equal(2L, await desk.Scalar<long>($"select count(distinct id) from approvals.messages where case_id = '{filed.Id}' and event = 'stage.approved'"));
        Assert.Equal(2L, await desk.Scalar<long>($"select count(distinct id) from approvals.messages where case_id = '{filed.Id}' and event = 'case.submitted'"));
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from engine.outbox_failed"));
    }

    [Fact]
    public async Task Recall_WhenAnEmailWentOutOfTheHouse_ThenItIsRefusedAndNothingChanges_R_REV_7()
    {
        await using var desk = await CaseDesk.OpenAsync(After("Elsa.SendEmail", ("subject", "通知"), ("body", "已审核")));
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        await desk.As(One).Approve(filed);
        var version = (await filed.Read()).Version;

        var refused = await Refused(() => Recall(desk, One, task), ErrorCodes.WrongState, "sent");

        Assert.Equal("between", refused.Facts["what"]);
        Assert.Equal(version, (await filed.Read()).Version);
    }

    private static Task Recall(CaseDesk desk, string user, Guid task) => desk.Get<RecallCommands>().RecallAsync(desk.As(user).Caller, task, null, default);

    private static Task<CaseDesk> OpenAsync(string mode, params string[] members) =>
        CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", mode), ("members", "Object", $"[{string.Join(',', members.Select(m => $"\"{m}\""))}]")));

    private static async Task<Guid> TaskOf(CaseDesk desk, string user)
    {
        await desk.Deliver();
        return Assert.Single(await desk.As(user).Inbox("mine")).Id;
    }

    private static async Task<IEnumerable<(Guid, string)>> Done(CaseDesk desk) =>
        (await desk.As(One).Inbox("done")).Concat(await desk.As(Two).Inbox("done")).Select(t => (t.Id, t.Reason ?? ""));

    /// <summary>The flow with another activity between the two reviews.</summary>
    private static string After(string type, params (string Name, string Value)[] inputs)
    {
        var definition = JsonNode.Parse(StageFlow.Definition(("role", "Literal", "employer.reviewer"), ("organisation", "Input", "EmployerId")))!;
        var between = new JsonObject { ["id"] = "between", ["type"] = type, ["version"] = 1 };
        foreach (var (name, value) in inputs)
            between[name] = new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value } };
        if (type == "Elsa.SendEmail")
            between["to"] = new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = "Object", ["value"] = """["office@example.com"]""" } };
        definition["root"]!["activities"]!.AsArray().Add(between);
        var connections = definition["root"]!["connections"]!.AsArray();
        connections.Single(c => (string?)c!["source"]!["activity"] == "stage" && (string?)c["source"]!["port"] == "Approve")!["target"]!["activity"] = "between";
        connections.Add(new JsonObject { ["source"] = new JsonObject { ["activity"] = "between", ["port"] = "Done" }, ["target"] = new JsonObject { ["activity"] = "last", ["port"] = "In" } });
        return definition.ToJsonString();
    }
}
