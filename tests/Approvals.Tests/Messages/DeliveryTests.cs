using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Tests.Messages;

public sealed class DeliveryTests : IAsyncLifetime
{
    private CaseDesk desk = null!;

    public async Task InitializeAsync() => desk = await CaseDesk.OpenAsync();

    public async Task DisposeAsync() => await desk.DisposeAsync();

    [Fact]
    public async Task Letter_WhenDeliveredLate_ThenTellsWhatItsOwnStepDecided_R_NTF_1()
    {
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Return(filed, "工作经历证明未盖章");
        desk.Time.SetTo(CaseDesk.Local("2026-09-22 10:00"));
        await filed.Supplement();
        await desk.As("emp-metro-reviewer-1").Return(filed, "照片不清晰");

        await desk.Deliver();

        var letters = desk.Sent.Where(m => m.Channel == "email" && m.Subject!.Contains("退回", StringComparison.Ordinal)).Select(m => m.Text).ToList();
        Assert.Equal(2, letters.Count);
        Assert.Contains(letters, l => l.Contains("工作经历证明未盖章", StringComparison.Ordinal) && !l.Contains("照片不清晰", StringComparison.Ordinal));
        Assert.Contains(letters, l => l.Contains("照片不清晰", StringComparison.Ordinal) && !l.Contains("工作经历证明未盖章", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Message_WhenRefusedForGoodAndSentAgain_ThenGoesOutOnceByThatChannelAlone_R_NTF_3()
    {
        desk.Refusals["sms"] = "the signature isn't registered";
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();
        var letters = desk.Sent.Count(m => m.Channel == "email");
        Assert.True(letters > 0);
        Assert.DoesNotContain(desk.Sent, m => m.Channel == "sms");
        var dead = await desk.Get<DeadLetters>().ListAsync(deadOnly: true, 0, 100, default);
        Assert.NotEmpty(dead);

        desk.Refusals.Clear();
        foreach (var letter in dead)
            Assert.True(await desk.Get<DeadLetters>().ResendAsync(letter.Sequence, default));
        desk.Time.SetTo(desk.Now.AddSeconds(5));
        await desk.Deliver();

        Assert.Equal(letters, desk.Sent.Count(m => m.Channel == "email"));
        Assert.Contains(desk.Sent, m => m.Channel == "sms");
        Assert.Equal(desk.Sent.Count(m => m.Channel == "sms"), desk.Sent.Where(m => m.Channel == "sms").Select(m => m.Id).Distinct().Count());
        Assert.Empty(await desk.Get<DeadLetters>().ListAsync(deadOnly: false, 0, 100, default));
        Assert.DoesNotContain("dead", (await desk.Get<Approvals.Messages.MessageReader>().ListAsync(filed.Id, default)).Select(m => m.State));
    }
}
