using System.Text.Json;
using Microsoft.Extensions.Logging;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Runtime.Children;

/// <summary>
/// Starts an instance that a workflow has asked for. Its id was settled with the step of the parent: however often the message
/// is delivered, one is started. A definition that isn't published makes it a dead letter, which can be sent again; a parent that waits gets an incident that says so, and its retry sends the message again. One that its activation strategy doesn't allow is an end at once, which a parent that waits is told like any other.
/// </summary>
internal sealed partial class ChildStarts(WorkflowRuntime runtime, ChildEnds ends, ILogger<ChildStarts> logger) : IOutboxHandler
{
    public const string MessageKind = "child-start";

    public string Kind => MessageKind;

    public static byte[] Write(StartChildEffect effect, Guid child, int place) =>
        JsonSerializer.SerializeToUtf8Bytes(new Order(child, effect.DefinitionId, effect.CorrelationId, effect.Input, effect.ReportTo, place, effect.Awaited), JsonSerializerOptions.Web);

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<Order>(message.Payload, JsonSerializerOptions.Web)!;
        var parent = new ParentWait(message.InstanceId, order.ReportTo, order.Place, order.Awaited);
        try
        {
            await runtime.StartAsync(new StartRequest
            {
                DefinitionId = order.DefinitionId,
                InstanceId = order.Child,
                CorrelationId = order.CorrelationId,
                Input = order.Input,
                Parent = parent,
                Actor = Actor.System,
            }, cancellationToken);
            return OutboxResult.Ok;
        }
        catch (WorkflowException e) when (ActivationRefusal.Is(e))
        {
            LogRefused(order.DefinitionId, message.InstanceId);
            return order.ReportTo is null ? OutboxResult.Ok : await ends.ReportAsync(parent, Refused(order.Child, e), message.CreatedAt, cancellationToken);
        }
        catch (WorkflowException e) when (e.Code is not (ErrorCodes.Busy or ErrorCodes.Unavailable))
        {
            return new OutboxResult.Dead(e.Message);
        }
    }

    /// <inheritdoc/>
    public async Task GiveUpAsync(OutboxMessage message, string why, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<Order>(message.Payload, JsonSerializerOptions.Web)!;
        if (order.ReportTo is not { } bookmark)
            return;
        try
        {
            await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = message.InstanceId, Actor = Actor.System,
                Stimulus = new Stimulus.GiveUp(bookmark, ErrorCodes.ActivityFaulted, $"No instance of '{order.DefinitionId}' could be started: {why} Put that right, then retry."),
            }, cancellationToken);
        }
        catch (WorkflowException e) when (e.Code is ErrorCodes.NotFound)
        {
            // The parent was deleted: nobody waits any more.
        }
    }

    private static ChildResult Refused(Guid child, WorkflowException refusal) =>
        new(child, WorkflowSubStatus.Faulted, JsonSerializer.SerializeToElement(new { refused = true, message = refusal.Message, messageZh = refusal.MessageZh }));

    [LoggerMessage(EventId = 2205, Level = LogLevel.Information, Message = "Instance {InstanceId} started no instance of {DefinitionId}: the activation strategy allows none beside what is running")]
    private partial void LogRefused(string definitionId, Guid instanceId);

    private sealed record Order(Guid Child, string DefinitionId, string? CorrelationId, IReadOnlyDictionary<string, JsonElement> Input, Guid? ReportTo, int Place, int Awaited);
}
