using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class DelayTests() : InstantTests("00:10:00", Instance.Begin.AddMinutes(10), Instance.Begin.AddMinutes(20))
{
    private static readonly ActivityCatalog Catalog = new(BuiltInActivities.All);

    private protected override JsonObject At(JsonNode? value, bool starts = false) => Activity("at", "Elsa.Delay", ("timeSpan", value), ("customProperties", new JsonObject { ["canStartWorkflow"] = starts }));

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
}
