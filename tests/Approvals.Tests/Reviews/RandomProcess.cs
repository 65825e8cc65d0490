using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Tests.Reviews;

/// <summary>A random service of stages one after the other and side by side. Each can return to itself or to an earlier one by way of a correction; some are decided by rule when nobody decides.</summary>
internal sealed class RandomProcess
{
    public const int Workdays = 5;

    private readonly Random random;
    private readonly JsonArray activities = [], connections = [];
    private readonly Dictionary<int, int> target = [];

    public RandomProcess(int shape)
    {
        random = new Random(shape);
        var numbers = 0;
        Whole = Part.Random(random, 3, ref numbers);
        Stages = [.. Whole.Stages()];
        Before = [.. Whole.Order()];
        foreach (var stage in Stages)
        {
            int[] earlier = [.. Stages.Where(s => s == stage || Before.Contains((s, stage)))];
            target[stage] = earlier[random.Next(earlier.Length)];
        }
        Add("start", "Elsa.Start");
        var (id, ports) = Draw(Whole, "start", ["Done"]);
        Add("last", "Elsa.WriteLine", ("text", "Literal", "last"));
        foreach (var port in ports)
            Connect(id, port, "last");
        foreach (var stage in Stages)
        {
            Add($"fix{stage}", "Talent.Supplement", ("stageName", "Literal", "补正"));
            Connect($"s{stage}", "Return", $"fix{stage}");
            Connect($"fix{stage}", "Done", $"s{target[stage]}");
        }
        var definition = DefinitionReader.Read(JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["definitionId"] = "random", ["version"] = 1, ["variables"] = new JsonArray(),
            ["root"] = new JsonObject { ["id"] = "chart", ["type"] = "Elsa.Flowchart", ["version"] = 1, ["activities"] = activities, ["connections"] = connections },
        }));
        Graph = new FlowGraph(definition.Root);
        Workflow = ExecutableWorkflow.Compile(definition, PoliticalWorkTitleDefinitionTests.Catalog);
    }

    public Part Whole { get; }
    public int[] Stages { get; }

    /// <summary>Which stage comes before which.</summary>
    public HashSet<(int First, int Second)> Before { get; }

    public ExecutableWorkflow Workflow { get; }
    public FlowGraph Graph { get; }

    /// <summary>Where a stage returns a case to.</summary>
    public int Target(int stage) => target[stage];

    public override string ToString() => $"{Whole}; returns {string.Join(", ", target.Select(t => $"s{t.Key}→s{t.Value}"))}";

    private (string Id, string[] Ports) Draw(Part part, string from, string[] ports)
    {
        switch (part)
        {
            case Part.Stage { Number: var number }:
                var timed = random.Next(3) == 0;
                // That one stage asks for four eyes makes all remember who decided them; none here keeps anybody away.
                Add($"s{number}", "Talent.ReviewStage", [("stageName", "Literal", $"环节{number}"), ("role", "Literal", "reviewer"), ("due", "Literal", $"{Workdays}wd"), ("fourEyes", "Literal", false),
                    .. timed ? ((string, string, JsonNode)[])[("mayDecideByRule", "Literal", true), ("ladder", "Object", """[{"at":"+1wd","do":"decide","outcome":"approve"}]""")] : []]);
                foreach (var port in ports)
                    Connect(from, port, $"s{number}");
                return ($"s{number}", timed ? ["Approve", "Timeout"] : ["Approve"]);
            case Part.Series series:
                return series.Parts.Aggregate((Id: from, Ports: ports), (end, next) => Draw(next, end.Id, end.Ports));
            case Part.Parallel parallel:
                var (fork, join) = ($"fork{parallel.Number}", $"join{parallel.Number}");
                Add(fork, "Elsa.WriteLine", ("text", "Literal", fork));
                Add(join, "Elsa.FlowJoin", ("mode", "Literal", "WaitAll"));
                foreach (var port in ports)
                    Connect(from, port, fork);
                foreach (var branch in parallel.Branches)
                {
                    var end = Draw(branch, fork, ["Done"]);
                    // One way into the join for each branch, whichever port it ends by.
                    Add($"end{end.Id}", "Elsa.WriteLine", ("text", "Literal", "end"));
                    foreach (var port in end.Ports)
                        Connect(end.Id, port, $"end{end.Id}");
                    Connect($"end{end.Id}", "Done", join);
                }
                return (join, ["Done"]);
            default:
                throw new InvalidOperationException();
        }
    }

    private void Add(string id, string type, params (string Name, string Type, JsonNode Value)[] inputs)
    {
        var node = new JsonObject { ["id"] = id, ["type"] = type, ["version"] = 1 };
        foreach (var (name, expression, value) in inputs)
            node[name] = new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = expression, ["value"] = value } };
        activities.Add(node);
    }

    private void Connect(string from, string port, string to) => connections.Add(new JsonObject
    {
        ["source"] = new JsonObject { ["activity"] = from, ["port"] = port }, ["target"] = new JsonObject { ["activity"] = to, ["port"] = "In" },
    });

    /// <summary>Stages by number; series and parallel parts.</summary>
    internal abstract record Part
    {
        public sealed record Stage(int Number) : Part
        {
            public override string ToString() => $"s{Number}";
        }

        public sealed record Series(IReadOnlyList<Part> Parts) : Part
        {
            public override string ToString() => $"[{string.Join(" ", Parts)}]";
        }

        public sealed record Parallel(int Number, IReadOnlyList<Part> Branches) : Part
        {
            public override string ToString() => $"({string.Join(" | ", Branches)})";
        }

        public IEnumerable<int> Stages() => this switch
        {
            Stage stage => [stage.Number],
            Series series => series.Parts.SelectMany(p => p.Stages()),
            Parallel parallel => parallel.Branches.SelectMany(b => b.Stages()),
            _ => [],
        };

        public IEnumerable<(int First, int Second)> Order() => this switch
        {
            Series series => series.Parts.SelectMany((part, i) => part.Order().Concat(
                from first in series.Parts.Take(i).SelectMany(p => p.Stages()) from second in part.Stages() select (first, second))),
            Parallel parallel => parallel.Branches.SelectMany(b => b.Order()),
            _ => [],
        };

        public static Part Random(Random random, int depth, ref int number)
        {
            if (depth == 0 || random.Next(4) == 0)
                return new Stage(number++);
            var parts = new List<Part>();
            for (var left = random.Next(2, 4); left > 0; left--)
                parts.Add(Random(random, depth - 1, ref number));
            return random.Next(2) == 0 ? new Series(parts) : new Parallel(number++, parts);
        }
    }
}
