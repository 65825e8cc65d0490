using Microsoft.Extensions.Logging;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>
/// When another calendar is loaded, computes every open deadline again that was computed by an earlier one: case by case, each
/// in one step. Which those are, their rows say; so it goes on after a crash where it was, and what a node with the earlier
/// calendar computes meanwhile is found by the next round. Only nodes with the calendar that came last do it, one at a time.
/// </summary>
public sealed partial class CalendarRevision(WorkflowRuntime runtime, NpgsqlDataSource database, WorkCalendar country, BusinessClock clock, ILogger<CalendarRevision> logger)
{
    private const int Batch = 100;

    // "calendar" in ASCII.
    private const long Turn = 0x63616C656E646172;

    /// <summary>The country's calendar with all its regions'.</summary>
    private readonly string version = string.Join(' ', country.Places.Select(p => p.Calendar.Version));

    private bool registered;

    /// <summary>Computes again what another calendar has moved.</summary>
    /// <returns>How many cases were revised; 0 when there were none, or another node is at it.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (!await OnTurnAsync(connection, cancellationToken))
            return 0;
        try
        {
            var revised = 0;
            for (var after = Guid.Empty; ;)
            {
                var cases = await StaleAsync(after, cancellationToken);
                foreach (var stale in cases)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (await ReviseAsync(stale, cancellationToken))
                        revised++;
                }
                if (cases.Count < Batch)
                {
                    if (revised > 0)
                        LogRevised(revised, version);
                    return revised;
                }
                after = cases[^1].Case;
            }
        }
        finally
        {
            await using var leave = new NpgsqlCommand("select pg_advisory_unlock($1)", connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = Turn } } };
            await leave.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    /// <summary>Whether this node has the calendar that came last, and no other node is at work. A calendar comes once: a node that starts again with an earlier file isn't news.</summary>
    private async Task<bool> OnTurnAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!registered)
        {
            await database.QueryAsync("insert into approvals.calendars (version, registered_at) values ($1, $2) on conflict (version) do nothing returning 1", r => r.GetInt32(0), cancellationToken, version, clock.Now);
            registered = true;
        }
        await using var command = new NpgsqlCommand("select (select version from approvals.calendars order by seq desc limit 1) = $1 and pg_try_advisory_lock($2)", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = version }, new NpgsqlParameter<long> { TypedValue = Turn } },
        };
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private Task<List<StaleCase>> StaleAsync(Guid after, CancellationToken cancellationToken)
    {
        var places = country.Places.ToArray();
        return database.QueryAsync($$"""
            with current (prefix, version) as (select * from unnest($2::text[], $3::text[])),
            stale as (
                select t.case_id from approvals.tasks t where t.status < 2 and t.due_at is not null and t.case_id > $1
                union select k.case_id from approvals.case_clocks k where k.ended_at is null and k.case_id > $1
                union select n.case_id from approvals.notices n where n.ended_at is null and n.case_id > $1)
            select c.id, k.due_at, o.ids, o.dues
            from stale s join approvals.cases c on c.id = s.case_id
            cross join lateral (select p.version from current p where starts_with(c.region, p.prefix) order by length(p.prefix) desc limit 1) v
            left join approvals.calendar_revisions r on r.case_id = c.id and r.calendar = $4
            left join approvals.case_clocks k on k.case_id = c.id and k.ended_at is null
            left join lateral (
                select array_agg(t.id) as ids, array_agg(t.due_at) as dues,
                    bool_or(t.calendar <> v.version and (r.at is null or t.opened_at > r.at)) as stale
                from approvals.tasks t where t.case_id = c.id and t.id between approvals.first_task(c.id) and approvals.last_task(c.id) and t.status < 2 and t.due_at is not null) o on true
            left join lateral (
                select n.notice -> 'editions' -> -1 -> 'window' ->> 'calendarVersion' as calendar from approvals.notices n where n.case_id = c.id and n.ended_at is null limit 1) shown on true
            where (o.stale or r.at is null and (k.calendar <> v.version or shown.calendar <> v.version)) and c.ended_at is null
            order by c.id limit {{Batch}}
            """, r => new StaleCase(r.GetGuid(0), r.Instant(1), r.IsDBNull(2) ? [] : r.GetFieldValue<Guid[]>(2), r.IsDBNull(3) ? [] : r.GetFieldValue<DateTimeOffset[]>(3)), cancellationToken,
            after, places.Select(p => p.Prefix).ToArray(), places.Select(p => p.Calendar.Version).ToArray(), version);
    }

    private async Task<bool> ReviseAsync(StaleCase stale, CancellationToken cancellationToken)
    {
        var revision = new StageRevision(Digest.Of(version)[..8], stale.Tasks.Zip(stale.Dues).ToDictionary(t => t.First, t => t.Second));
        try
        {
            var answer = await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = stale.Case,
                Stimulus = revision.Stimulus(StageRevision.Calendar),
                Actor = Actor.System,
                Domain = new CalendarRevised { Calendar = version, PromisedAt = stale.PromisedAt },
            }, cancellationToken);
            return answer.Applied;
        }
        catch (WorkflowException e)
        {
            // A case that is wrong in itself keeps its dates, and the others don't wait for it.
            LogFailed(e, stale.Case);
            return false;
        }
    }

    private sealed record StaleCase(Guid Case, DateTimeOffset? PromisedAt, Guid[] Tasks, DateTimeOffset[] Dues);

    [LoggerMessage(EventId = 3302, Level = LogLevel.Information, Message = "The deadlines of {Cases} cases were computed again by calendar {Calendar}")]
    private partial void LogRevised(int cases, string calendar);

    [LoggerMessage(EventId = 3303, Level = LogLevel.Error, Message = "The deadlines of case {CaseId} couldn't be computed again")]
    private partial void LogFailed(Exception cause, Guid caseId);
}
