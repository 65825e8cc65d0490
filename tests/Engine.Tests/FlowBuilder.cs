using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Tests;

/// <summary>Writes definition JSON as Studio would, a line for each activity.</summary>
internal sealed class FlowBuilder
{
    private readonly JsonArray activities = [];
    private readonly JsonArray connections = [];
    private readonly JsonArray variables = [];
    private readonly JsonArray earlyEvents = [];

    public FlowBuilder Add(string id, string type, params (string Name, JsonNode? Value)[] properties)
    {
        activities.Add(Activity(id, type, properties));
        return this;
    }

    public FlowBuilder Connect(string source, string target, string port = "Done")
    {
        connections.Add(new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = source, ["port"] = port },
            ["target"] = new JsonObject { ["activity"] = target, ["port"] = "In" },
        });
        return this;
    }

    public FlowBuilder Chain(params string[] ids)
    {
        for (var i = 1; i < ids.Length; i++)
            Connect(ids[i - 1], ids[i]);
        return this;
    }

    /// <summary>A fork into branches that are joined again. <paramref name="draw"/> adds one branch behind the fork's port and tells where it ends.</summary>
    /// <returns>Where the whole ends.</returns>
    public (string Id, string Port) ForkAndJoin(int number, string joinMode, string from, string port, int branches, Func<int, string, string, (string Id, string Port)> draw)
    {
        var (fork, join) = ($"f{number}", $"j{number}");
        var names = new JsonArray([.. Enumerable.Range(0, branches).Select(i => (JsonNode)$"b{i}")]);
        Add(fork, "Elsa.FlowFork", ("branches", Expression("Object", names.ToJsonString()))).Connect(from, fork, port)
            .Add(join, "Elsa.FlowJoin", ("mode", Literal(joinMode)));
        for (var i = 0; i < branches; i++)
        {
            var end = draw(i, fork, $"b{i}");
            Connect(end.Id, join, end.Port);
        }
        return (join, "Done");
    }

    public FlowBuilder Variable(string name, string type, string? value = null)
    {
        variables.Add(new JsonObject { ["id"] = "v-" + name, ["name"] = name, ["typeName"] = type, ["value"] = value });
        return this;
    }

    public FlowBuilder Early(string eventName)
    {
        earlyEvents.Add(eventName);
        return this;
    }

    public WorkflowDefinition Flowchart() => Definition(new JsonObject
    {
        ["id"] = "chart", ["type"] = "Elsa.Flowchart", ["version"] = 1,
        ["activities"] = activities.DeepClone(), ["connections"] = connections.DeepClone(),
    });

    public WorkflowDefinition Sequence() => Definition(new JsonObject
    {
        ["id"] = "sequence", ["type"] = "Elsa.Sequence", ["version"] = 1, ["activities"] = activities.DeepClone(),
    });

    public WorkflowDefinition Definition(JsonObject root) => DefinitionReader.Read(new JsonObject
    {
        ["id"] = "test-1", ["definitionId"] = "test", ["name"] = "Test", ["version"] = 1,
        ["variables"] = variables.DeepClone(),
        ["customProperties"] = new JsonObject { ["earlyEvents"] = earlyEvents.DeepClone() },
        ["root"] = root,
    }.ToJsonString());

    public static JsonObject Activity(string id, string type, params (string Name, JsonNode? Value)[] properties)
    {
        var json = new JsonObject { ["id"] = id, ["type"] = type, ["version"] = 1 };
        foreach (var (name, value) in properties)
            json[name] = value;
        return json;
    }

    public static JsonNode Literal(JsonNode? value) => Expression("Literal", value);

    public static JsonNode Script(string source) => Expression("JavaScript", source);

    public static JsonNode Expression(string type, JsonNode? value) =>
        new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = type, ["value"] = value }, ["memoryReference"] = null };

    public static (string, JsonNode?) EventName(string name) => ("eventName", Literal(name));
}

/// <summary>An instance in memory: applies stimuli and saves and loads its state between any two of them.</summary>
internal sealed class Instance
{
    public static readonly DateTimeOffset Begin = new(2026, 3, 2, 1, 0, 0, TimeSpan.Zero);
    private readonly ExecutableWorkflow workflow;

    public Instance(WorkflowDefinition definition, params Activity[] more)
    {
        workflow = ExecutableWorkflow.Compile(definition, new ActivityCatalog([.. BuiltInActivities.All, .. more]));
        State = Interpreter.Create(new Guid("01935000-0000-7000-8000-000000000001"), definition.Id);
    }

    public WorkflowState State { get; private set; }
    public DateTimeOffset Now { get; set; } = Begin;
    public List<Effect> Effects { get; } = [];
    public List<JournalEntry> Journal { get; } = [];

    public IEnumerable<string> Lines => Effects.OfType<WriteLineEffect>().Select(e => e.Text);

    public StepOutcome Start(params (string Name, JsonNode? Value)[] input) => Apply(new Stimulus.Start(
        input.ToDictionary(i => i.Name, i => JsonSerializer.SerializeToElement(i.Value))));

    public StepOutcome Signal(string name, string? id = null, object? payload = null) =>
        Apply(new Stimulus.Signal(id ?? Guid.NewGuid().ToString(), name, JsonSerializer.SerializeToElement(payload)));

    public StepOutcome Apply(Stimulus stimulus)
    {
        var before = StateSerializer.Write(State);
        var result = Interpreter.Advance(workflow, State, stimulus, Now);
        Assert.Equal(before, StateSerializer.Write(State)); // what was handed in never changes
        State = StateSerializer.Read(StateSerializer.Write(result.State));
        Effects.AddRange(result.Effects);
        Journal.AddRange(result.Journal);
        return result.Outcome;
    }
}
