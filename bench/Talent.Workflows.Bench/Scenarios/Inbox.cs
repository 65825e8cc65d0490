using System.Diagnostics;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Bench.Measuring;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Bench.Scenarios;

/// <summary>What a reviewer waits for with very many open tasks of their own office: a page with all counts, and a batch of 200 decisions.</summary>
internal sealed class Inbox(BenchHost host, FiveStages flow, Report report)
{
    private const double MostMs = 20;
    private const double MostSeconds = 3;
    private static readonly Caller Reviewer = new("key:bench", "u-bench", new HashSet<string>(), null, null, null);

    public async Task RunAsync(int open, int repetitions)
    {
        host.Get<Cursors>().Use(new byte[32]);
        await flow.PrepareAsync();
        var instances = new List<Guid>();
        for (var i = 0; i < 2 * TaskBatches.Most; i++)
            instances.Add(await flow.StartAsync());
        await SeedAsync(open - instances.Count);
        var reader = host.Get<TaskReader>();
        foreach (var (name, read) in ((string, Func<Task>)[])
        [
            ("inbox_page_ms", () => reader.ListAsync(Reviewer, TaskScopes.Candidates, null, 50, default)),
            ("inbox_counts_ms", () => reader.SummaryAsync(Reviewer, default)),
            ("inbox_page_and_counts_ms", () => reader.InboxAsync(Reviewer, TaskScopes.Candidates, null, 50, default)),
            ("inbox_overdue_page_ms", () => reader.ListAsync(Reviewer, TaskScopes.Overdue, null, 50, default)),
        ])
            await MeasureAsync(name, repetitions, read);
        Report.Note($"{(await reader.SummaryAsync(Reviewer, default)).Candidates:N0} open tasks, all of one office");
        await BatchesAsync(instances);
        await SharedAsync(instances.Count);
        // As the endpoint answers: a page of each scope, all counts, and what can be done with each task.
        var actions = host.Get<TaskNextActions>();
        foreach (var scope in TaskScopes.All)
            await MeasureAsync($"inbox_{scope}_ms", repetitions, async () =>
            {
                var page = await reader.InboxAsync(Reviewer, scope, null, 50, default);
                await actions.AddAsync(Reviewer, scope, page.Items, default);
            });
        var summary = await reader.SummaryAsync(Reviewer, default);
        Report.Note($"mine {summary.Mine:N0}, candidates {summary.Candidates:N0}, done {summary.Done:N0}, copied {summary.Copied:N0}");
    }

    /// <summary>Some of the office's tasks are the reviewer's own, and some were copied to them.</summary>
    private async Task SharedAsync(int each)
    {
        foreach (var sql in (string[])
        [
            $"update approvals.tasks set claimed_by = '{Reviewer.User}', claimed_at = now(), status = 1 where id in (select id from approvals.tasks where status = 0 order by id limit {each})",
            $"""
            insert into approvals.copies (task_id, user_id, case_id, by_user, note, at)
            select t.id, '{Reviewer.User}', t.case_id, 'u-applicant', null, now() from (select id, case_id from approvals.tasks where status = 0 order by id desc limit {each}) t
            """,
            "vacuum analyze approvals.tasks, approvals.copies",
        ])
        {
            await using var command = host.Database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>The first batch warms code and plans.</summary>
    private async Task BatchesAsync(List<Guid> instances)
    {
        var batches = host.Get<TaskBatches>();
        var seconds = 0.0;
        for (var batch = 0; batch < 2; batch++)
        {
            var items = instances.Skip(batch * TaskBatches.Most).Take(TaskBatches.Most).Select(i => new BatchItem { TaskId = FiveStages.TaskId(i, 1), Outcome = "approve" }).ToArray();
            var clock = Stopwatch.GetTimestamp();
            var results = await batches.DecideAsync(Reviewer, items, new Idempotency(Reviewer.Credential, $"batch-{batch}-{Environment.ProcessId}", [1]), default);
            seconds = Stopwatch.GetElapsedTime(clock).TotalSeconds;
            if (results.FirstOrDefault(r => !r.Decided) is { Problem: var problem })
                throw new InvalidOperationException($"A decision of the batch was refused: {problem}");
        }
        report.Add(new Row("batch_of_200_seconds", "inprocess", 1, seconds, "seconds") { Limit = MostSeconds, Ratio = seconds / MostSeconds });
    }

    private async Task MeasureAsync(string metric, int repetitions, Func<Task> read) => report.Add(Row.OfReads(metric, await Load.OneByOneAsync(repetitions, 5, _ => read()), MostMs));

    /// <summary>Cases for the instances that run, and cases with an open task each beside them; due times spread over two months around now.</summary>
    private async Task SeedAsync(int tasks)
    {
        foreach (var sql in (string[])
        [
            """
            insert into approvals.cases (id, service, status, applicant_id, employer_id, region, filed_by, created_at, submitted_at)
            select i.id, 'bench', 'in_review', 'u-applicant', 'org-bench', '110105', 'u-applicant', i.created_at, i.created_at from engine.instances i
            """,
            $"""
            with seeded as (
                insert into approvals.cases (id, service, status, applicant_id, employer_id, region, filed_by, created_at, submitted_at)
                select gen_random_uuid(), 'bench', 'in_review', 'u-applicant', 'org-bench', '110105', 'u-applicant', now(), now() from generate_series(1, {tasks}) returning id)
            insert into approvals.tasks (id, case_id, opened_at, due_at, kind, stage, stage_name, role, organisation_id, outcomes, excluded)
            select gen_random_uuid(), s.id, now(), now() + interval '1 minute' * (row_number() over () % 86400 - 43200), 'review', 'stage1', '第1级审核', 'employer.reviewer', 'org-bench', '{"{approve,return,reject}"}', '{"{u-applicant}"}'
            from seeded s
            """,
            "vacuum analyze approvals.tasks, approvals.cases",
        ])
        {
            await using var command = host.Database.CreateCommand(sql);
            command.CommandTimeout = 600;
            await command.ExecuteNonQueryAsync();
        }
    }
}
