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

    [Fact]
    public void WaitAll_WhenABranchFaults_ThenTheJoinIsNotPassed()
    {
        var instance = Run(Lines("A", "B", "C", "D", "E", "F").Add("decide", "Elsa.FlowDecision", ("condition", Script("return false;")))
            .Add("fault", "Elsa.Fault").Add("join", "Elsa.FlowJoin", ("mode", Literal("WaitAll")))
            .Chain("A", "C", "join", "F").Chain("A", "B", "join").Chain("A", "D", "decide").Connect("decide", "E", "True").Connect("decide", "fault", "False").Chain("E", "join"));

        Assert.Equal(["A", "C", "B", "D"], instance.Lines);
        Assert.Equal("fault", Assert.Single(instance.State.Incidents).ActivityId);
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

    [Theory]
    [InlineData(null)]
    [InlineData("WaitAny")]
    public void Join_WhenItWaitsForAny_ThenWhatStillWaitsIsCancelledAndItRunsOnce(string? mode)
    {
        var join = mode is null ? new FlowBuilder().Add("join", "Elsa.FlowJoin") : new FlowBuilder().Add("join", "Elsa.FlowJoin", ("mode", Literal(mode)));
        var instance = new Instance(join.Add("start", "Elsa.Start").Add("slow", "Elsa.Event", EventName("slow")).Add("wait", "Elsa.Delay", ("timeSpan", Literal("1.00:00:00")))
            .Add("fast", "Elsa.Event", EventName("fast")).Add("after", "Elsa.WriteLine", Text("after")).Add("hold", "Elsa.Event", EventName("hold"))
            .Chain("start", "slow", "join", "after", "hold").Chain("start", "wait", "join").Chain("start", "fast", "join").Flowchart());

        instance.Start();
        instance.Signal("fast");

        Assert.Equal(["after"], instance.Lines);
        Assert.Equal("hold", Assert.Single(instance.State.Bookmarks).ActivityId);
        Assert.Empty(instance.State.Timers);
        Assert.Equal(["slow", "wait"], instance.Journal.Where(j => j.Event == "Canceled").Select(j => j.ActivityId));
        instance.Signal("hold");
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Theory]
    [InlineData("WaitAny")]
    [InlineData("WaitAll")]
    [InlineData("WaitAllActive")]
    public void Join_WhenNoBranchWaits_ThenAllBranchesRunAndItGoesOnOnce(string mode)
    {
        var instance = Run(Lines("start", "A", "B", "middle", "C", "D", "end")
            .Add("f1", "Elsa.FlowFork", ("branches", Expression("Object", "[\"A\",\"B\"]"))).Add("j1", "Elsa.FlowJoin", ("mode", Literal(mode)))
            .Add("f2", "Elsa.FlowFork", ("branches", Expression("Object", "[\"C\",\"D\"]"))).Add("j2", "Elsa.FlowJoin", ("mode", Literal(mode)))
            .Chain("start", "f1").Connect("f1", "A", "A").Connect("f1", "B", "B").Chain("A", "j1", "middle", "f2").Chain("B", "j1")
            .Connect("f2", "C", "C").Connect("f2", "D", "D").Chain("C", "j2", "end").Chain("D", "j2"));

        Assert.Equal(["start", "A", "B", "middle", "C", "D", "end"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Theory]
    [InlineData("WaitAll")]
    [InlineData("WaitAny")]
    public void Join_WhenSeveralConnectionsOfOneActivityLeadToIt_ThenItRunsOnce(string mode)
    {
        var instance = Run(new FlowBuilder().Add("fork", "Elsa.FlowFork", ("branches", Expression("Object", "[\"L\",\"R\"]"))).Add("join", "Elsa.FlowJoin", ("mode", Literal(mode)))
            .Add("after", "Elsa.WriteLine", Text("after")).Connect("fork", "join", "L").Connect("fork", "join", "R").Chain("join", "after"));

        Assert.Equal(["after"], instance.Lines);
    }

    [Theory]
    [InlineData("WaitAll")]
    [InlineData("WaitAllActive")]
    public void Join_WhenAnActivityNothingLeadsToIsConnectedToIt_ThenItIsNotWaitedFor(string mode)
    {
        var instance = Run(Lines("after").Add("start", "Elsa.Start").Add("orphan", "Elsa.Event", EventName("never")).Add("join", "Elsa.FlowJoin", ("mode", Literal(mode)))
            .Chain("start", "join", "after").Chain("orphan", "join"));

        Assert.Equal(["after"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Join_WhenAnotherTriggerHasStartedTheInstance_ThenTheOtherBeginningIsNotWaitedFor()
    {
        var may = ("customProperties", (JsonNode?)new JsonObject { ["canStartWorkflow"] = true });
        var instance = new Instance(Lines("after").Add("first", "Elsa.Event", EventName("first"), may).Add("second", "Elsa.Event", EventName("second"), ("customProperties", may.Item2!.DeepClone()))
            .Add("join", "Elsa.FlowJoin", ("mode", Literal("WaitAll"))).Chain("first", "join", "after").Chain("second", "join").Flowchart());

        instance.Apply(new Stimulus.Start(new Dictionary<string, System.Text.Json.JsonElement>(), Trigger: new StartTrigger("second", default)));

        Assert.Equal(["after"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Fork_WhenItsBranchesAreComputed_ThenItLeavesByThose()
    {
        var instance = Run(Lines("A", "B").Add("fork", "Elsa.FlowFork", ("branches", Script("['A', 'B'].filter(b => b !== 'A')"))).Connect("fork", "A", "A").Connect("fork", "B", "B"));

        Assert.Equal(["B"], instance.Lines);
    }

    [Fact]
    public void Join_WhenItsModeIsAnExpression_ThenNotPublished()
    {
        var definition = Lines("a").Add("join", "Elsa.FlowJoin", ("mode", Script("'WaitAll'"))).Chain("a", "join").Flowchart();

        var message = Assert.Single(DefinitionValidator.Validate(definition, new ActivityCatalog(BuiltInActivities.All)));
        Assert.Equal("join", message.ActivityId);
    }
}
