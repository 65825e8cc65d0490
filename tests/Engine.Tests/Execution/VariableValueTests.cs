using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Execution;

/// <summary>What becomes of values in variables of a type, as in Elsa; what has no meaning as the type is an incident.</summary>
public sealed class VariableValueTests
{
    private static WorkflowDefinition Setting(string type, bool isArray, string script)
    {
        var root = Sequence("root", Activity("set", "Elsa.SetVariable", ("variable", new JsonObject { ["name"] = "x" }), ("value", Script(script))));
        root["variables"] = new JsonArray(new JsonObject { ["id"] = "v-x", ["name"] = "x", ["typeName"] = type, ["isArray"] = isArray });
        return new FlowBuilder().Definition(Sequence("outer", root, Wait("hold")));
    }

    private static WorkflowDefinition Default(string type, bool isArray, JsonNode? value)
    {
        var root = Sequence("root", Line("read", "JSON.stringify(variables.x ?? 'nothing')"));
        root["variables"] = new JsonArray(new JsonObject { ["id"] = "v-x", ["name"] = "x", ["typeName"] = type, ["isArray"] = isArray, ["value"] = value });
        return new FlowBuilder().Definition(root);
    }

    [Theory]
    [InlineData("Int32", "({ a: 1 })", "an object")]
    [InlineData("Double", "[1]", "a list")]
    [InlineData("Int64", "'many'", "'many'")]
    [InlineData("Boolean", "({})", "an object")]
    [InlineData("Boolean", "'maybe'", "'maybe'")]
    [InlineData("DateTimeOffset", "({})", "an object")]
    [InlineData("DateTime", "5", "'5'")]
    [InlineData("TimeSpan", "true", "'True'")]
    [InlineData("Guid", "[]", "a list")]
    public void Variable_WhenItsTypeHasNoPlaceForAValue_ThenAnIncidentSaysSo(string type, string script, string says)
    {
        var instance = new Instance(Setting(type, false, script));

        instance.Start();

        var incident = Assert.Single(instance.State.Incidents);
        Assert.Equal(("set", ErrorCodes.InvalidInput), (incident.ActivityId, incident.Code));
        Assert.Contains($"'x' is {type} and cannot hold {says}", incident.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("String", "({ a: 1 })", "\"{\\\"a\\\":1}\"")]
    [InlineData("String", "[1, 2]", "\"[1,2]\"")]
    [InlineData("String", "1.5", "\"1.5\"")]
    [InlineData("Int32", "'42'", "42")]
    [InlineData("Int32", "true", "1")]
    [InlineData("Boolean", "'true'", "true")]
    [InlineData("Boolean", "0", "false")]
    [InlineData("Object", "'{\"a\":1}'", """{"a":1}""")]
    [InlineData("Object", "5", "5")]
    [InlineData("Acme.Form", "({ a: 1 })", """{"a":1}""")]
    [InlineData("DateTimeOffset", "'2026-03-02'", "\"2026-03-02\"")]
    public void Variable_WhenAValueCanBecomeItsType_ThenItDoes(string type, string script, string json)
    {
        var definition = Default(type, false, null);
        var root = Sequence("root", Activity("set", "Elsa.SetVariable", ("variable", new JsonObject { ["name"] = "x" }), ("value", Script(script))), Line("read", "JSON.stringify(variables.x)"));
        root["variables"] = JsonNode.Parse(definition.Document.GetProperty("root").GetProperty("variables").GetRawText());

        var instance = Run(root);

        Assert.Empty(instance.State.Incidents);
        Assert.Equal([json], instance.Lines);
    }

    [Theory]
    [InlineData("Int32", "({ length: 1 })")]
    [InlineData("Object", "5")]
    [InlineData("Object", "'text'")]
    public void Array_WhenTheValueIsNoList_ThenAnIncident(string type, string script)
    {
        var instance = new Instance(Setting(type, true, script));

        instance.Start();

        Assert.Contains($"{type}[]", Assert.Single(instance.State.Incidents).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Int32", true, "[1,2]", "[1,2]")]
    [InlineData("String", true, "a,b", """["a","b"]""")]
    [InlineData("String", true, "", "\"nothing\"")]
    [InlineData("Int32", false, "", "\"nothing\"")]
    [InlineData("Boolean", false, " ", "\"nothing\"")]
    [InlineData("String", false, "", "\"\"")]
    [InlineData("Object", false, "text", "\"text\"")]
    public void Default_WhenWrittenAsStudioDoes_ThenTheVariableBeginsWithIt(string type, bool isArray, string value, string json)
    {
        var definition = Default(type, isArray, value);
        var instance = new Instance(definition);

        instance.Start();

        Assert.Equal([json], instance.Lines);
        Assert.Empty(DefinitionValidator.Validate(definition, new ActivityCatalog(BuiltInActivities.All)));
    }

    [Fact]
    public void Default_WhenItIsNotOfTheType_ThenNotPublished()
    {
        var inner = Assert.Single(DefinitionValidator.Validate(Default("Int32", false, "many"), new ActivityCatalog(BuiltInActivities.All)));
        var outer = Assert.Single(DefinitionValidator.Validate(new FlowBuilder().Variable("n", "Boolean", "perhaps").Definition(Sequence("root")), new ActivityCatalog(BuiltInActivities.All)));

        Assert.Equal(("root", ErrorCodes.InvalidInput, true), (inner.ActivityId, inner.Code, inner.MessageZh.Contains("“x”", StringComparison.Ordinal)));
        Assert.Equal((null, ErrorCodes.InvalidInput), (outer.ActivityId, outer.Code));
    }
}
