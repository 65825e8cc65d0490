namespace Talent.Workflows.Approvals.Messages.Channels;

/// <summary>
/// Keeps messages instead of sending them: what a channel is when no provider is configured. The host says where
/// to keep them (Development shows them at <c>/dev/messages</c>).
/// </summary>
/// <param name="name">The channel it stands in for.</param>
/// <param name="keep">Keeps one message; the same id may come twice.</param>
public sealed class CaptureChannel(string name, Func<Message, CancellationToken, ValueTask> keep) : IMessageChannel
{
    public string Name => name;

    public async Task<DeliveryResult> SendAsync(Message message, CancellationToken cancellationToken)
    {
        await keep(message, cancellationToken);
        return new DeliveryResult.Sent($"captured:{message.Id}");
    }
}
