using System.Text.Json;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Runtime.Signals;

/// <summary>Delivers a published event to one instance, as a signal: what became of it can be read there, and it is applied once.</summary>
internal sealed class BroadcastSignals(WorkflowRuntime runtime) : IOutboxHandler
{
    public const string MessageKind = "broadcast";

    public string Kind => MessageKind;

    public static byte[] Write(string signalId, string name, JsonElement payload) =>
        JsonSerializer.SerializeToUtf8Bytes(new Order(signalId, name, payload.ValueKind == JsonValueKind.Undefined ? null : payload), JsonSerializerOptions.Web);

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<Order>(message.Payload, JsonSerializerOptions.Web)!;
        try
        {
            await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = message.InstanceId, Stimulus = new Stimulus.Signal(order.SignalId, order.Name, order.Payload ?? default), Actor = Actor.System,
            }, cancellationToken);
            return OutboxResult.Ok;
        }
        catch (WorkflowException e) when (e.Code is not (ErrorCodes.Busy or ErrorCodes.Unavailable or ErrorCodes.TooManySignals))
        {
            return new OutboxResult.Dead(e.Message);
        }
    }

    private sealed record Order(string SignalId, string Name, JsonElement? Payload);
}
