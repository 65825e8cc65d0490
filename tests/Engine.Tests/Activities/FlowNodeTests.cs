using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class FlowNodeTests
{
    [Fact]
    public void FlowNode_WhenItHoldsAnActivity_ThenItRunsItAndEndsWithIt()
    {
        var instance = Run(Sequence("root", Activity("node", "Elsa.FlowNode", ("body", Wait("in"))), Line("after")));
        Assert.Empty(instance.Lines);

        instance.Signal("in");

        Assert.Equal(["after"], instance.Lines);
        Assert.Equal(["Started node", "Started in", "Suspended in", "Resumed in", "Completed in", "Completed node"], instance.Entries().Skip(1).Take(6));
    }

    [Fact]
    public void FlowNode_WhenItIsEmpty_ThenItCompletes() => Assert.Equal(["Started node", "Completed node"], Run(Activity("node", "Elsa.FlowNode")).Entries());

    [Fact]
    public void FlowNode_WhenWhatItHoldsFaults_ThenItStaysOpenUntilTheRetry()
    {
        var instance = Run(Activity("node", "Elsa.FlowNode", ("body", Activity("fault", "Elsa.Fault"))));

        Assert.Equal("fault", Assert.Single(instance.State.Incidents).ActivityId);
        Assert.Equal("Started", instance.EventsOf("node"));
    }

    [Fact]
    public void FlowNode_WhenInALoop_ThenItRunsEachTime() => Assert.Equal(["1", "2"], Run(Twice(Activity("node", "Elsa.FlowNode", ("body", Line("in", "variables.CurrentValue + ''"))))).Lines);
}
