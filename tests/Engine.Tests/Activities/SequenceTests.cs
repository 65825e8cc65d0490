using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class SequenceTests
{
    [Fact]
    public void Sequence_WhenStarted_ThenRunsInOrderAndFinishes()
    {
        var instance = Run(Sequence("root", Line("one"), Line("two")));

        Assert.Equal(["Started root", "Started one", "Completed one", "Started two", "Completed two", "Completed root"], instance.Entries());
        Assert.Equal((WorkflowStatus.Finished, WorkflowSubStatus.Finished), (instance.State.Status, instance.State.SubStatus));
        Assert.Empty(instance.State.Executions);
    }

    [Fact]
    public void Sequence_WhenEmpty_ThenItCompletes() => Assert.Equal(["Started root", "Completed root"], Run(Sequence("root")).Entries());

    [Fact]
    public void Sequence_WhenAnActivityWaits_ThenTheNextIsNotBegun()
    {
        var instance = Run(Sequence("root", Wait("go"), Line("after")));

        Assert.DoesNotContain("after", instance.State.Visits.Keys);
        instance.Signal("go");

        Assert.Equal(["after"], instance.Lines);
    }

    [Fact]
    public void End_WhenInASequence_ThenOnlyThatEnds()
    {
        var instance = Run(Sequence("root", Sequence("inner", Line("before"), Activity("end", "Elsa.End"), Line("never")), Line("after")));

        Assert.Equal(["before", "after"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }
}
