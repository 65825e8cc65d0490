namespace Talent.Workflows.Runtime.Outbox;

/// <summary>The messages that a step leaves for delivery after its commit.</summary>
public sealed class OutboxDraft
{
    internal List<Guid> Ids { get; } = [];
    internal List<Guid> InstanceIds { get; } = [];
    internal List<string> Kinds { get; } = [];
    internal List<byte[]> Payloads { get; } = [];
    internal List<string?> OrderingKeys { get; } = [];

    public int Count => Ids.Count;

    /// <summary>Adds a message about the instance of the step.</summary>
    /// <param name="id">The effect's id, given to the receiver so that it can recognise a message that comes twice.</param>
    /// <param name="kind">Which <see cref="IOutboxHandler"/> delivers it.</param>
    /// <param name="payload">UTF-8 JSON; ids and routing facts, never personal data.</param>
    /// <param name="orderingKey">Messages of one key are delivered in their order, one at a time; null: in any order.</param>
    public void Add(Guid id, string kind, byte[] payload, string? orderingKey = null) => Add(id, default, kind, payload, orderingKey);

    internal void Add(Guid id, Guid instanceId, string kind, byte[] payload, string? orderingKey)
    {
        Ids.Add(id);
        InstanceIds.Add(instanceId);
        Kinds.Add(kind);
        Payloads.Add(payload);
        OrderingKeys.Add(orderingKey);
    }
}
