using FsCheck.Fluent;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Testing;

namespace Talent.Workflows.Engine.Tests.Execution;

/// <summary>Whatever an administrator cancels or begins, and whenever: the state stays whole, and the instance can go on to its end.</summary>
public sealed class AlterationProperties
{
    private static readonly FsCheck.Gen<(SeriesParallel Process, int Seed)> Runs =
        SeriesParallel.Random(3).SelectMany(p => Gen.Choose(0, 1_000_000).Select(seed => (p, seed)));

    [Fact]
    public void AnyAlteration_LeavesAStateThatGoesOn() => Property.Holds(Runs, run =>
    {
        var random = new Random(run.Seed);
        var instance = new Instance(run.Process.Flowchart());
        var waits = run.Process.Waits().ToList();
        var left = 6;
        instance.Start();
        for (var step = 0; instance.State.Status == WorkflowStatus.Running; step++)
        {
            Assert.True(step < 2000, "The process doesn't end.");
            var open = instance.State.Bookmarks;
            Assert.NotEmpty(open);
            Assert.All(open, b => Assert.Contains(instance.State.Executions, e => e.Id == b.ExecutionId && e.ActivityId == b.ActivityId));
            Assert.All(instance.State.Timers, t => Assert.Contains(instance.State.Executions, e => e.Id == t.ExecutionId));
            Assert.All(instance.State.Executions, e => Assert.True(e.ParentId is null || instance.State.Execution(e.ParentId.Value) is not null, "An execution outlived its container."));
            if (left > 0 && random.Next(3) == 0)
            {
                left--;
                Alteration alteration = random.Next(2) == 0
                    ? new Alteration.CancelActivity(null, open[random.Next(open.Count)].ExecutionId)
                    : new Alteration.ScheduleActivity(waits[random.Next(waits.Count)]);
                Try(instance, alteration);
                continue;
            }
            Assert.Equal(StepOutcome.Applied, instance.Apply(new Stimulus.Resume(open[random.Next(open.Count)].Id, default)));
        }
        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
        Assert.Empty(instance.State.Bookmarks);
    });

    [Fact]
    public void ARefusedAlteration_ChangesNothing() => Property.Holds(Runs, run =>
    {
        var instance = new Instance(run.Process.Flowchart());
        instance.Start();
        var before = StateSerializer.Write(instance.State);
        var wait = instance.State.Bookmarks[0].ActivityId;

        Assert.False(Try(instance, new Alteration.ScheduleActivity(wait)));
        Assert.False(Try(instance, new Alteration.ModifyVariable("nosuch", default)));

        Assert.Equal(before, StateSerializer.Write(instance.State));
    }, count: 20);

    private static bool Try(Instance instance, Alteration alteration)
    {
        try
        {
            return instance.Apply(new Stimulus.Alter([alteration])) == StepOutcome.Applied;
        }
        catch (WorkflowException refusal) when (refusal.Code == ErrorCodes.WrongState)
        {
            return false;
        }
    }
}
