using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Engine.Tests.Execution;

/// <summary>
/// A random process of waits, timers, activities that fail first, decisions, loops, and branches of which all or the first are
/// waited for. It can be drawn as a flowchart, and followed by a <see cref="Course"/> that knows nothing of the engine.
/// </summary>
internal abstract record StructuredProcess
{
    /// <summary>Something that stays open until it is told: an event (w), a timer (t), a failure to be mended (x).</summary>
    public sealed record Leaf(char Kind, int Number) : StructuredProcess
    {
        public string Id => $"{Kind}{Number}";
    }

    /// <summary>Done at once.</summary>
    public sealed record Line(int Number) : StructuredProcess;

    public sealed record Series(IReadOnlyList<StructuredProcess> Parts) : StructuredProcess;

    public sealed record Decision(int Number, bool Answer, StructuredProcess Yes, StructuredProcess No) : StructuredProcess;

    public sealed record Loop(int Number, int Times, StructuredProcess Body) : StructuredProcess;

    public sealed record Parallel(int Number, string JoinMode, IReadOnlyList<StructuredProcess> Branches) : StructuredProcess
    {
        public bool FirstWins => JoinMode == "WaitAny";
    }

    public static Gen<StructuredProcess> Random(int depth) => Gen.Choose(0, int.MaxValue - 1).Select(seed =>
    {
        var number = 0;
        return Build(new Random(seed), depth, () => number++);
    });

    public WorkflowDefinition Flowchart()
    {
        var flow = new FlowBuilder().Add("start", "Elsa.Start");
        var end = Draw(flow, "start", "Done");
        return flow.Add("last", "Elsa.WriteLine", ("text", FlowBuilder.Literal("last"))).Connect(end.Id, "last", end.Port).Flowchart();
    }

    private (string Id, string Port) Draw(FlowBuilder flow, string from, string port)
    {
        switch (this)
        {
            case Leaf leaf:
                (string, JsonNode?)[] properties = leaf.Kind switch
                {
                    'w' => [FlowBuilder.EventName(leaf.Id)],
                    't' => [("timeSpan", FlowBuilder.Literal(TimeSpan.FromMinutes(1 + leaf.Number % 5).ToString()))],
                    _ => [],
                };
                flow.Add(leaf.Id, leaf.Kind switch { 'w' => "Elsa.Event", 't' => "Elsa.Delay", _ => Stumbling.TypeName }, properties).Connect(from, leaf.Id, port);
                return (leaf.Id, "Done");
            case Line line:
                return Step(flow, $"n{line.Number}", from, port);
            case Series series:
                return series.Parts.Aggregate((Id: from, Port: port), (end, part) => part.Draw(flow, end.Id, end.Port));
            case Decision decision:
                var (asked, met) = ($"d{decision.Number}", $"m{decision.Number}");
                flow.Add(asked, "Elsa.FlowDecision", ("condition", FlowBuilder.Script(decision.Answer ? "1 > 0" : "1 < 0"))).Connect(from, asked, port);
                var yes = decision.Yes.Draw(flow, asked, "True");
                var no = decision.No.Draw(flow, asked, "False");
                Step(flow, met, yes.Id, yes.Port);
                flow.Connect(no.Id, met, no.Port);
                return (met, "Done");
            case Loop loop:
                var (zero, head, more, again) = ($"z{loop.Number}", $"h{loop.Number}", $"i{loop.Number}", $"l{loop.Number}");
                var count = $"c{loop.Number}";
                flow.Variable(count, "Int32", "0");
                Set(flow, zero, count, "0").Connect(from, zero, port);
                Step(flow, head, zero, "Done");
                var end = loop.Body.Draw(flow, head, "Done");
                Set(flow, more, count, $"variables.{count} + 1").Connect(end.Id, more, end.Port)
                    .Add(again, "Elsa.FlowDecision", ("condition", FlowBuilder.Script($"variables.{count} < {loop.Times}"))).Connect(more, again)
                    .Connect(again, head, "True");
                return (again, "False");
            case Parallel parallel:
                return flow.ForkAndJoin(parallel.Number, parallel.JoinMode, from, port, parallel.Branches.Count, (i, fork, branch) => parallel.Branches[i].Draw(flow, fork, branch));
            default:
                throw new InvalidOperationException();
        }
    }

    private static (string, string) Step(FlowBuilder flow, string id, string from, string port)
    {
        flow.Add(id, "Elsa.WriteLine", ("text", FlowBuilder.Literal(id))).Connect(from, id, port);
        return (id, "Done");
    }

    private static FlowBuilder Set(FlowBuilder flow, string id, string variable, string value) =>
        flow.Add(id, "Elsa.SetVariable", ("variable", new JsonObject { ["id"] = $"v-{variable}" }), ("value", FlowBuilder.Script(value)));

    private static StructuredProcess Build(Random random, int depth, Func<int> number)
    {
        if (depth == 0)
            return random.Next(8) == 0 ? new Line(number()) : new Leaf("wwwttx"[random.Next(6)], number());
        StructuredProcess[] Parts() => [.. Enumerable.Range(0, random.Next(2, 4)).Select(_ => Build(random, depth - 1, number))];
        return random.Next(6) switch
        {
            0 => new Decision(number(), random.Next(2) == 0, Build(random, depth - 1, number), Build(random, depth - 1, number)),
            1 => new Loop(number(), random.Next(1, 4), Build(random, depth - 1, number)),
            2 => new Parallel(number(), "WaitAny", Parts()),
            3 => new Parallel(number(), random.Next(2) == 0 ? "WaitAll" : "WaitAllActive", Parts()),
            4 => new Series(Parts()),
            _ => Build(random, 0, number),
        };
    }
}
