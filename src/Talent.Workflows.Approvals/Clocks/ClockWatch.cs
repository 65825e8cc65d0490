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
                select c.case_id, c.behind, exists (select from approvals.tasks t where t.case_id = c.case_id and t.id between approvals.first_task(c.case_id) and approvals.last_task(c.case_id)
                    and t.kind = 'review' and t.status = 2 and t.outcome <> 'return' and t.decided_at < c.accept_by)
                from approvals.case_clocks c where c.next_at <= $1 and c.case_id > $2 order by c.case_id limit {Batch}
                """, r => (Case: r.GetGuid(0), Behind: r.GetFieldValue<string[]>(1), Decided: r.GetBoolean(2)), cancellationToken, clock.Now, after);
            foreach (var row in due)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (await HandleAsync(row.Case, row.Behind, row.Decided, cancellationToken))
                    made++;
            }
            if (due.Count < Batch)
                return made;
            after = due[^1].Case;
        }
    }

    private async Task<bool> HandleAsync(Guid caseId, string[] behind, bool decided, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await runtime.ApplyAsync(new StepRequest { InstanceId = caseId, Actor = Actor.System, Domain = new ClockFellDue { Behind = behind, Decided = decided } }, cancellationToken);
            return answer.Applied;
        }
        catch (WorkflowException e)
        {
            // It stays due; the others don't wait for it.
            LogFailed(e, caseId);
            return false;
        }
    }

    [LoggerMessage(EventId = 3301, Level = LogLevel.Error, Message = "What fell due of the clock of case {CaseId} couldn't be handled; tried again with the next round")]
    private partial void LogFailed(Exception cause, Guid caseId);
}
