using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

/// <summary>What both activities do that start a child; they differ in whether they wait for it unless they are told.</summary>
public abstract class ChildWorkflowTests(string type, bool waitsByItself)
{
    private JsonObject Start(params (string, JsonNode?)[] inputs) => Activity("start", type, [("workflowDefinitionId", Literal("child")), .. inputs]);

    [Theory]
    [InlineData(null)]
    [InlineData("True")]
    [InlineData("False")]
    public void Child_WhenItStartsAChild_ThenItIsWaitedForAsAsked(string? wait)
    {
        var waits = wait is null ? waitsByItself : wait == "True";
        var instance = Run(Sequence("root", Start(("correlationId", Literal("case-1")), ("input", Expression("Object", """{"caseId":"42"}""")), ("waitForCompletion", wait is null ? null : Literal(wait))), Line("after")));

        var effect = Assert.Single(instance.Effects.OfType<StartChildEffect>());
        Assert.Equal(("child", "case-1", "42", 1), (effect.DefinitionId, effect.CorrelationId, effect.Input["caseId"].GetString(), effect.Awaited));
        Assert.Equal(waits ? [] : ["after"], instance.Lines);
        Assert.Equal(waits ? instance.State.Bookmarks.Single().Id : null, effect.ReportTo);
        Assert.Equal(waits ? "Started Suspended" : "Started Completed", instance.EventsOf("start"));
    }

    [Theory]
    [InlineData(WorkflowSubStatus.Finished)]
    [InlineData(WorkflowSubStatus.Cancelled)]
    [InlineData(WorkflowSubStatus.Faulted)]
    public void Child_WhenTheChildHasEnded_ThenItsOutputIsTheResultHoweverItEnded(WorkflowSubStatus end)
    {
        var instance = Run(Sequence("root", Start(("waitForCompletion", Literal(true)), ("result", Binding("v-answer"))), Line("out", "variables.answer.score + ''")), new FlowBuilder().Variable("answer", "Object"));

        instance.Apply(Ended(instance, 87, end));

        Assert.Equal(["87"], instance.Lines);
        Assert.Equal("Started Suspended Resumed Completed", instance.EventsOf("start"));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Child_WhenOnlyTheDefinitionIsGiven_ThenTheChildKnowsItsParentAndHasNoCorrelation()
    {
        var instance = Run(Start());

        var effect = Assert.Single(instance.Effects.OfType<StartChildEffect>());
        Assert.Null(effect.CorrelationId);
        Assert.Equal(("ParentInstanceId", instance.State.InstanceId), effect.Input.Select(i => (i.Key, i.Value.GetGuid())).Single());
    }

    [Theory]
    [InlineData("[1]", ErrorCodes.InvalidInput)]
    [InlineData("nobody.knows", ErrorCodes.ExpressionFailed)]
    public void Child_WhenItsInputIsNoObject_ThenAnIncidentAndNoChild(string input, string code)
    {
        var instance = Run(Start(("input", Script(input)), ("waitForCompletion", Literal(true))));

        Assert.Equal(("start", code), instance.State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());
        Assert.Empty(instance.Effects);
        Assert.Empty(instance.State.Bookmarks);
    }

    [Fact]
    public void Child_WhenNoWorkflowIsNamed_ThenAnIncidentSaysSo() =>
        Assert.Contains("'workflowDefinitionId'", Assert.Single(Run(Activity("start", type)).State.Incidents).Message, StringComparison.Ordinal);

    [Fact]
    public void Child_WhenTheParentIsCancelled_ThenItWaitsNoMore()
    {
        var instance = Run(Start(("waitForCompletion", Literal(true))));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Empty(instance.State.Bookmarks);
        Assert.Equal("Started Suspended Canceled", instance.EventsOf("start"));
    }

    [Fact]
    public void Child_WhenInALoop_ThenEachRoundStartsAChildOfItsOwn()
    {
        var instance = Run(Twice(Start(("waitForCompletion", Literal(true)), ("input", Script("({ n: variables.CurrentValue })")))));

        instance.Apply(Ended(instance, 1));
        instance.Apply(Ended(instance, 2));

        var starts = instance.Effects.OfType<StartChildEffect>().ToList();
        Assert.Equal([1, 2], starts.Select(s => s.Input["n"].GetInt32()));
        Assert.Equal(2, starts.Select(s => s.Id).Distinct().Count());
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    private static Stimulus.Resume Ended(Instance instance, int score, WorkflowSubStatus end = WorkflowSubStatus.Finished) =>
        new(instance.State.Bookmarks.Single().Id, ChildResults.Write([new ChildResult(Guid.NewGuid(), end, JsonSerializer.SerializeToElement(new { score }))]));
}
