using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Tests.Reviews;

/// <summary>How a stage of a random process returns what came to it.</summary>
/// <param name="Connected">The earlier stage that its connection leads back to, itself included.</param>
/// <param name="Direct">The connection leads straight there, without a correction.</param>
/// <param name="Words">Its <c>returnTo</c>.</param>
/// <param name="Here">Its <c>afterReturn</c> is <c>here</c>.</param>
internal sealed record ReturnRule(int Connected, bool Direct, string[] Words, bool Here);

/// <summary>Stages in series, in parallel branches with a join, and in branches of which one is taken; nested. And where a case stands in it, said from its shape alone.</summary>
internal sealed class RandomProcess
{
    private readonly Random random;
    private readonly Part root;
    private readonly HashSet<(int First, int Second)> order;
    private readonly FlowBuilder flow = new();
    private int numbers;

    public RandomProcess(int seed)
    {
        random = new Random(seed);
        IsLoose = random.Next(4) == 0;
        root = Draw(3);
        Stages = [.. root.Stages()];
        order = [.. root.Order()];
        flow.Add("start", "Elsa.Start");
        var (id, ports) = Wire(root, "start", ["Done"]);
        flow.Add("last", "Elsa.WriteLine", ("text", "Literal", "last"));
        // Whoever rejects first ends it, whatever else is under way.
        flow.Add("rejected", "Elsa.Finish");
        flow.Last["customProperties"] = new JsonObject { ["mergeMode"] = "Race" };
        foreach (var port in ports)
            flow.Connect(id, port, "last");
        foreach (var (stage, rule) in Rules)
        {
            flow.Connect($"s{stage}", "Reject", "rejected");
            if (rule.Direct)
            {
                flow.Connect($"s{stage}", "Return", $"s{rule.Connected}");
                continue;
            }
            flow.Add($"fix{stage}", "Talent.Supplement", ("stageName", "Literal", "补正"));
            flow.Connect($"s{stage}", "Return", $"fix{stage}");
            flow.Connect($"fix{stage}", "Done", $"s{rule.Connected}");
        }
        Workflow = ExecutableWorkflow.Compile(DefinitionReader.Read(flow.Definition()), PoliticalWorkTitleDefinitionTests.Catalog);
    }

    public ExecutableWorkflow Workflow { get; }

    /// <summary>Its joins wait for what is under way, not for all branches.</summary>
    public bool IsLoose { get; }

    /// <summary>Stages that can be reached: those of a branch that is never taken are left out.</summary>
    public IReadOnlyList<int> Stages { get; }

    public Dictionary<int, ReturnRule> Rules { get; } = [];

    public bool IsBefore(int first, int second) => order.Contains((first, second));

    /// <summary>The stages right before a stage, of those that count.</summary>
    public int[] Previous(int stage, Func<int, bool> counts)
    {
        int[] before = [.. Stages.Where(s => IsBefore(s, stage) && counts(s))];
        return [.. before.Where(s => !before.Any(between => IsBefore(s, between)))];
    }

    public HashSet<int> From(int stage) => [stage, .. Stages.Where(s => IsBefore(stage, s))];

    /// <summary>Where the case stands when these stages are done and stay so.</summary>
    public HashSet<int> Frontier(IReadOnlySet<int> done)
    {
        return [.. Of(root)];

        IEnumerable<int> Of(Part part) => part switch
        {
            Part.Stage stage => done.Contains(stage.Number) ? [] : [stage.Number],
            Part.Series series => series.Parts.Select(Of).FirstOrDefault(open => open.Any()) ?? [],
            Part.Parallel parallel => parallel.Branches.SelectMany(Of),
            Part.Choice choice => Of(choice.Taken),
            _ => [],
        };
    }

    public override string ToString() => $"{Shape(root)}; {string.Join(", ", Rules.Where(r => Stages.Contains(r.Key)).Select(r => $"{r.Key}→{r.Value.Connected}{(r.Value.Direct ? " direct" : "")} [{string.Join(' ', r.Value.Words)}]{(r.Value.Here ? " here" : "")}"))}";

    private static string Shape(Part part) => part switch
    {
        Part.Series series => $"[{string.Join(" ", series.Parts.Select(Shape))}]",
        Part.Parallel parallel => $"({string.Join(" | ", parallel.Branches.Select(Shape))})",
        Part.Choice choice => $"<{Shape(choice.Taken)} not {Shape(choice.Other)}>",
        Part.Stage stage => $"s{stage.Number}",
        _ => "",
    };

    private Part Draw(int depth)
    {
        if (depth == 0 || random.Next(4) == 0)
            return new Part.Stage(numbers++);
        switch (random.Next(5))
        {
            case 0:
                return new Part.Choice(numbers++, Draw(depth - 1), Draw(depth - 1));
            case 1 or 2:
                return new Part.Series(Several(depth));
            default:
                return new Part.Parallel(numbers++, Several(depth));
        }
    }

    private List<Part> Several(int depth) => [.. Enumerable.Range(0, random.Next(2, 4)).Select(_ => Draw(depth - 1))];

    private (string Id, string[] Ports) Wire(Part part, string from, string[] ports)
    {
        switch (part)
        {
            case Part.Stage { Number: var number }:
                return Stage(number, from, ports);
            case Part.Series series:
                return series.Parts.Aggregate((Id: from, Ports: ports), (end, next) => Wire(next, end.Id, end.Ports));
            case Part.Parallel parallel:
                var (fork, join) = ($"fork{parallel.Number}", $"join{parallel.Number}");
                flow.Add(fork, "Elsa.WriteLine", ("text", "Literal", fork));
                flow.Add(join, "Elsa.FlowJoin", ("mode", "Literal", IsLoose ? "WaitAllActive" : "WaitAll"));
                Connect(from, ports, fork);
                foreach (var branch in parallel.Branches)
                    Join(Wire(branch, fork, ["Done"]), join);
                return (join, ["Done"]);
            case Part.Choice choice:
                var (decide, merge) = ($"decide{choice.Number}", $"merge{choice.Number}");
                var yes = random.Next(2) == 0;
                flow.Add(decide, "Elsa.FlowDecision", ("condition", "Literal", yes));
                flow.Add(merge, "Elsa.WriteLine", ("text", "Literal", merge));
                Connect(from, ports, decide);
                Join(Wire(choice.Taken, decide, [yes ? "True" : "False"]), merge);
                Join(Wire(choice.Other, decide, [yes ? "False" : "True"]), merge);
                return (merge, ["Done"]);
            default:
                throw new InvalidOperationException();
        }
    }

    private (string Id, string[] Ports) Stage(int number, string from, string[] ports)
    {
        int[] earlier = [.. Stages.Contains(number) ? Stages.Where(s => IsBefore(s, number)) : []];
        var (kind, connected) = (random.Next(5), random.Next(earlier.Length + 1) is var i && i < earlier.Length ? earlier[i] : number);
        var rule = new ReturnRule(connected, kind == 1 && connected != number, kind switch { 2 or 3 => ["applicant", "earlier"], 4 => ["previous"], _ => [] }, Here: kind == 3 || random.Next(2) == 0);
        Rules.Add(number, rule);
        var timed = random.Next(3) == 0;
        flow.Add($"s{number}", "Talent.ReviewStage", [("stageName", "Literal", $"环节{number}"), ("role", "Literal", "reviewer"), ("due", "Literal", "5wd"),
            ("returnTo", "Object", JsonSerializer.Serialize(rule.Words)), ("afterReturn", "Literal", rule.Here ? "here" : "again"),
            .. timed ? ((string, string, JsonNode)[])[("mayDecideByRule", "Literal", true), ("ladder", "Object", """[{"at":"+1wd","do":"decide","outcome":"approve"}]""")] : []]);
        Connect(from, ports, $"s{number}");
        return ($"s{number}", timed ? ["Approve", "Timeout"] : ["Approve"]);
    }

    // One way into the join for each branch, whichever port it ends by.
    private void Join((string Id, string[] Ports) end, string join)
    {
        var way = $"end{flow.Count}";
        flow.Add(way, "Elsa.WriteLine", ("text", "Literal", "end"));
        Connect(end.Id, end.Ports, way);
        flow.Connect(way, "Done", join);
    }

    private void Connect(string from, string[] ports, string to)
    {
        foreach (var port in ports)
            flow.Connect(from, port, to);
    }

    private abstract record Part
    {
        public sealed record Stage(int Number) : Part;
        public sealed record Series(IReadOnlyList<Part> Parts) : Part;
        public sealed record Parallel(int Number, IReadOnlyList<Part> Branches) : Part;
        public sealed record Choice(int Number, Part Taken, Part Other) : Part;

        public IEnumerable<int> Stages() => this switch
        {
            Stage stage => [stage.Number],
            Series series => series.Parts.SelectMany(p => p.Stages()),
            Parallel parallel => parallel.Branches.SelectMany(b => b.Stages()),
            Choice choice => choice.Taken.Stages(),
            _ => [],
        };

        public IEnumerable<(int First, int Second)> Order() => this switch
        {
            Series series => series.Parts.SelectMany((part, i) => part.Order().Concat(
                from first in series.Parts.Take(i).SelectMany(p => p.Stages()) from second in part.Stages() select (first, second))),
            Parallel parallel => parallel.Branches.SelectMany(b => b.Order()),
            Choice choice => choice.Taken.Order(),
            _ => [],
        };
    }
}
