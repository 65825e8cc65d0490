using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Definitions;

/// <summary>What somebody might send to hurt: refused with a message that says what to do, within bounds.</summary>
public sealed class HostileDefinitionTests
{
    private static readonly ActivityCatalog Catalog = new(BuiltInActivities.All);

    private static void Refused(Action read, string says, string saysZh)
    {
        var clock = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<WorkflowException>(read);

        Assert.Equal(ErrorCodes.InvalidDefinition, error.Code);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Contains(saysZh, error.MessageZh, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length + error.MessageZh.Length, 1, 4000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
    }

    private static string Long(int length) => new('x', length);

    private static JsonElement Parse(string json, int depth = 1000) => JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = depth }).RootElement;

    [Fact]
    public void Reader_WhenThereAreAMillionActivities_ThenRefusedBeforeAnyIsRead()
    {
        var text = Many(1_000_000);
        var element = Parse(Many(50_000));

        Refused(() => DefinitionReader.Read(text), "larger than", "超过");
        Refused(() => DefinitionReader.Read(element), "larger than", "超过");

        static string Many(int count)
        {
            var json = new StringBuilder("""{"root":{"id":"r","type":"Elsa.Sequence","activities":[""");
            for (var i = 0; i < count; i++)
                json.Append(i == 0 ? "" : ",").Append("{\"id\":\"a").Append(i).Append("\",\"type\":\"Elsa.Start\"}");
            return json.Append("]}}").ToString();
        }
    }

    [Fact]
    public void Reader_WhenActivitiesAreTiny_ThenTheirNumberIsLimitedToo()
    {
        var many = string.Join(',', Enumerable.Range(0, 20_000).Select(i => $$$$"""{"id":"{{{{i}}}}","type":"X"}"""));

        Refused(() => DefinitionReader.Read($$$$"""{"root":{"id":"r","type":"X","activities":[{{{{many}}}}]}}"""), "more than 2000 activities", "超过 2000 个");
        Refused(() => DefinitionReader.Read($$$$"""{"root":{"id":"r","type":"Elsa.Fork","branches":[{{{{many}}}}]}}"""), "more than 2000 activities", "超过 2000 个");
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public void Reader_WhenTheJsonIsDeep_ThenRefused(string open, string close)
    {
        var deep = string.Concat(Enumerable.Repeat(open, 500)) + "1" + string.Concat(Enumerable.Repeat(close, 500));
        var json = $$$$"""{"root":{"id":"r","type":"X","extra":{{{{deep}}}}}}""";

        Assert.Equal(ErrorCodes.InvalidDefinition, Assert.Throws<WorkflowException>(() => DefinitionReader.Read(json)).Code);
        var element = Parse(json);
        Refused(() => DefinitionReader.Read(element), "nested more than 128", "128 层");
    }

    [Theory]
    [InlineData("then")]
    [InlineData("activities")]
    [InlineData("cases")]
    [InlineData("branches")]
    public void Reader_WhenActivitiesAreNestedDeep_ThenRefused(string how)
    {
        var json = """{"id":"leaf","type":"X"}""";
        for (var i = 0; i <= DefinitionLimits.MaxNesting; i++)
            json = $$$$"""{"id":"a{{{{i}}}}","type":"X","{{{{how}}}}":{{{{how switch { "then" => json, "cases" => $$$$"""[{"activity":{{{{json}}}}}]""", _ => $"[{json}]" }}}}}}""";
        var element = Parse($$$$"""{"root":{{{{json}}}}}""");

        Refused(() => DefinitionReader.Read(element), "nested more than 32", "32 层");
    }

    [Fact]
    public void Reader_WhenIdsAreLong_ThenRefusedBeforePathsAreMadeOfThem()
    {
        var children = string.Join(',', Enumerable.Range(0, 1900).Select(i => $$$$"""{"id":"{{{{i}}}}","type":"X"}"""));

        Refused(() => DefinitionReader.Read($$$$"""{"root":{"id":"{{{{Long(500_000)}}}}","type":"X","activities":[{{{{children}}}}]}}"""), "longer than 256", "256 个字符");
    }

    [Theory]
    [InlineData("""{"id":"LONG","root":{"id":"r","type":"X"}}""")]
    [InlineData("""{"definitionId":"LONG","root":{"id":"r","type":"X"}}""")]
    [InlineData("""{"root":{"id":"r","type":"LONG"}}""")]
    [InlineData("""{"variables":[{"id":"LONG"}],"root":{"id":"r","type":"X"}}""")]
    [InlineData("""{"inputs":[{"name":"LONG"}],"root":{"id":"r","type":"X"}}""")]
    [InlineData("""{"root":{"id":"r","type":"X","variables":[{"name":"LONG"}]}}""")]
    [InlineData("""{"root":{"id":"r","type":"Elsa.Flowchart","activities":[{"id":"a","type":"X"}],"connections":[{"source":{"activity":"a","port":"LONG"},"target":{"activity":"a"}}]}}""")]
    [InlineData("""{"root":{"id":"r","type":"Elsa.Flowchart","activities":[{"id":"a","type":"X"}],"connections":[{"source":{"activity":"LONG"},"target":{"activity":"a"}}]}}""")]
    public void Reader_WhenANameIsTooLong_ThenRefused(string json) => Refused(() => DefinitionReader.Read(json.Replace("LONG", Long(257), StringComparison.Ordinal)), "longer than 256", "256 个字符");

    [Theory]
    [InlineData("""{"root":{"id":"a","type":"X","body":{"id":"a","type":"X"}}}""")]
    [InlineData("""{"root":{"id":"a","type":"X","cases":[{"label":"1","activity":{"id":"a","type":"X"}}]}}""")]
    [InlineData("""{"root":{"id":"r","type":"X","branches":[{"id":"b","type":"X"},{"id":"b","type":"X"}]}}""")]
    public void Reader_WhenAnIdIsUsedTwice_ThenRefused(string json) => Refused(() => DefinitionReader.Read(json), "used twice", "重复");

    [Theory]
    [InlineData("""{"root":{"id":"a","id":"b","type":"X"}}""", "'id' twice below 'root'")]
    [InlineData("""{"root":{"id":"a","type":"X"},"root":{"id":"b","type":"X"}}""", "'root' twice")]
    [InlineData("""{"root":{"id":"a","type":"X","metadata":{"x":{"y":1,"y":2}}}}""", "'y' twice below 'x'")]
    public void Reader_WhenAPropertyStandsTwice_ThenRefused(string json, string says) => Refused(() => DefinitionReader.Read(json), says, "重复");

    [Theory]
    [InlineData("""{"$type":"System.IO.FileInfo, System.IO.FileSystem","root":{"id":"a","type":"X"}}""")]
    [InlineData("""{"root":{"$type":"Acme.Evil, Acme","id":"a","type":"X"}}""")]
    [InlineData("""{"root":{"id":"a","type":"X","text":{"expression":{"type":"Object","value":{"$type":"System.Diagnostics.Process"}}}}}""")]
    [InlineData("""{"root":{"id":"a","type":"X","list":[[{"$type":"x"}]]}}""")]
    [InlineData("""{"root":{"id":"a","type":"X","list":[{"\u0024type":"x"}]}}""")]
    public void Reader_WhenATypeIsToBeCreated_ThenRefused(string json) => Refused(() => DefinitionReader.Read(json), "'$type'", "安全风险");

    [Theory]
    [InlineData("Elsa.Sequence")]
    [InlineData("Elsa.Parallel")]
    public void Validator_WhenACycleIsDrawnOutsideAFlowchart_ThenNotPublished(string type)
    {
        var definition = DefinitionReader.Read(
            $$$$"""{"definitionId":"d","root":{"id":"r","type":"{{{{type}}}}","activities":[{"id":"a","type":"Elsa.Start"},{"id":"b","type":"Elsa.Start"}],"connections":[{"source":{"activity":"a"},"target":{"activity":"b"}},{"source":{"activity":"b"},"target":{"activity":"a"}}]}}""");

        var message = Assert.Single(DefinitionValidator.Validate(definition, Catalog));

        Assert.Equal("r", message.ActivityId);
        Assert.Contains("only a flowchart", message.Message, StringComparison.Ordinal);
        Assert.Contains("不是流程图", message.MessageZh, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":"r","type":"Elsa.Flowchart","activities":[{"id":"a","type":"X"}],"connections":[{"source":{"activity":"a"},"target":{"activity":"r"}}]}""")]
    [InlineData("""{"id":"r","type":"Elsa.Flowchart","activities":[{"id":"a","type":"Elsa.Flowchart","activities":[{"id":"b","type":"X"}],"connections":[{"source":{"activity":"b"},"target":{"activity":"a"}}]}]}""")]
    public void Reader_WhenAConnectionLeadsOutOfItsFlowchart_ThenRefused(string root) => Refused(() => DefinitionReader.Read($$$$"""{"root":{{{{root}}}}}"""), "not in that flowchart", "不存在的活动");

    [Fact]
    public void Validator_WhenThousandsOfThingsAreWrong_ThenItSaysTheFirstHundred()
    {
        var labels = string.Join(',', Enumerable.Range(0, 8000).Select(i => $$$$"""{"label":"L{{{{i}}}}"}"""));
        var connections = string.Join(',', Enumerable.Range(0, 7000).Select(i => $$$$"""{"source":"s","target":"s","sourcePort":"P{{{{i}}}}"}"""));
        var definition = DefinitionReader.Read($$$$"""{"definitionId":"d","root":{"id":"r","type":"Elsa.Flowchart","activities":[{"id":"s","type":"Elsa.FlowSwitch","cases":[{{{{labels}}}}]}],"connections":[{{{{connections}}}}]}}""");
        var clock = Stopwatch.StartNew();

        var messages = DefinitionValidator.Validate(definition, Catalog);

        Assert.Equal(DefinitionLimits.MaxMessages, messages.Count);
        Assert.All(messages, m => Assert.InRange(m.Message.Length + m.MessageZh.Length, 1, 2000));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
    }

    [Theory]
    [InlineData("let s = 'x'; while (true) s += s; s")]
    [InlineData("const a = []; while (true) a.push(a.slice())")]
    [InlineData("'x'.repeat(1e9)")]
    [InlineData("Array(1e9).fill(0).join('')")]
    [InlineData("const f = () => f(); f()")]
    [InlineData("let o = {}; for (;;) o = { o }")]
    [InlineData("JSON.parse('['.repeat(100000))")]
    [InlineData("'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.match(/(a+)+$/)")]
    [InlineData("bytesFromString('x'.repeat(500000)).length")]
    public void Expression_WhenItWouldGoOnWithoutEnd_ThenItIsStoppedAndTheInstanceKeepsAnIncident(string script)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        var instance = Run(Sequence("root", Line("line", $"{script}; ''"), Line("after")));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000);
        Assert.True(instance.State.Incidents.Count == 1 || instance.Lines.Last() == "after");
    }

    [Fact]
    public void Step_WhenALoopWithoutAWaitRunsHeavyScripts_ThenAllTogetherAreBounded()
    {
        var heavy = "let n = 0; for (let i = 0; i < 15000; i++) n += i; ''";
        var instance = Run(Activity("while", "Elsa.While", ("condition", Literal(true)), ("body", Line("line", heavy))));

        var incident = Assert.Single(instance.State.Incidents);
        Assert.Equal(ErrorCodes.ExpressionFailed, incident.Code);
        Assert.InRange(instance.Lines.Count(), 10, 2000);
    }

    [Fact]
    public void Step_WhenMoreIsBegunThanMayBeUnderWay_ThenAnIncidentAndTheRestStands()
    {
        var inner = Activity("inner", "Elsa.ParallelForEach", ("items", Script("[1, 2, 3, 4, 5, 6, 7, 8, 9]")), ("body", Wait("go")));
        var instance = Run(Activity("outer", "Elsa.ParallelForEach", ("items", Script("Array.from({ length: 500 }, (_, i) => i)")), ("body", inner)));

        Assert.InRange(instance.State.Executions.Count, Interpreter.MaxLiveActivities - 9, Interpreter.MaxLiveActivities);
        Assert.All(instance.State.Incidents, i => Assert.Equal(("inner", ErrorCodes.StepBudget), (i.ActivityId, i.Code)));
        Assert.NotEmpty(instance.State.Incidents);
    }

    [Fact]
    public void Flowchart_WhenEveryActivityLeadsToEveryOther_ThenItIsCheckedAndRunInBounds()
    {
        var ids = Enumerable.Range(0, 40).Select(i => $"a{i}").ToList();
        var flow = new FlowBuilder();
        ids.ForEach(id => flow.Add(id, "Elsa.Start"));
        foreach (var (from, to) in ids.SelectMany(a => ids.Select(b => (a, b))))
            flow.Connect(from, to);
        var definition = flow.Flowchart();
        var clock = Stopwatch.StartNew();

        Assert.Empty(DefinitionValidator.Validate(definition, Catalog));
        var instance = new Instance(definition);
        instance.Start();

        Assert.True(instance.State.Status == WorkflowStatus.Finished || instance.State.Incidents.Count > 0);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 60);
    }
}
