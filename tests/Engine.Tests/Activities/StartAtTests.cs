using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class StartAtTests
{
    private static readonly ActivityCatalog Catalog = new(BuiltInActivities.All);

    private static FlowBuilder Flow(JsonNode? dateTime, bool starts = false) => new FlowBuilder()
        .Add("at", "Elsa.StartAt", ("dateTime", dateTime), ("customProperties", new JsonObject { ["canStartWorkflow"] = starts }))
        .Add("after", "Elsa.WriteLine", ("text", Literal("after"))).Chain("at", "after");

    [Fact]
    public void StartAt_WhenTheInstantIsToCome_ThenItWaitsForIt()
    {
        var instance = new Instance(Flow(Literal("2026-03-03T09:00:00+08:00")).Flowchart());

        instance.Start();
        Assert.Equal(Instance.Begin.AddDays(1), instance.State.NextDueAt());
        Assert.Contains(instance.Journal, j => j is { Event: "Suspended", ActivityId: "at" });
        instance.Now = Instance.Begin.AddDays(1);
        instance.Apply(new Stimulus.TimersDue());

        Assert.Equal(["after"], instance.Lines);
    }

    [Fact]
    public void StartAt_WhenTheInstanceIsCancelled_ThenItIsNotDueAnyMore()
    {
        var instance = new Instance(Flow(Literal("2026-03-03T09:00:00+08:00")).Flowchart());
        instance.Start();

        instance.Apply(new Stimulus.Cancel("not needed"));
        instance.Now = Instance.Begin.AddDays(2);

        Assert.Null(instance.State.NextDueAt());
        Assert.Equal(StepOutcome.Superseded, instance.Apply(new Stimulus.TimersDue()));
        Assert.Equal("Started Suspended Canceled", instance.EventsOf("at"));
        Assert.Empty(instance.Lines);
    }

    [Fact]
    public void StartAt_WhenInALoop_ThenOnlyTheFirstRoundWaits()
    {
        var instance = Nested.Run(Nested.Twice(Activity("at", "Elsa.StartAt", ("dateTime", Literal("2026-03-03T09:00:00+08:00")))));
        instance.Now = Instance.Begin.AddDays(1);

        instance.Apply(new Stimulus.TimersDue());

        Assert.Equal("Started Suspended Resumed Completed Started Completed", instance.EventsOf("at"));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void StartAt_WhenItIsAScriptThatFails_ThenAnIncidentAndNoWait()
    {
        var instance = Nested.Run(Activity("at", "Elsa.StartAt", ("dateTime", Script("nobody.knows"))));

        Assert.Equal(("at", ErrorCodes.ExpressionFailed), instance.State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());
        Assert.Null(instance.State.NextDueAt());
    }

    [Theory]
    [InlineData("2026-03-02T01:00:00Z")]
    [InlineData("2025-01-01")]
    public void StartAt_WhenTheInstantIsPast_ThenItGoesOnAtOnce(string instant)
    {
        var instance = new Instance(Flow(Literal(instant)).Flowchart());

        instance.Start();

        Assert.Equal(["after"], instance.Lines);
    }

    [Fact]
    public void StartAt_WhenItMayStartTheWorkflow_ThenItIsDueOnceAndGoesOn()
    {
        var definition = Flow(Literal("2026-03-03T01:00:00Z"), starts: true).Flowchart();
        var (activity, source) = Assert.Single(ExecutableWorkflow.Compile(definition, Catalog).StartTriggers());
        var next = Assert.IsType<TriggerSource.Timed>(source).Next;
        var instance = new Instance(definition);

        instance.Apply(new Stimulus.Start(new Dictionary<string, System.Text.Json.JsonElement>(), Trigger: new StartTrigger(activity.Node.Id, default)));

        Assert.Empty(DefinitionValidator.Validate(definition, Catalog));
        Assert.Equal(Instance.Begin.AddDays(1), next(Instance.Begin));
        Assert.Null(next(Instance.Begin.AddDays(1)));
        Assert.Equal(["after"], instance.Lines);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("soon")]
    public void StartAt_WhenItNamesNoInstant_ThenNotPublished(string? instant) =>
        Assert.Equal("at", Assert.Single(DefinitionValidator.Validate(Flow(instant is null ? null : Literal(instant)).Flowchart(), Catalog)).ActivityId);

    [Fact]
    public void StartAt_WhenItMayStartByAScript_ThenNotPublished() =>
        Assert.Equal("at", Assert.Single(DefinitionValidator.Validate(Flow(Script("'2026-03-03'"), starts: true).Flowchart(), Catalog)).ActivityId);
}
