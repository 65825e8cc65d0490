using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>常用意见.</summary>
/// <param name="Id">Null: the service's own, which nobody deletes here.</param>
/// <param name="Outcome">For which outcome; null: all.</param>
public sealed record OpinionView(Guid? Id, string? Outcome, string Zh, string? En);

/// <summary>常用意见: those of a stage, as the service's data says, and everybody's own (R-REV-2).</summary>
public sealed class OpinionCommands(NpgsqlDataSource database, ServiceCatalogue services, TaskReader tasks, RequestReceipts receipts, BusinessClock clock)
{
    private const int Most = 100;

    /// <param name="taskId">The service's for the stage of this task come first; null: the user's own only.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>: no such task for the user.</exception>
    public async Task<IReadOnlyList<OpinionView>> ListAsync(Caller caller, Guid? taskId, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var canned = new List<OpinionView>();
        if (taskId is { } id && await tasks.ReadAsync(caller, id, cancellationToken) is { } task && await services.FindAsync(task.Service, cancellationToken) is { } package)
            canned.AddRange(package.Service.Handling.Opinions.Where(o => (o.Stage is null || o.Stage == task.Stage) && (o.Outcome is null || task.Outcomes.Contains(o.Outcome))).Select(o => new OpinionView(null, o.Outcome, o.Zh, o.En)));
        canned.AddRange(await database.QueryAsync("select id, outcome, text from approvals.opinions where user_id = $1 order by created_at, id", r => new OpinionView(r.GetGuid(0), r.Text(1), r.GetString(2), null), cancellationToken, user));
        return canned;
    }

    /// <exception cref="WorkflowException"><c>invalid_request</c> (text, outcome), <c>conflict</c>: the user has as many as are kept; <c>idempotency_key_reused</c>.</exception>
    public async Task<OpinionView> AddAsync(Caller caller, string text, string? outcome, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        text = Texts.Required(text, "text");
        if (outcome is not null && !DecisionWords.TryParse(outcome, out _))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"There is no outcome '{outcome}'. Use approve, return, reject or refuse, or leave it out.", $"没有“{outcome}”这种结果。");
        return await receipts.FindAsync<OpinionView>(idempotency, cancellationToken) ?? await receipts.OnceAsync(idempotency, async connection =>
        {
            var kept = new OpinionView(Guid.CreateVersion7(clock.Machine.GetUtcNow()), outcome, text, null);
            return (await connection.QueryAsync("""
                insert into approvals.opinions (id, user_id, outcome, text, created_at) select $1, $2, $3, $4, $5 where (select count(*) from approvals.opinions where user_id = $2) < $6 returning 1
                """, r => r.GetInt32(0), cancellationToken, kept.Id, user, outcome, text, clock.Now, Most)).Count == 1 ? kept
                : throw new WorkflowException(ErrorCodes.Conflict, $"'{user}' keeps {Most} opinions already. Delete one first.", $"常用意见最多 {Most} 条，请先删除。");
        }, cancellationToken);
    }

    /// <exception cref="WorkflowException"><c>not_found</c>.</exception>
    public async Task RemoveAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        if ((await database.QueryAsync("delete from approvals.opinions where id = $1 and user_id = $2 returning 1", r => r.GetInt32(0), cancellationToken, id, caller.RequireUser())).Count == 0)
            throw new WorkflowException(ErrorCodes.NotFound, $"'{caller.User}' keeps no opinion {id}. Check the id.", "您没有这条常用意见。");
    }
}
