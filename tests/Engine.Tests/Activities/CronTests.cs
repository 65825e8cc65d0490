using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class CronTests
{
    private static readonly ActivityCatalog Catalog = new(BuiltInActivities.All);

    private static JsonObject At(JsonNode? value, bool starts = false) => Activity("at", "Elsa.Cron", ("cronExpression", value), ("customProperties", new JsonObject { ["canStartWorkflow"] = starts }));

    [Fact]
    public void Cron_WhenInsideAFlow_ThenItWaitsOnceUntilItsInstantAndNotBefore()
    {
        var instance = Run(Sequence("root", Line("before"), At(Literal("30 9 * * *")), Line("after")));

        Assert.Equal(Instance.Begin.AddMinutes(30), instance.State.NextDueAt());
        instance.Now = Instance.Begin.AddMinutes(30).AddTicks(-1);
        Assert.Equal(StepOutcome.Superseded, instance.Apply(new Stimulus.TimersDue()));
        instance.Now = Instance.Begin.AddMinutes(30);
        Assert.Equal(StepOutcome.Applied, instance.Apply(new Stimulus.TimersDue()));

        Assert.Equal(["before", "after"], instance.Lines);
        Assert.Equal("Started Suspended Resumed Completed", instance.EventsOf("at"));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Cron_WhenItStartsTheWorkflow_ThenItGoesOnWithoutWaiting()
    {
        var definition = new FlowBuilder().Definition(Sequence("root", At(Literal("30 9 * * *"), starts: true), Line("after")));
        var (_, source) = Assert.Single(ExecutableWorkflow.Compile(definition, Catalog).StartTriggers());
        var instance = new Instance(definition);

        instance.Apply(new Stimulus.Start(new Dictionary<string, JsonElement>(), Trigger: new StartTrigger("at", default)));

        var next = Assert.IsType<TriggerSource.Timed>(source).Next;
        Assert.Equal(Instance.Begin.AddMinutes(30), next(Instance.Begin));
        Assert.Equal(Instance.Begin.AddMinutes(30).AddDays(1), next(Instance.Begin.AddMinutes(30)));
        Assert.Equal(["after"], instance.Lines);
        Assert.Equal("Started Completed", instance.EventsOf("at"));
    }

    [Fact]
    public void Cron_WhenItMayStartTheWorkflowByAScript_ThenNotPublished() =>
        Assert.Equal("at", Assert.Single(DefinitionValidator.Validate(new FlowBuilder().Definition(Sequence("root", At(Script("'30 9 * * *'"), starts: true))), Catalog)).ActivityId);

    [Fact]
    public void Cron_WhenItsValueIsComputed_ThenItIsThatAtThatTime() =>
        Assert.Equal(Instance.Begin.AddMinutes(30), Run(At(Script("'30 9 * * *'"))).State.NextDueAt());

    [Theory]
    [InlineData("'0 0 31 2 *'")]
    [InlineData("'every day'")]
    [InlineData("''")]
    [InlineData("null")]
    public void Cron_WhenItsValueMakesNoSense_ThenAnIncident(string script) =>
        Assert.Equal(("at", ErrorCodes.InvalidInput), Run(At(Script(script))).State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());

    [Theory]
    [InlineData(null)]
    [InlineData("every day")]
    public void Cron_WhenItsExpressionIsMissingOrWrong_ThenNotPublished(string? expression) =>
        Assert.Equal("at", Assert.Single(DefinitionValidator.Validate(new FlowBuilder().Definition(Sequence("root", At(expression is null ? null : Literal(expression)))), Catalog)).ActivityId);

    [Fact]
    public void Cron_WhenTheInstanceIsCancelled_ThenItsTimerIsGone()
    {
        var instance = Run(Sequence("root", At(Literal("30 9 * * *"))));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Null(instance.State.NextDueAt());
        Assert.Equal("Started Suspended Canceled", instance.EventsOf("at"));
    }

    [Fact]
    public void Cron_WhenARaceIsLost_ThenItsTimerIsGone()
    {
        var instance = Run(Flowchart("chart", [Activity("start", "Elsa.Start"), At(Literal("30 9 * * *")), Wait("go"), Activity("join", "Elsa.FlowJoin"), Wait("hold")],
            ("start", "at"), ("start", "go"), ("at", "join"), ("go", "join"), ("join", "hold")));

        instance.Signal("go");

        Assert.Null(instance.State.NextDueAt());
        Assert.Equal("hold", Assert.Single(instance.State.Bookmarks).ActivityId);
    }

    [Fact]
    public void Cron_WhenInALoop_ThenEachRoundWaitsAnew()
    {
        var instance = Run(Twice(At(Literal("30 9 * * *"))));

        instance.Now = instance.State.NextDueAt()!.Value;
        instance.Apply(new Stimulus.TimersDue());
        var second = instance.State.NextDueAt()!.Value;
        instance.Now = second;
        instance.Apply(new Stimulus.TimersDue());

        Assert.Equal(Instance.Begin.AddMinutes(30).AddDays(1), second);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }
}
