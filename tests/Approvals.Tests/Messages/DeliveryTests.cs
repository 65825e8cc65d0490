using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
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
    public async Task Message_WhenTheRecipientReadsEnglish_ThenItIsWrittenInEnglishFromTheServicesOwnFields_R_NTF_2()
    {
        await desk.Execute("update approvals.users set language = 'en' where id = 'applicant-li'");
        var filed = await desk.SubmittedAsync();

        await desk.Deliver();

        var letter = Assert.Single(desk.Sent, m => m is { Channel: "email", Event: "case.submitted" });
        // The one line in the other language is in that language as a whole.
        var lines = letter.Text.Split('\n');
        Assert.Contains("您的政工职评申报", Assert.Single(lines, l => l.Contains("政工", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains(lines, l => l.Contains("Employer review", StringComparison.Ordinal));
        Assert.DoesNotContain("Political-work professional title", letter.Text, StringComparison.Ordinal);
        var code = filed.Sample.Phase1.GetProperty("titleApplied").GetString();
        var word = desk.Content.Services.Single().Form.Definition.CodeTables.Values.SelectMany(t => t).First(e => e.Code == code).En;
        Assert.Contains(word, letter.Text, StringComparison.Ordinal);
        // The reviewers read Chinese.
        Assert.Contains(desk.Sent, m => m.Event == "stage.opened" && m.Text.Contains("李示例", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Letter_WhenItsReaderReadsChinese_ThenItsLineInEnglishHasNoChineseDateOrStage_R_NTF_2()
    {
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Return(filed, "照片不清晰");

        await desk.Deliver();

        var letter = Assert.Single(desk.Sent, m => m is { Channel: "email", Event: "case.returned" }).Text;
        Assert.Contains("退回环节：用人单位审核", letter, StringComparison.Ordinal);
        Assert.Matches(@"was returned at Employer review\..* by \d+ [A-Z][a-z]+ 2026\.", letter);
    }

    [Fact]
    public async Task Reminder_WhenItIsTheLastDay_ThenItSaysSo_R_REV_5()
    {
        await desk.SubmittedAsync();
        await desk.AdvanceTo("2026-09-30 12:00");
        await desk.Deliver();

        Assert.Contains(desk.Sent, m => m.Event == "task.reminder" && m.Text.Contains("今天到期", StringComparison.Ordinal));
        Assert.Contains(desk.Sent, m => m.Event == "task.overdue" && m.Text.Contains("已逾期1个工作日", StringComparison.Ordinal));
        Assert.DoesNotContain(desk.Sent, m => m.Text.Contains("0个工作日", StringComparison.Ordinal));
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

    [Fact]
    public async Task Message_WhenItsChannelIsNotSetUp_ThenWaitsWithoutUsingUpAttemptsWhileTheOthersGoOut_R_NTF_3()
    {
        desk.Missing["sms"] = true;
        var filed = await desk.SubmittedAsync();
        for (var day = 22; day <= 30; day++)
        {
            desk.Time.SetTo(CaseDesk.Local($"2026-09-{day} 10:00"));
            await desk.Deliver();
        }
        Assert.DoesNotContain(desk.Sent, m => m.Channel == "sms");
        Assert.Contains(desk.Sent, m => m.Channel == "email");
        Assert.All(await desk.Get<DeadLetters>().ListAsync(deadOnly: false, 0, 100, default), m => Assert.Equal((false, 0), (m.Dead, m.Attempts)));
        Assert.Contains("waiting", (await desk.Get<Approvals.Messages.MessageReader>().ListAsync(filed.Id, default)).Select(m => m.State));

        desk.Missing.Clear();
        desk.Time.SetTo(CaseDesk.Local("2026-09-30 11:00"));
        await desk.Deliver();

        Assert.Contains(desk.Sent, m => m.Channel == "sms");
        Assert.Empty(await desk.Get<DeadLetters>().ListAsync(deadOnly: false, 0, 100, default));
    }

    [Fact]
    public async Task Message_WhenNobodyHoldsTheRole_ThenItIsNotedThatNobodyWasTold_R_NTF_1()
    {
        await desk.Execute("update approvals.users set active = false where id in (select user_id from approvals.user_roles where role = 'employer.reviewer' and organisation_id = 'emp-metro')");
        var filed = await desk.SubmittedAsync();

        await desk.Deliver();

        Assert.Contains(await desk.Get<Approvals.Messages.MessageReader>().ListAsync(filed.Id, default), m => m.State == "no_recipient");
    }

    [Fact]
    public async Task Inbox_WhenMessagesCome_ThenEachUserReadsTheirOwnAndMarksThem_R_NTF_1()
    {
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();
        await desk.Deliver();
        var inbox = desk.Get<Approvals.Messages.InboxReader>();

        var own = (await inbox.ListAsync(filed.Applicant.Caller, unread: true, null, 50, default)).Items;
        var message = Assert.Single(own, m => m.Event == "case.submitted");
        Assert.Equal(filed.Id, message.CaseId);
        Assert.NotEmpty(message.Text);
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => inbox.MarkAsync(desk.As("emp-metro-reviewer-1").Caller, message.Id, default))).Code);

        var read = await inbox.MarkAsync(filed.Applicant.Caller, message.Id, default);
        Assert.Equal(desk.Now, read.ReadAt);
        Assert.Equal(own.Count - 1, (await inbox.ListAsync(filed.Applicant.Caller, unread: true, null, 50, default)).Items.Count);
        Assert.Equal(own.Count, (await inbox.ListAsync(filed.Applicant.Caller, unread: false, null, 50, default)).Items.Count);
    }

    [Fact]
    public async Task Inbox_WhenPaged_ThenEachMessageComesOnce()
    {
        for (var i = 0; i < 5; i++)
            await desk.SubmittedAsync();
        await desk.Deliver();
        var inbox = desk.Get<Approvals.Messages.InboxReader>();
        var seen = new List<long>();
        string? cursor = null;
        do
        {
            var page = await inbox.ListAsync(desk.As("applicant-li").Caller, unread: false, cursor, 2, default);
            seen.AddRange(page.Items.Select(m => m.Id));
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal(5, seen.Count);
        Assert.Equal(seen.OrderDescending(), seen);
    }
}
