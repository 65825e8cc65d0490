using System.Collections.Concurrent;
using System.Text.Json;

namespace Talent.Workflows.Server.Tests.Crash;

/// <summary>A decision as it was acknowledged.</summary>
internal sealed record Decision(Guid TaskId, Guid CaseId, long Version, string Outcome, string DecidedBy, DateTimeOffset DecidedAt);

/// <summary>What one case was acknowledged, in order: each entry is one step of it.</summary>
internal sealed class CaseBook(Guid id)
{
    public Guid Id => id;
    public string? Number { get; set; }
    public List<Decision> Decisions { get; } = [];
    public int Supplements { get; set; }

    /// <summary>Left where it is until the books were compared.</summary>
    public bool Parked { get; set; }
    public string NextUser { get; set; } = "";
    public Guid? NextTask { get; set; }

    /// <summary>Whether the applicant was told that their confirmation is kept.</summary>
    public bool Confirmed { get; set; }

    /// <summary>Created, submitted, supplemented, decided.</summary>
    public int Steps => 1 + (Confirmed ? 1 : 0) + (Number is null ? 0 : 1) + Supplements + Decisions.Count;
}

/// <summary>What one generic instance was acknowledged.</summary>
internal sealed record RunBook(Guid Id, List<string> Signals);

/// <summary>Everything that the callers were told, and how often they had to ask.</summary>
internal sealed class Ledger
{
    private readonly Lock gate = new();
    private long acknowledged;
    private long requests;
    private long cut;
    private long replayed;
    private (long Target, TaskCompletionSource Reached)? awaited;

    public ConcurrentBag<CaseBook> Cases { get; } = [];
    public ConcurrentBag<RunBook> Runs { get; } = [];
    public long Acknowledged => Interlocked.Read(ref acknowledged);
    public long Replayed => Interlocked.Read(ref replayed);

    public void Requested() => Interlocked.Increment(ref requests);

    /// <summary>A request that got no answer.</summary>
    public void CutOff() => Interlocked.Increment(ref cut);

    /// <summary>A repeated request that had been applied although its first answer never came.</summary>
    public void FoundApplied() => Interlocked.Increment(ref replayed);

    /// <summary>Something that changed the database was answered with success.</summary>
    public void Acknowledge()
    {
        lock (gate)
            if (++acknowledged >= awaited?.Target)
            {
                awaited.Value.Reached.TrySetResult();
                awaited = null;
            }
    }

    /// <summary>Ends when so much more has been acknowledged; a caller that fails ends it too.</summary>
    public async Task MoreAsync(int count, Task callers)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
            awaited = (acknowledged + count, reached);
        var first = await Task.WhenAny(reached.Task, callers).WaitAsync(TimeSpan.FromMinutes(3));
        if (first == callers)
        {
            await callers;
            throw new InvalidOperationException("The callers have ended.");
        }
    }

    public override string ToString() =>
        JsonSerializer.Serialize(new { requests, acknowledged, withoutAnswer = cut, appliedWithoutAnswer = replayed, cases = Cases.Count, decisions = Cases.Sum(c => c.Decisions.Count), runs = Runs.Count, signals = Runs.Sum(r => r.Signals.Count) });
}
