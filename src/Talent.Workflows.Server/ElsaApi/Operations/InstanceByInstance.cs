using Talent.Workflows.Engine;
using Talent.Workflows.Server.ElsaApi.Instances;

namespace Talent.Workflows.Server.ElsaApi.Operations;

/// <summary>The same for several instances: each is done by itself and has an answer of its own, whatever becomes of the others.</summary>
internal static class InstanceByInstance
{
    private const int LargestBulk = 1000;
    private const int Attempts = 5;

    /// <summary>What a request names.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: none or too many.</exception>
    public static IReadOnlyList<string> Bounded(IReadOnlyList<string>? ids) =>
        ids is { Count: > 0 and <= LargestBulk } ? ids
            : throw new WorkflowException(ErrorCodes.InvalidRequest, $"Name 1 to {LargestBulk} instances.", $"请指明 1 至 {LargestBulk} 个流程实例。");

    /// <summary>The answers in the order of the ids. What is busy is tried again before its answer is that.</summary>
    /// <param name="happening">The event name of the lines.</param>
    /// <param name="act">Does it and notes what it did; false: there was nothing to do.</param>
    public static async Task<IReadOnlyList<AlterationResult>> DoAsync(IReadOnlyList<string>? ids, string happening, TimeProvider time, Func<Guid, List<string>, Task<bool>> act, CancellationToken cancellationToken)
    {
        var results = new List<AlterationResult>();
        foreach (var id in Bounded(ids))
        {
            var said = new List<string>();
            var (made, why) = await TryAsync(id, said, time, act, cancellationToken);
            var lines = said.ConvertAll(text => new AlterationLine(text, made ? "Information" : "Warning", time.GetUtcNow(), happening));
            if (why is not null)
                lines.Add(new AlterationLine(why, "Error", time.GetUtcNow(), happening));
            results.Add(new AlterationResult(id, new AlterationLog(lines), made));
        }
        return results;
    }

    private static async Task<(bool Made, string? Why)> TryAsync(string id, List<string> said, TimeProvider time, Func<Guid, List<string>, Task<bool>> act, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                return (await act(ExecutionLog.InstanceOf(id), said), null);
            }
            catch (WorkflowException busy) when (busy.Code == ErrorCodes.Busy && attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(25 << attempt), time, cancellationToken);
            }
            catch (WorkflowException refusal)
            {
                return (false, refusal.Message);
            }
    }
}

/// <summary>What became of one instance.</summary>
internal sealed record AlterationResult(string WorkflowInstanceId, AlterationLog Log, bool IsSuccessful)
{
    public bool WorkflowHasScheduledWork { get; }
}

internal sealed record AlterationLog(IReadOnlyList<AlterationLine> LogEntries);

internal sealed record AlterationLine(string Message, string LogLevel, DateTimeOffset Timestamp, string EventName);
