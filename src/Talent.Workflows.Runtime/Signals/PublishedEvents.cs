using System.Text.Json;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Runtime.Signals;

/// <summary>Delivers a broadcast to one wait. A wait is resumed once at most, so a repetition does no harm.</summary>
internal sealed class PublishedEvents(WorkflowRuntime runtime) : IOutboxHandler
{
    public const string MessageKind = "publish";

    public string Kind => MessageKind;

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        using var payload = JsonDocument.Parse(message.Payload);
        try
        {
            await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = message.InstanceId,
                Stimulus = new Stimulus.Resume(message.Id, payload.RootElement.Clone()),
                Actor = Actor.System,
            }, cancellationToken);
            return OutboxResult.Ok;
        }
        catch (WorkflowException e) when (!e.IsHalted && e.Code is not (ErrorCodes.Busy or ErrorCodes.Unavailable))
        {
            return new OutboxResult.Dead(e.Message);
        }
    }
}
