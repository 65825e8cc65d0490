using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Execution;

public sealed class IncidentStrategyTests
{
    private const string Fault = "Elsa.Workflows.IncidentStrategies.FaultStrategy, Elsa.Workflows.Core";
    private const string Continue = "Elsa.Workflows.IncidentStrategies.ContinueWithIncidentsStrategy, Elsa.Workflows.Core";

    private static WorkflowDefinition Definition(string? strategy, params JsonNode[] branches) => DefinitionReader.Read(new JsonObject
    {
        ["id"] = "v", ["definitionId"] = "d", ["options"] = new JsonObject { ["incidentStrategyType"] = strategy },
        ["customProperties"] = new JsonObject { ["earlyEvents"] = new JsonArray("early") },
        ["variables"] = new JsonArray(new JsonObject { ["id"] = "ok", ["name"] = "ok", ["typeName"] = "Boolean", ["value"] = "false" }),
        ["root"] = Activity("root", "Elsa.Parallel", ("activities", new JsonArray(branches))),
    }.ToJsonString());

    private static JsonObject Failing() => Sequence("s1", Wait("begin"), Line("bad", "if (!variables.ok) throw new Error('no'); 'mended'"));

    private static JsonObject Other() => Sequence("s2", Wait("go"), Activity("set", "Elsa.SetVariable", ("variable", new JsonObject { ["id"] = "ok" }), ("value", Literal("true"))), Line("other"));

    private static Instance Begin(string? strategy, params JsonNode[] branches)
    {
        var instance = new Instance(Definition(strategy, branches));
        instance.Start();
        // The failing activity runs in a step of its own, after the wait that began it.
        Assert.Equal(StepOutcome.Applied, instance.Signal("begin"));
        Assert.Equal("bad", Assert.Single(instance.State.Incidents).ActivityId);
        return instance;
    }

    [Theory]
    [InlineData(null, WorkflowSubStatus.Faulted)]
    [InlineData("", WorkflowSubStatus.Faulted)]
    [InlineData(Continue, WorkflowSubStatus.Suspended)]
    public void Continue_WhenABranchFails_ThenTheOthersGoOnAndRetryMends(string? strategy, WorkflowSubStatus shown)
    {
        var instance = Begin(strategy, Failing(), Other());

        Assert.Equal((WorkflowStatus.Running, shown), (instance.State.Status, instance.State.SubStatus));
        Assert.Equal(StepOutcome.Applied, instance.Signal("go"));
        Assert.Equal(["other"], instance.Lines);
        instance.Apply(new Stimulus.Retry(null));

        Assert.Equal(["other", "mended"], instance.Lines);
        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void Fault_WhenABranchFails_ThenNothingGoesOnUntilItIsRetried()
    {
        var instance = Begin(Fault, Failing(), Other(), Activity("pause", "Elsa.Delay", ("timeSpan", Literal("01:00:00"))), Wait("early2"));
        var go = instance.State.Bookmarks.Single(b => b.ActivityId == "go");

        Assert.Equal((WorkflowStatus.Running, WorkflowSubStatus.Faulted, true), (instance.State.Status, instance.State.SubStatus, instance.State.Halted));
        var before = StateSerializer.Write(instance.State);
        Assert.Equal(ErrorCodes.WrongState, Assert.Throws<WorkflowException>(() => instance.Signal("go")).Code);
        Assert.Equal(ErrorCodes.WrongState, Assert.Throws<WorkflowException>(() => instance.Apply(new Stimulus.Resume(go.Id, default))).Code);
        Assert.Null(instance.State.NextDueAt());
        instance.Now = Instance.Begin.AddHours(2);
        Assert.Equal(StepOutcome.Superseded, instance.Apply(new Stimulus.TimersDue()));
        Assert.Equal(StepOutcome.NotExpected, instance.Signal("nobody waits"));
        Assert.Equal(before, StateSerializer.Write(instance.State));
        Assert.Equal(StepOutcome.Applied, instance.Apply(new Stimulus.Retry(null)));
        Assert.Equal((2, true), (Assert.Single(instance.State.Incidents).Attempts, instance.State.Halted));
    }

    [Fact]
    public void Fault_WhenTheRetrySucceeds_ThenTheOtherBranchesGoOnWithAllThatTheyWaitedFor()
    {
        // Fails until an hour has passed: nothing inside the instance can mend it.
        var failing = Sequence("s1", Wait("begin"), Line("bad", "if (Date.now() < Date.parse('2026-03-02T02:00:00Z')) throw new Error('no'); 'mended'"));
        var instance = Begin(Fault, failing, Other(), Sequence("s3", Activity("pause", "Elsa.Delay", ("timeSpan", Literal("00:10:00"))), Line("late")));

        instance.Now = Instance.Begin.AddHours(1);
        instance.Apply(new Stimulus.Retry(null));

        Assert.Equal(["mended"], instance.Lines);
        Assert.Equal((false, WorkflowSubStatus.Suspended), (instance.State.Halted, instance.State.SubStatus));
        Assert.Equal(Instance.Begin.AddMinutes(10), instance.State.NextDueAt());
        instance.Apply(new Stimulus.TimersDue());
        instance.Signal("go");
        Assert.Equal(["mended", "late", "other"], instance.Lines);
        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void Fault_WhenTheInstanceIsCancelled_ThenItEnds()
    {
        var instance = Begin(Fault, Failing(), Other());

        instance.Apply(new Stimulus.Cancel("given up"));

        Assert.Equal((WorkflowSubStatus.Cancelled, false), (instance.State.SubStatus, instance.State.Halted));
    }

    [Fact]
    public void Fault_WhenAnotherBranchHadBegunInTheSameStep_ThenItComesToItsNextWaitAndNoFurther()
    {
        var instance = new Instance(Definition(Fault, Line("bad", "throw new Error('no')"), Sequence("s", Line("began"), Wait("early"), Line("never"))));

        Assert.Equal(StepOutcome.Applied, instance.Start());

        Assert.Equal(["began"], instance.Lines);
        Assert.Equal("early", Assert.Single(instance.State.Bookmarks).ActivityId);
        Assert.Throws<WorkflowException>(() => instance.Signal("early"));
    }

    [Fact]
    public void Fault_WhenTimersAreDueAtOneInstant_ThenThoseAfterTheFaultAreHeld()
    {
        JsonObject Timed(string id, string script) => Sequence($"s-{id}", Activity($"d-{id}", "Elsa.Delay", ("timeSpan", Literal("01:00:00"))), Line(id, script));
        var instance = new Instance(Definition(Fault, Timed("bad", "if (!variables.ok) throw new Error('no'); 'mended'"), Timed("other", "'other'")));
        instance.Start();
        instance.Now = Instance.Begin.AddHours(1);

        instance.Apply(new Stimulus.TimersDue());

        Assert.Empty(instance.Lines);
        Assert.Equal("d-other", Assert.Single(instance.State.Timers).ActivityId);
    }

    [Fact]
    public void Strategy_WhenItDoesNotExist_ThenNotPublished()
    {
        var messages = DefinitionValidator.Validate(Definition("Acme.Ignore, Acme", Line("x")), new ActivityCatalog(BuiltInActivities.All));

        Assert.Contains("incident strategy", Assert.Single(messages).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Strategies_WhenListed_ThenTheyAreElsas() => Assert.Equal([Continue, Fault], IncidentStrategies.TypeNames.Values.Order(StringComparer.Ordinal));
}
