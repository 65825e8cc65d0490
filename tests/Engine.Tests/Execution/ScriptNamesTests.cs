using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Execution;

/// <summary>The names that Elsa 3.8 offers to scripts, as an activity sees them.</summary>
public sealed class ScriptNamesTests
{
    private static Instance Scene(string script)
    {
        var wait = Activity("wait-1", "Elsa.Event", EventName("go"), ("name", "WaitForGo"));
        var definition = DefinitionReader.Read(new JsonObject
        {
            ["id"] = "version-1", ["definitionId"] = "definition-1", ["version"] = 3,
            ["inputs"] = new JsonArray(new JsonObject { ["name"] = "CaseId", ["type"] = "String" }),
            ["variables"] = new JsonArray(new JsonObject { ["id"] = "v-1", ["name"] = "count", ["typeName"] = "Int32", ["value"] = "1" }, new JsonObject { ["id"] = "v-2", ["name"] = "List", ["typeName"] = "Object", ["value"] = "[1]" }),
            ["root"] = Sequence("root", wait, Line("line", $"JSON.stringify((() => {{ {script} }})()) ?? 'undefined'")),
        }.ToJsonString());
        var instance = new Instance(definition);
        instance.Apply(new Stimulus.Start(new Dictionary<string, System.Text.Json.JsonElement> { ["CaseId"] = System.Text.Json.JsonSerializer.SerializeToElement("case-7") }, "corr-1"));
        instance.Signal("go", payload: new { ok = true });
        return instance;
    }

    [Theory]
    [InlineData("return variables.count", "1")]
    [InlineData("return getCount()", "1")]
    [InlineData("return getcount()", "1")]
    [InlineData("setCount(5); return variables.count", "5")]
    [InlineData("variables.count = '6'; return getVariable('count')", "6")]
    [InlineData("setVariable('count', 7); return getVariable('v-1')", "7")]
    [InlineData("variables.List.push(2); return getList()", "[1,2]")]
    [InlineData("return Object.keys(variables)", "[\"count\",\"List\"]")]
    [InlineData("return getVariable('nothing')", "undefined")]
    [InlineData("return getInput('CaseId')", "\"case-7\"")]
    [InlineData("return getCaseId()", "\"case-7\"")]
    [InlineData("return getOutputFrom('wait-1')", "{\"ok\":true}")]
    [InlineData("return getOutputFrom('WaitForGo', 'Result').ok", "true")]
    [InlineData("return getResultFromWaitForGo()", "{\"ok\":true}")]
    [InlineData("return getOutputFrom('nobody')", "undefined")]
    [InlineData("return getLastResult()", "{\"ok\":true}")]
    [InlineData("return args", "{}")]
    [InlineData("return getWorkflowDefinitionId()", "\"definition-1\"")]
    [InlineData("return getWorkflowDefinitionVersionId()", "\"version-1\"")]
    [InlineData("return getWorkflowDefinitionVersion()", "3")]
    [InlineData("return getWorkflowInstanceId()", "\"01935000-0000-7000-8000-000000000001\"")]
    [InlineData("return getCorrelationId()", "\"corr-1\"")]
    [InlineData("setCorrelationId('corr-2'); return getCorrelationId()", "\"corr-2\"")]
    [InlineData("setWorkflowInstanceName('N'); return getWorkflowInstanceName()", "\"N\"")]
    [InlineData("return [isNullOrWhiteSpace(' '), isNullOrWhiteSpace('x'), isNullOrEmpty(' '), isNullOrEmpty(null)]", "[true,false,false,true]")]
    [InlineData("return toJson({ a: [1] })", "\"{\\\"a\\\":[1]}\"")]
    [InlineData("return parseGuid('01935000000070008000000000000001')", "\"01935000-0000-7000-8000-000000000001\"")]
    [InlineData("return bytesToString(bytesFromString('中a'))", "\"中a\"")]
    [InlineData("return bytesFromString('中')", "[228,184,173]")]
    [InlineData("return bytesToBase64([1, 2])", "\"AQI=\"")]
    [InlineData("return bytesFromBase64('AQI=')", "[1,2]")]
    [InlineData("return stringFromBase64(stringToBase64('中'))", "\"中\"")]
    [InlineData("return streamToBytes([1])", "[1]")]
    [InlineData("return streamToBase64([1])", "\"AQ==\"")]
    public void Script_WhenItUsesElsasNames_ThenTheyAnswer(string script, string answer) => Assert.Equal([answer], Scene(script).Lines);

    [Theory]
    [InlineData("newGuid()")]
    [InlineData("newGuidString()")]
    [InlineData("getGuidString()")]
    [InlineData("newShortGuid()")]
    [InlineData("Math.random()")]
    public void Script_WhenItAsksForChance_ThenNoTwoAnswersAreTheSameAndARepetitionGivesTheSame(string call)
    {
        var script = $"return [{call}, {call}, {call}]";

        var line = Assert.Single(Scene(script).Lines);

        Assert.Equal(3, JsonNode.Parse(line)!.AsArray().Select(n => n!.ToJsonString()).Distinct().Count());
        Assert.Equal([line], Scene(script).Lines);
    }

    [Fact]
    public void Script_WhenAnActivityIsEvaluatedInSeveralSteps_ThenNoIdComesTwice()
    {
        var instance = Run(Activity("while", "Elsa.While", ("condition", Script("variables.ids = [...variables.ids, newGuid()]; true")), ("body", Wait("go"))), new FlowBuilder().Variable("ids", "Object", "[]"));

        instance.Signal("go");
        instance.Signal("go");

        var ids = instance.State.Variables["v-ids"].EnumerateArray().Select(i => i.GetString()).ToList();
        Assert.Equal((3, 3), (ids.Count, ids.Distinct().Count()));
    }

    [Fact]
    public void Script_WhenTwoInputsOfOneActivityAskForChance_ThenTheyDiffer()
    {
        var instance = Run(Activity("f", "Elsa.Fault", ("code", Script("'' + Math.random()")), ("message", Script("'' + Math.random()"))));

        var incident = Assert.Single(instance.State.Incidents);
        Assert.NotEqual(incident.Code, incident.Message);
    }

    [Theory]
    [InlineData("return parseGuid('x')")]
    [InlineData("return bytesToString('x')")]
    [InlineData("return bytesToString([256])")]
    [InlineData("return bytesToString([1.5])")]
    [InlineData("return bytesFromBase64('?')")]
    [InlineData("return getConfig('ConnectionStrings:Talent')")]
    [InlineData("return createEventTriggerUrl('go')")]
    [InlineData("return System.IO.File")]
    public void Script_WhenItAsksForWhatIsNotThere_ThenAnIncident(string script) =>
        Assert.Equal(ErrorCodes.ExpressionFailed, Assert.Single(Scene(script).State.Incidents).Code);

    [Theory]
    [InlineData("CSharp")]
    [InlineData("Python")]
    [InlineData("Liquid")]
    public void ForeignLanguage_WhenInADraft_ThenKeptVerbatimAndNeitherPublishedNorStarted(string type)
    {
        var definition = new FlowBuilder().Definition(Sequence("root", Line("first"), Activity("x", "Elsa.WriteLine", ("text", Expression(type, "{{ code }}")))));

        Assert.Equal("{{ code }}", (string?)JsonNode.Parse(DefinitionWriter.WriteFile(definition))!["root"]!["activities"]![1]!["text"]!["expression"]!["value"]);
        var message = Assert.Single(DefinitionValidator.Validate(definition, new ActivityCatalog(BuiltInActivities.All)));
        Assert.Equal(("x", ErrorCodes.ExpressionNotSupported), (message.ActivityId, message.Code));
        Assert.Contains(type, message.MessageZh, StringComparison.Ordinal);
        var instance = new Instance(definition);
        var refused = Assert.Throws<WorkflowException>(() => instance.Start());
        Assert.Equal(ErrorCodes.ExpressionNotSupported, refused.Code);
        Assert.Contains("'x'", refused.Message, StringComparison.Ordinal);
        Assert.Contains(type, refused.MessageZh, StringComparison.Ordinal);
        Assert.Equal(WorkflowSubStatus.Pending, instance.State.SubStatus);
    }

    [Fact]
    public void ForeignLanguage_WhenInTheConditionOfACase_ThenNotStarted()
    {
        var cases = new JsonArray(new JsonObject { ["label"] = "A", ["condition"] = new JsonObject { ["type"] = "Liquid", ["value"] = "{{ x }}" } });
        var instance = new Instance(new FlowBuilder().Add("s", "Elsa.FlowSwitch", ("cases", cases)).Flowchart());

        Assert.Equal(ErrorCodes.ExpressionNotSupported, Assert.Throws<WorkflowException>(() => instance.Start()).Code);
    }
}
