using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>What an urge was answered with.</summary>
/// <param name="Stages">Whose reviewers are told.</param>
/// <param name="Left">Urges that these stages still take, each its own.</param>
/// <param name="NextAt">From when; null: no more while these stages are open.</param>
public sealed record UrgeReceipt(DateTimeOffset At, IReadOnlyList<string> Stages, int Left, DateTimeOffset? NextAt);

/// <summary>催办 by the applicant, or by a handler of the employer that filed the case, as often as the service's data lets them (R-REV-7).</summary>
public sealed class UrgeCommands(WorkflowRuntime runtime, NpgsqlDataSource database, ServiceCatalogue services, CaseVault vault, BusinessClock clock, WorkCalendar calendar)
{
    private const int Attempts = 3;

    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>: not the user's case; <c>wrong_state</c>: nobody has it in hand;
    /// <c>rate_limited</c> with <c>nextAt</c>, from when it is possible again (null: not while this stage is open).</exception>
    public async Task<UrgeReceipt> UrgeAsync(Caller caller, Guid caseId, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        for (var attempt = 1; ; attempt++)
        {
            var filed = await FilingCase.LoadAsync(database, vault, caseId, cancellationToken);
            if (!await OwnsAsync(caller, caseId, cancellationToken))
                throw new WorkflowException(ErrorCodes.Forbidden, $"Case {caseId} isn't '{user}''s: only the applicant urges, or a handler of the employer that filed it.", "只有申报人或申报单位现任经办人可以催办。");
            var rules = (await services.GetAsync(filed.Service, cancellationToken)).Service.Handling;
            var tasks = await OpenAsync(caseId, cancellationToken);
            if (await runtime.FindAnswerAsync(idempotency, cancellationToken) is not null)
                return Receipt(tasks, rules.UrgesPerStage, rules.UrgeEvery, tasks.Max(t => t.Last) ?? clock.Now, filed.Region);
            var due = Allowed(filed, tasks, rules.UrgesPerStage, rules.UrgeEvery);
            try
            {
                var answer = await runtime.ApplyAsync(new StepRequest
                {
                    InstanceId = caseId, Actor = caller.Actor, Idempotency = idempotency, IfVersion = filed.Version,
                    Domain = new CaseUrged { User = user, Limits = CredentialLimits.Of(caller), Tasks = [.. due.Select(t => t.Id)] },
                }, cancellationToken);
                return answer.Applied ? Receipt([.. due.Select(t => t with { Times = t.Times + 1 })], rules.UrgesPerStage, rules.UrgeEvery, clock.Now, filed.Region) : throw CaseRefusal.Of(answer, caller);
            }
            catch (WorkflowException e) when (e.Code == ErrorCodes.PreconditionFailed && attempt < Attempts)
            {
                // Another urge, or the stage was decided: count again.
            }
        }
    }

    /// <summary>Whether the caller could urge now.</summary>
    internal async Task<bool> IsPossibleAsync(Caller caller, Guid caseId, CancellationToken cancellationToken)
    {
        var filed = await FilingCase.LoadAsync(database, vault, caseId, cancellationToken);
        if (caller.User is null || !await OwnsAsync(caller, caseId, cancellationToken) || await services.FindAsync(filed.Service, cancellationToken) is not { } package)
            return false;
        try
        {
            Allowed(filed, await OpenAsync(caseId, cancellationToken), package.Service.Handling.UrgesPerStage, package.Service.Handling.UrgeEvery);
            return true;
        }
        catch (WorkflowException)
        {
            return false;
        }
    }

    private async Task<bool> OwnsAsync(Caller caller, Guid caseId, CancellationToken cancellationToken) => (await database.QueryAsync(
        $"select 1 from approvals.cases c where c.id = $4 and {KeyLimits.Service("$2")} and {KeyLimits.Owner("$1", "$3", "$5")}", r => r.GetInt32(0), cancellationToken,
        caller.User, caller.Services.OrNull(), caller.Organisations.OrNull(), caseId, caller.Roles.OrNull())).Count > 0;

    private Task<List<Open>> OpenAsync(Guid caseId, CancellationToken cancellationToken) => database.QueryAsync($"""
        select t.id, t.stage_name, (select count(*)::int from approvals.urges u where u.case_id = $1 and u.task_id = t.id), (select max(u.at) from approvals.urges u where u.case_id = $1)
        from approvals.tasks t where t.case_id = $1 and t.id between approvals.first_task($1) and approvals.last_task($1) and t.status < 2 and t.kind not in ({TaskKinds.Personal})
        order by t.opened_at, t.id
        """, r => new Open(r.GetGuid(0), r.GetString(1), r.GetInt32(2), r.Instant(3)), cancellationToken, caseId);

    private List<Open> Allowed(FilingCase filed, List<Open> tasks, int most, string every)
    {
        if (tasks.Count == 0)
            throw new WorkflowException(ErrorCodes.WrongState, $"Nobody has case {filed.Id} in hand now: it waits for you, or has ended.", "当前没有可催办的环节：业务待您办理，或已办结。");
        if (tasks[0].Last is { } last && Next(every, last, filed.Region) is var next && next > clock.Now)
            throw Limited($"The case was urged at {last:O}; it can be urged again from {next:O}.", "催办过于频繁，请在可再次催办的时间之后再试。", next);
        return tasks.FindAll(t => t.Times < most) is { Count: > 0 } due ? due
            : throw Limited($"This stage was urged {most} times, which is all that the service allows.", $"本环节已催办 {most} 次，不能再催办。", null);
    }

    private UrgeReceipt Receipt(List<Open> tasks, int most, string every, DateTimeOffset at, string region)
    {
        var left = tasks.Count == 0 ? 0 : tasks.Max(t => Math.Max(0, most - t.Times));
        return new UrgeReceipt(at, [.. tasks.Select(t => t.StageName)], left, left == 0 ? null : Next(every, at, region));
    }

    /// <summary>By the calendar of where the case is.</summary>
    private DateTimeOffset Next(string every, DateTimeOffset last, string region) => Deadline.Compute(DeadlineRule.Parse(every), last, calendar.For(region)).DueAt;

    private WorkflowException Limited(string message, string zh, DateTimeOffset? nextAt) => new(ErrorCodes.RateLimited, message, zh)
    {
        Facts = nextAt is { } at
            ? new Dictionary<string, object?> { ["nextAt"] = at, ["retryAfterSeconds"] = (int)Math.Min(int.MaxValue, Math.Ceiling((at - clock.Now).TotalSeconds)) }
            : new Dictionary<string, object?> { ["nextAt"] = null },
    };

    private sealed record Open(Guid Id, string StageName, int Times, DateTimeOffset? Last);
}
