using System.Text.Json;
using Microsoft.Extensions.Logging;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Runtime.Signals;

/// <summary>
/// Starts the instance that an event or an instant has asked for. The message names the instance: however often it is
/// delivered, one is started. What a broadcast carried is with the broadcast, whose id is the message's. A definition that was retracted meanwhile makes it a dead letter, which can be sent again.
/// </summary>
internal sealed partial class TriggeredStarts(WorkflowRuntime runtime, Broadcasts broadcasts, ILogger<TriggeredStarts> logger) : IOutboxHandler
{
    public const string MessageKind = "start";

    public string Kind => MessageKind;

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<Order>(message.Payload, JsonSerializerOptions.Web)!;
        if (order.Broadcast)
        {
            if (await broadcasts.FindAsync(message.Id, cancellationToken) is not { } broadcast)
                return new OutboxResult.Dead(BroadcastSignals.Forgotten);
            order = order with { Payload = broadcast.Payload };
        }
        try
        {
            await runtime.StartAsync(new StartRequest
            {
                DefinitionId = order.DefinitionId,
                InstanceId = message.InstanceId,
                CorrelationId = order.CorrelationId,
                Trigger = new StartTrigger(order.ActivityId, order.Payload ?? default),
                Actor = Actor.System,
            }, cancellationToken);
            return OutboxResult.Ok;
        }
        catch (WorkflowException e) when (ActivationRefusal.Is(e))
        {
            // What the definition asks for: nobody has to look into it, and sent again later it would start one out of time.
            LogRefused(order.DefinitionId, order.ActivityId);
            return OutboxResult.Ok;
        }
        catch (WorkflowException e) when (e.Code is not (ErrorCodes.Busy or ErrorCodes.Unavailable))
        {
            return new OutboxResult.Dead(e.Message);
        }
    }

    [LoggerMessage(EventId = 2204, Level = LogLevel.Information, Message = "Activity {ActivityId} started no instance of {DefinitionId}: the activation strategy allows none beside what is running")]
    private partial void LogRefused(string definitionId, string activityId);

    private sealed record Order(string DefinitionId, string ActivityId, string? CorrelationId = null, JsonElement? Payload = null, bool Broadcast = false);
}
