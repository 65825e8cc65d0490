using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class WorkflowAsActivityTests
{
    private static readonly ActivityCatalog Catalog = new(BuiltInActivities.All);

    [Fact]
    public void Workflow_WhenUsedAsAnActivity_ThenItTakesInputsAndGivesOutputs()
    {
        var greet = Definition("greet", Nested.Sequence("sequence",
            Activity("set", "Elsa.SetOutput", ("outputName", Literal("Greeting")), ("outputValue", Script("getInput('Who') + '/' + getCount() + '/' + typeof variables.Count"))),
            Nested.Line("line", "getWho() + ' ' + variables.local")), d =>
        {
            d["inputs"] = new JsonArray(Argument("Who", "String"), Argument("Count", "Int32"));
            d["outputs"] = new JsonArray(Argument("Greeting", "String"));
            d["variables"] = new JsonArray(new JsonObject { ["id"] = "v-a", ["name"] = "local", ["typeName"] = "String", ["value"] = "inner" });
        });
        // The same variable id outside, and the same activity ids.
        var outer = Definition("outer", Nested.Sequence("sequence",
            Use("set", greet, ("who", Script("variables.a")), ("count", Literal("2")), ("greeting", Output("v-a"))),
            Nested.Line("line", "variables.a")), d => d["variables"] = new JsonArray(new JsonObject { ["id"] = "v-a", ["name"] = "a", ["typeName"] = "String", ["value"] = "Ann" }));

        var run = new Run(outer, greet);

        Assert.Equal(["Ann inner", "Ann/2/undefined"], run.Lines);
        Assert.Equal(WorkflowSubStatus.Finished, run.State.SubStatus);
        Assert.Empty(run.State.Output);
        Assert.Contains("Started set:line", run.Entries);
        Assert.Equal("Workflow1:sequence:set:sequence:line", run.Workflow.Activity("set:line").Node.NodeId);
    }

    [Theory]
    [InlineData("result")]
    [InlineData("_Result")]
    public void Workflow_WhenAnInputAndAnOutputAreCalledResult_ThenTheyAreReadAsElsaWritesThemAndAsBefore(string property)
    {
        var sum = Definition("sum", Activity("add", "Elsa.SetOutput", ("outputName", Literal("Result")), ("outputValue", Script("getInput('Result') + 1"))), d =>
        {
            d["inputs"] = new JsonArray(Argument("Result", "Int32"));
            d["outputs"] = new JsonArray(Argument("Result", "Int32"));
        });
        var outer = Definition("outer", Nested.Sequence("s", Use("use", sum, (property, Both(Literal("8"), "v-a"))), Nested.Line("line", "variables.a + ''")),
            d => d["variables"] = new JsonArray(new JsonObject { ["id"] = "v-a", ["name"] = "a", ["typeName"] = "Int32" }));

        Assert.Equal(["9"], new Run(outer, sum).Lines);
    }

    [Theory]
    [InlineData(null, true, true)]
    [InlineData(true, null, true)]
    [InlineData(false, true, false)]
    [InlineData(null, null, false)]
    public void Workflow_WhenAnOldFileSaysOutsideItsOptionsThatItIsUsable_ThenItIsUnlessTheOptionsSayMore(bool? option, bool? old, bool usable)
    {
        var document = JsonNode.Parse(Definition("old", Nested.Line("line")).Document.GetRawText())!.AsObject();
        (document["options"], document["usableAsActivity"]) = (new JsonObject { ["usableAsActivity"] = option }, old);

        Assert.Equal(usable, WorkflowExpansion.IsUsable(DefinitionReader.Read(document.ToJsonString())));
    }

    [Fact]
    public void Workflow_WhenUsedTwice_ThenEachUseHasVariablesOfItsOwn()
    {
        var count = Definition("count", Nested.Sequence("s",
            Activity("add", "Elsa.SetVariable", ("variable", new JsonObject { ["id"] = "n", ["name"] = "n", ["typeName"] = "Int32" }), ("value", Script("variables.n + 1"))),
            Nested.Wait("go"), Nested.Line("line", "variables.n")),
            d => d["variables"] = new JsonArray(new JsonObject { ["id"] = "n", ["name"] = "n", ["typeName"] = "Int32", ["value"] = "10" }));
        var run = new Run(Definition("outer", Nested.Sequence("s", Use("one", count), Use("two", count))), count);

        run.Signal("go");
        run.Signal("go");

        Assert.Equal(["11", "11"], run.Lines);
        Assert.Equal(WorkflowSubStatus.Finished, run.State.SubStatus);
    }

    [Theory]
    [InlineData("Yes", "y")]
    [InlineData("No", "n")]
    [InlineData(null, "d")]
    public void Workflow_WhenItCompletesByAnOutcome_ThenTheFlowchartGoesOnByItsPort(string? outcome, string line)
    {
        var decide = Definition("decide", outcome is null ? Nested.Line("c") : Nested.Sequence("s", Activity("c", "Elsa.Complete", ("outcomes", Literal(outcome))), Nested.Line("never")),
            d => d["outcomes"] = new JsonArray("Yes", "No"));
        var chart = new FlowBuilder().Add("y", "Elsa.WriteLine", ("text", Literal("y"))).Add("n", "Elsa.WriteLine", ("text", Literal("n"))).Add("d", "Elsa.WriteLine", ("text", Literal("d"))).Flowchart();
        var root = JsonNode.Parse(chart.Document.GetProperty("root").GetRawText())!.AsObject();
        root["activities"]!.AsArray().Insert(0, Use("use", decide));
        root["connections"] = new JsonArray(Connection("Yes", "y"), Connection("No", "n"), Connection("Done", "d"));

        var run = new Run(Definition("outer", root), decide);

        Assert.Equal(line, run.Lines.Last());
        Assert.DoesNotContain("never", run.Lines);
        Assert.Empty(DefinitionValidator.Validate(Definition("outer", root), Catalog, Used(decide)));
    }

    [Fact]
    public void Workflow_WhenWorkflowsUseOneAnother_ThenTheInnermostOutputComesOut()
    {
        var inner = Definition("inner", Activity("o", "Elsa.SetOutput", ("outputName", Literal("R")), ("outputValue", Script("getR() * 2"))), Arguments);
        var middle = Definition("middle", Use("o", inner, ("r", Script("getInput('R') + 1")), ("r_", null)), d =>
        {
            Arguments(d);
            d["root"]!["r"] = Both(Script("getInput('R') + 1"), "R");
        });
        var outer = Definition("outer", Nested.Sequence("s", Use("m", middle, ("r", Both(Literal("4"), "v"))), Nested.Line("line", "variables.v")),
            d => d["variables"] = new JsonArray(new JsonObject { ["id"] = "v", ["name"] = "v", ["typeName"] = "Int32" }));

        var run = new Run(outer, inner, middle);

        // An input and an output of one name are one property.
        Assert.Equal(["10"], run.Lines);

        static void Arguments(JsonObject d)
        {
            d["inputs"] = new JsonArray(Argument("R", "Int32"));
            d["outputs"] = new JsonArray(Argument("R", "Int32"));
        }
    }

    [Fact]
    public void Definition_WhenWorkflowsUseEachOtherInACircle_ThenTheChainIsNamed()
    {
        var a1 = Definition("a", Nested.Line("x"), version: 1);
        var b = Definition("b", Use("a", a1));
        var a2 = Definition("a", Use("b", b), version: 2);

        var message = Assert.Single(DefinitionValidator.Validate(a2, Catalog, Used(a1, b)));

        Assert.Equal(("b", ErrorCodes.InvalidDefinition), (message.ActivityId, message.Code));
        Assert.Contains("A (a) → B (b) → A (a)", message.Message, StringComparison.Ordinal);
        Assert.Contains("A (a) → B (b) → A (a)", message.MessageZh, StringComparison.Ordinal);
    }

    [Fact]
    public void Definition_WhenWhatItUsesIsMissingOrNotUsable_ThenItSaysSo()
    {
        var used = Definition("used", Nested.Line("x"));
        var closed = Definition("used", Nested.Line("x"), d => d["options"] = new JsonObject { ["usableAsActivity"] = false });
        var outer = Definition("outer", Use("u", used));

        Assert.Contains("never published", Assert.Single(DefinitionValidator.Validate(outer, Catalog)).Message, StringComparison.Ordinal);
        Assert.Contains("isn't usable", Assert.Single(DefinitionValidator.Validate(outer, Catalog, Used(closed))).Message, StringComparison.Ordinal);
        Assert.Empty(DefinitionValidator.Validate(outer, Catalog, Used(used)));
    }

    [Fact]
    public void Definition_WhenWorkflowsUseEachOtherTooDeepOrTooManyTimes_ThenItIsRefused()
    {
        var chain = new List<WorkflowDefinition> { Definition("w0", Nested.Line("x")) };
        for (var i = 1; i <= WorkflowExpansion.MaxDepth + 1; i++)
            chain.Add(Definition($"w{i}", Use("u", chain[^1])));
        Assert.Empty(DefinitionValidator.Validate(chain[WorkflowExpansion.MaxDepth], Catalog, Used([.. chain])));
        Assert.Contains("deep", Assert.Single(DefinitionValidator.Validate(chain[^1], Catalog, Used([.. chain]))).Message, StringComparison.Ordinal);

        var wide = new List<WorkflowDefinition> { Definition("x0", Nested.Line("x")) };
        for (var i = 1; i < 5; i++)
            wide.Add(Definition($"x{i}", Nested.Sequence("s", [.. Enumerable.Range(0, 10).Select(n => Use($"u{n}", wide[^1]))])));
        Assert.Contains("2000", Assert.Single(DefinitionValidator.Validate(wide[^1], Catalog, Used([.. wide]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Workflow_WhenAnActivityInItFails_ThenTheIncidentNamesItAndARetryGoesOn()
    {
        var inner = Definition("inner", Nested.Sequence("s", Activity("f", "Elsa.WriteLine", ("text", Script("getInput('X').length.nothing.more"))), Nested.Line("after")), d => d["inputs"] = new JsonArray(Argument("X", "String")));
        var run = new Run(Definition("outer", Use("u", inner)), inner);

        var incident = Assert.Single(run.State.Incidents);
        Assert.Equal("u:f", incident.ActivityId);
        run.Apply(new Stimulus.Retry(incident.Id));
        Assert.Equal(2, Assert.Single(run.State.Incidents).Attempts);
    }

    private static JsonObject Argument(string name, string type) => new() { ["name"] = name, ["type"] = type };

    private static JsonObject Output(string variable) => new JsonObject { ["typeName"] = "String", ["memoryReference"] = new JsonObject { ["id"] = variable } };

    private static JsonNode Both(JsonNode input, string variable)
    {
        input["memoryReference"] = new JsonObject { ["id"] = variable };
        return input;
    }

    private static JsonObject Connection(string port, string target) =>
        new JsonObject { ["source"] = new JsonObject { ["activity"] = "use", ["port"] = port }, ["target"] = new JsonObject { ["activity"] = target, ["port"] = "In" } };

    private static JsonObject Use(string id, WorkflowDefinition used, params (string Name, JsonNode? Value)[] properties)
    {
        var json = Activity(id, used.Name, properties);
        (json["workflowDefinitionId"], json["workflowDefinitionVersionId"]) = (used.DefinitionId, used.Id);
        return json;
    }

    private static WorkflowDefinition Definition(string id, JsonObject root, Action<JsonObject>? more = null, int version = 1)
    {
        var json = new JsonObject
        {
            ["id"] = $"{id}-{version}", ["definitionId"] = id, ["name"] = char.ToUpperInvariant(id[0]) + id[1..], ["version"] = version,
            ["options"] = new JsonObject { ["usableAsActivity"] = true }, ["root"] = root.DeepClone(),
        };
        more?.Invoke(json);
        return DefinitionReader.Read(json.ToJsonString());
    }

    private static Dictionary<string, WorkflowDefinition> Used(params WorkflowDefinition[] used) => used.ToDictionary(d => d.Id);

    /// <summary>An instance that was started, saved and loaded between any two steps.</summary>
    [Fact]
    public void Workflow_WhenInALoop_ThenEachRoundHasItsOwnVariablesAndIsRunAnew()
    {
        var inner = Definition("inner", Nested.Sequence("sequence", Nested.Line("line", "variables.n + ''"), Activity("set", "Elsa.SetVariable", ("variable", new JsonObject { ["id"] = "v-n", ["name"] = "n", ["typeName"] = "Int32" }), ("value", Script("variables.n + 1"))), Nested.Wait("go")),
            d => d["variables"] = new JsonArray(new JsonObject { ["id"] = "v-n", ["name"] = "n", ["typeName"] = "Int32", ["value"] = 1 }));
        var run = new Run(Definition("outer", Nested.Twice(Use("use", inner))), inner);

        run.Signal("go");
        run.Signal("go");

        Assert.Equal(["1", "1"], run.Lines);
        Assert.Equal(["Started use", "Completed use", "Started use", "Completed use"], run.Entries.Where(e => e.EndsWith(" use", StringComparison.Ordinal)));
        Assert.Equal(WorkflowSubStatus.Finished, run.State.SubStatus);
    }

    [Fact]
    public void Workflow_WhenTheInstanceIsCancelled_ThenWhatWaitsInsideIsToo()
    {
        var inner = Definition("inner", Nested.Sequence("sequence", Nested.Wait("go"), Nested.Line("line")));
        var run = new Run(Definition("outer", Nested.Sequence("s", Use("use", inner), Nested.Line("after"))), inner);

        run.Apply(new Stimulus.Cancel("not needed"));

        Assert.Equal(["Canceled use", "Canceled use:go", "Canceled use:sequence"], run.Entries.Where(e => e.StartsWith("Canceled use", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Empty(run.State.Bookmarks);
        Assert.Empty(run.Lines);
        Assert.Equal(WorkflowSubStatus.Cancelled, run.State.SubStatus);
    }

    private sealed class Run
    {
        private readonly List<Effect> effects = [];
        private readonly List<JournalEntry> journal = [];

        public Run(WorkflowDefinition definition, params WorkflowDefinition[] used)
        {
            Workflow = ExecutableWorkflow.Compile(definition, Catalog, Used(used));
            State = Interpreter.Create(new Guid("01935000-0000-7000-8000-000000000001"), definition.Id);
            Apply(new Stimulus.Start(new Dictionary<string, JsonElement>()));
        }

        public ExecutableWorkflow Workflow { get; }
        public WorkflowState State { get; private set; }
        public IEnumerable<string> Lines => effects.OfType<WriteLineEffect>().Select(e => e.Text);
        public IEnumerable<string> Entries => journal.Select(j => $"{j.Event} {j.ActivityId}");

        public void Signal(string name) => Apply(new Stimulus.Signal($"{name}{journal.Count}", name, default));

        public void Apply(Stimulus stimulus)
        {
            var result = Interpreter.Advance(Workflow, State, stimulus, Instance.Begin);
            State = StateSerializer.Read(StateSerializer.Write(result.State));
            effects.AddRange(result.Effects);
            journal.AddRange(result.Journal);
        }
    }
}
