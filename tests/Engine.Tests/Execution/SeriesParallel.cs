using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Engine.Tests.Execution;

/// <summary>A random process of waits in series and in parallel, and the flowchart that draws it.</summary>
internal abstract record SeriesParallel
{
    public sealed record Wait(int Number) : SeriesParallel;
    public sealed record Series(IReadOnlyList<SeriesParallel> Parts) : SeriesParallel;
    public sealed record Parallel(int Number, string JoinMode, IReadOnlyList<SeriesParallel> Branches) : SeriesParallel;

    /// <summary>Up to <paramref name="depth"/> levels; numbers are given afterwards, so that shapes shrink freely.</summary>
    public static Gen<SeriesParallel> Random(int depth) =>
        Gen.Choose(0, int.MaxValue - 1).Select(seed => Build(new Random(seed), depth, new Counter()));

    public IEnumerable<string> Waits() => this switch
    {
        Wait wait => [$"w{wait.Number}"],
        Series series => series.Parts.SelectMany(p => p.Waits()),
        Parallel parallel => parallel.Branches.SelectMany(b => b.Waits()),
        _ => [],
    };

    /// <summary>Every part of a series and all that stands before it: all of the first comes before all of the second.</summary>
    public IEnumerable<(IReadOnlyList<string> First, IReadOnlyList<string> Second)> Order()
    {
        if (this is Series series)
            for (var i = 1; i < series.Parts.Count; i++)
                yield return ([.. series.Parts.Take(i).SelectMany(p => p.Waits())], [.. series.Parts[i].Waits()]);
        var inner = this switch { Series s => s.Parts, Parallel p => p.Branches, _ => [] };
        foreach (var pair in inner.SelectMany(p => p.Order()))
            yield return pair;
    }

    public WorkflowDefinition Flowchart()
    {
        var flow = new FlowBuilder().Add("start", "Elsa.Start");
        Draw(flow, "start", "Done");
        return flow.Flowchart();
    }

    private (string Id, string Port) Draw(FlowBuilder flow, string from, string port)
    {
        switch (this)
        {
            case Wait wait:
                var id = $"w{wait.Number}";
                flow.Add(id, "Elsa.Event", FlowBuilder.EventName(id)).Connect(from, id, port);
                return (id, "Done");
            case Series series:
                return series.Parts.Aggregate((Id: from, Port: port), (end, part) => part.Draw(flow, end.Id, end.Port));
            case Parallel parallel:
                return flow.ForkAndJoin(parallel.Number, parallel.JoinMode, from, port, parallel.Branches.Count, (i, fork, branch) => parallel.Branches[i].Draw(flow, fork, branch));
            default:
                throw new InvalidOperationException();
        }
    }

    private static SeriesParallel Build(Random random, int depth, Counter counter)
    {
        if (depth == 0 || random.Next(4) == 0)
            return new Wait(counter.Next());
        var parts = Enumerable.Range(0, random.Next(2, 4)).Select(_ => Build(random, depth - 1, counter)).ToList();
        return random.Next(2) == 0
            ? new Series(parts)
            : new Parallel(counter.Next(), random.Next(2) == 0 ? "WaitAll" : "WaitAllActive", parts);
    }

    private sealed class Counter
    {
        private int value;

        public int Next() => value++;
    }
}
