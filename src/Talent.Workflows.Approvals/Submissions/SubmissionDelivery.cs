using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>
/// Carries what became of a list to its cases, one message each, in a step of the case. Done twice it changes nothing: the row says
/// how much its workflow knows, and the step asks for that.
/// </summary>
public sealed class SubmissionDelivery(WorkflowRuntime runtime, NpgsqlDataSource database) : IOutboxHandler
{
    public const string WorkKind = "submission.carry";

    public string Kind => WorkKind;

    /// <summary>The message that tells a case.</summary>
    /// <param name="carries"><see cref="SubmissionStates.Sealed"/> or <see cref="SubmissionStates.Settled"/>.</param>
    internal static CommandMessage Message(Guid entry, Guid caseId, short carries) => new(
        DerivedId.For(caseId, WorkKind, carries, entry.ToString("N")), caseId, JsonSerializer.SerializeToUtf8Bytes(new SubmissionOrder(entry, carries), JsonSerializerOptions.Web), $"submission:{entry:N}");

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<SubmissionOrder>(message.Payload, JsonSerializerOptions.Web)!;
        var row = await database.SingleAsync("""
            select e.task_id, e.state, e.reason, e.decided_by, s.id, s.number, s.checksum, s.sealed_by, d.number, e.carried
            from approvals.submission_cases e join approvals.submissions s on s.id = e.submission_id left join approvals.submission_documents d on d.id = e.document_id where e.id = $1
            """, r => new Row(r.GetGuid(0), r.GetString(1), r.Text(2), r.Text(3), r.GetGuid(4), r.GetString(5), r.GetString(6), r.GetString(7), r.Text(8), r.GetInt16(9)), cancellationToken, order.Entry);
        if (row is null)
            return new OutboxResult.Dead($"Case {message.InstanceId} is on no list by entry {order.Entry}.");
        if (row.Carried >= order.Carries || row.State is SubmissionStates.Returned or SubmissionStates.Cancelled)
            return OutboxResult.Ok;
        try
        {
            await runtime.ApplyAsync(order.Carries == SubmissionStates.Sealed ? Sealed(message, order, row) : Settled(message, order, row), cancellationToken);
        }
        catch (WorkflowException e) when (e.Code is ErrorCodes.BookmarkGone)
        {
            // Its flow went elsewhere meanwhile: an operator moved or ended it.
        }
        return OutboxResult.Ok;
    }

    private static StepRequest Sealed(OutboxMessage message, SubmissionOrder order, Row row) => new()
    {
        InstanceId = message.InstanceId,
        Stimulus = new StageRevision($"{order.Entry:N}", new Dictionary<Guid, DateTimeOffset>()) { TaskId = order.Entry, Document = row.Number, By = row.SealedBy }.Stimulus(ListSubmission.Sealing),
        Actor = Actor.System,
        Domain = new CaseListed { EntryId = order.Entry, SubmissionId = row.Submission, Number = row.Number, Checksum = row.Checksum, By = row.SealedBy },
    };

    private static StepRequest Settled(OutboxMessage message, SubmissionOrder order, Row row) => new()
    {
        InstanceId = message.InstanceId,
        Stimulus = new Stimulus.Resume(order.Entry, JsonSerializer.SerializeToElement(new { state = row.State, user = row.DecidedBy, document = row.Document })),
        Actor = Actor.System,
        Domain = new CaseSettled
        {
            EntryId = order.Entry, SubmissionId = row.Submission, Number = row.Number, Document = row.Document!, Approved = row.State == SubmissionStates.Approved, By = row.DecidedBy!,
            Reason = row.Reason, Closes = row.Task,
        },
    };

    private sealed record Row(Guid Task, string State, string? Reason, string? DecidedBy, Guid Submission, string Number, string Checksum, string SealedBy, string? Document, short Carried);
}

/// <summary>What an outbox row of a list's case holds.</summary>
internal sealed record SubmissionOrder(Guid Entry, short Carries);
