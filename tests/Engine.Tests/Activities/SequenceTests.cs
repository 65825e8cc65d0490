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

    [Fact]
    public void Sequence_WhenAnActivityFaults_ThenTheNextRunsAfterTheRetry()
    {
        var bad = Activity("bad", "Elsa.RunJavaScript", ("script", Literal("if (!variables.mended) throw new Error('broken')")));
        var instance = Run(Sequence("root", bad, Line("after")), new FlowBuilder().Variable("mended", "Boolean", "false"));
        Assert.Empty(instance.Lines);

        instance.Apply(new Stimulus.Alter([new Alteration.ModifyVariable("mended", System.Text.Json.JsonSerializer.SerializeToElement(true))]));
        instance.Apply(new Stimulus.Retry(null));

        Assert.Equal(["after"], instance.Lines);
    }

    [Fact]
    public void Sequence_WhenCancelledWhileItWaits_ThenTheRestIsNotBegun()
    {
        var instance = Run(Sequence("root", Wait("go"), Line("never")));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Equal(["Canceled go", "Canceled root"], instance.Entries().TakeLast(2));
        Assert.Empty(instance.Lines);
    }

    [Fact]
    public void Sequence_WhenInALoop_ThenEachRoundBeginsWithTheFirst() => Assert.Equal(["a", "b", "a", "b"], Run(Twice(Sequence("s", Line("a"), Line("b")))).Lines);
}
