using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class ParallelTests
{
    private static JsonObject Parallel(params JsonNode[] activities) => Activity("parallel", "Elsa.Parallel", ("activities", new JsonArray(activities)));

    [Fact]
    public void Parallel_WhenItsActivitiesWait_ThenItEndsWithTheLast()
    {
        var instance = Run(Sequence("root", Parallel(Wait("a"), Line("now"), Sequence("s", Wait("b"), Line("later"))), Line("end")));

        Assert.Equal(["now"], instance.Lines);
        instance.Signal("b");
        instance.Signal("a");

        Assert.Equal(["now", "later", "end"], instance.Lines);
    }

    [Fact]
    public void Parallel_WhenOneActivityFaults_ThenTheOthersRunAndItStaysOpen()
    {
        var instance = Run(Parallel(Activity("bad", "Elsa.Fault"), Line("fine")));

        Assert.Equal(["fine"], instance.Lines);
        Assert.Equal(["bad", "parallel"], instance.State.Executions.Select(e => e.ActivityId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Parallel_WhenItIsEmpty_ThenItCompletes() => Assert.Equal(WorkflowStatus.Finished, Run(Parallel()).State.Status);

    [Fact]
    public void Parallel_WhenCancelled_ThenAllThatItHoldsIs()
    {
        var instance = Run(Activity("loop", "Elsa.Parallel", ("activities", new JsonArray(Wait("a"), Wait("b")))));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Equal(["Canceled a", "Canceled b", "Canceled loop"], instance.Entries().TakeLast(3));
        Assert.Empty(instance.State.Bookmarks);
    }

    [Fact]
    public void Parallel_WhenInALoop_ThenEachRoundWaitsForAllAgain()
    {
        var instance = Run(Twice(Activity("loop", "Elsa.Parallel", ("activities", new JsonArray(Wait("a"), Wait("b"))))));

        foreach (var name in (string[])["a", "b", "b", "a"])
            Assert.Equal(StepOutcome.Applied, instance.Signal(name));

        Assert.Equal(2, instance.State.Visits["loop"]);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }
}
