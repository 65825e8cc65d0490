using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

/// <summary>What every activity does that waits for an instant.</summary>
/// <param name="value">What it is told to wait for.</param>
/// <param name="first">When that is.</param>
/// <param name="second">When it is again, once the first has come.</param>
public abstract class InstantTests(string value, DateTimeOffset first, DateTimeOffset second)
{
    private protected abstract JsonObject At(JsonNode? value, bool starts = false);

    [Fact]
    public void Activity_WhenInsideAFlow_ThenItWaitsOnceUntilItsInstantAndNotBefore()
    {
        var instance = Run(Sequence("root", Line("before"), At(Literal(value)), Line("after")));

        Assert.Equal(first, instance.State.NextDueAt());
        instance.Now = first.AddTicks(-1);
        Assert.Equal(StepOutcome.Superseded, instance.Apply(new Stimulus.TimersDue()));
        instance.Now = first;
        Assert.Equal(StepOutcome.Applied, instance.Apply(new Stimulus.TimersDue()));

        Assert.Equal(["before", "after"], instance.Lines);
        Assert.Equal("Started Suspended Resumed Completed", instance.EventsOf("at"));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Activity_WhenItsValueIsComputed_ThenItIsThatAtThatTime() =>
        Assert.Equal(first, Run(At(Script($"'{value}'"))).State.NextDueAt());

    [Fact]
    public void Activity_WhenTheInstanceIsCancelled_ThenItsTimerIsGone()
    {
        var instance = Run(Sequence("root", At(Literal(value))));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Null(instance.State.NextDueAt());
        Assert.Equal("Started Suspended Canceled", instance.EventsOf("at"));
    }

    [Fact]
    public void Activity_WhenARaceIsLost_ThenItsTimerIsGone()
    {
        var instance = Run(Flowchart("chart", [Activity("start", "Elsa.Start"), At(Literal(value)), Wait("go"), Activity("join", "Elsa.FlowJoin"), Wait("hold")],
            ("start", "at"), ("start", "go"), ("at", "join"), ("go", "join"), ("join", "hold")));

        instance.Signal("go");

        Assert.Null(instance.State.NextDueAt());
        Assert.Equal("hold", Assert.Single(instance.State.Bookmarks).ActivityId);
    }

    [Fact]
    public void Activity_WhenInALoop_ThenEachRoundWaitsAnew()
    {
        var instance = Run(Twice(At(Literal(value))));

        instance.Now = instance.State.NextDueAt()!.Value;
        instance.Apply(new Stimulus.TimersDue());
        var next = instance.State.NextDueAt()!.Value;
        instance.Now = next;
        instance.Apply(new Stimulus.TimersDue());

        Assert.Equal(second, next);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }
}
