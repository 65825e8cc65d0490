using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class BreakTests
{
    private static JsonObject Break() => Activity("break", "Elsa.Break");

    [Fact]
    public void Break_WhenInWhile_ThenOnlyTheLoopEnds()
    {
        var instance = Run(Sequence("root",
            Activity("while", "Elsa.While", ("condition", Literal(true)), ("body", Sequence("s", Line("in"), Break(), Line("never")))), Line("after")));

        Assert.Equal(["in", "after"], instance.Lines);
        Assert.Equal(
            ["Started root", "Started while", "Started s", "Started in", "Completed in", "Started break", "Completed break", "Completed s", "Completed while", "Started after", "Completed after", "Completed root"],
            instance.Entries());
    }

    [Theory]
    [InlineData("Elsa.For")]
    [InlineData("Elsa.ForEach")]
    public void Break_WhenInALoopOverValues_ThenTheRestIsLeftOut(string type)
    {
        var instance = Run(Sequence("root", Activity("loop", type, ("start", Literal(1)), ("end", Literal(9)), ("items", Script("[1, 2, 3]")),
            ("body", Sequence("s", If("if", "variables.CurrentValue === 2", Break()), Line("line", "'' + variables.CurrentValue")))), Line("after")));

        Assert.Equal(["1", "after"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Break_WhenInParallelForEach_ThenTheOtherItemsAreCancelled()
    {
        var instance = Run(Sequence("root", Activity("loop", "Elsa.ParallelForEach", ("items", Script("[1, 2, 3]")),
            ("body", Sequence("s", Wait("go"), Break()))), Line("after")));

        instance.Signal("go");

        Assert.Equal(["after"], instance.Lines);
        Assert.Equal(2, instance.Journal.Count(j => j is { Event: "Canceled", ActivityId: "go" }));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Break_WhenLoopsAreNested_ThenTheInnerOneEnds()
    {
        var instance = Run(Activity("outer", "Elsa.ForEach", ("items", Script("['a', 'b']")), ("body", Sequence("s",
            Activity("inner", "Elsa.While", ("condition", Literal(true)), ("body", Break())), Line("line", "variables.CurrentValue")))));

        Assert.Equal(["a", "b"], instance.Lines);
    }

    [Fact]
    public void Break_WhenDeepInAForkOfTheLoop_ThenTheOtherBranchStopsWaiting()
    {
        var instance = Run(Sequence("root", Line("Start"),
            Activity("while", "Elsa.While", ("condition", Literal(true)), ("body", Sequence("body", Activity("fork", "Elsa.Fork", ("joinMode", "WaitAll"), ("branches", new JsonArray(
                Sequence("s1", Line("1"), Wait("go 1"), Line("1 resumed"), Break()),
                Sequence("s2", Line("2"), Wait("go 2"), Line("2 resumed")))))))),
            Line("End")));

        instance.Signal("go 1");

        Assert.Empty(instance.State.Bookmarks);
        Assert.Equal(["Start", "1", "2", "1 resumed", "End"], instance.Lines);
    }

    [Fact]
    public void Break_WhenInNoLoop_ThenItEndsItsSequence()
    {
        var instance = Run(Sequence("root", Sequence("s", Break(), Line("never")), Line("after")));

        Assert.Equal(["after"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }
}
