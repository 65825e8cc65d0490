namespace Talent.Workflows.Runtime.Outbox;

/// <summary>What became of one attempt to deliver a message.</summary>
public abstract record OutboxResult
{
    private OutboxResult() { }

    /// <summary>Done; the message is removed.</summary>
    public sealed record Delivered : OutboxResult;

    /// <summary>Try again, after the given time (machine clock) or the usual back-off when null. No personal data in the reason.</summary>
    public sealed record Retry(TimeSpan? After, string Why) : OutboxResult;

    /// <summary>Nothing was tried: what it needs isn't there yet. It counts as no attempt, however long that takes. No personal data in the reason.</summary>
    public sealed record Hold(TimeSpan After, string Why) : OutboxResult;

    /// <summary>It can't be delivered; kept as a dead letter until somebody sends it again. No personal data in the reason.</summary>
    public sealed record Dead(string Why) : OutboxResult;

    public static OutboxResult Ok { get; } = new Delivered();

    /// <summary>An incident has stopped the whole instance: what would go on with it waits until somebody retries or cancels that.</summary>
    public static OutboxResult Halted { get; } = new Hold(TimeSpan.FromMinutes(1), "The instance has faulted. Retry or cancel it first.");
}
