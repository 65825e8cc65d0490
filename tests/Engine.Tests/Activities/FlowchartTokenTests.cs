using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

/// <summary>The cases of Elsa's decision records on tokens and merge modes, and of its tests of them.</summary>
public sealed class FlowchartTokenTests
{
    private static (string, JsonNode?) Text(string text) => ("text", Literal(text));

    private static (string, JsonNode?) Merge(string? mode) => ("customProperties", new JsonObject { ["mergeMode"] = mode });

    private static FlowBuilder Lines(params string[] ids) =>
        ids.Aggregate(new FlowBuilder(), (flow, id) => flow.Add(id, "Elsa.WriteLine", Text(id)));

    private static Instance Run(FlowBuilder flow)
    {
        var instance = new Instance(flow.Flowchart());
        instance.Start();
        return instance;
    }

    [Fact]
    public void Flowchart_WhenLinear_ThenRunsInOrderAndFinishes()
    {
        var instance = Run(Lines("1", "2", "3", "4").Chain("1", "2", "3", "4"));

        Assert.Equal(["1", "2", "3", "4"], instance.Lines);
        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
        Assert.Equal(
            ["Started chart", "Started 1", "Completed 1", "Started 2", "Completed 2", "Started 3", "Completed 3", "Started 4", "Completed 4", "Completed chart"],
            instance.Journal.Select(j => $"{j.Event} {j.ActivityId}"));
    }

    [Fact]
    public void Flowchart_WhenEmpty_ThenFinishes() => Assert.Equal(WorkflowStatus.Finished, Run(new FlowBuilder()).State.Status);

    [Fact]
    public void Flowchart_WhenAnActivityIsUnconnected_ThenItDoesNotRun() => Assert.Equal(["a"], Run(Lines("a", "b")).Lines);

    [Fact]
    public void Flowchart_WhenNested_ThenTheInnerEndsBeforeTheOuterGoesOn()
    {
        var inner = new JsonObject
        {
            ["activities"] = new JsonArray(Activity("i1", "Elsa.WriteLine", Text("i1")), Activity("i2", "Elsa.WriteLine", Text("i2"))),
            ["connections"] = new JsonArray(new JsonObject { ["source"] = new JsonObject { ["activity"] = "i1" }, ["target"] = new JsonObject { ["activity"] = "i2" } }),
        };
        var instance = Run(Lines("o1", "o2")
            .Add("inner", "Elsa.Flowchart", ("activities", inner["activities"]!.DeepClone()), ("connections", inner["connections"]!.DeepClone()))
            .Chain("o1", "inner", "o2"));

        Assert.Equal(["o1", "i1", "i2", "o2"], instance.Lines);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("None")]
    [InlineData("Stream")]
    [InlineData("stream")]
    public void Stream_WhenThePathsAreBraided_ThenEveryActivityRunsOnceInOrder(string? mode)
    {
        var flow = new FlowBuilder();
        for (var i = 1; i <= 7; i++)
            flow.Add($"{i}", "Elsa.WriteLine", Text($"{i}"), Merge(mode));

        var instance = Run(flow.Chain("1", "2").Chain("1", "3").Chain("2", "4").Chain("2", "5").Chain("3", "5").Chain("3", "6").Chain("4", "7").Chain("5", "7").Chain("6", "7"));

        Assert.Equal(["1", "2", "3", "4", "5", "6", "7"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Theory]
    [InlineData("Stream", "A", "C")]
    [InlineData("Merge", "A")]
    [InlineData("Converge", "A")]
    [InlineData("Race", "A", "C")]
    [InlineData("Cascade", "A", "C")]
    public void MergeMode_WhenADecisionLeavesOnePathUntaken_ThenOnlyMergeAndConvergeAreHeldUp(string mode, params string[] lines)
    {
        var instance = Run(new FlowBuilder().Add("start", "Elsa.Start").Add("decide", "Elsa.FlowDecision", ("condition", Script("false")))
            .Add("A", "Elsa.WriteLine", Text("A")).Add("B", "Elsa.WriteLine", Text("B")).Add("C", "Elsa.WriteLine", Text("C"), Merge(mode))
            .Chain("start", "A", "C").Chain("start", "decide").Connect("decide", "B", "True").Chain("B", "C"));

        Assert.Equal(lines, instance.Lines);
    }

    [Theory]
    [InlineData("True")]
    [InlineData("False")]
    public void End_WhenBothOutcomesOfADecisionLeadToIt_ThenOneIsEnough(string condition) =>
        Assert.Equal(WorkflowStatus.Finished, Run(new FlowBuilder().Add("start", "Elsa.Start").Add("decide", "Elsa.FlowDecision", ("condition", Literal(condition))).Add("end", "Elsa.End")
            .Chain("start", "decide").Connect("decide", "end", "True").Connect("decide", "end", "False")).State.Status);

    [Fact]
    public void Loop_WhenDrawnWithConnections_ThenEndsByItsCondition()
    {
        var instance = Run(Lines("Start", "Retry", "End").Variable("n", "Int32", "0")
            .Add("inc", "Elsa.SetVariable", ("variable", new JsonObject { ["id"] = "v-n" }), ("value", Script("variables.n + 1")))
            .Add("more", "Elsa.FlowDecision", ("condition", Script("variables.n > 1")))
            .Chain("Start", "inc", "more").Connect("more", "Retry", "False").Connect("more", "End", "True").Chain("Retry", "inc"));

        Assert.Equal(["Start", "Retry", "End"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Theory]
    [InlineData("Merge")]
    [InlineData("Stream")]
    [InlineData("Race")]
    [InlineData("Cascade")]
    public void MergeMode_WhenALoopLeadsBackToIt_ThenItRunsAgainEachTime(string mode)
    {
        var instance = Run(new FlowBuilder().Variable("n", "Int32", "0").Add("start", "Elsa.Start")
            .Add("head", "Elsa.SetVariable", ("variable", new JsonObject { ["id"] = "v-n" }), ("value", Script("variables.n + 1")), Merge(mode))
            .Add("more", "Elsa.FlowDecision", ("condition", Script("variables.n < 4"))).Add("end", "Elsa.WriteLine", ("text", Script("String(variables.n)")))
            .Chain("start", "head", "more").Connect("more", "head", "True").Connect("more", "end", "False"));

        Assert.Equal(["4"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Converge_WhenALoopLeadsBackToIt_ThenItWaitsForTheLoopToo()
    {
        var instance = Run(Lines("a").Add("head", "Elsa.WriteLine", Text("head"), Merge("Converge")).Add("back", "Elsa.WriteLine", Text("back")).Chain("a", "head", "back", "head"));

        Assert.Equal(["a"], instance.Lines);
    }

    [Theory]
    [InlineData("Converge")]
    [InlineData("Merge")]
    public void MergeMode_WhenForksFollowEachOther_ThenEachMergeRunsOnce(string mode)
    {
        var instance = Run(Lines("start", "a1", "a2", "b1", "b2", "end").Add("m1", "Elsa.WriteLine", Text("m1"), Merge(mode)).Add("m2", "Elsa.WriteLine", Text("m2"), Merge(mode))
            .Chain("start", "a1", "m1", "b1", "m2", "end").Chain("start", "a2", "m1", "b2", "m2"));

        Assert.Equal(["start", "a1", "a2", "m1", "b1", "b2", "m2", "end"], instance.Lines);
    }

    [Fact]
    public void Merge_WhenItIsInALoop_ThenEachRoundNeedsAllItsBranchesAgain()
    {
        var instance = new Instance(new FlowBuilder().Variable("n", "Int32", "0").Add("start", "Elsa.Start").Add("fork", "Elsa.FlowFork", ("branches", Expression("Object", "[\"L\",\"R\"]")))
            .Add("l", "Elsa.Event", EventName("l")).Add("r", "Elsa.Event", EventName("r"))
            .Add("join", "Elsa.FlowJoin", ("mode", Literal("WaitAll")))
            .Add("inc", "Elsa.SetVariable", ("variable", new JsonObject { ["id"] = "v-n" }), ("value", Script("variables.n + 1")))
            .Add("more", "Elsa.FlowDecision", ("condition", Script("variables.n < 2")))
            .Chain("start", "fork").Connect("fork", "l", "L").Connect("fork", "r", "R").Chain("l", "join", "inc", "more").Chain("r", "join").Connect("more", "fork", "True").Flowchart());

        instance.Start();
        foreach (var signal in new[] { "l", "r", "l" })
            Assert.Equal(StepOutcome.Applied, instance.Signal(signal));
        Assert.Equal(1, instance.State.Visits["join"]);
        instance.Signal("r");

        Assert.Equal(2, instance.State.Visits["join"]);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }
}
