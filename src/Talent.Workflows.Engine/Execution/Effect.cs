using System.Text.Json;

namespace Talent.Workflows.Engine.Execution;

/// <summary>
/// What an activity decided should happen; written by the runtime in the step's one transaction. The id derives from
/// instance, activity and visit, so the same step gives the same ids and an effect can be recognised when delivered twice.
/// Domains add their own records.
/// </summary>
public abstract record Effect(Guid Id);

/// <summary>Publishes an event to what waits for it when the step commits; to one instance only when <see cref="OnlyInstance"/> is set.</summary>
public sealed record PublishEffect(Guid Id, string EventName, string? CorrelationId, Guid? OnlyInstance, JsonElement Payload) : Effect(Id)
{
    /// <summary>Bytes of UTF-8 JSON that an event may carry: it is given to everything that waits for it.</summary>
    public const int MaxPayloadBytes = 64 << 10;

    /// <exception cref="WorkflowException"><c>too_large</c>.</exception>
    public static void ThrowIfTooLarge(string eventName, int bytes)
    {
        if (bytes > MaxPayloadBytes)
            throw new WorkflowException(ErrorCodes.TooLarge,
                $"The payload of the event '{eventName}' has {bytes} bytes; {MaxPayloadBytes} is the most. Publish an id, and let the receivers read the rest.",
                $"事件“{eventName}”的内容为 {bytes} 字节，最多 {MaxPayloadBytes} 字节；请只发送编号，由接收方自行读取。")
            { Facts = new Dictionary<string, object?> { ["maxBytes"] = MaxPayloadBytes } };
    }
}

/// <summary>A line of text from Elsa.WriteLine.</summary>
public sealed record WriteLineEffect(Guid Id, string Text) : Effect(Id);
