namespace Talent.Workflows.Runtime.Outbox;

/// <summary>A message to deliver.</summary>
public sealed record OutboxMessage
{
    /// <summary>Place in the order of its key.</summary>
    public required long Sequence { get; init; }

    /// <summary>The effect's id, the same at every attempt; all messages of a broadcast have the broadcast's.</summary>
    public required Guid Id { get; init; }

    public required Guid InstanceId { get; init; }
    public required string Kind { get; init; }
    public required string? OrderingKey { get; init; }

    /// <summary>UTF-8 JSON.</summary>
    public required byte[] Payload { get; init; }

    /// <summary>Attempts that failed before this one.</summary>
    public required int Attempts { get; init; }

    /// <summary>When the step was committed, business clock.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
