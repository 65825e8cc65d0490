namespace Talent.Workflows.Approvals.Tests.Reviews;

/// <summary>
/// What a case in a random process should be like, told from the process's shape and what people did: which stages are done,
/// which have asked an earlier one again, which wait for a correction. It knows neither tokens nor connections.
/// </summary>
internal sealed class CaseModel(RandomProcess process)
{
    private HashSet<int> done = [];
    private Dictionary<int, int> asks = [];
    private Dictionary<int, string> corrections = [];

    public bool Rejected { get; private set; }

    public bool HasEnded => Rejected || process.Frontier(done).Count == 0;

    public CaseModel Copy() => new(process) { done = [.. done], asks = new(asks), corrections = new(corrections), Rejected = Rejected };

    /// <summary>What is open: reviews as <c>s3</c>, corrections as <c>fix3</c>.</summary>
    public IEnumerable<string> Open()
    {
        if (Rejected)
            return [];
        var open = process.Frontier(done).Select(s => corrections.TryGetValue(s, out var fix) ? fix : $"s{s}").Concat(asks.Values.Select(s => $"s{s}"));
        return open.Except(asks.Keys.Select(s => $"s{s}")).Distinct();
    }

    public bool IsAsked(int stage) => asks.ContainsValue(stage);

    public void Approve(int stage)
    {
        if (IsAsked(stage))
            foreach (var asker in asks.Where(a => a.Value == stage).Select(a => a.Key).ToArray())
                asks.Remove(asker);
        else
            done.Add(stage);
    }

    public void Reject() => Rejected = true;

    public void Ask(int stage, int earlier) => asks[stage] = earlier;

    /// <summary>Back to an earlier stage, or to a correction before it.</summary>
    public void Return(int stage, int to, string? correction)
    {
        // Who was asked and sends the case back doesn't come back to who asked.
        if (IsAsked(stage))
            Again(stage);
        Again(to);
        if (correction is not null)
            corrections[to] = correction;
    }

    public void HandIn(string correction) => corrections.Remove(corrections.First(c => c.Value == correction).Key);

    /// <summary>An administrator lets the case go on at a stage: what comes before it counts as done.</summary>
    public void Jump(int to, bool ahead)
    {
        if (ahead)
            done.UnionWith(process.Stages.Where(s => process.IsBefore(s, to)));
        Again(to);
    }

    private void Again(int stage)
    {
        done.ExceptWith(process.From(stage));
        asks.Remove(stage);
        corrections.Remove(stage);
        var places = process.Frontier(done);
        foreach (var gone in corrections.Keys.Where(s => !places.Contains(s)).ToArray())
            corrections.Remove(gone);
        // An asker is where the case stands, or was asked by one that is.
        while (asks.Keys.Where(s => !places.Contains(s) && !asks.ContainsValue(s)).ToArray() is { Length: > 0 } idle)
            foreach (var asker in idle)
                asks.Remove(asker);
    }
}
