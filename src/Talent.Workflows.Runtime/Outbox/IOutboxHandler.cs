namespace Talent.Workflows.Runtime.Outbox;

/// <summary>
/// Delivers messages of one kind: mail, SMS, webhooks, events to other instances. Called at least once for each message;
/// <see cref="OutboxMessage.Id"/> is the key by which the receiver knows a repetition.
/// </summary>
public interface IOutboxHandler
{
    /// <summary>The kind it delivers; one handler a kind.</summary>
    string Kind { get; }

    /// <summary>How many messages of this kind a node delivers at once.</summary>
    int MaxConcurrency => 8;

    /// <summary>Delivers one message. What it throws counts as a retry.</summary>
    Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken);
}
