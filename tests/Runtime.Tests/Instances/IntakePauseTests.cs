using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Tests.Instances;

public sealed class IntakePauseTests(RuntimeDatabase database) : RuntimeTest(database)
{
    [Fact]
    public async Task Intake_WhenPausedOnOneNode_ThenAllRefuseUntilItIsResumed()
    {
        var other = NewNode();
        await node.PublishAsync(Flows.Sequence("wait", Flows.Event("a", "go")));
        var id = await node.StartInstanceAsync("wait");
        await node.Services.GetRequiredService<IntakePause>().PauseAsync("upgrade", RuntimeNode.Tester, default);
        await other.Node.FollowAsync(default);

        var start = await Assert.ThrowsAsync<WorkflowException>(() => node.StartInstanceAsync("wait"));
        var signal = await Assert.ThrowsAsync<WorkflowException>(() => other.SignalAsync(id, "go"));
        await other.Services.GetRequiredService<IntakePause>().ResumeAsync(RuntimeNode.Tester, default);
        await other.SignalAsync(id, "go");

        Assert.Equal(ErrorCodes.Paused, start.Code);
        Assert.Equal(ErrorCodes.Paused, signal.Code);
        Assert.Contains("retryAfterSeconds", signal.Facts.Keys);
    }
}
