using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class InlineTests
{
    [Fact]
    public void Inline_WhenReached_ThenItDoesNothing()
    {
        var instance = Run(Sequence("root", Activity("inline", "Elsa.Inline"), Line("after")));

        Assert.Equal(["after"], instance.Lines);
        Assert.Equal("Started Completed", instance.EventsOf("inline"));
    }

    [Fact]
    public void Inline_WhenInALoop_ThenItIsPassedEachTime() => Assert.Equal("Started Completed Started Completed", Run(Twice(Activity("inline", "Elsa.Inline"))).EventsOf("inline"));
}
