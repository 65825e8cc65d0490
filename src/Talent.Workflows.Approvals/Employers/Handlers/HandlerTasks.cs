using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Employers.Handlers;

/// <summary>What goes over by which replacement: a task, or a turn that hasn't come in a stage of several.</summary>
internal sealed record HandlerTask(Guid Replacement, Guid? Task, string? Stage = null);

/// <summary>Hands over what a replaced handler had in hand, and the turns that wait for them, each in a step of its case (转办, R-EMP-3). A repetition finds it handed over.</summary>
public sealed class HandlerTasks(NpgsqlDataSource database, TransferCommands transfers) : IOutboxHandler
{
    public const string WorkKind = "handler-task";

    public string Kind => WorkKind;

    internal static CommandMessage Message(Guid replacement, Guid task, Guid caseId) => Message(new HandlerTask(replacement, task), task.ToString("N"), caseId);

    internal static CommandMessage Message(Guid replacement, string stage, Guid caseId) => Message(new HandlerTask(replacement, null, stage), $"{caseId:N}/{stage}", caseId);

    private static CommandMessage Message(HandlerTask order, string name, Guid caseId) =>
        new(DerivedId.For(order.Replacement, name, 1, WorkKind), caseId, JsonSerializer.SerializeToUtf8Bytes(order), null);

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<HandlerTask>(message.Payload)!;
        var change = await database.SingleAsync("""
            select r.from_user, r.to_user, coalesce(r.reason, '更换业务经办人'), r.by_credential, r.by_user from approvals.handler_replacements r
            where r.id = $1 and ($2::uuid is null or exists (select from approvals.tasks t where t.id = $2 and t.status < 2 and coalesce(t.assignee, t.claimed_by) = r.from_user))
            """, r => new { From = r.GetString(0), To = r.GetString(1), Reason = r.GetString(2), Actor = new Actor(r.GetString(3), r.GetString(4)) }, cancellationToken, order.Replacement, order.Task.OrNull());
        // Decided, or handed over by an earlier delivery.
        if (change is null)
            return OutboxResult.Ok;
        var (what, refusal) = order.Task is { } task
            ? ($"Task {task}", await transfers.PassOnAsync(change.Actor, task, message.InstanceId, change.From, change.To, change.Reason, cancellationToken))
            : ($"The turn at stage '{order.Stage}'", await transfers.PassSeatOnAsync(change.Actor, message.InstanceId, order.Stage!, change.From, change.To, change.Reason, cancellationToken));
        return refusal switch
        {
            null => OutboxResult.Ok,
            { Code: ErrorCodes.Busy or ErrorCodes.Unavailable or ErrorCodes.Paused } => new OutboxResult.Retry(null, refusal.Code),
            _ => new OutboxResult.Dead($"{what} can't go over: {refusal.Code}. Hand it over by POST /users/{{id}}/handover, or end it."),
        };
    }
}
