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

    /// <summary>Tells whoever waits for it that a message is about to become a dead letter. Called at least once; while it throws, the message is kept for a further attempt.</summary>
    Task GiveUpAsync(OutboxMessage message, string why, CancellationToken cancellationToken) => Task.CompletedTask;
}
