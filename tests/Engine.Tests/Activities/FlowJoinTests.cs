using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class FlowJoinTests
{
    private static (string, JsonNode?) Text(string text) => ("text", Literal(text));

    private static FlowBuilder Lines(params string[] ids) =>
        ids.Aggregate(new FlowBuilder(), (flow, id) => flow.Add(id, "Elsa.WriteLine", Text(id)));

    private static Instance Run(FlowBuilder flow)
    {
        var instance = new Instance(flow.Flowchart());
        instance.Start();
        return instance;
    }

    private static FlowBuilder ForkJoin(string mode)
    {
        var flow = Lines("after").Add("start", "Elsa.Start");
        var join = flow.ForkAndJoin(1, mode, "start", "Done", 2, (branch, from, port) =>
        {
            var id = branch == 0 ? "left" : "right";
            flow.Add(id, "Elsa.Event", EventName(id)).Connect(from, id, port);
            return (id, "Done");
        });
        return flow.Connect(join.Id, "after");
    }

    [Theory]
    [InlineData("WaitAll")]
    [InlineData("WaitAllActive")]
    public void Join_WhenItWaitsForAll_ThenGoesOnOnceAfterTheLast(string mode)
    {
        var instance = Run(ForkJoin(mode));

        instance.Signal("right");
        Assert.Empty(instance.Lines);
        instance.Signal("left");

        Assert.Equal(["after"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Join_WhenItWaitsForAny_ThenTheOtherBranchIsCancelled()
    {
        var instance = Run(ForkJoin("WaitAny"));

        instance.Signal("left");

        Assert.Equal(["after"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
        Assert.Equal(StepOutcome.Superseded, instance.Signal("right"));
    }

    [Fact]
    public void Join_WhenABranchIsLonger_ThenWaitsForTheWholeBranch()
    {
        var instance = new Instance(new FlowBuilder()
            .Add("start", "Elsa.Start").Add("a", "Elsa.Event", EventName("a"))
            .Add("b1", "Elsa.Event", EventName("b1")).Add("b2", "Elsa.Event", EventName("b2"))
            .Add("join", "Elsa.FlowJoin", ("mode", Literal("WaitAllActive"))).Add("after", "Elsa.WriteLine", ("text", Literal("after")))
            .Chain("start", "a", "join", "after").Chain("start", "b1", "b2", "join").Flowchart());

        instance.Start();
        instance.Signal("a");
        instance.Signal("b1");
        Assert.Empty(instance.Lines);
        instance.Signal("b2");

        Assert.Equal(["after"], instance.Lines);
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
    public void Join_WhenItsModeIsAnExpression_ThenNotPublished()
    {
        var definition = Lines("a").Add("join", "Elsa.FlowJoin", ("mode", Script("'WaitAll'"))).Chain("a", "join").Flowchart();

        var message = Assert.Single(DefinitionValidator.Validate(definition, new ActivityCatalog(BuiltInActivities.All)));
        Assert.Equal("join", message.ActivityId);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("WaitAll")]
    [InlineData("WaitAllActive")]
    public void Join_WhenNothingOrOneActivityLeadsToIt_ThenItGoesOn(string? mode)
    {
        var join = Activity("join", "Elsa.FlowJoin", ("mode", mode is null ? null : Literal(mode)));

        var alone = Nested.Run(Nested.Flowchart("chart", [join]));
        var inSequence = Nested.Run(Nested.Sequence("root", Nested.Line("before"), join.DeepClone(), Nested.Line("after")));
        var behindOne = Nested.Run(Nested.Flowchart("chart", [Nested.Line("before"), join.DeepClone(), Nested.Line("after")], ("before", "join"), ("join", "after")));

        Assert.Equal("Started Completed", alone.EventsOf("join"));
        Assert.All((Instance[])[inSequence, behindOne], i => Assert.Equal(["before", "after"], i.Lines));
        Assert.All((Instance[])[alone, inSequence, behindOne], i => Assert.Equal(WorkflowSubStatus.Finished, i.State.SubStatus));
    }

    [Theory]
    [InlineData("WaitAll")]
    [InlineData("WaitAllActive")]
    public void Join_WhenTheInstanceIsCancelledBeforeTheLast_ThenItIsNotPassed(string mode)
    {
        var instance = Run(ForkJoin(mode));
        instance.Signal("left");

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Equal(WorkflowSubStatus.Cancelled, instance.State.SubStatus);
        Assert.Empty(instance.Lines);
        Assert.Empty(instance.State.Bookmarks);
    }

    [Theory]
    [InlineData("WaitAll", "left", "right", "left", "right")]
    [InlineData("WaitAllActive", "right", "left", "right", "left")]
    [InlineData("WaitAny", "left", "right")]
    public void Join_WhenItsFlowchartIsInALoop_ThenEachRoundJoinsAnew(string mode, params string[] signals)
    {
        var chart = JsonNode.Parse(ForkJoin(mode).Flowchart().Document.GetProperty("root").GetRawText())!;
        var instance = Nested.Run(Nested.Twice(chart));

        foreach (var signal in signals)
            Assert.Equal(StepOutcome.Applied, instance.Signal(signal));

        Assert.Equal(["after", "after"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Join_WhenABranchThatFaultedIsRetried_ThenItGoesOnOnce()
    {
        var bad = ("script", (JsonNode?)Script("if (!variables.mended) throw new Error('broken')"));
        var instance = Run(Lines("after").Variable("mended", "Boolean", "false").Add("start", "Elsa.Start").Add("bad", "Elsa.RunJavaScript", bad).Add("go", "Elsa.Event", EventName("go"))
            .Add("mend", "Elsa.SetVariable", ("variable", new JsonObject { ["name"] = "mended" }), ("value", Literal(true))).Add("join", "Elsa.FlowJoin", ("mode", Literal("WaitAll")))
            .Chain("start", "bad", "join", "after").Chain("start", "go", "mend", "join"));
        instance.Signal("go");
        Assert.Empty(instance.Lines);

        instance.Apply(new Stimulus.Retry(null));

        Assert.Equal(["after"], instance.Lines);
        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
    }
}
