using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Talent.Workflows.Approvals.Submissions;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Tests.Submissions;

/// <summary>Two at once, crashes and repetitions: each request is applied once, or refused with its reason.</summary>
public sealed class SubmissionRaceTests
{
    private const string Lists = "approvals.submissions", Cases = "approvals.submission_cases";

    [Fact]
    public async Task Case_WhenTwoListsTakeItAtOnce_ThenItIsOnOneAlone_R_REV_10()
    {
        await using var desk = await SubmissionDesk.OpenAsync();

        var ends = await desk.MeetAsync(Cases, () => desk.Create(desk.Li, desk.Wang), () => desk.Create(null, "bureau-reviewer-2", desk.Wang, desk.Li));

        var refused = Assert.IsType<WorkflowException>(Assert.Single(ends, e => e is not null));
        Assert.Equal(ErrorCodes.WrongState, refused.Code);
        Assert.Equal(1, await desk.Desk.Scalar<long>($"select count(*) from {Lists}"));
        Assert.Equal(2, await desk.Desk.Scalar<long>($"select count(*) from {Cases} where state = 'listed'"));
        // Nor by another row of the same case, as two offices would have.
        var violation = await Assert.ThrowsAsync<PostgresException>(() => desk.Desk.Execute($"""
            insert into {Cases} (id, case_id, opened_at, task_id, service, stage, organisation_id, role, title, columns, state, submission_id)
            select gen_random_uuid(), case_id, opened_at, gen_random_uuid(), service, 'other', organisation_id, role, title, columns, 'listed', submission_id from {Cases} where case_id = '{desk.Li.Id}'
            """));
        Assert.Equal("submission_cases_listed", violation.ConstraintName);
    }

    [Fact]
    public async Task Sealing_WhenSomebodyTakesACaseOffAtOnce_ThenOneIsBeforeTheOther_R_REV_10()
    {
        await using var desk = await SubmissionDesk.OpenAsync();
        var draft = await desk.Create(desk.All);

        var ends = await desk.MeetAsync(Lists, () => desk.Seal(draft.Id), () => desk.Remove(draft.Id, desk.Wang));

        Assert.Null(ends[0]);
        await desk.Deliver();
        var sent = (await desk.Export(draft.Id, full: true)).GetProperty("content").GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("caseId").GetGuid()).ToArray();
        Assert.Equal((ends[1] is null ? [desk.Li.Id, desk.Huang.Id] : desk.Ids).Order(), sent.Order());
        Assert.Equal(sent.Order(), (await desk.Cases(draft.Id)).Select(c => c.CaseId).Order());
        Assert.Equal(ends[1] is null ? [desk.Wang.Id] : [], await desk.Candidates());
        Assert.Equal(ends[1] is null ? 0 : 1, await desk.Audited(desk.Wang, "submission.sealed"));
        // Whoever has seen the draft as it was isn't the one who seals it as it is.
        await SubmissionDesk.Refused(ErrorCodes.WrongState, () => desk.Remove(draft.Id, desk.Li));
    }

    [Fact]
    public async Task Sealing_WhenTheListHasChangedSinceItWasRead_ThenItIsRefused_R_REV_10()
    {
        await using var desk = await SubmissionDesk.OpenAsync();
        var draft = await desk.Create(desk.All);
        await desk.Remove(draft.Id, desk.Li);

        await SubmissionDesk.Refused(ErrorCodes.PreconditionFailed, () => desk.Seal(draft.Id, draft.Version));

        Assert.Equal("draft", (await desk.Read(draft.Id)).State);
    }

    [Fact]
    public async Task Settlement_WhenTwoEnterItAtOnce_ThenEachCaseIsDecidedOnce_R_REV_10()
    {
        await using var desk = await SubmissionDesk.OpenAsync();
        var list = await desk.Sealed(desk.All);

        var ends = await desk.MeetAsync(Lists, () => desk.Settle(list.Id, "approve", "函1"), () => desk.Settle(list.Id, "reject", "函2"));
        await desk.Deliver();

        Assert.Equal(ErrorCodes.WrongState, Assert.IsType<WorkflowException>(Assert.Single(ends, e => e is not null)).Code);
        Assert.Single((await desk.Read(list.Id)).Documents);
        foreach (var filed in desk.All)
        {
            Assert.Equal(1, await desk.Audited(filed, "submission.settled"));
            Assert.Equal(ends[0] is null ? "已办结" : "未通过", await filed.Status());
        }
        await Assert.ThrowsAsync<PostgresException>(() => desk.Desk.Execute($"update {Cases} set state = 'listed', document_id = null"));
        await Assert.ThrowsAsync<PostgresException>(() => desk.Desk.Execute($"update {Lists} set content = '{{}}'"));
        await Assert.ThrowsAsync<PostgresException>(() => desk.Desk.Execute("delete from approvals.submission_changes"));
    }

    [Fact]
    public async Task Case_WhenWithdrawnFromASealedList_ThenItsLineStaysAndTheOfficeIsTold_R_REV_10_R_CASE_6()
    {
        await using var desk = await SubmissionDesk.OpenAsync(beforeAcceptance: true);
        var list = await desk.Sealed(desk.Li, desk.Wang);

        await desk.Li.Withdraw();

        Assert.Contains("submission.left → bureau-reviewer-1", await desk.Li.Told());
        Assert.Equal(new SubmissionCounts(1, 0, 0, 1), (await desk.Read(list.Id)).Cases);
        Assert.Equal(2, (await desk.Export(list.Id, full: false)).GetProperty("content").GetProperty("cases").GetArrayLength());
        var settled = await desk.Settle(list.Id, named: new CaseDecision(desk.Li.Id, "approve"));
        Assert.Equal((desk.Wang.Id, "left"), (Assert.Single(settled.Settled).CaseId, Assert.Single(settled.Refused).Code));
        // The city has decided: who hasn't heard of it yet can't withdraw any more.
        await SubmissionDesk.Refused(ErrorCodes.WrongState, () => desk.Wang.Withdraw());
        await SubmissionDesk.Refused(ErrorCodes.WrongState, () => desk.Return(desk.Wang));
        await desk.Deliver();
        Assert.Equal(["已撤回", "已办结"], [await desk.Li.Status(), await desk.Wang.Status()]);
    }

    [Fact]
    public async Task Case_WhenWithdrawnFromADraft_ThenTheSealedListIsWithoutIt_R_REV_10_R_CASE_6()
    {
        await using var desk = await SubmissionDesk.OpenAsync(beforeAcceptance: true);
        var draft = await desk.Create(desk.Li, desk.Wang);

        await desk.Li.Withdraw();
        var list = await desk.Seal(draft.Id);
        await desk.Deliver();

        Assert.Equal(1, list.Cases);
        Assert.Equal(desk.Wang.Id, Assert.Single(await desk.Cases(draft.Id)).CaseId);
        Assert.DoesNotContain("submission.left → bureau-reviewer-1", await desk.Li.Told());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Case_WhenWithdrawnWhileItIsDecided_ThenOneOfTheTwoCounts_R_REV_10(bool withdrawnFirst)
    {
        await using var desk = await SubmissionDesk.OpenAsync(beforeAcceptance: true);
        var list = await desk.Sealed(desk.Li, desk.Wang);
        Func<Task> withdraw = () => desk.Li.Withdraw(), settle = () => desk.Settle(list.Id);

        var ends = await desk.MeetAsync(Cases, withdrawnFirst ? [withdraw, settle] : [settle, withdraw]);
        await desk.Deliver();

        var withdrawn = ends[withdrawnFirst ? 0 : 1];
        Assert.Null(ends[withdrawnFirst ? 1 : 0]);
        Assert.Equal(withdrawn is null ? "已撤回" : "已办结", await desk.Li.Status());
        Assert.Equal(withdrawn is null ? new SubmissionCounts(0, 1, 0, 1) : new SubmissionCounts(0, 2, 0, 0), (await desk.Read(list.Id)).Cases);
        if (withdrawn is not null)
            Assert.Equal(ErrorCodes.WrongState, Assert.IsType<WorkflowException>(withdrawn).Code);
    }

    [Fact]
    public async Task Settlement_WhenTheNodeStopsBeforeItsCasesHear_ThenAnotherTellsEachOnce_R_REV_10()
    {
        await using var desk = await SubmissionDesk.OpenAsync();
        var draft = await desk.Create(desk.All);
        await desk.Seal(draft.Id);
        await desk.Settle(draft.Id);
        Assert.Equal(6, await desk.Desk.Scalar<long>("select count(*) from engine.outbox where kind = 'submission.carry'"));
        var message = new OutboxMessage
        {
            Sequence = 1, Id = Guid.NewGuid(), InstanceId = desk.Li.Id, Kind = SubmissionDelivery.WorkKind, OrderingKey = null, Attempts = 0, CreatedAt = desk.Desk.Now,
            Payload = await desk.Desk.Scalar<byte[]>($"select payload from engine.outbox where kind = 'submission.carry' and instance_id = '{desk.Li.Id}' order by seq desc limit 1"),
        };

        using var other = await desk.Desk.AnotherAsync(folder => File.WriteAllText(Path.Combine(folder, "political-work-title", "definition.json"), SubmissionFlow.Definition()));
        await other.Services.GetRequiredService<OutboxWorker>().DrainAsync(default);

        foreach (var filed in desk.All)
        {
            Assert.Equal("已办结", await filed.Status());
            Assert.Equal((1, 1), (await desk.Audited(filed, "submission.sealed"), await desk.Audited(filed, "submission.settled")));
        }
        // The message comes again: its sender never heard that it had arrived.
        Assert.Same(OutboxResult.Ok, await desk.Desk.Get<IEnumerable<IOutboxHandler>>().Single(h => h.Kind == SubmissionDelivery.WorkKind).DeliverAsync(message, default));
        Assert.Equal(1, await desk.Audited(desk.Li, "submission.settled"));
    }

    [Fact]
    public async Task Requests_WhenRepeatedWithTheirKeys_ThenTheyAreAnsweredAsBefore_R_REV_10()
    {
        await using var desk = await SubmissionDesk.OpenAsync();
        Idempotency create = new("key:test", "create", [1]), settle = new("key:test", "settle", [2]);

        var draft = await desk.Create(create, SubmissionDesk.Officer, desk.Li, desk.Wang);
        Assert.Equal(draft, await desk.Create(create, SubmissionDesk.Officer, desk.Li, desk.Wang));
        await SubmissionDesk.Refused(ErrorCodes.IdempotencyKeyReused, () => desk.Create(create with { RequestHash = [9] }, SubmissionDesk.Officer, desk.Huang));
        await desk.Seal(draft.Id);
        var settled = await desk.Settle(draft.Id, key: settle);
        var again = await desk.Settle(draft.Id, key: settle);
        await desk.Deliver();

        Assert.Equal((settled.DocumentId, settled.Version), (again.DocumentId, again.Version));
        Assert.Equal(settled.Settled, again.Settled);
        Assert.Equal(1, await desk.Desk.Scalar<long>($"select count(*) from {Lists}"));
        Assert.Equal(1, await desk.Audited(desk.Li, "submission.settled"));
        Assert.Empty((await desk.Li.Read()).Stages);
    }
}
