using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Letters;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>
/// Scenarios of an example service, each on a database of its own, opened on Monday 2026-09-21 at 09:00. A scenario is played
/// once in a run of the tests; what it passed counts for <see cref="Definition_WhenAllScenariosArePlayed_ThenEveryActivityAndEveryWayIsPassed"/>.
/// </summary>
public abstract class ExampleScenarios(string service)
{
    private static readonly ConcurrentDictionary<string, Task<IReadOnlyList<JournalEntry>>> Played = new(StringComparer.Ordinal);

    [Fact]
    public async Task Definition_WhenAllScenariosArePlayed_ThenEveryActivityAndEveryWayIsPassed()
    {
        foreach (var scenario in GetType().GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly).Where(m => m.GetCustomAttribute<FactAttribute>() is not null))
            await (Task)scenario.Invoke(this, null)!;
        var journal = new List<JournalEntry>();
        foreach (var (name, passed) in Played)
            if (name.StartsWith($"{service}/", StringComparison.Ordinal))
                journal.AddRange(await passed);
        var root = DefinitionReader.Read(await File.ReadAllBytesAsync(Path.Combine(ServiceFolders.All[service], "definition.json"))).Root;
        var ways = journal.Where(j => j.Event == "Completed").SelectMany(j => (j.Outcomes ?? ["Done"]).Select(outcome => (j.ActivityId, outcome))).ToHashSet();

        Assert.Empty(root.Activities.Select(a => a.Id).Except(journal.Select(j => j.ActivityId)));
        Assert.Empty(root.Connections.Where(c => !ways.Contains((c.Source, c.Port))).Select(c => $"{c.Source}.{c.Port}"));
    }

    /// <summary>Adds what the host would add.</summary>
    private protected virtual void AddServices(IServiceCollection services)
    {
    }

    private protected Task Play(Func<CaseDesk, Task> scenario, [CallerMemberName] string name = "") => Played.GetOrAdd($"{service}/{name}", _ => PlayAsync(scenario));

    private protected virtual Task<CaseDesk> OpenAsync() => CaseDesk.OpenServiceAsync(ServiceFolders.All[service], AddServices);

    private async Task<IReadOnlyList<JournalEntry>> PlayAsync(Func<CaseDesk, Task> scenario)
    {
        await using var desk = await OpenAsync();
        await scenario(desk);
        await Settle(desk);
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
        // Whoever is done with a case has nothing left of it.
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.tasks t join approvals.cases c on c.id = t.case_id where t.status < 2 and c.ended_at is not null"));
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.tasks where status > 2 and reason is null"));
        var (journal, reader) = (new List<JournalEntry>(), new JournalReader());
        await using var command = desk.Database.CreateCommand("select entries from engine.journal order by instance_id, seq");
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
            journal.AddRange(reader.Read(rows.GetFieldValue<byte[]>(0)));
        return journal;
    }

    /// <summary>What the steps left to do is done, and none of it failed.</summary>
    private protected static async Task Settle(CaseDesk desk)
    {
        await desk.Deliver();
        Assert.Equal("", await desk.Scalar<string>("select coalesce(string_agg(kind || ': ' || last_error, ' '), '') from engine.outbox_failed"));
    }

    /// <summary>The open task of a case that one may decide.</summary>
    private protected static async Task<TaskView?> TaskOf(FiledCase filed, string user)
    {
        await Settle(filed.Desk);
        return (await filed.Desk.As(user).Inbox(TaskScopes.Mine)).Concat(await filed.Desk.As(user).Inbox(TaskScopes.Candidates)).SingleOrDefault(t => t.CaseId == filed.Id);
    }

    /// <summary>Whoever of these has a task of the case decides it.</summary>
    private protected static async Task Decide(FiledCase filed, string outcome, params string[] users)
    {
        foreach (var user in users)
            if (await TaskOf(filed, user) is { } task)
            {
                await filed.Desk.As(user).Decide(task.Id, outcome, "经研究决定。");
                return;
            }
        Assert.Fail($"Nobody of {string.Join(", ", users)} has a task of the case; it waits in {await Stages(filed)}.");
    }

    private protected static Task Approve(FiledCase filed, params string[] users) => Decide(filed, "approve", users);

    /// <summary>Each level in turn returns the case, has it back once it is corrected, and passes it on.</summary>
    /// <param name="correctedAt">The stage at which the sample's correction is handed in.</param>
    private protected static async Task ReturnedAtEachLevel(FiledCase filed, string correctedAt, params (string Reviewer, string Stage)[] levels)
    {
        foreach (var (reviewer, stage) in levels)
        {
            await Decide(filed, "return", reviewer);
            Assert.Equal("待补正", await filed.Status());
            await filed.Supplement(stage == correctedAt ? filed.Sample.Correction!.Data : default);
            Assert.Equal(stage, await Stages(filed));
            await Approve(filed, reviewer);
        }
    }

    /// <summary>Each of these levels, the ones before having passed it, ends a case of the sample: by rejecting it, and by returning it to somebody who doesn't correct it in time; the employer is the first.</summary>
    private protected static async Task EndsAtEachLevel(CaseDesk desk, string sample, params string[] reviewers)
    {
        for (var level = 0; level < reviewers.Length; level++)
        {
            var rejected = await At(level);
            await Decide(rejected, "reject", reviewers[level]);
            Assert.Equal("未通过", await rejected.Status());
            // What the employer itself, the first level, doesn't pass never came to an authority: none writes a letter of it.
            Assert.Equal(level == 0 ? "" : "dismissal", string.Join(' ', (await rejected.Letters()).Select(l => l.Kind)));
        }
        // 逾期未补正, one after the other: nobody has two at once.
        string[] due = ["2026-10-20 09:00", "2026-12-01 09:00", "2027-01-20 09:00"];
        for (var level = 0; level < reviewers.Length; level++)
        {
            var lapses = await At(level);
            await Decide(lapses, "return", reviewers[level]);
            await desk.AdvanceTo(due[level]);
            Assert.Equal("退案", await lapses.Status());
            Assert.Equal(level == 0 ? "" : "correction dismissal", string.Join(' ', (await lapses.Letters()).Select(l => l.Kind)));
            if (level > 0)
                Assert.Contains("视为放弃本次申请，本次办理到此终止。", await lapses.Html(await lapses.Letter("dismissal"), desk.As(lapses.Sample.Applicant)), StringComparison.Ordinal);
        }

        async Task<FiledCase> At(int level)
        {
            var filed = await desk.FileByHandlerAsync(sample);
            foreach (var reviewer in reviewers[..level])
                await Approve(filed, reviewer);
            return filed;
        }
    }

    /// <summary>Where the case waits.</summary>
    private protected static async Task<string> Stages(FiledCase filed)
    {
        await Settle(filed.Desk);
        return string.Join(" ", (await filed.Read()).Stages.Select(s => s.Name).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>Status and reason of the last task that a stage gave somebody.</summary>
    private protected static Task<string> Ended(FiledCase filed, string stage, string user) => filed.Desk.Scalar<string>(
        $"select case status when 3 then 'cancelled' when 4 then 'lapsed' else 'other' end || ' ' || coalesce(reason, '') from approvals.tasks where case_id = '{filed.Id}' and stage = '{stage}' and assignee = '{user}' order by opened_at desc, id desc limit 1");
}
