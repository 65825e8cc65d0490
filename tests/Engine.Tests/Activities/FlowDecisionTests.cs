using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class FlowDecisionTests
{
    private static JsonObject Decision(JsonNode? condition) => Activity("d", "Elsa.FlowDecision", ("condition", condition));

    private static JsonObject Chart(JsonNode? condition) => Flowchart("chart", [Decision(condition), Line("yes"), Line("no")], ("d:True", "yes"), ("d:False", "no"));

    [Theory]
    [InlineData("True", "yes")]
    [InlineData("False", "no")]
    [InlineData(null, "no")]
    public void FlowDecision_WhenItsConditionIsGiven_ThenItLeavesByThat(string? condition, string line)
    {
        var instance = Run(Chart(condition is null ? null : Literal(condition)));

        Assert.Equal([line], instance.Lines);
        Assert.Equal([condition == "True" ? "True" : "False"], instance.OutcomesOf("d"));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Theory]
    [InlineData("getVariable('n') > 3", "yes")]
    [InlineData("variables.n > 5", "no")]
    [InlineData("null", "no")]
    public void FlowDecision_WhenItsConditionIsAScript_ThenItReadsVariables(string script, string line) =>
        Assert.Equal([line], Run(Chart(Script(script)), new FlowBuilder().Variable("n", "Int32", "4")).Lines);

    [Fact]
    public void FlowDecision_WhenNothingIsConnectedToItsOutcome_ThenTheFlowchartEndsThere()
    {
        var instance = Run(Sequence("root", Flowchart("chart", [Decision(Literal(false)), Line("yes")], ("d:True", "yes")), Line("after")));

        Assert.Equal(["after"], instance.Lines);
        Assert.Equal(["Started root", "Started chart", "Started d", "Completed d", "Completed chart", "Started after", "Completed after", "Completed root"], instance.Entries());
    }

    [Theory]
    [InlineData("'perhaps'", ErrorCodes.InvalidInput)]
    [InlineData("nobody.knows", ErrorCodes.ExpressionFailed)]
    public void FlowDecision_WhenItsConditionIsNeitherTrueNorFalse_ThenAnIncidentAndNoBranchRuns(string script, string code)
    {
        var instance = Run(Chart(Script(script)));

        Assert.Equal(("d", code), instance.State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());
        Assert.Empty(instance.Lines);
        Assert.Equal("Started Faulted", instance.EventsOf("d"));
    }

    [Fact]
    public void FlowDecision_WhenInALoop_ThenEachRoundDecidesAnew() =>
        Assert.Equal(["no", "yes"], Run(Twice(Chart(Script("variables.CurrentValue === 2")))).Lines);

    [Fact]
    public void FlowDecision_WhenItsBranchLeadsBack_ThenTheLoopEndsWithTheCondition()
    {
        var count = Activity("count", "Elsa.SetVariable", ("variable", new JsonObject { ["name"] = "n" }), ("value", Script("variables.n + 1")));
        var instance = Run(Flowchart("chart", [count, Decision(Script("variables.n < 3")), Line("end")], ("count", "d"), ("d:True", "count"), ("d:False", "end")), new FlowBuilder().Variable("n", "Int32", "0"));

        Assert.Equal(["True", "True", "False"], instance.OutcomesOf("d"));
        Assert.Equal(["end"], instance.Lines);
    }
}
