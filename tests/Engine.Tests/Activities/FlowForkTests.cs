using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class FlowForkTests
{
    private static JsonObject Fork(JsonNode? branches) => Activity("fork", "Elsa.FlowFork", ("branches", branches));

    [Theory]
    [InlineData("[]", "Done")]
    [InlineData("[\"One\"]", "One")]
    [InlineData("[\"One\",\"Two\"]", "One", "Two")]
    [InlineData(null, "Done")]
    public void FlowFork_WhenItsBranchesAreGiven_ThenItLeavesByAllOfThem(string? branches, params string[] outcomes)
    {
        var instance = Run(Flowchart("chart", [Fork(branches is null ? null : Expression("Object", branches)), .. outcomes.Select(o => Line(o))], [.. outcomes.Select(o => ($"fork:{o}", o))]));

        Assert.Equal(outcomes, instance.Lines);
        Assert.Equal([string.Join(',', outcomes)], instance.OutcomesOf("fork"));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void FlowFork_WhenItsBranchesAreComputed_ThenItLeavesByThose() =>
        Assert.Equal(["B"], Run(Flowchart("chart", [Fork(Script("['A', 'B'].filter(b => b !== 'A')")), Line("A"), Line("B")], ("fork:A", "A"), ("fork:B", "B"))).Lines);

    [Fact]
    public void FlowFork_WhenABranchIsNotConnected_ThenTheOthersRun() =>
        Assert.Equal(["B"], Run(Flowchart("chart", [Fork(Expression("Object", "[\"A\",\"B\"]")), Line("B")], ("fork:B", "B"))).Lines);

    [Fact]
    public void FlowFork_WhenItsBranchesWait_ThenTheFlowchartEndsWithTheLast()
    {
        var instance = Run(Sequence("root", Flowchart("chart", [Fork(Expression("Object", "[\"A\",\"B\"]")), Wait("a"), Wait("b")], ("fork:A", "a"), ("fork:B", "b")), Line("after")));

        instance.Signal("b");
        Assert.Empty(instance.Lines);
        instance.Signal("a");

        Assert.Equal(["after"], instance.Lines);
        Assert.Equal(["Completed b", "Completed a"], instance.Entries().Where(e => e is "Completed a" or "Completed b"));
    }

    [Fact]
    public void FlowFork_WhenOneBranchFaults_ThenTheOtherGoesOnAndARetryEndsIt()
    {
        var bad = Activity("bad", "Elsa.RunJavaScript", ("script", Script("if (!variables.mended) throw new Error('broken')")));
        var mend = Activity("mend", "Elsa.SetVariable", ("variable", new JsonObject { ["name"] = "mended" }), ("value", Literal(true)));
        var instance = Run(Flowchart("chart", [Fork(Expression("Object", "[\"A\",\"B\"]")), bad, mend], ("fork:A", "bad"), ("fork:B", "mend")), new FlowBuilder().Variable("mended", "Boolean", "false"));

        Assert.Equal("bad", Assert.Single(instance.State.Incidents).ActivityId);
        Assert.Equal("Started Completed", instance.EventsOf("mend"));
        instance.Apply(new Stimulus.Retry(null));

        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void FlowFork_WhenTheInstanceIsCancelled_ThenEveryBranchIs()
    {
        var instance = Run(Flowchart("chart", [Fork(Expression("Object", "[\"A\",\"B\"]")), Wait("a"), Wait("b")], ("fork:A", "a"), ("fork:B", "b")));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Equal(["Canceled a", "Canceled b", "Canceled chart"], instance.Entries().TakeLast(3));
        Assert.Empty(instance.State.Bookmarks);
    }

    [Fact]
    public void FlowFork_WhenInALoop_ThenEachRoundTakesAllItsBranches() =>
        Assert.Equal(["A", "B", "A", "B"], Run(Twice(Flowchart("chart", [Fork(Expression("Object", "[\"A\",\"B\"]")), Line("A"), Line("B")], ("fork:A", "A"), ("fork:B", "B")))).Lines);
}
