using Talent.Workflows.Approvals.Tests.Cases;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

/// <summary>What delegates are told. Filed on Monday 2026-09-21 at 09:00, due at the end of Tuesday the 29th.</summary>
public sealed class DelegateMessageTests
{
    [Fact]
    public async Task NewTaskAndReminder_WhenTheTaskIsDelegated_ThenBothGetThemAndTheDelegatesSayForWhom_R_REV_7_R_NTF_1()
    {
        var fixture = new HandlingFixture();
        await fixture.InitializeAsync();
        await using var desk = fixture.Desk;
        await fixture.Delegate("emp-metro-reviewer-1", "emp-metro-handler");
        await fixture.Delegate("emp-metro-reviewer-1", "emp-press-reviewer-1", services: ["political-work-title"], roles: ["bureau.reviewer"]);
        await fixture.Delegate("emp-metro-reviewer-2", "emp-metro-reviewer-1");
        await fixture.Delegate("emp-metro-handler", "emp-metro-superior");
        var filed = await desk.SubmittedAsync();

        var told = await filed.Told();

        foreach (var user in (string[])["emp-metro-reviewer-1", "emp-metro-reviewer-2", "emp-metro-handler", "emp-metro-superior"])
            Assert.Contains($"stage.opened → {user}", told);
        Assert.DoesNotContain("stage.opened → emp-press-reviewer-1", told);
        // The handler acts for the one directly, and through them for the other.
        var (name, other) = (await NameAsync(desk, "emp-metro-reviewer-1"), await NameAsync(desk, "emp-metro-reviewer-2"));
        Assert.EndsWith($"（您受{name}、{other}委托办理）", await TextAsync(desk, "stage.opened", "emp-metro-handler"), StringComparison.Ordinal);
        Assert.DoesNotContain("委托", await TextAsync(desk, "stage.opened", "emp-metro-reviewer-1"), StringComparison.Ordinal);
        Assert.Contains(desk.Sent, m => m.Channel == "sms" && m.Text.Contains($"（受{name}、{other}委托）", StringComparison.Ordinal));

        // The reminder comes on the 29th; the one delegation is over by then.
        await desk.Execute("update approvals.delegations set until_at = until_at - interval '29 days' where delegate = 'emp-metro-superior'");
        await desk.AdvanceTo("2026-09-29 12:00");
        told = await filed.Told();
        Assert.Contains("task.reminder → emp-metro-reviewer-1", told);
        Assert.Contains("task.reminder → emp-metro-handler", told);
        Assert.DoesNotContain("task.reminder → emp-metro-superior", told);
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from approvals.inbox where user_id = 'emp-metro-handler' and event = 'task.reminder'"));
    }

    private static Task<string> NameAsync(CaseDesk desk, string user) => desk.Scalar<string>($"select name from approvals.users where id = '{user}'");

    private static Task<string> TextAsync(CaseDesk desk, string message, string user) => desk.Scalar<string>($"select text from approvals.inbox where user_id = '{user}' and event = '{message}'");
}
