using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class StartTests
{
    [Fact]
    public void Start_WhenItIsNotTheFirst_ThenTheFlowchartBeginsThereAllTheSame()
    {
        var instance = Run(Flowchart("chart", [Line("other"), Line("next"), Activity("start", "Elsa.Start")], ("start", "next")));

        Assert.Equal(["next"], instance.Lines);
        Assert.Equal(["Started chart", "Started start", "Completed start", "Started next", "Completed next", "Completed chart"], instance.Entries());
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Start_WhenThereIsNone_ThenItBeginsWithWhatNothingLeadsTo() =>
        Assert.Equal(["a", "b"], Run(Flowchart("chart", [Line("b"), Line("a")], ("a", "b"))).Lines);

    [Fact]
    public void Start_WhenEverythingIsInACircle_ThenItBeginsWithTheFirst()
    {
        var instance = Run(Flowchart("chart", [Wait("a"), Line("b")], ("a", "b"), ("b", "a")));

        Assert.Equal("a", Assert.Single(instance.State.Bookmarks).ActivityId);
    }

    [Fact]
    public void Start_WhenInASequence_ThenItDoesNothing() => Assert.Equal(["a"], Run(Sequence("root", Activity("start", "Elsa.Start"), Line("a"))).Lines);

    [Fact]
    public void Start_WhenItIsTheWholeWorkflow_ThenThatEnds()
    {
        var instance = Run(Activity("start", "Elsa.Start"));

        Assert.Equal(["Started start", "Completed start"], instance.Entries());
        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void Start_WhenItsFlowchartIsInALoop_ThenEachRoundBeginsThere() =>
        Assert.Equal(["1", "2"], Run(Twice(Flowchart("chart", [Line("never"), Activity("start", "Elsa.Start"), Line("n", "variables.CurrentValue + ''")], ("start", "n")))).Lines);
}
