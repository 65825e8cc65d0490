using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class TimerTests() : InstantTests("00:10:00", Instance.Begin.AddMinutes(10), Instance.Begin.AddMinutes(20))
{
    private static readonly ActivityCatalog Catalog = new(BuiltInActivities.All);

    private protected override JsonObject At(JsonNode? value, bool starts = false) => Activity("at", "Elsa.Timer", ("interval", value), ("customProperties", new JsonObject { ["canStartWorkflow"] = starts }));

    [Fact]
    public void Timer_WhenItStartsTheWorkflow_ThenItGoesOnWithoutWaiting()
    {
        var definition = new FlowBuilder().Definition(Sequence("root", At(Literal("00:10:00"), starts: true), Line("after")));
        var (_, source) = Assert.Single(ExecutableWorkflow.Compile(definition, Catalog).StartTriggers());
        var instance = new Instance(definition);

        instance.Apply(new Stimulus.Start(new Dictionary<string, JsonElement>(), Trigger: new StartTrigger("at", default)));

        var next = Assert.IsType<TriggerSource.Timed>(source).Next;
        Assert.Equal(Instance.Begin.AddMinutes(10), next(Instance.Begin));
        Assert.Equal(Instance.Begin.AddMinutes(20), next(Instance.Begin.AddMinutes(10)));
        Assert.Equal(["after"], instance.Lines);
        Assert.Equal("Started Completed", instance.EventsOf("at"));
    }

    [Fact]
    public void Timer_WhenItMayStartTheWorkflowByAScript_ThenNotPublished() =>
        Assert.Equal("at", Assert.Single(DefinitionValidator.Validate(new FlowBuilder().Definition(Sequence("root", At(Script("'00:10:00'"), starts: true))), Catalog)).ActivityId);

    [Fact]
    public void Timer_WhenItWasDroppedAndNothingSet_ThenItWaitsAMinute()
    {
        var definition = new FlowBuilder().Add("wait", "Elsa.Timer").Sequence();
        var instance = new Instance(definition);

        instance.Start();

        Assert.Empty(DefinitionValidator.Validate(definition, Catalog));
        Assert.Equal(Instance.Begin.AddMinutes(1), instance.State.NextDueAt());
    }

    [Theory]
    [InlineData("'00:00:00'")]
    [InlineData("'40000.00:00:00'")]
    [InlineData("'00:00:00.5'")]
    public void Timer_WhenItsValueMakesNoSense_ThenAnIncident(string script) =>
        Assert.Equal(("at", ErrorCodes.InvalidInput), Run(At(Script(script))).State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());
}
