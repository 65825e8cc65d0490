using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class ForkTests
{
    private static JsonObject Fork(string? joinMode, params JsonNode[] branches) => Activity("fork", "Elsa.Fork", ("joinMode", joinMode), ("branches", new JsonArray(branches)));

    private static JsonObject Branch(int number) => Sequence($"s{number}", Line($"begin {number}"), Wait($"go {number}"), Line($"end {number}"));

    [Theory]
    [InlineData(null)]
    [InlineData("WaitAll")]
    public void Fork_WhenItWaitsForAll_ThenItEndsWithTheLastBranch(string? mode)
    {
        var instance = Run(Sequence("root", Line("start"), Fork(mode, Branch(1), Branch(2)), Line("end")));

        instance.Signal("go 1");
        instance.Signal("go 2");

        Assert.Equal(["start", "begin 1", "begin 2", "end 1", "end 2", "end"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Fork_WhenItWaitsForAny_ThenTheOtherBranchesAreCancelled()
    {
        var instance = Run(Sequence("root", Line("start"), Fork("WaitAny", Branch(1), Branch(2)), Line("end")));

        instance.Signal("go 1");

        Assert.Equal(["start", "begin 1", "begin 2", "end 1", "end"], instance.Lines);
        Assert.Equal(["go 2", "s2"], instance.Journal.Where(j => j.Event == "Canceled").Select(j => j.ActivityId));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Fork_WhenItHasNoBranches_ThenItCompletes() => Assert.Equal(WorkflowStatus.Finished, Run(Fork("WaitAll")).State.Status);

    [Fact]
    public void Fork_WhenCancelled_ThenAllThatItHoldsIs()
    {
        var instance = Run(Activity("loop", "Elsa.Fork", ("branches", new JsonArray(Wait("a"), Wait("b")))));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Equal(["Canceled a", "Canceled b", "Canceled loop"], instance.Entries().TakeLast(3));
        Assert.Empty(instance.State.Bookmarks);
    }

    [Fact]
    public void Fork_WhenInALoop_ThenEachRoundWaitsForAllAgain()
    {
        var instance = Run(Twice(Activity("loop", "Elsa.Fork", ("branches", new JsonArray(Wait("a"), Wait("b"))))));

        foreach (var name in (string[])["a", "b", "b", "a"])
            Assert.Equal(StepOutcome.Applied, instance.Signal(name));

        Assert.Equal(2, instance.State.Visits["loop"]);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }
}
