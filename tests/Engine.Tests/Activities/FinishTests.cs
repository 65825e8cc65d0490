using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class FinishTests
{
    private static JsonObject Finish => Activity("finish", "Elsa.Finish");

    [Fact]
    public void Finish_WhenReachedInABranch_ThenEverythingElseIsCancelled()
    {
        var instance = Run(Flowchart("chart", [Activity("start", "Elsa.Start"), Wait("never"), Wait("go"), Finish], ("start", "never"), ("start", "go"), ("go", "finish")));

        Assert.Equal(2, instance.State.Bookmarks.Count);
        instance.Signal("go");

        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
        Assert.Empty(instance.State.Bookmarks);
        Assert.Equal(["Completed finish", "Canceled never", "Completed chart"], instance.Entries().TakeLast(3));
    }

    [Fact]
    public void Finish_WhenItIsTheRoot_ThenTheWorkflowEnds() => Assert.Equal(["Started finish", "Completed finish"], Run(Finish).Entries());

    [Fact]
    public void Finish_WhenInASequence_ThenWhatFollowsIsNotBegun()
    {
        var instance = Run(Sequence("root", Line("before"), Finish, Line("never")));

        Assert.Equal(["before"], instance.Lines);
        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
    }

    [Theory]
    [InlineData("Elsa.While")]
    [InlineData("Elsa.ForEach")]
    [InlineData("Elsa.ParallelForEach")]
    public void Finish_WhenInALoop_ThenTheWholeWorkflowEndsWithAllThatStillRuns(string type)
    {
        var body = Sequence("body", Line("in"), Activity("if", "Elsa.If", ("condition", Script("(variables.CurrentValue ?? 2) === 2")), ("then", Finish), ("else", Wait("hold"))));
        var loop = Activity("loop", type, ("items", Script("[2, 1]")), ("condition", Literal(true)), ("body", body));

        var instance = Run(Sequence("root", loop, Line("never")));

        Assert.DoesNotContain("never", instance.Lines);
        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
        Assert.Empty(instance.State.Bookmarks);
        Assert.Empty(instance.State.Executions);
    }

    [Fact]
    public void Finish_WhenAnIncidentIsOpen_ThenItEndsNevertheless()
    {
        var instance = Run(Flowchart("chart", [Activity("start", "Elsa.Start"), Activity("fault", "Elsa.Fault"), Wait("go"), Finish], ("start", "fault"), ("start", "go"), ("go", "finish")));
        Assert.Single(instance.State.Incidents);

        instance.Signal("go");

        Assert.Equal((WorkflowStatus.Finished, WorkflowSubStatus.Finished), (instance.State.Status, instance.State.SubStatus));
        Assert.Empty(instance.State.Incidents);
    }
}
