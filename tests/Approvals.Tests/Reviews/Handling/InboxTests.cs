using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

public sealed class InboxTests
{
    [Fact]
    public async Task Inbox_WhenTimePasses_ThenEveryListAndItsCountAgreeAfterEachDecision_R_REV_1()
    {
        var fixture = new HandlingFixture();
        await fixture.InitializeAsync();
        await using var desk = fixture.Desk;
        var (me, substitute) = (desk.As("emp-metro-reviewer-1"), desk.As("emp-metro-superior"));
        var cases = new List<FiledCase>();
        for (var i = 0; i < 5; i++)
            cases.Add(await desk.SubmittedAsync());
        await desk.Get<TaskCommands>().ClaimAsync(me.Caller, (await cases[0].Waiting()).TaskId, null, default);
        await desk.Get<TaskCommands>().ClaimAsync(desk.As("emp-metro-reviewer-2").Caller, (await cases[1].Waiting()).TaskId, null, default);
        await fixture.Delegate("emp-metro-reviewer-1", "emp-metro-superior");

        Assert.Equal(new TaskSummary(1, 3, 0, 0, 0, 0, 0), await Counted(me));
        Assert.Equal(new TaskSummary(0, 0, 4, 0, 0, 0, 0), await Counted(substitute));

        // Due at the end of Tuesday the 29th: five working days, the holiday not counted.
        desk.Time.SetTo(CaseDesk.Local("2026-09-28 10:00"));
        Assert.Equal(4, (await Counted(me)).NearLimit);
        desk.Time.SetTo(CaseDesk.Local("2026-10-09 09:00"));
        Assert.Equal((0, 4), ((await Counted(me)).NearLimit, (await Counted(me)).Overdue));

        await me.Approve(cases[0]);
        await me.Approve(cases[2]);
        Assert.Equal(new TaskSummary(0, 2, 0, 0, 2, 2, 0), await Counted(me));
        Assert.Equal(2, (await Counted(substitute)).Delegated);
        var refused = await Assert.ThrowsAsync<WorkflowException>(() => me.Inbox("everything"));
        Assert.Equal(ErrorCodes.InvalidRequest, refused.Code);

        async Task<TaskSummary> Counted(Person person)
        {
            var reader = desk.Get<TaskReader>();
            var summary = await reader.SummaryAsync(person.Caller, default);
            var limited = person.Caller with { Services = new HashSet<string> { "political-work-title" }, Organisations = new HashSet<string> { "emp-metro" } };
            Assert.Equal(summary, await reader.SummaryAsync(limited, default));
            foreach (var (scope, count) in new[]
            {
                (TaskScopes.Mine, summary.Mine), (TaskScopes.Candidates, summary.Candidates), (TaskScopes.Delegated, summary.Delegated), (TaskScopes.NearLimit, summary.NearLimit),
                (TaskScopes.Overdue, summary.Overdue), (TaskScopes.Done, summary.Done),
            })
            {
                // Page by page, each task once.
                var (seen, cursor) = (new List<Guid>(), (string?)null);
                do
                {
                    var page = await reader.ListAsync(limited, scope, cursor, 2, default);
                    seen.AddRange(page.Items.Select(t => t.Id));
                    cursor = page.Next;
                }
                while (cursor is not null);
                Assert.Equal((scope, count, count), (scope, seen.Count, seen.Distinct().Count()));
            }
            return summary;
        }
    }

    [Fact]
    public async Task NearLimit_WhenTheCasesRegionHasADayOff_ThenItCountsByThatCalendar_R_REV_4_R_REV_1()
    {
        await using var desk = await CaseDesk.OpenAsync(prepare: Regional.DayOff("2026-09-29"));
        await desk.Execute("update approvals.organisations set region = '110105'");
        var (there, me) = (await desk.SubmittedAsync(), desk.As("emp-metro-reviewer-1"));
        await desk.Execute("update approvals.organisations set region = '310101'");
        var here = await desk.SubmittedAsync();
        await desk.Get<TaskCommands>().ClaimAsync(me.Caller, (await there.Waiting()).TaskId, null, default);
        await desk.Execute("update approvals.tasks set due_at = '2026-09-30T15:00:00Z'");

        // On Monday the 28th the next working day is the 30th there, and the 29th elsewhere.
        desk.Time.SetTo(CaseDesk.Local("2026-09-28 10:00"));

        foreach (var caller in (Caller[])[me.Caller, me.Caller with { Services = new HashSet<string> { "political-work-title" } }])
        {
            var reader = desk.Get<TaskReader>();
            Assert.Equal(new TaskSummary(1, 1, 0, 1, 0, 0, 0), await reader.SummaryAsync(caller, default));
            Assert.Equal(there.Id, Assert.Single((await reader.ListAsync(caller, TaskScopes.NearLimit, null, 50, default)).Items).CaseId);
        }
        await desk.Get<TaskCommands>().ReleaseAsync(me.Caller, (await there.Waiting()).TaskId, null, default);
        Assert.Equal(new TaskSummary(0, 2, 0, 1, 0, 0, 0), await desk.Get<TaskReader>().SummaryAsync(me.Caller, default));
        desk.Time.SetTo(CaseDesk.Local("2026-09-29 10:00"));
        Assert.Equal(2, (await desk.Get<TaskReader>().SummaryAsync(me.Caller, default)).NearLimit);
        Assert.NotEqual(there.Id, here.Id);
    }

    [Fact]
    public async Task Candidates_WhenTheirLimitsDiffer_ThenTheSoonestDueComesFirstOverAllPagesAndCountingStopsSomewhere_R_REV_1()
    {
        var fixture = new HandlingFixture();
        await fixture.InitializeAsync();
        await using var desk = fixture.Desk;
        var me = desk.As("emp-metro-reviewer-1").Caller;
        var tasks = new List<Guid>();
        for (var i = 0; i < 5; i++)
            tasks.Add((await (await desk.SubmittedAsync()).Waiting()).TaskId);
        await desk.Execute($"""
            update approvals.tasks t set due_at = w.due from (values
                ('{tasks[0]}'::uuid, null), ('{tasks[1]}', '2026-10-02T00:00:00Z'::timestamptz), ('{tasks[2]}', null), ('{tasks[3]}', '2026-10-01T00:00:00Z'), ('{tasks[4]}', '2026-10-02T00:00:00Z')) w(id, due)
            where t.id = w.id
            """);
        var (seen, cursor) = (new List<Guid>(), (string?)null);
        do
        {
            var page = await desk.Get<TaskReader>().ListAsync(me, TaskScopes.Candidates, cursor, 2, default);
            seen.AddRange(page.Items.Select(t => t.Id));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal([tasks[3], .. new[] { tasks[1], tasks[4] }.OrderBy(ById), .. new[] { tasks[0], tasks[2] }.OrderBy(ById)], seen);

        await desk.Execute($"""
            insert into approvals.tasks (id, case_id, opened_at, due_at, kind, stage, stage_name, role, organisation_id, outcomes)
            select gen_random_uuid(), t.case_id, t.opened_at, t.due_at, t.kind, t.stage, t.stage_name, t.role, t.organisation_id, t.outcomes
            from approvals.tasks t cross join generate_series(1, {TaskReader.MostWaiting}) where t.id = '{tasks[3]}'
            """);
        desk.Time.SetTo(CaseDesk.Local("2026-10-01 12:00"));
        var counts = await desk.Get<TaskReader>().SummaryAsync(me, default);
        Assert.Equal((TaskReader.MostWaiting, TaskReader.MostWaiting), (counts.Candidates, counts.Overdue));

        // As PostgreSQL compares ids.
        static string ById(Guid id) => id.ToString();
    }
}
