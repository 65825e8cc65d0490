using System.Collections.Concurrent;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Runtime.Tests.Outbox;

/// <summary>Delivers to a list; what it answers is the test's to say.</summary>
internal sealed class RecordingHandler(string kind) : IOutboxHandler
{
    public string Kind => kind;
    public ConcurrentQueue<OutboxMessage> Seen { get; } = new();
    public Func<OutboxMessage, OutboxResult> Answer { get; set; } = _ => OutboxResult.Ok;

    public Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        Seen.Enqueue(message);
        return Task.FromResult(Answer(message));
    }
}
