using Talent.Workflows.Engine;
using Talent.Workflows.Server.ElsaApi.Operations;

namespace Talent.Workflows.Server.Tests.ElsaApi;

public sealed class InstanceByInstanceTests
{
    private static readonly string[] Three = [.. Enumerable.Range(0, 3).Select(_ => Guid.NewGuid().ToString())];

    [Theory]
    [InlineData(ErrorCodes.StepBudget)]
    [InlineData(ErrorCodes.Unavailable)]
    [InlineData(ErrorCodes.WrongState)]
    public async Task Do_WhenOneIsRefused_ThenItsAnswerSaysWhyAndTheOthersAreDone(string code)
    {
        var results = await InstanceByInstance.DoAsync(Three, "Test", new AtOnce(), (instance, said) =>
        {
            said.Add("begun");
            return instance.ToString() == Three[1] ? throw new WorkflowException(code, "refused") : Task.FromResult(true);
        }, default);

        Assert.Equal(Three, results.Select(r => r.WorkflowInstanceId));
        Assert.Equal([true, false, true], results.Select(r => r.IsSuccessful));
        Assert.Equal(["Warning begun", "Error refused"], results[1].Log.LogEntries.Select(l => $"{l.LogLevel} {l.Message}"));
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(1000, false)]
    public async Task Do_WhenOneIsBusy_ThenItIsTriedAgainForAWhile(int busyTimes, bool done)
    {
        var attempts = 0;

        var results = await InstanceByInstance.DoAsync(Three, "Test", new AtOnce(), (instance, _) =>
            instance.ToString() == Three[0] && attempts++ < busyTimes ? throw new WorkflowException(ErrorCodes.Busy, "busy") : Task.FromResult(true), default);

        Assert.Equal([done, true, true], results.Select(r => r.IsSuccessful));
        Assert.InRange(attempts, 2, 10);
    }

    /// <summary>Whoever waits by it waits for no time.</summary>
    private sealed class AtOnce : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
