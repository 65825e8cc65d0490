using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class StartTriggerTests
{
    private static WorkflowDefinition Flow(string variableType) => new FlowBuilder().Variable("got", variableType)
        .Add("start", "Elsa.Start").Add("asked", "Elsa.Event", EventName("asked"))
        .Add("trigger", "Elsa.Event", EventName("news"), ("customProperties", new JsonObject { ["canStartWorkflow"] = true }), ("result", new JsonObject { ["memoryReference"] = new JsonObject { ["id"] = "v-got" } }))
        .Add("line", "Elsa.WriteLine", ("text", Script("`got ${variables.got}`")))
        .Chain("start", "asked").Chain("trigger", "line").Flowchart();

    [Fact]
    public void Start_WhenByATrigger_ThenBeginsThereWithWhatCame()
    {
        var instance = new Instance(Flow("String"));

        instance.Apply(ByTrigger("trigger", "it"));

        Assert.Equal(["got it"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
        Assert.DoesNotContain("asked", instance.State.Visits.Keys);
    }

    [Fact]
    public void Start_WhenByHand_ThenTheTriggerIsNoStart()
    {
        var instance = new Instance(Flow("String"));

        instance.Start();

        Assert.Equal("asked", Assert.Single(instance.State.Bookmarks).ActivityId);
    }

    [Fact]
    public void Start_WhenTheActivityIsNoTrigger_ThenRefused()
    {
        var refused = Assert.Throws<WorkflowException>(() => new Instance(Flow("String")).Apply(ByTrigger("asked", "it")));

        Assert.Equal(ErrorCodes.UnknownActivity, refused.Code);
    }

    [Fact]
    public void Trigger_WhenItFails_ThenTheRetryHasWhatCame()
    {
        var instance = new Instance(Flow("Int32"));
        instance.Apply(ByTrigger("trigger", "no number"));
        Assert.True(Assert.Single(instance.State.Incidents).Call!.Triggered);

        instance.Apply(new Stimulus.Retry(null));

        Assert.Equal((2, "no number"), instance.State.Incidents.Select(i => (i.Attempts, i.Call!.Payload.GetString())).Single());
        Assert.Empty(instance.State.Bookmarks);
    }

    [Fact]
    public void MoveTo_WhenTheInstanceBeganAtATrigger_ThenAllThatFollowsTheTargetIsTakenBack()
    {
        var instance = new Instance(new FlowBuilder()
            .Add("start", "Elsa.Start").Add("trigger", "Elsa.Event", EventName("news"), ("customProperties", new JsonObject { ["canStartWorkflow"] = true }))
            .Add("a", "Elsa.Event", EventName("a")).Add("b", "Elsa.Event", EventName("b")).Add("c", "Elsa.Event", EventName("c")).Add("end", "Elsa.WriteLine", ("text", Literal("end")))
            .Chain("start", "end").Chain("trigger", "a", "b").Chain("a", "c", "end").Flowchart());
        instance.Apply(ByTrigger("trigger", "it"));
        instance.Signal("a");
        Assert.Equal(["b", "c"], instance.State.Bookmarks.Select(b => b.ActivityId).Order(StringComparer.Ordinal));

        instance.Apply(new Stimulus.MoveTo("a", "again"));

        Assert.Equal("a", Assert.Single(instance.State.Bookmarks).ActivityId);
    }

    private static Stimulus.Start ByTrigger(string activity, string payload) =>
        new Stimulus.Start(new Dictionary<string, JsonElement>(), Trigger: new StartTrigger(activity, JsonSerializer.SerializeToElement(payload)));
}
