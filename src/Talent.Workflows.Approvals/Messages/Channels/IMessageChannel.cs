namespace Talent.Workflows.Approvals.Messages.Channels;

/// <summary>Delivers messages over one medium. Implementations are safe to share between callers.</summary>
public interface IMessageChannel
{
    /// <summary>The <see cref="Message.Channel"/> that it serves.</summary>
    string Name { get; }

    /// <summary>Tries once. What goes wrong at the provider is a result, not an exception.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before anything was handed over.</exception>
    Task<DeliveryResult> SendAsync(Message message, CancellationToken cancellationToken);
}
