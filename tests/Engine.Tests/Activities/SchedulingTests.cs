using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

/// <summary>Delay, Timer and Cron as waits inside a flow, and as what starts it.</summary>
public sealed class SchedulingTests
{
    private static JsonObject Every(bool starts) => Activity("at", "Elsa.Timer", ("interval", Literal("00:10:00")), ("customProperties", new JsonObject { ["canStartWorkflow"] = starts }));

    private static JsonObject At(bool starts) => Activity("at", "Elsa.Cron", ("cronExpression", Literal("30 9 * * *")), ("customProperties", new JsonObject { ["canStartWorkflow"] = starts }));

    [Theory]
    [InlineData("Elsa.Timer", 10)]
    [InlineData("Elsa.Cron", 30)]
    public void Wait_WhenInsideAFlow_ThenItWaitsOnceAndTheJournalSaysSo(string type, int minutes)
    {
        var instance = Run(Sequence("root", Line("before"), type == "Elsa.Timer" ? Every(starts: false) : At(starts: false), Line("after")));

        Assert.Equal(Instance.Begin.AddMinutes(minutes), instance.State.NextDueAt());
        instance.Now = Instance.Begin.AddMinutes(minutes);
        instance.Apply(new Stimulus.TimersDue());

        Assert.Equal(["before", "after"], instance.Lines);
        Assert.Equal(["Started at", "Suspended at", "Resumed at", "Completed at"], instance.Entries().Where(e => e.EndsWith(" at", StringComparison.Ordinal)));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Theory]
    [InlineData("Elsa.Timer", 10)]
    [InlineData("Elsa.Cron", 30)]
    public void Trigger_WhenItStartsTheWorkflow_ThenItGoesOnWithoutWaiting(string type, int minutes)
    {
        var definition = new FlowBuilder().Definition(Sequence("root", type == "Elsa.Timer" ? Every(starts: true) : At(starts: true), Line("after")));
        var (_, source) = Assert.Single(ExecutableWorkflow.Compile(definition, new ActivityCatalog(BuiltInActivities.All)).StartTriggers());
        var instance = new Instance(definition);

        instance.Apply(new Stimulus.Start(new Dictionary<string, JsonElement>(), Trigger: new StartTrigger("at", default)));

        Assert.Equal(Instance.Begin.AddMinutes(minutes), Assert.IsType<TriggerSource.Timed>(source).Next(Instance.Begin));
        Assert.Equal(["after"], instance.Lines);
    }

    [Fact]
    public void Delay_WhenItsTimeComes_ThenItGoesOnAndNotBefore()
    {
        var instance = Run(Activity("d", "Elsa.Delay", ("timeSpan", Literal("3.00:00:00"))));

        Assert.Equal(Instance.Begin.AddDays(3), instance.State.NextDueAt());
        instance.Now = Instance.Begin.AddDays(3).AddTicks(-1);
        Assert.Equal(StepOutcome.Superseded, instance.Apply(new Stimulus.TimersDue()));
        instance.Now = Instance.Begin.AddDays(3);

        Assert.Equal(StepOutcome.Applied, instance.Apply(new Stimulus.TimersDue()));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Theory]
    [InlineData("00:00:00")]
    [InlineData("-00:01:00")]
    public void Delay_WhenItIsNoTime_ThenItGoesOnAtOnce(string span) => Assert.Equal(WorkflowStatus.Finished, Run(Activity("d", "Elsa.Delay", ("timeSpan", Literal(span)))).State.Status);

    [Theory]
    [InlineData("Elsa.Delay", "timeSpan", "40000.00:00:00")]
    [InlineData("Elsa.Timer", "interval", "00:00:00")]
    [InlineData("Elsa.Cron", "cronExpression", "0 0 31 2 *")]
    public void Wait_WhenItsTimeMakesNoSense_ThenAnIncident(string type, string input, string value) =>
        Assert.Equal(ErrorCodes.InvalidInput, Assert.Single(Run(Activity("w", type, (input, Script($"'{value}'")))).State.Incidents).Code);
}
