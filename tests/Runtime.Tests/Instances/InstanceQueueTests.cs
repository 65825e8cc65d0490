using Microsoft.Extensions.Options;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Tests.Instances;

public sealed class InstanceQueueTests
{
    private readonly Guid id = Guid.NewGuid();

    [Fact]
    public async Task Queue_WhenOneIsInside_ThenTheNextWaitsForItAndOthersDoNot()
    {
        var queue = new InstanceQueue(Options.Create(new RuntimeOptions()));
        var first = await queue.EnterAsync(id, default);
        var second = queue.EnterAsync(id, default).AsTask();

        Assert.True(queue.EnterAsync(Guid.NewGuid(), default).AsTask().IsCompleted);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second.WaitAsync(TimeSpan.FromSeconds(10))).Dispose();
        Assert.True(queue.EnterAsync(id, default).AsTask().IsCompleted);
    }

    [Fact]
    public async Task Queue_WhenAWaiterGivesUp_ThenTheOneBehindItComesIn()
    {
        var queue = new InstanceQueue(Options.Create(new RuntimeOptions()));
        using var cancellation = new CancellationTokenSource();
        var first = await queue.EnterAsync(id, default);
        var second = queue.EnterAsync(id, cancellation.Token).AsTask();
        var third = queue.EnterAsync(id, default).AsTask();

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        first.Dispose();

        (await third.WaitAsync(TimeSpan.FromSeconds(10))).Dispose();
    }

    [Fact]
    public async Task Queue_WhenTooManyWait_ThenBusy()
    {
        var queue = new InstanceQueue(Options.Create(new RuntimeOptions { QueuePerInstance = 1 }));
        using var first = await queue.EnterAsync(id, default);
        var second = queue.EnterAsync(id, default).AsTask();

        var error = await Assert.ThrowsAsync<WorkflowException>(() => queue.EnterAsync(id, default).AsTask());

        Assert.Equal(ErrorCodes.Busy, error.Code);
        Assert.False(second.IsCompleted);
    }
}
