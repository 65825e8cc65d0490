using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Execution;

public sealed class TextTemplateTests
{
    private static Instance Render(string template) => Run(Activity("line", "Elsa.WriteLine", ("text", Expression("Template", template))), new FlowBuilder().Variable("name", "String", "甲").Variable("n", "Int32", "2"));

    [Theory]
    [InlineData("", "")]
    [InlineData("plain } text {", "plain } text {")]
    [InlineData("Case {{ variables.name }} has {{variables.n}}.", "Case 甲 has 2.")]
    [InlineData("{{ variables.n > 1 ? 'many' : 'one' }}", "many")]
    [InlineData("[{{ null }}{{ undefined }}]", "[]")]
    [InlineData("{{ true }} {{ [1, 'a'] }}", "true [1,\"a\"]")]
    [InlineData("{{ ({a: {b: 1}}).a.b }}", "1")]
    [InlineData("{{ '}}' }}!", "}}!")]
    [InlineData("{{ '{{' }}", "{{")]
    [InlineData("{{ const x = variables.n; return x * 2 }}", "4")]
    public void Template_WhenRendered_ThenTheValuesStandInTheText(string template, string text) => Assert.Equal([text], Render(template).Lines);

    [Theory]
    [InlineData("{{ variables.n")]
    [InlineData("{{ 1 + }}")]
    public void Template_WhenAScriptIsWrong_ThenNotPublished(string template)
    {
        var definition = new FlowBuilder().Definition(Activity("line", "Elsa.WriteLine", ("text", Expression("Template", template))));

        Assert.Equal(ErrorCodes.ExpressionFailed, Assert.Single(DefinitionValidator.Validate(definition, new ActivityCatalog(BuiltInActivities.All))).Code);
    }

    [Theory]
    [InlineData("{{ throwAway() }}")]
    [InlineData("{{ (() => { while (true) ; })() }}")]
    public void Template_WhenAScriptFails_ThenAnIncident(string template) => Assert.Equal(ErrorCodes.ExpressionFailed, Assert.Single(Render(template).State.Incidents).Code);

    [Fact]
    public void Template_WhenItHoldsTooManyScripts_ThenRefused() =>
        Assert.Equal(ErrorCodes.ExpressionFailed, Assert.Single(Render(string.Concat(Enumerable.Repeat("{{ 1 }}", 101))).State.Incidents).Code);

    [Fact]
    public void Template_WhenItsScriptsAreHeavy_ThenTheyShareOneBudget()
    {
        const string Heavy = "{{ (() => { let n = 0; for (let i = 0; i < 5000; i++) n += i; return n; })() }}";

        Assert.Equal(["12497500"], Render(Heavy).Lines);
        Assert.Equal(ErrorCodes.ExpressionFailed, Assert.Single(Render(string.Concat(Enumerable.Repeat(Heavy, 20))).State.Incidents).Code);
    }

    [Fact]
    public void Template_WhenItAsksForAnEarlierOutput_ThenItIsThere()
    {
        var instance = Run(Sequence("root", Wait("go"), Activity("line", "Elsa.WriteLine", ("text", Expression("Template", "got {{ getOutputFrom('go').n }}")))));

        instance.Signal("go", payload: new { n = 3 });

        Assert.Equal(["got 3"], instance.Lines);
    }
}
