using System.Text.Json;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Runtime.Signals;

/// <summary>
/// Starts the instance that an event or an instant has asked for. The message's id is the instance's: however often it is
/// delivered, one is started. A definition that was retracted meanwhile makes it a dead letter, which can be sent again.
/// </summary>
internal sealed class TriggeredStarts(WorkflowRuntime runtime) : IOutboxHandler
{
    public const string MessageKind = "start";

    public string Kind => MessageKind;

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<Order>(message.Payload, JsonSerializerOptions.Web)!;
        try
        {
            await runtime.StartAsync(new StartRequest
            {
                DefinitionId = order.DefinitionId,
                InstanceId = message.Id,
                CorrelationId = order.CorrelationId,
                Trigger = new StartTrigger(order.ActivityId, order.Payload ?? default),
                Actor = Actor.System,
            }, cancellationToken);
            return OutboxResult.Ok;
        }
        catch (WorkflowException e) when (e.Code is not (ErrorCodes.Busy or ErrorCodes.Unavailable))
        {
            return new OutboxResult.Dead(e.Message);
        }
    }

    private sealed record Order(string DefinitionId, string ActivityId, string? CorrelationId = null, JsonElement? Payload = null);
}
