using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Definitions;

public sealed class DefinitionReaderTests
{
    private const string Example = """
        {"$schema":"https://elsaworkflows.io/schemas/workflow-definition/v3.0.0/schema.json","id":"v1","definitionId":"demo","name":"演示","version":3,
         "futureProperty":{"kept":[1,2.50,"x"]},"customProperties":{"VariableTestValues":{}},
         "root":{"id":"chart","nodeId":"wrong","type":"Elsa.Flowchart","version":1,"metadata":{"designer":{"position":{"x":1.5,"y":-2}}},
          "activities":[
           {"id":"a","type":"Acme.Unknown","version":7,"secret":{"expression":{"type":"Python","value":"1+1"}},"metadata":{"displayText":"未知"}},
           {"id":"if","type":"Elsa.If","version":1,"then":{"id":"t","type":"Elsa.WriteLine","version":1},"else":null}],
          "connections":[{"source":{"activity":"a","port":"Done"},"target":{"activity":"if","port":"In"},"vertices":[{"x":4,"y":9}]}]}}
        """;

    [Fact]
    public void RoundTrip_WhenPropertiesAreUnknown_ThenNothingIsLost()
    {
        var written = DefinitionWriter.WriteFile(DefinitionReader.Read(Example));

        var expected = JsonNode.Parse(Example)!;
        expected["root"]!["nodeId"] = "Workflow1:chart";
        expected["root"]!["activities"]![0]!["nodeId"] = "Workflow1:chart:a";
        expected["root"]!["activities"]![1]!["nodeId"] = "Workflow1:chart:if";
        expected["root"]!["activities"]![1]!["then"]!["nodeId"] = "Workflow1:chart:if:t";
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(written)), Encoding.UTF8.GetString(written));
    }

    [Fact]
    public void Writer_WhenStamped_ThenServerOwnedPropertiesAreReplaced()
    {
        var written = JsonNode.Parse(DefinitionWriter.WriteFile(DefinitionReader.Read(Example), new DefinitionStamp("v9", "demo", 9, IsLatest: true, IsPublished: false)))!;

        Assert.Equal(("v9", 9, true), (written["id"]!.GetValue<string>(), written["version"]!.GetValue<int>(), written["isLatest"]!.GetValue<bool>()));
        Assert.Equal("演示", written["name"]!.GetValue<string>());
    }

    [Fact]
    public void Reader_WhenConnectionsAreFlat_ThenReadsThemToo()
    {
        var definition = DefinitionReader.Read("""
            {"id":"1","definitionId":"d","root":{"id":"c","type":"Elsa.Flowchart","activities":[{"id":"a","type":"Elsa.Start"},{"id":"b","type":"Elsa.End"}],
             "connections":[{"source":"a","target":"b","sourcePort":"Done","targetPort":"In"}]}}
            """);

        Assert.Equal(new Connection("a", "Done", "b"), Assert.Single(definition.Root.Connections));
    }

    [Fact]
    public void Reader_WhenAFlowchartRepeatsItsStart_ThenThatIsKeptAndNotRead()
    {
        var definition = DefinitionReader.Read("""{"root":{"id":"c","type":"Elsa.Flowchart","start":{"id":"a","type":"Elsa.Start"},"activities":[{"id":"a","type":"Elsa.Start"}]}}""");

        Assert.Equal(2, definition.Activities.Count);
        Assert.Contains("\"start\"", Encoding.UTF8.GetString(DefinitionWriter.WriteFile(definition)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "JSON object")]
    [InlineData("{", "not valid JSON")]
    [InlineData("""{"id":"x"}""", "no root")]
    [InlineData("""{"root":{"type":"Elsa.Flowchart"}}""", "has no id")]
    [InlineData("""{"root":{"id":"c"}}""", "has no type")]
    [InlineData("""{"root":{"id":"c","type":"Elsa.Sequence","activities":[{"id":"c","type":"Elsa.Start"}]}}""", "used twice")]
    [InlineData("""{"root":{"id":"c","type":"Elsa.Sequence","activities":[3]}}""", "not an activity")]
    [InlineData("""{"root":{"id":"c","type":"Elsa.Flowchart","activities":[],"connections":[{"source":{"activity":"ghost"},"target":{"activity":"c"}}]}}""", "ghost")]
    [InlineData("""{"root":{"id":"c","type":"Elsa.Flowchart","activities":[],"connections":[7]}}""", "source")]
    public void Reader_WhenTheDefinitionIsBroken_ThenSaysWhatToDo(string json, string says)
    {
        var error = Assert.Throws<WorkflowException>(() => DefinitionReader.Read(json));

        Assert.Equal(ErrorCodes.InvalidDefinition, error.Code);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reader_WhenNestedTooDeep_ThenRefuses()
    {
        var json = """{"id":"leaf","type":"Elsa.Start"}""";
        for (var i = 0; i <= DefinitionLimits.MaxNesting; i++)
            json = "{\"id\":\"s" + i + "\",\"type\":\"Elsa.If\",\"then\":" + json + "}";

        var error = Assert.Throws<WorkflowException>(() => DefinitionReader.Read("{\"root\":" + json + "}"));

        Assert.Contains("nested", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reader_WhenThereAreTooManyActivities_ThenRefuses()
    {
        var many = string.Join(',', Enumerable.Range(0, DefinitionLimits.MaxActivities + 1).Select(i => $$"""{"id":"a{{i}}","type":"Elsa.Start"}"""));

        var error = Assert.Throws<WorkflowException>(() => DefinitionReader.Read("{\"root\":{\"id\":\"c\",\"type\":\"Elsa.Sequence\",\"activities\":[" + many + "]}}"));

        Assert.Contains("more than", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Acme.Magic", null, ErrorCodes.UnknownActivity)]
    [InlineData("Elsa.Event", null, ErrorCodes.InvalidInput)]
    [InlineData("Elsa.Delay", "\"soon\"", ErrorCodes.InvalidInput)]
    [InlineData("Elsa.SetVariable", null, ErrorCodes.InvalidInput)]
    public void Validator_WhenAnActivityIsWrong_ThenNamesItAndSaysWhatToDo(string type, string? timeSpan, string code)
    {
        var definition = new FlowBuilder().Add("guilty", type, ("timeSpan", timeSpan is null ? null : Literal(JsonNode.Parse(timeSpan)))).Sequence();

        var message = Assert.Single(DefinitionValidator.Validate(definition, new ActivityCatalog(BuiltInActivities.All)));

        Assert.Equal(("guilty", code), (message.ActivityId, message.Code));
        Assert.Contains("guilty", message.Message, StringComparison.Ordinal);
        Assert.Contains("guilty", message.MessageZh, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Elsa.SetVariable", "variable", "{}")]
    [InlineData("Elsa.Cron", "cronExpression", "\"61 * * * *\"")]
    public void Validator_WhenAnActivityRefusesItsUse_ThenTheCauseIsInTheEnglishMessageAlone(string type, string input, string json)
    {
        var definition = new FlowBuilder().Add("a", type, (input, type == "Elsa.Cron" ? Literal(JsonNode.Parse(json)) : JsonNode.Parse(json))).Sequence();

        var message = Assert.Single(DefinitionValidator.Validate(definition, new ActivityCatalog(BuiltInActivities.All)));

        Assert.True(message.Message.Length > "Activity 'a' ".Length);
        Assert.Equal("活动“a”（a）配置有误，请检查并更正。", message.MessageZh);
    }

    [Theory]
    [InlineData("JavaScript", "((((", ErrorCodes.ExpressionFailed)]
    [InlineData("CSharp", "true", ErrorCodes.ExpressionNotSupported)]
    [InlineData("Variable", "nobody", ErrorCodes.InvalidInput)]
    [InlineData("Literal", "perhaps", ErrorCodes.InvalidInput)]
    public void Validator_WhenACaseOfASwitchCannotRun_ThenNamesTheCase(string type, string value, string code)
    {
        var cases = new JsonArray(new JsonObject { ["label"] = "big", ["condition"] = new JsonObject { ["type"] = type, ["value"] = value } });
        var definition = new FlowBuilder().Add("s", "Elsa.FlowSwitch", ("cases", cases)).Flowchart();

        var message = Assert.Single(DefinitionValidator.Validate(definition, new ActivityCatalog(BuiltInActivities.All)));

        Assert.Equal(("s", code), (message.ActivityId, message.Code));
        Assert.Contains("case 'big'", message.Message, StringComparison.Ordinal);
        Assert.Contains("分支“big”", message.MessageZh, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CSharp", "1 + 1", ErrorCodes.ExpressionNotSupported)]
    [InlineData("JavaScript", "return (", ErrorCodes.ExpressionFailed)]
    [InlineData("Object", "{broken", ErrorCodes.ExpressionFailed)]
    [InlineData("Variable", "nobody", ErrorCodes.InvalidInput)]
    public void Validator_WhenAnExpressionCannotRun_ThenRefuses(string type, string value, string code)
    {
        var definition = new FlowBuilder().Add("w", "Elsa.WriteLine", ("text", Expression(type, value))).Sequence();

        Assert.Equal(code, Assert.Single(DefinitionValidator.Validate(definition, new ActivityCatalog(BuiltInActivities.All))).Code);
    }

    [Fact]
    public void Validator_WhenAConnectionLeavesByAnOutcomeThatIsNotThere_ThenNamesTheOutcomes()
    {
        var definition = new FlowBuilder().Add("d", "Elsa.FlowDecision", ("condition", Literal(true))).Add("e", "Elsa.End").Connect("d", "e", "Maybe").Flowchart();

        var message = Assert.Single(DefinitionValidator.Validate(definition, new ActivityCatalog(BuiltInActivities.All)));

        Assert.Contains("True, False", message.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Catalogue_HoldsEveryTypeOnceWithTexts()
    {
        foreach (var activity in BuiltInActivities.All)
            Assert.True(activity.Descriptor is { DisplayName.Length: > 0, Description.Length: > 0, Category.Length: > 0 }, activity.Descriptor.Type);
        Assert.Throws<InvalidOperationException>(() => new ActivityCatalog([.. BuiltInActivities.All, BuiltInActivities.All[0]]));
    }

    [Fact]
    public void Elsa_example_ReadsWithItsUnknownActivities()
    {
        var definition = DefinitionReader.Read(Example);

        Assert.Equal(["a", "chart", "if", "t"], definition.Activities.Keys.Order());
        Assert.Equal("未知", definition.Activities["a"].DisplayText);
        Assert.Equal(JsonValueKind.Object, definition.Document.GetProperty("futureProperty").ValueKind);
    }
}
