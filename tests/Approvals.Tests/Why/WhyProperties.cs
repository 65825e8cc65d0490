using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Panels;
using Talent.Workflows.Approvals.Why;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Why;

/// <summary>The shipped service from its draft to its end: at every state the answer holds against the commands themselves.</summary>
public sealed class WhyProperties
{
    private static readonly string[] Strangers =
    [
        "applicant-wang", "emp-water-reviewer-1", "unit-education-reviewer-1", "unit-health-superior", "bureau-superior", "expert-10", "notice-clerk", "emp-metro-handler", "bureau-reviewer-1", "emp-metro-reviewer-2",
    ];

    [Fact]
    public async Task Answer_AtEveryStateOfAShippedCase_ThenItIsNeverEmptyAndWhoIsNamedPassesTheCommandsCheck_R_REV_1()
    {
        await using var desk = await CaseDesk.OpenAsync(PanelDesk.ShippedDefinition);
        var filed = await desk.DraftAsync();
        await CheckAsync(filed);
        await filed.Submit();
        var states = new List<string>();
        (string Stage, string Outcome)[] script =
        [
            ("employer-review", "return"), ("correct-employer-review", "submit"), ("employer-review", "approve"), ("unit-review", "approve"), ("completion", "submit"),
            ("employer-review-2", "approve"), ("unit-review-2", "approve"), ("bureau-review", "approve"),
        ];
        foreach (var (stage, outcome) in script)
        {
            var why = await CheckAsync(filed);
            var actors = why.CanAct.Where(a => a.Stage == stage).ToArray();
            Assert.NotEmpty(actors);
            states.Add(stage);
            // Whoever is named can take the task, each in turn; the last decides it.
            foreach (var actor in actors.Where(a => a.Ground == WhyGrounds.Role))
                await ClaimAndReleaseAsync(desk, actor);
            var last = actors[^1];
            if (outcome == "submit")
                await filed.Supplement(stage == "completion" ? filed.Sample.Phase2!.Value : filed.Sample.Correction!.Data);
            else
                await desk.As(last.User!.Id).Decide(last.TaskId!.Value, outcome, "按规定办理");
        }
        await CheckAsync(filed);
        await desk.Deliver();
        var panel = new PanelDesk(desk, filed);
        foreach (var vote in (string[])["pass", "pass", "pass", "pass", "pass"])
        {
            Assert.Equal(["expert_panel"], (await CheckAsync(filed)).What());
            await panel.Cast(vote);
        }
        await CheckAsync(filed);
        await desk.Deliver();
        var notice = await CheckAsync(filed);
        Assert.Equal(["public_notice"], notice.What());
        await desk.AdvanceTo(Approvals.Calendars.ChinaTime.ToLocal(notice.ByItself[^1].At.AddMinutes(1)).ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal("已办结", await filed.Status());
        Assert.False((await CheckAsync(filed)).Running);
        Assert.Equal(8, states.Count);
    }

    /// <summary>Read by somebody who may know all names.</summary>
    private static async Task<CaseWhyView> CheckAsync(FiledCase filed)
    {
        var draft = (await filed.Read()).Status.Code == "draft";
        var why = await filed.WhyAsync(draft ? null : "bureau-superior");
        Assert.True(!why.Running || why.WaitsFor.Count + why.Stopped.Count > 0, "The case runs and says nothing of what it waits for.");
        Assert.All(why.WaitsFor, w => Assert.NotEmpty(w.TextZh));
        Assert.True(!why.Running || why.TextZh.Length > 0 && why.TextEn.Length > 0);
        foreach (var task in why.CanAct.Select(a => a.TaskId).OfType<Guid>().Distinct())
        {
            string[] named = [.. why.CanAct.Where(a => a.TaskId == task && a.User is not null).Select(a => a.User!.Id)];
            foreach (var user in named)
                Assert.Contains(task, (await filed.Desk.As(user).Inbox("mine")).Concat(await filed.Desk.As(user).Inbox("candidates")).Select(t => t.Id));
            if (why.CanAct.First(a => a.TaskId == task).TaskKind != TaskKinds.Review)
                continue;
            foreach (var stranger in Strangers.Except(named))
                Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => filed.Desk.As(stranger).Decide(task, "approve", "同意"))).Code);
        }
        return why;
    }

    private static async Task ClaimAndReleaseAsync(CaseDesk desk, WhyActor actor)
    {
        var (commands, caller) = (desk.Get<TaskCommands>(), desk.As(actor.User!.Id).Caller);
        await commands.ClaimAsync(caller, actor.TaskId!.Value, null, default);
        await commands.ReleaseAsync(caller, actor.TaskId.Value, null, default);
    }
}
