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
}
