using Microsoft.Extensions.Options;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>Lets the requests to one instance through one after the other, so that they don't overtake each other into conflicts in the database. Holds nothing of an instance nobody asks for.</summary>
internal sealed class InstanceQueue(IOptions<RuntimeOptions> options)
{
    private readonly Dictionary<Guid, Queue<TaskCompletionSource>?> busy = [];
    private readonly Lock gate = new();

    /// <exception cref="WorkflowException"><c>busy</c>: too many wait already.</exception>
    public async ValueTask<Turn> EnterAsync(Guid id, CancellationToken cancellationToken)
    {
        TaskCompletionSource turn;
        lock (gate)
        {
            if (!busy.TryGetValue(id, out var waiting))
            {
                busy.Add(id, null);
                return new Turn(this, id);
            }
            waiting ??= busy[id] = new();
            if (waiting.Count >= options.Value.QueuePerInstance)
                throw Busy(id);
            turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Enqueue(turn);
        }
        await using (cancellationToken.UnsafeRegister(static (t, c) => ((TaskCompletionSource)t!).TrySetCanceled(c), turn))
            await turn.Task;
        return new Turn(this, id);
    }

    public static WorkflowException Busy(Guid id) => new(ErrorCodes.Busy,
        $"Instance {id} is changed by too many requests at once. Send the request again in a moment.", "该流程正在被频繁操作，请稍后重试。")
    { Facts = new Dictionary<string, object?> { ["retryAfterSeconds"] = 1 } };

    private void Leave(Guid id)
    {
        lock (gate)
        {
            // One that was cancelled while it waited is skipped.
            while (busy[id] is { Count: > 0 } waiting)
                if (waiting.Dequeue().TrySetResult())
                    return;
            busy.Remove(id);
        }
    }

    public readonly struct Turn(InstanceQueue queue, Guid id) : IDisposable
    {
        public void Dispose() => queue.Leave(id);
    }
}
