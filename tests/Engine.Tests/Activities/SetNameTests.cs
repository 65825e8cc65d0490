using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class SetNameTests
{
    [Fact]
    public void SetName_WhenRun_ThenTheInstanceHasThatName()
    {
        var instance = Run(Sequence("root", Activity("name", "Elsa.SetName", ("value", Script("'Case ' + 42"))), Line("line", "getWorkflowInstanceName()")));

        Assert.Equal("Case 42", instance.State.Name);
        Assert.Equal(["Case 42"], instance.Lines);
    }

    [Theory]
    [InlineData("''", "")]
    [InlineData("null", null)]
    [InlineData("7", "7")]
    public void SetName_WhenItIsNoOrdinaryName_ThenItIsTakenAllTheSame(string script, string? name)
    {
        var instance = Run(Activity("name", "Elsa.SetName", ("value", Script(script))));

        Assert.Equal(name, instance.State.Name);
        Assert.Empty(instance.State.Incidents);
    }

    [Fact]
    public void SetName_WhenItsScriptFails_ThenTheNameStays()
    {
        var instance = Run(Sequence("root", Activity("first", "Elsa.SetName", ("value", Literal("first"))), Activity("second", "Elsa.SetName", ("value", Script("nobody.knows")))));

        Assert.Equal("second", Assert.Single(instance.State.Incidents).ActivityId);
        Assert.Equal("first", instance.State.Name);
    }

    [Fact]
    public void SetName_WhenInALoop_ThenTheLastRoundCounts() => Assert.Equal("2", Run(Twice(Activity("name", "Elsa.SetName", ("value", Script("variables.CurrentValue + ''"))))).State.Name);
}
