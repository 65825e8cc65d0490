using System.Text.Json.Nodes;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Execution;

/// <summary>A random tree of containers and loops around waits and lines, with breaks, ends, completions and faults in it.</summary>
internal sealed class RandomTree(int seed, bool faults = false)
{
    private readonly Random random = new(seed);
    private int count;

    public JsonObject Root() => Container(3);

    private JsonObject Any(int depth) => depth == 0 || random.Next(3) == 0 ? Leaf() : Container(depth - 1);

    private JsonObject Leaf() => random.Next(12) switch
    {
        0 => Activity(Id("break"), "Elsa.Break"),
        1 => Activity(Id("end"), "Elsa.End"),
        2 when random.Next(3) == 0 => Activity(Id("complete"), "Elsa.Complete", ("outcomes", Literal("Early"))),
        3 when random.Next(3) == 0 => Activity(Id("finish"), "Elsa.Finish"),
        4 when faults => Activity(Id("fault"), "Elsa.Fault"),
        5 or 6 or 7 => Wait(Id("wait")),
        8 => Activity(Id("delay"), "Elsa.Delay", ("timeSpan", Literal($"0{random.Next(3)}:00:00"))),
        _ => Line(Id("line")),
    };

    private JsonObject Container(int depth) => random.Next(10) switch
    {
        0 or 1 => Activity(Id("sequence"), "Elsa.Sequence", ("activities", Children(depth))),
        2 => Activity(Id("parallel"), "Elsa.Parallel", ("activities", Children(depth))),
        3 => Activity(Id("fork"), "Elsa.Fork", ("joinMode", random.Next(2) == 0 ? "WaitAny" : "WaitAll"), ("branches", Children(depth))),
        4 => Activity(Id("if"), "Elsa.If", ("condition", Literal(random.Next(2) == 0)), ("then", Any(depth)), ("else", Any(depth))),
        5 => Activity(Id("switch"), "Elsa.Switch", ("mode", Literal(random.Next(2) == 0 ? "MatchAny" : "MatchFirst")), ("default", Any(depth)),
            ("cases", new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(i => new JsonObject
            {
                ["label"] = $"{i}", ["condition"] = new JsonObject { ["type"] = "Literal", ["value"] = random.Next(2) == 0 }, ["activity"] = Any(depth),
            })]))),
        6 => Activity(Id("for"), "Elsa.For", ("end", Literal(random.Next(3))), ("body", Any(depth))),
        7 => Activity(Id("each"), "Elsa.ForEach", ("items", Script("[1, 2]")), ("body", Any(depth))),
        8 => Activity(Id("all"), "Elsa.ParallelForEach", ("items", Script("[1, 2]")), ("body", Any(depth))),
        _ => Chart(depth),
    };

    private JsonObject Chart(int depth)
    {
        var children = Children(depth);
        var ids = children.Select(c => (string)c!["id"]!).ToList();
        var connections = from i in Enumerable.Range(0, ids.Count)
                          from j in Enumerable.Range(i + 1, ids.Count - i - 1)
                          where j == i + 1 || random.Next(3) == 0
                          select new JsonObject { ["source"] = new JsonObject { ["activity"] = ids[i] }, ["target"] = new JsonObject { ["activity"] = ids[j] } };
        var wired = connections.ToArray<JsonNode>();
        foreach (var child in children)
            child!["customProperties"] = new JsonObject { ["mergeMode"] = new[] { null, "Stream", "Merge", "Converge", "Cascade", "Race" }[random.Next(6)] };
        return Activity(Id("chart"), "Elsa.Flowchart", ("activities", children), ("connections", new JsonArray(wired)));
    }

    private JsonArray Children(int depth) => [.. Enumerable.Range(0, random.Next(4)).Select(_ => Any(depth))];

    private string Id(string kind) => $"{kind}{++count}";
}
