using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class CronTests() : InstantTests("30 9 * * *", Instance.Begin.AddMinutes(30), Instance.Begin.AddMinutes(30).AddDays(1))
{
    private static readonly ActivityCatalog Catalog = new(BuiltInActivities.All);

    private protected override JsonObject At(JsonNode? value, bool starts = false) => Activity("at", "Elsa.Cron", ("cronExpression", value), ("customProperties", new JsonObject { ["canStartWorkflow"] = starts }));

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
}
