using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class PlaceholderTests
{
    [Fact]
    public void FlowNode_WhenItHoldsAnActivity_ThenItRunsIt() =>
        Assert.Equal(["in", "after"], Run(Sequence("root", Activity("node", "Elsa.FlowNode", ("body", Line("in"))), Activity("empty", "Elsa.FlowNode"), Line("after"))).Lines);

    [Fact]
    public void Inline_WhenReached_ThenItDoesNothing() => Assert.Equal(["after"], Run(Sequence("root", Activity("inline", "Elsa.Inline"), Line("after"))).Lines);
}
