using System.Text.Json;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Execution;

public sealed class ParentWaitTests
{
    [Theory]
    [InlineData(false, WorkflowSubStatus.Finished)]
    [InlineData(true, WorkflowSubStatus.Cancelled)]
    public void Instance_WhenStartedByAnother_ThenTellsItsEndOnce(bool cancelled, WorkflowSubStatus end)
    {
        var parent = new ParentWait(Guid.NewGuid(), Guid.NewGuid(), 2, 5);
        var instance = new Instance(new FlowBuilder().Add("wait", "Elsa.Event", EventName("go")).Sequence());
        instance.Apply(new Stimulus.Start(new Dictionary<string, JsonElement>(), Parent: parent));
        Assert.Empty(instance.Effects);

        if (cancelled)
            instance.Apply(new Stimulus.Cancel("no longer needed"));
        else
            instance.Signal("go");

        var told = Assert.IsType<ChildEndedEffect>(Assert.Single(instance.Effects));
        Assert.Equal((parent, end), (told.Parent, told.End));
    }
}
