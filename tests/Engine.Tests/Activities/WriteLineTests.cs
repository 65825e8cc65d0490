using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class WriteLineTests
{
    [Theory]
    [InlineData("Literal", "hello", "hello")]
    [InlineData("Literal", "", "")]
    [InlineData("JavaScript", "'a' + 1", "a1")]
    [InlineData("JavaScript", "42", "42")]
    [InlineData("JavaScript", "({ a: 1 })", "{\"a\":1}")]
    [InlineData("JavaScript", "null", "")]
    [InlineData("Variable", "name", "王芳")]
    [InlineData("Template", "Hello {{ variables.name }}", "Hello 王芳")]
    public void WriteLine_WhenItsTextIsGiven_ThenThatIsWritten(string syntax, string value, string line)
    {
        var instance = Run(Activity("line", "Elsa.WriteLine", ("text", Expression(syntax, value))), new FlowBuilder().Variable("name", "String", "王芳"));

        Assert.Equal([line], instance.Lines);
        Assert.Equal(["Started line", "Completed line"], instance.Entries());
        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void WriteLine_WhenNothingIsSet_ThenTheLineIsEmpty() => Assert.Equal([""], Run(Activity("line", "Elsa.WriteLine")).Lines);

    [Fact]
    public void WriteLine_WhenItsScriptFails_ThenAnIncidentAndNoLine()
    {
        var instance = Run(Sequence("root", Line("line", "nobody.knows"), Line("never")));

        Assert.Equal(("line", ErrorCodes.ExpressionFailed), instance.State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());
        Assert.Empty(instance.Lines);
    }

    [Fact]
    public void WriteLine_WhenInALoop_ThenEachLineIsAnEffectOfItsOwn()
    {
        var instance = Run(Twice(Line("line", "variables.CurrentValue + ''")));

        Assert.Equal(["1", "2"], instance.Lines);
        Assert.Equal(2, instance.Effects.Select(e => e.Id).Distinct().Count());
    }
}
