using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

/// <summary>Timer and Cron as waits inside a flow and as what starts it.</summary>
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
}
