using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class RunJavaScriptTests
{
    private static Instance Run(JsonNode? script, params string[] outcomes)
    {
        var instance = new Instance(Flow(script, outcomes).Flowchart());
        instance.Start();
        return instance;
    }

    private static FlowBuilder Flow(JsonNode? script, params string[] outcomes) => new FlowBuilder().Variable("r", "Object").Variable("n", "Int32", "1")
        .Add("run", "Elsa.RunJavaScript", ("script", script), ("possibleOutcomes", Expression("Object", new JsonArray([.. outcomes.Select(o => (JsonNode)o)]).ToJsonString())),
            ("result", new JsonObject { ["memoryReference"] = new JsonObject { ["id"] = "v-r" } }))
        .Add("done", "Elsa.WriteLine", ("text", Literal("done"))).Add("a", "Elsa.WriteLine", ("text", Literal("a"))).Add("b", "Elsa.WriteLine", ("text", Literal("b")))
        .Connect("run", "done").Connect("run", "a", "A").Connect("run", "b", "B");

    [Theory]
    [InlineData("Literal")]
    [InlineData("JavaScript")]
    public void RunJavaScript_WhenItRuns_ThenItsValueIsTheResultAndItChangesVariables(string type)
    {
        var instance = Run(Expression(type, "variables.n = 2; return { twice: getN() * 2 }"), "A", "B");

        Assert.Equal("""{"twice":4}""", instance.State.Variables["v-r"].GetRawText());
        Assert.Equal(2, instance.State.Variables["v-n"].GetInt32());
        Assert.Equal(["done"], instance.Lines);
    }

    [Theory]
    [InlineData("setOutcome('A')", "a")]
    [InlineData("setOutcome('A'); setOutcome('B')", "b")]
    [InlineData("setOutcomes(['A', 'B'])", "a", "b")]
    [InlineData("setOutcomes('B'); 5", "b")]
    [InlineData("setOutcomes([])", "done")]
    public void RunJavaScript_WhenItSetsOutcomes_ThenTheFlowGoesOnByThose(string script, params string[] lines) => Assert.Equal(lines, Run(Literal(script), "A", "B").Lines);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void RunJavaScript_WhenThereIsNoScript_ThenItCompletes(string? script)
    {
        var instance = Run(script is null ? null : Literal(script), "A", "B");

        Assert.Equal(["done"], instance.Lines);
        Assert.Empty(instance.State.Incidents);
    }

    [Theory]
    [InlineData("throw new Error('no')")]
    [InlineData("setOutcome(1)")]
    [InlineData("variables.n = 5; undefinedName()")]
    [InlineData("let s = 'x'; while (true) s += s")]
    [InlineData("for (;;) {}")]
    public void RunJavaScript_WhenItFails_ThenAnIncidentAndNothingChanged(string script)
    {
        var instance = Run(Literal(script), "A", "B");

        Assert.Equal(ErrorCodes.ExpressionFailed, Assert.Single(instance.State.Incidents).Code);
        Assert.Equal(1, instance.State.Variables["v-n"].GetInt32());
        Assert.Empty(instance.Lines);
    }

    [Fact]
    public void RunJavaScript_WhenTheScriptDoesNotParse_ThenNotPublished()
    {
        var messages = DefinitionValidator.Validate(Flow(Literal("return (1"), "A", "B").Flowchart(), new ActivityCatalog(BuiltInActivities.All));

        Assert.Contains("'script'", Assert.Single(messages).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RunJavaScript_WhenAConnectionLeavesByAnOutcomeThatIsNotListed_ThenNotPublished()
    {
        var messages = DefinitionValidator.Validate(Flow(Literal("1"), "A").Flowchart(), new ActivityCatalog(BuiltInActivities.All));

        Assert.Contains("'B'", Assert.Single(messages).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SetOutcome_WhenInAnotherActivity_ThenItDoesNotExist()
    {
        var instance = new Instance(new FlowBuilder().Add("w", "Elsa.WriteLine", ("text", Script("setOutcome('A')"))).Sequence());

        instance.Start();

        Assert.Equal(ErrorCodes.ExpressionFailed, Assert.Single(instance.State.Incidents).Code);
    }
}
