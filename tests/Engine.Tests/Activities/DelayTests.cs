using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class DelayTests
{
    private static readonly ActivityCatalog Catalog = new(BuiltInActivities.All);

    private static JsonObject At(JsonNode? value, bool starts = false) => Activity("at", "Elsa.Delay", ("timeSpan", value), ("customProperties", new JsonObject { ["canStartWorkflow"] = starts }));

    [Fact]
    public void Delay_WhenInsideAFlow_ThenItWaitsOnceUntilItsInstantAndNotBefore()
    {
        var instance = Run(Sequence("root", Line("before"), At(Literal("00:10:00")), Line("after")));

        Assert.Equal(Instance.Begin.AddMinutes(10), instance.State.NextDueAt());
        instance.Now = Instance.Begin.AddMinutes(10).AddTicks(-1);
        Assert.Equal(StepOutcome.Superseded, instance.Apply(new Stimulus.TimersDue()));
        instance.Now = Instance.Begin.AddMinutes(10);
        Assert.Equal(StepOutcome.Applied, instance.Apply(new Stimulus.TimersDue()));

        Assert.Equal(["before", "after"], instance.Lines);
        Assert.Equal("Started Suspended Resumed Completed", instance.EventsOf("at"));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Delay_WhenItsValueIsComputed_ThenItIsThatAtThatTime() =>
        Assert.Equal(Instance.Begin.AddMinutes(10), Run(At(Script("'00:10:00'"))).State.NextDueAt());

    [Fact]
    public void Delay_WhenItWasDroppedAndNothingSet_ThenItWaitsAMinute()
    {
        var definition = new FlowBuilder().Add("wait", "Elsa.Delay").Sequence();
        var instance = new Instance(definition);

        instance.Start();

        Assert.Empty(DefinitionValidator.Validate(definition, Catalog));
        Assert.Equal(Instance.Begin.AddMinutes(1), instance.State.NextDueAt());
    }

    [Theory]
    [InlineData("'40000.00:00:00'")]
    [InlineData("'soon'")]
    [InlineData("({})")]
    public void Delay_WhenItsValueMakesNoSense_ThenAnIncident(string script) =>
        Assert.Equal(("at", ErrorCodes.InvalidInput), Run(At(Script(script))).State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());

    [Theory]
    [InlineData("00:00:00")]
    [InlineData("-00:01:00")]
    public void Delay_WhenItIsNoTime_ThenItGoesOnAtOnce(string span) => Assert.Equal(WorkflowStatus.Finished, Run(At(Literal(span))).State.Status);

    [Fact]
    public void Delay_WhenTheInstanceIsCancelled_ThenItsTimerIsGone()
    {
        var instance = Run(Sequence("root", At(Literal("00:10:00"))));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Null(instance.State.NextDueAt());
        Assert.Equal("Started Suspended Canceled", instance.EventsOf("at"));
    }

    [Fact]
    public void Delay_WhenARaceIsLost_ThenItsTimerIsGone()
    {
        var instance = Run(Flowchart("chart", [Activity("start", "Elsa.Start"), At(Literal("00:10:00")), Wait("go"), Activity("join", "Elsa.FlowJoin"), Wait("hold")],
            ("start", "at"), ("start", "go"), ("at", "join"), ("go", "join"), ("join", "hold")));

        instance.Signal("go");

        Assert.Null(instance.State.NextDueAt());
        Assert.Equal("hold", Assert.Single(instance.State.Bookmarks).ActivityId);
    }

    [Fact]
    public void Delay_WhenInALoop_ThenEachRoundWaitsAnew()
    {
        var instance = Run(Twice(At(Literal("00:10:00"))));

        instance.Now = instance.State.NextDueAt()!.Value;
        instance.Apply(new Stimulus.TimersDue());
        var second = instance.State.NextDueAt()!.Value;
        instance.Now = second;
        instance.Apply(new Stimulus.TimersDue());

        Assert.Equal(Instance.Begin.AddMinutes(20), second);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }
}
