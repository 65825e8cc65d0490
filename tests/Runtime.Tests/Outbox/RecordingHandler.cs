using System.Collections.Concurrent;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Runtime.Tests.Outbox;

/// <summary>Delivers to a list; what it answers is the test's to say, and how long it takes.</summary>
internal sealed class RecordingHandler(string kind) : IOutboxHandler
{
    public string Kind => kind;
    public int MaxConcurrency { get; init; } = 8;
    public ConcurrentQueue<OutboxMessage> Seen { get; } = new();
    public Func<OutboxMessage, OutboxResult> Answer { get; set; } = _ => OutboxResult.Ok;
    public Task Until { get; set; } = Task.CompletedTask;

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        Seen.Enqueue(message);
        await Until;
        return Answer(message);
    }
}
