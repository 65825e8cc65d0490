using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class CompleteTests
{
    private static JsonObject Complete(JsonNode? outcomes = null) => Activity("complete", "Elsa.Complete", ("outcomes", outcomes));

    [Fact]
    public void Complete_WhenReachedDeepInside_ThenTheWholeWorkflowEndsAndTheRestIsCancelled()
    {
        var instance = Run(Activity("parallel", "Elsa.Parallel", ("activities", new JsonArray(
            Wait("other"), Sequence("s", Line("before"), If("if", "true", Complete(Expression("Object", "[\"Approved\",\"Early\"]"))), Line("never"))))));

        Assert.Equal(["before"], instance.Lines);
        Assert.Equal((WorkflowStatus.Finished, WorkflowSubStatus.Finished), (instance.State.Status, instance.State.SubStatus));
        Assert.Equal(["Approved", "Early"], instance.State.Outcomes!);
        Assert.Equal(["Completed complete", "Completed if", "Completed s", "Canceled other", "Completed parallel"], instance.Entries().TakeLast(5));
        Assert.Equal(["Approved", "Early"], instance.Journal[^1].Outcomes!);
    }

    [Theory]
    [InlineData("Literal", "Rejected", "Rejected")]
    [InlineData("JavaScript", "'Rejected'", "Rejected")]
    [InlineData("JavaScript", "['A', 'B']", "A,B")]
    [InlineData("JavaScript", "7", "7")]
    [InlineData("JavaScript", "null", null)]
    [InlineData("Literal", null, null)]
    public void Complete_WhenItsOutcomesAreWrittenInAnyWay_ThenTheyAreRead(string type, string? value, string? outcomes)
    {
        var instance = Run(Sequence("root", Complete(Expression(type, value))));

        Assert.Equal(outcomes, instance.State.Outcomes is { } given ? string.Join(',', given) : null);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Complete_WhenInAComposite_ThenOnlyThatEndsByTheOutcomes()
    {
        var composite = Activity("composite", "Elsa.Workflow", ("root", Sequence("s", Line("before"), Complete(Literal("Approved")), Line("never"))));
        var instance = Run(Sequence("root", composite, Line("after")));

        Assert.Equal(["before", "after"], instance.Lines);
        Assert.Equal(["Approved"], instance.Journal.Single(j => j is { Event: "Completed", ActivityId: "composite" }).Outcomes!);
        Assert.Null(instance.State.Outcomes);
    }

    [Fact]
    public void Complete_WhenCompositesAreNested_ThenTheInnerOneEnds()
    {
        var inner = Activity("inner", "Elsa.Workflow", ("root", Sequence("i", Complete(), Line("never"))));
        var instance = Run(Activity("outer", "Elsa.Workflow", ("root", Sequence("o", inner, Line("outer goes on")))));

        Assert.Equal(["outer goes on"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Finish_WhenReachedInAComposite_ThenTheWholeWorkflowEnds()
    {
        var instance = Run(Sequence("root", Activity("composite", "Elsa.Workflow", ("root", Sequence("s", Activity("finish", "Elsa.Finish"), Line("never")))), Line("never either")));

        Assert.Empty(instance.Lines);
        Assert.Equal(["Started finish", "Completed finish", "Completed s", "Completed composite", "Completed root"], instance.Entries().TakeLast(5));
        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void WorkflowRoot_WhenListed_ThenItIsNotInThePalette()
    {
        var catalog = new ActivityCatalog(BuiltInActivities.All);

        Assert.All(new[] { "Elsa.Workflow", "Elsa.Flowchart", "Elsa.Sequence", "Elsa.Parallel", "Elsa.Fork", "Elsa.NotFoundActivity" }, type => Assert.False(catalog.Find(type)!.Descriptor.IsBrowsable));
        Assert.Equal(["root"], catalog.Find("Elsa.Workflow")!.Descriptor.Ports);
    }
}
