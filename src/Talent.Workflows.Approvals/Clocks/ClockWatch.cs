using Microsoft.Extensions.Logging;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>
/// Handles what falls due of cases as a whole: marks of the total limit, and that a case counts as accepted. Each is one
/// step of its case; any node may do it, the step's gate lets it happen once.
/// </summary>
public sealed partial class ClockWatch(WorkflowRuntime runtime, NpgsqlDataSource database, BusinessClock clock, ILogger<ClockWatch> logger)
{
    private const int Batch = 100;

    /// <summary>Handles all that is due now.</summary>
    /// <returns>How many steps were made.</returns>
    public async Task<int> RunDueAsync(CancellationToken cancellationToken)
    {
        var made = 0;
        for (var after = Guid.Empty; ;)
        {
            var due = await database.QueryAsync($"""
                select c.case_id, i.version, c.behind, c.accept_by <= $1 and not '{TotalEvents.Accepted}' = any(c.behind), {Decided}
                from approvals.case_clocks c join engine.instances i on i.id = c.case_id where c.next_at <= $1 and c.case_id > $2 order by c.case_id limit {Batch}
                """, r => new DueCase(r.GetGuid(0), r.GetInt64(1), r.GetFieldValue<string[]>(2), !r.IsDBNull(3) && r.GetBoolean(3), r.GetBoolean(4)), cancellationToken, clock.Now, after);
            foreach (var row in due)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (await HandleAsync(row, cancellationToken))
                    made++;
            }
            if (due.Count < Batch)
                return made;
            after = due[^1].Id;
        }
    }

    /// <summary>
    /// Whether the case was taken in by a decision before the time was up: in a stage of 受理 whose decision counts, not that of one of several alone;
    /// where the service has no such stage, in any review.
    /// </summary>
    private static readonly string Decided = $"""
        exists (select from approvals.cases k join approvals.tasks t on t.case_id = k.id and t.id between approvals.first_task(k.id) and approvals.last_task(k.id) and t.kind = 'review' and t.status = 2 and t.decided_at < c.accept_by
            where k.id = c.case_id and case when k.acceptance is null then t.outcome <> 'return' else t.outcome = 'approve' and t.stage = any(k.acceptance) and k.status not in ({string.Join(", ", CorrectionRules.ToBeTakenIn.Select(s => $"'{s}'"))}) end)
        """;

    /// <param name="Version">Of the case when all of this was so.</param>
    private sealed record DueCase(Guid Id, long Version, string[] Behind, bool Lapsed, bool Decided);

    private async Task<bool> HandleAsync(DueCase due, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = due.Id, Actor = Actor.System, IfVersion = due.Version, Domain = new ClockFellDue { Behind = due.Behind, Decided = due.Decided },
                // Whoever waits to take the case in learns that time has done it.
                Stimulus = due is { Lapsed: true, Decided: false } ? new StageRevision(TotalEvents.Accepted, new Dictionary<Guid, DateTimeOffset>()).Stimulus(StageRevision.Accepted) : null,
            }, cancellationToken);
            return answer.Applied;
        }
        catch (WorkflowException e) when (e.Code == ErrorCodes.PreconditionFailed)
        {
            // Something has happened meanwhile: the next round sees it.
            return false;
        }
        catch (WorkflowException e)
        {
            // It stays due; the others don't wait for it.
            LogFailed(e, due.Id);
            return false;
        }
    }

    [LoggerMessage(EventId = 3301, Level = LogLevel.Error, Message = "What fell due of the clock of case {CaseId} couldn't be handled; tried again with the next round")]
    private partial void LogFailed(Exception cause, Guid caseId);
}
