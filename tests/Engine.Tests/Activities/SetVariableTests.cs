using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class SetVariableTests
{
    private static JsonObject Set(JsonNode? variable, JsonNode? value) => Activity("set", "Elsa.SetVariable", ("variable", variable), ("value", value));

    [Theory]
    [InlineData("""{"id":"v-x","name":"x","typeName":"Int32","value":"0"}""")]
    [InlineData("""{"name":"x"}""")]
    [InlineData("\"x\"")]
    public void SetVariable_WhenTheVariableIsNamedInAnyWay_ThenItIsSet(string variable)
    {
        var instance = Run(Set(JsonNode.Parse(variable), Literal("42")), new FlowBuilder().Variable("x", "Int32", "1"));

        Assert.Equal(42, instance.State.Variables["v-x"].GetInt32());
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SetVariable_WhenTheValueIsNullOrMissing_ThenTheVariableHasNone(bool missing)
    {
        var instance = Run(Set("x", missing ? null : Script("null")), new FlowBuilder().Variable("x", "String", "before"));

        Assert.Empty(instance.State.Variables);
    }

    [Theory]
    [InlineData("nobody", "1", ErrorCodes.InvalidInput)]
    [InlineData("x", "many", ErrorCodes.InvalidInput)]
    [InlineData(null, "1", ErrorCodes.InvalidInput)]
    public void SetVariable_WhenItCannot_ThenAnIncident(string? variable, string value, string code)
    {
        var instance = Run(Set(variable, Literal(value)), new FlowBuilder().Variable("x", "Int32", "1"));

        Assert.Equal(code, Assert.Single(instance.State.Incidents).Code);
        Assert.Equal(1, instance.State.Variables["v-x"].GetInt32());
    }

    [Fact]
    public void SetVariable_WhenInALoop_ThenEachRoundSeesTheLast() =>
        Assert.Equal(3, Run(Twice(Activity("set", "Elsa.SetVariable", ("variable", new JsonObject { ["name"] = "x" }), ("value", Script("variables.x + variables.CurrentValue")))), new FlowBuilder().Variable("x", "Int32", "0")).State.Variables["v-x"].GetInt32());

    [Fact]
    public void SetVariable_WhenContainersDeclareTheSameName_ThenTheNearestIsSet()
    {
        var inner = Sequence("inner", Set(new JsonObject { ["name"] = "x" }, Literal("5")), Line("in", "variables.x + ''"));
        inner["variables"] = new JsonArray(new JsonObject { ["id"] = "inner-x", ["name"] = "x", ["typeName"] = "Int32" });

        var instance = Run(Sequence("root", inner, Line("out", "variables.x + ''")), new FlowBuilder().Variable("x", "Int32", "1"));

        Assert.Equal(["5", "1"], instance.Lines);
    }
}
