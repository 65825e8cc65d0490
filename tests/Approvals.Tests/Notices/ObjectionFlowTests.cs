using System.Net;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Panels;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Notices;

/// <summary>An objection on its way: 受理, 调查, 答复, with what proves it.</summary>
public sealed class ObjectionFlowTests
{
    private static readonly byte[] Pdf = SampleFiles.Pdf("evidenceword"), Jpeg = SampleFiles.Jpeg();

    [Fact]
    public async Task Objection_WhenItIsAcceptedFirst_ThenItIsInvestigatedAndWhoeverObjectedCanFollowIt_R_NOT_1()
    {
        await using var desk = await NoticeDesk.OpenAsync(("acceptDue", "2wd"));
        var notice = await desk.NoticeAsync();
        await desk.Desk.AdvanceTo("2026-09-22 10:00");
        var receipt = await ObjectAsync(desk, notice.Id);
        Assert.Matches("^[2-9A-HJ-NP-Z]{16}$", receipt.Receipt);
        Assert.Equal(("received", CaseDesk.Local("2026-09-25 00:00"), null), await StateAsync());
        var task = Assert.Single(await desk.ObjectionTasks());
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => desk.Clerk.Decide(task, "dismiss", "异议不成立")));

        await desk.Clerk.Decide(task, "accept", null);
        await PanelDesk.DeliverAsync(desk.Desk);
        // 23, 24, 28, 29, 30 September.
        Assert.Equal(("investigating", CaseDesk.Local("2026-10-01 00:00"), null), await StateAsync());
        Assert.Contains(desk.Desk.Sent, m => m.To == "objector@public.example.org" && m.Text.Contains("已受理", StringComparison.Ordinal));
        var investigation = Assert.Single(await desk.ObjectionTasks());
        Assert.NotEqual(task, investigation);
        Assert.NotNull(Assert.Single((await desk.Reader.ObjectionsAsync(notice.Id, null, null, desk.Clerk.Caller, default)).Items).AcceptedAt);
        // At the end of the notice it isn't decided: the case waits.
        await desk.Desk.AdvanceTo("2026-09-30 10:00");
        Assert.Equal("公示中", await desk.Filed.Status());

        await desk.Clerk.Decide(investigation, "dismiss", "经核实，材料属实。");
        await PanelDesk.DeliverAsync(desk.Desk);

        Assert.Equal(("dismissed", null, "经核实，材料属实。"), await StateAsync());
        Assert.Contains(desk.Desk.Sent, m => m.To == "objector@public.example.org" && m.Text.Contains("经核实，材料属实。", StringComparison.Ordinal));
        Assert.Equal("已办结", await desk.Filed.Status());

        async Task<(string, DateTimeOffset?, string?)> StateAsync()
        {
            var progress = await desk.Reader.ProgressAsync(receipt.Receipt!.ToLowerInvariant().Insert(4, "-"), default);
            Assert.Equal((receipt.Number, notice.Number), (progress.Number, progress.NoticeNumber));
            return (progress.State, progress.DueAt, progress.Reply);
        }
    }

    [Fact]
    public async Task Objection_WhenItIsntAccepted_ThenTheReasonIsAnsweredAndTheNoticeGoesOn_R_NOT_1()
    {
        await using var desk = await NoticeDesk.OpenAsync(("acceptDue", "2wd"));
        var notice = await desk.NoticeAsync();
        var receipt = await ObjectAsync(desk, notice.Id);
        var task = Assert.Single(await desk.ObjectionTasks());
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => desk.Clerk.Decide(task, "refuse", null)));

        await desk.Clerk.Decide(task, "refuse", "与公示内容无关。");
        await PanelDesk.DeliverAsync(desk.Desk);

        Assert.Equal(("refused", "与公示内容无关。"), (await desk.Reader.ProgressAsync(receipt.Receipt, default)) is var p ? (p.State, p.Reply) : default);
        Assert.Contains(desk.Desk.Sent, m => m.Text.Contains("与公示内容无关。", StringComparison.Ordinal));
        Assert.Empty(await desk.ObjectionTasks());
        await desk.Desk.AdvanceTo("2026-09-30 00:00");
        Assert.Equal("已办结", await desk.Filed.Status());
    }

    [Fact]
    public async Task Objection_WhenItHoldsAfterTheInvestigation_ThenTheBureauReviewsAgain_R_NOT_1()
    {
        await using var desk = await NoticeDesk.OpenAsync(("acceptDue", "2wd"));
        var notice = await desk.NoticeAsync();
        var (upheld, other) = (await ObjectAsync(desk, notice.Id), await ObjectAsync(desk, notice.Id, from: "203.0.113.8"));
        await desk.Clerk.Decide(await TaskAsync(desk, notice.Id, upheld), "accept", null);

        await desk.Clerk.Decide(await TaskAsync(desk, notice.Id, upheld), "uphold", "经核实，部分材料不实。");

        Assert.Equal("市局审核", (await desk.Filed.Waiting()).Name);
        Assert.Equal(("upheld", "closed"), ((await desk.Reader.ProgressAsync(upheld.Receipt, default)).State, (await desk.Reader.ProgressAsync(other.Receipt, default)).State));
        Assert.Null((await desk.Reader.ProgressAsync(other.Receipt, default)).Reply);
    }

    [Fact]
    public async Task Objection_WhenNobodyAcceptsIt_ThenTheLadderCountsByTheLimitOfAccepting_R_NOT_1_R_REV_5()
    {
        await using var desk = await NoticeDesk.OpenAsync(("acceptDue", "2wd"));
        await desk.Desk.AdvanceTo("2026-09-22 10:00");
        await ObjectAsync(desk, (await desk.NoticeAsync()).Id);

        await desk.Desk.AdvanceTo("2026-09-24 08:59");
        Assert.DoesNotContain("task.reminder → notice-clerk", await desk.Filed.Told());
        await desk.Desk.AdvanceTo("2026-09-24 09:01");
        Assert.Contains("task.reminder → notice-clerk", await desk.Filed.Told());
    }

    [Fact]
    public async Task Objection_WhenItIsAnonymousAndTheRuleAllowsIt_ThenTheReceiptIsTheWayToTheAnswer_R_NOT_1()
    {
        await using var desk = await NoticeDesk.OpenAsync(("objections", "any"));
        var notice = await desk.NoticeAsync();
        Assert.Equal(ObjectorRule.Any, notice.Objections);

        var receipt = await desk.Commands.ObjectAsync(notice.Id, new Objection { Statement = "工作年限不足。" }, IPAddress.Loopback, default);
        await desk.Clerk.Decide((await desk.ObjectionTasks())[0], "dismiss", "经核实，材料属实。");
        await PanelDesk.DeliverAsync(desk.Desk);

        Assert.Equal("经核实，材料属实。", (await desk.Reader.ProgressAsync(receipt.Receipt, default)).Reply);
        Assert.DoesNotContain(desk.Desk.Sent, m => m.To.Length == 0 || m.Text.Contains("经核实，材料属实。", StringComparison.Ordinal));
        Assert.Equal(ErrorCodes.NotFound, await PanelDesk.Code(() => desk.Reader.ProgressAsync(receipt.Number, default)));
        Assert.Equal(ErrorCodes.NotFound, await PanelDesk.Code(() => desk.Reader.ProgressAsync(null, default)));
    }

    [Fact]
    public async Task Evidence_WhenItComesWithAnObjection_ThenTheClerkAloneReadsItAndThatIsRecorded_R_NOT_1_R_AUD_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();
        var receipt = await ObjectAsync(desk, notice.Id, evidence: [new Evidence(Pdf), new Evidence(Jpeg)]);
        await PanelDesk.DeliverAsync(desk.Desk);

        var objection = Assert.Single((await desk.Reader.ObjectionsAsync(notice.Id, null, null, desk.Clerk.Caller, default)).Items);
        Assert.Equal([(1, "pdf", Pdf.Length), (2, "jpg", Jpeg.Length)], objection.Evidence.Select(e => (e.Place, e.Kind, e.Bytes)));
        var file = await desk.Reader.EvidenceAsync(notice.Id, objection.Id, 1, desk.Clerk.Caller, default);
        Assert.Equal(("application/pdf", $"示才公示〔2026〕1号-{receipt.Number}-证明材料-1.pdf"), (file.MediaType, file.Name));
        Assert.Equal(Pdf, file.Content);
        Assert.Equal($"notice-clerk objection.{objection.Id}.evidence.1", await desk.Desk.Scalar<string>("select string_agg(user_id || ' ' || array_to_string(fields, ','), ';') from approvals.data_reads"));
        foreach (var other in (Person[])[desk.Desk.As("bureau-reviewer-1"), desk.Filed.Applicant])
            Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => desk.Reader.EvidenceAsync(notice.Id, objection.Id, 1, other.Caller, default)));
        Assert.Equal(ErrorCodes.NotFound, await PanelDesk.Code(() => desk.Reader.EvidenceAsync(notice.Id, objection.Id, 3, desk.Clerk.Caller, default)));
        foreach (var table in (string[])["engine.instances", "engine.journal", "engine.outbox", "engine.receipts", "approvals.audit", "approvals.tasks"])
        {
            var rows = await desk.Desk.Scalar<string>($"select coalesce(string_agg(to_jsonb(t)::text, ''), '') from {table} t");
            foreach (var word in (string[])["evidenceword", receipt.Receipt!])
            {
                Assert.DoesNotContain(word, rows, StringComparison.Ordinal);
                Assert.DoesNotContain(Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(word)), rows, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Objection_WhenTheSameWordsComeWithOtherEvidence_ThenItIsAnother_R_NOT_1()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();

        var first = await ObjectAsync(desk, notice.Id, text: "工作年限不足。");
        var again = await ObjectAsync(desk, notice.Id, text: "工作年限不足。");
        var proven = await ObjectAsync(desk, notice.Id, text: "工作年限不足。", evidence: [new Evidence(Pdf)]);

        Assert.Equal((first.Number, first.Receipt), (again.Number, again.Receipt));
        Assert.NotEqual(first.Number, proven.Number);
        Assert.NotEqual(first.Receipt, proven.Receipt);
    }

    private static Task<ObjectionReceipt> ObjectAsync(NoticeDesk desk, Guid notice, string? text = null, string from = "203.0.113.7", IReadOnlyList<Evidence>? evidence = null) =>
        desk.Commands.ObjectAsync(notice, new Objection { Email = "objector@public.example.org", Statement = text ?? $"申报材料与事实不符（{from}）。", Evidence = evidence ?? [] }, IPAddress.Parse(from), default);

    private static async Task<Guid> TaskAsync(NoticeDesk desk, Guid notice, ObjectionReceipt receipt) =>
        (await desk.Reader.ObjectionsAsync(notice, null, null, desk.Clerk.Caller, default)).Items.Single(o => o.Number == receipt.Number).TaskId;
}
