using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Correcting;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using static Talent.Workflows.Approvals.Tests.Reviews.Handling.HandlingFixture;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

public sealed class TaskBatchTests(HandlingFixture fixture) : IClassFixture<HandlingFixture>
{
    private readonly CaseDesk desk = fixture.Desk;

    [Fact]
    public async Task Batch_WhenSomeFail_ThenTheOthersStandInOrderAndARepetitionAnswersTheSame_R_REV_8()
    {
        var cases = new FiledCase[12];
        for (var i = 0; i < cases.Length; i++)
            cases[i] = await desk.SubmittedAsync();
        var items = new List<BatchItem>();
        foreach (var (filed, i) in cases.Select((c, i) => (c, i)))
            items.Add(new BatchItem { TaskId = (await filed.Waiting()).TaskId, Outcome = (i % 4) switch { 1 => "return", 2 => "reject", _ => "approve" }, Opinion = i == 5 ? null : "意见" });
        items.Insert(3, new BatchItem { TaskId = Guid.NewGuid(), Outcome = "approve", Opinion = "同意" });
        items[7] = items[7] with { Outcome = "nonsense" };
        await desk.As("emp-metro-reviewer-2").Decide(items[0].TaskId, "approve", "先办");
        var key = new Idempotency("key:test", "batch-1", [1]);

        var results = await desk.Get<TaskBatches>().DecideAsync(desk.As("emp-metro-reviewer-1").Caller, items, key, default);
        var again = await desk.Get<TaskBatches>().DecideAsync(desk.As("emp-metro-reviewer-1").Caller, items, key, default);

        Assert.Equal(items.Select(i => i.TaskId), results.Select(r => r.TaskId));
        Assert.Equal([ErrorCodes.TaskClosed, ErrorCodes.NotFound, ErrorCodes.InvalidRequest, ErrorCodes.InvalidRequest], results.Where(r => !r.Decided).Select(r => r.Problem!.Code));
        Assert.All(results.Zip(again), pair => Assert.Equal((pair.First.Decided, pair.First.Receipt, pair.First.Problem?.Code), (pair.Second.Decided, pair.Second.Receipt, pair.Second.Problem?.Code)));
        foreach (var (item, result) in items.Zip(results).Where(p => p.Second.Decided))
            Assert.Equal($"{item.Outcome} emp-metro-reviewer-1", await desk.Scalar<string>($"select outcome || ' ' || decided_by from approvals.tasks where id = '{item.TaskId}'"));
        Assert.Equal(9, results.Count(r => r.Decided));
    }

    [Fact]
    public async Task Batch_WhenItIsEmptyTooLongOrNamesATaskTwice_ThenNothingIsDecided_R_REV_8()
    {
        var filed = await desk.SubmittedAsync();
        var item = new BatchItem { TaskId = (await filed.Waiting()).TaskId, Outcome = "approve", Opinion = "同意" };
        Task Decide(params BatchItem[] items) => desk.Get<TaskBatches>().DecideAsync(desk.As("emp-metro-reviewer-1").Caller, items, null, default);

        await Refused(() => Decide(), ErrorCodes.InvalidRequest);
        await Refused(() => Decide(item, item), ErrorCodes.InvalidRequest);
        await Refused(() => Decide([item, .. Enumerable.Range(0, 200).Select(_ => item with { TaskId = Guid.NewGuid() })]), ErrorCodes.InvalidRequest);

        Assert.Equal("用人单位审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Batch_WhenItNamesWhatToCorrect_ThenEachReturnIsCheckedAgainstItsOwnCaseAndOneFailingUndoesNoOther_R_REV_8_R_REV_2()
    {
        var (two, one, other) = (await desk.SubmittedAsync(), await desk.SubmittedAsync(WithOneJob()), await desk.SubmittedAsync());
        var items = new List<BatchItem>();
        foreach (var (filed, outcome) in new[] { (two, "return"), (one, "return"), (other, "approve") })
            items.Add(new BatchItem { TaskId = (await filed.Waiting()).TaskId, Outcome = outcome, Opinion = "请按要求办理" });
        items.Add(new BatchItem { TaskId = Guid.NewGuid(), Outcome = "return", Opinion = "请补正" });
        var asked = new BatchCorrections([new Correction("phone", null, "号码有误"), new Correction("workExperience[1].post", null, "与任职文件不符")], true);
        var (caller, key) = (desk.As("emp-metro-reviewer-1").Caller, new Idempotency("key:test", "batch-corrections", [1]));

        var results = await desk.Get<TaskBatches>().DecideAsync(caller, items, key, default, asked);
        var again = await desk.Get<TaskBatches>().DecideAsync(caller, items, key, default, asked);

        Assert.Equal([null, ErrorCodes.InvalidForm, null, ErrorCodes.NotFound], results.Select(r => r.Problem?.Code));
        Assert.Equal("corrections[1].field", Assert.IsAssignableFrom<IReadOnlyList<FormError>>(results[1].Problem!.Facts!["errors"]).Single().Path);
        Assert.All(results.Zip(again), pair => Assert.Equal((pair.First.Receipt, pair.First.Problem?.Code), (pair.Second.Receipt, pair.Second.Problem?.Code)));
        var view = (await two.Read()).Corrections!;
        Assert.Equal((true, "phone workExperience[1].post"), (view.OnlyThese, string.Join(' ', view.Items.Select(i => i.Field))));
        Assert.Equal(("用人单位审核", "归口单位审核"), ((await one.Waiting()).Name, (await other.Waiting()).Name));
        Assert.Equal(1L, await desk.Scalar<long>($"select count(*) from approvals.corrections where case_id in ('{two.Id}', '{one.Id}', '{other.Id}')"));

        // Nothing is named for nobody, nor for what goes back to an earlier review.
        var earlier = await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<TaskBatches>().DecideAsync(caller, [items[1] with { ReturnTo = "employer-review" }], null, default, asked));
        Assert.Equal(ErrorCodes.InvalidRequest, earlier.Code);
        var none = await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<TaskBatches>().DecideAsync(caller, [items[1] with { Outcome = "approve" }], null, default, asked));
        Assert.Equal(ErrorCodes.InvalidRequest, none.Code);
        Assert.Equal("用人单位审核", (await one.Waiting()).Name);
    }

    [Fact]
    public async Task Return_WhenAStrangerNamesRows_ThenTheyLearnNothingOfTheData_R_REV_2_R_REV_9()
    {
        var filed = await desk.SubmittedAsync(WithOneJob());
        var task = (await filed.Waiting()).TaskId;
        Task Ask(string user, int row) => desk.Get<TaskCommands>().DecideAsync(desk.As(user).Caller, task,
            new DecideTask { Outcome = "return", Opinion = "请补正", Corrections = [new Correction($"workExperience[{row}].post", null, "x")] }, null, null, default);

        foreach (var row in (int[])[0, 1])
            await Refused(() => Ask("emp-water-reviewer-1", row), ErrorCodes.Forbidden);
        await Refused(() => Ask("emp-metro-reviewer-1", 1), ErrorCodes.InvalidForm);
        await Ask("emp-metro-reviewer-1", 0);
        await Refused(() => Ask("emp-metro-reviewer-1", 1), ErrorCodes.TaskClosed);
    }

    private ServiceSample WithOneJob()
    {
        var data = JsonNode.Parse(desk.Li.Phase1.GetRawText())!;
        data["workExperience"]!.AsArray().RemoveAt(1);
        return desk.Li with { Phase1 = JsonSerializer.SerializeToElement(data) };
    }

    [Fact]
    public async Task Batch_WhenCasesAreCold_ThenTheyAreReadInOneGo_R_REV_8()
    {
        var items = new List<BatchItem>();
        for (var i = 0; i < 6; i++)
            items.Add(new BatchItem { TaskId = (await (await desk.SubmittedAsync()).Waiting()).TaskId, Outcome = "approve", Opinion = "同意" });
        var before = desk.Get<WorkflowRuntime>().RoundTrips;

        await desk.Get<TaskBatches>().DecideAsync(desk.As("emp-metro-reviewer-1").Caller, items, null, default);

        Assert.Equal(6, desk.Get<WorkflowRuntime>().RoundTrips - before);
    }

    [Theory]
    [InlineData("emp-water-reviewer-1", "approve", ErrorCodes.Forbidden)]
    [InlineData("applicant-li", "approve", ErrorCodes.Forbidden)]
    [InlineData("emp-metro-reviewer-1", "refuse", ErrorCodes.InvalidRequest)]
    public async Task Decision_WhenItMayNotBe_ThenTheAnswerIsClearAndNothingChanges_R_REV_1_R_REV_2_R_REV_9(string user, string outcome, string code)
    {
        var filed = await desk.SubmittedAsync();
        var version = (await filed.Read()).Version;

        await Refused(() => desk.As(user).Decide(filed, outcome, "意见"), code);
        Assert.Equal(version, (await filed.Read()).Version);

        var task = (await filed.Waiting()).TaskId;
        await desk.As("emp-metro-reviewer-1").Decide(task, "approve", "同意");
        var twice = await Refused(() => desk.As("emp-metro-reviewer-1").Decide(task, "approve", "同意"), ErrorCodes.TaskClosed);
        Assert.Equal("emp-metro-reviewer-1", twice.Facts["decidedBy"]);
        Assert.Equal(version + 1, (await filed.Read()).Version);
    }
}
