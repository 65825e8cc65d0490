using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Runtime.Alterations;

/// <summary>
/// Carries out one job of a plan; the message's id is the job's. The step leaves a receipt under that id, so that a job which
/// comes twice, because a process died between the step and the note of its end, alters nothing again.
/// </summary>
internal sealed class AlterationDelivery(WorkflowRuntime runtime, AlterationPlans plans) : IOutboxHandler
{
    public const string MessageKind = "alteration";

    /// <summary>No credential of a caller: those have a colon.</summary>
    private const string Receipts = "alterations";

    public string Kind => MessageKind;

    // Others wait for the instances, too.
    public int MaxConcurrency => 4;

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        if (await plans.BeginAsync(message.Id, cancellationToken) is not var (alterations, actor))
            return OutboxResult.Ok;
        try
        {
            await runtime.AlterAsync(message.InstanceId, alterations, actor, cancellationToken, new Idempotency(Receipts, message.Id.ToString(), message.Id.ToByteArray()));
        }
        catch (WorkflowException refusal) when (refusal.Code is not (ErrorCodes.Busy or ErrorCodes.Unavailable))
        {
            await plans.EndAsync(message.Id, AlterationStatus.Failed, refusal.Message, cancellationToken);
            return OutboxResult.Ok;
        }
        await plans.EndAsync(message.Id, AlterationStatus.Completed, $"{alterations.Count} alterations were made.", cancellationToken);
        return OutboxResult.Ok;
    }
}
