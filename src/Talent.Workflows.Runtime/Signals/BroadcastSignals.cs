using System.Text.Json;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Runtime.Signals;

/// <summary>
/// Delivers a published event to one instance, as a signal: what became of it can be read there, and it is applied once. The
/// message's id is the broadcast's.
/// </summary>
internal sealed class BroadcastSignals(WorkflowRuntime runtime, Broadcasts broadcasts) : IOutboxHandler
{
    public const string MessageKind = "broadcast";

    /// <summary>Why a delivery is dead whose broadcast is gone.</summary>
    public const string Forgotten = "What was published isn't kept any more. Publish the event again.";

    public string Kind => MessageKind;

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<Order>(message.Payload, JsonSerializerOptions.Web)!;
        string? publishedBy = null;
        if (order.SignalId is null)
        {
            if (await broadcasts.FindAsync(message.Id, cancellationToken) is not { } broadcast)
                return new OutboxResult.Dead(Forgotten);
            order = order with { SignalId = broadcast.SignalId, Name = broadcast.Name, Payload = broadcast.Payload };
            publishedBy = broadcast.Credential;
        }
        try
        {
            await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = message.InstanceId,
                Stimulus = new Stimulus.Signal(order.SignalId, order.Name!, order.Payload ?? default) { Waits = order.Waits ?? [] },
                Actor = Actor.System,
                PublishedBy = publishedBy,
            }, cancellationToken);
            return OutboxResult.Ok;
        }
        catch (WorkflowException e) when (!e.IsHalted && e.Code is not (ErrorCodes.Busy or ErrorCodes.Unavailable or ErrorCodes.TooManySignals))
        {
            return new OutboxResult.Dead(e.Message);
        }
    }

    /// <summary>Who receives it. The rest is in the message of an earlier release only.</summary>
    private sealed record Order(IReadOnlyList<Guid>? Waits = null, string? SignalId = null, string? Name = null, JsonElement? Payload = null);
}
