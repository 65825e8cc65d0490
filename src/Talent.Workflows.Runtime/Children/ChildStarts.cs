using System.Text.Json;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Runtime.Children;

/// <summary>
/// Starts an instance that a workflow has asked for. Its id was settled with the step of the parent: however often the message
/// is delivered, one is started. A definition that isn't published makes it a dead letter, which can be sent again.
/// </summary>
internal sealed class ChildStarts(WorkflowRuntime runtime) : IOutboxHandler
{
    public const string MessageKind = "child-start";

    public string Kind => MessageKind;

    public static byte[] Write(StartChildEffect effect, Guid child, int place) =>
        JsonSerializer.SerializeToUtf8Bytes(new Order(child, effect.DefinitionId, effect.CorrelationId, effect.Input, effect.ReportTo, place, effect.Awaited), JsonSerializerOptions.Web);

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<Order>(message.Payload, JsonSerializerOptions.Web)!;
        try
        {
            await runtime.StartAsync(new StartRequest
            {
                DefinitionId = order.DefinitionId,
                InstanceId = order.Child,
                CorrelationId = order.CorrelationId,
                Input = order.Input,
                Parent = new ParentWait(message.InstanceId, order.ReportTo, order.Place, order.Awaited),
                Actor = Actor.System,
            }, cancellationToken);
            return OutboxResult.Ok;
        }
        catch (WorkflowException e) when (e.Code is not (ErrorCodes.Busy or ErrorCodes.Unavailable))
        {
            return new OutboxResult.Dead(e.Message);
        }
    }

    private sealed record Order(Guid Child, string DefinitionId, string? CorrelationId, IReadOnlyDictionary<string, JsonElement> Input, Guid? ReportTo, int Place, int Awaited);
}
