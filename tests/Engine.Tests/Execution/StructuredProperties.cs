using FsCheck.Fluent;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Testing;

namespace Talent.Workflows.Engine.Tests.Execution;

/// <summary>Random structured processes with everything that can be open in them, told in random orders.</summary>
public sealed class StructuredProperties
{
    private static readonly FsCheck.Gen<(StructuredProcess Process, int Seed)> Runs =
        StructuredProcess.Random(4).SelectMany(p => Gen.Choose(0, 1_000_000).Select(seed => (p, seed)));

    [Fact]
    public void AnyOrderOfEventsTimersAndRetries_OpensWhatTheProcessMeansAndNothingElse() => Property.Holds(Runs, run => Play(run.Process, run.Seed), count: 100);

    [Fact]
    public void TheSameOrder_GivesTheSameState() => Property.Holds(Runs, run =>
        Assert.Equal(StateSerializer.Write(Play(run.Process, run.Seed).State), StateSerializer.Write(Play(run.Process, run.Seed).State)));

    private static Instance Play(StructuredProcess process, int seed)
    {
        var random = new Random(seed);
        var stumbling = new Stumbling();
        var instance = new Instance(process.Flowchart(), stumbling);
        var course = new Course(process);
        instance.Start();
        for (var step = 0; ; step++)
        {
            Assert.True(step < 10_000, "The process doesn't end.");
            var open = Open(instance);
            Assert.Equal(course.Open.Select(o => o.Id).Order(), open.Order());
            Assert.Equal(course.IsDone, instance.State.Status == WorkflowStatus.Finished);
            if (course.IsDone)
                return Ended(instance);
            Assert.Equal(instance.State.Incidents.Count > 0 ? WorkflowSubStatus.Faulted : WorkflowSubStatus.Suspended, instance.State.SubStatus);
            Tell(instance, course, stumbling, open[random.Next(open.Count)]);
        }
    }

    private static List<string> Open(Instance instance) =>
        [.. instance.State.Bookmarks.Select(b => b.ActivityId), .. instance.State.Timers.Select(t => t.ActivityId), .. instance.State.Incidents.Select(i => i.ActivityId)];

    private static void Tell(Instance instance, Course course, Stumbling stumbling, string id)
    {
        switch (id[0])
        {
            case 'w':
                Assert.Equal(StepOutcome.Applied, instance.Signal(id));
                course.Tell(course.Open.Single(o => o.Id == id));
                break;
            case 'x':
                var incident = instance.State.Incidents.Single(i => i.ActivityId == id);
                // A retry that fails again changes nothing but the count.
                Assert.Equal(StepOutcome.Applied, instance.Apply(new Stimulus.Retry(incident.Id)));
                Assert.Equal(incident.Attempts + 1, instance.State.Incidents.Single(i => i.ActivityId == id).Attempts);
                stumbling.Mended = incident.ExecutionId;
                Assert.Equal(StepOutcome.Applied, instance.Apply(new Stimulus.Retry(incident.Id)));
                stumbling.Mended = null;
                course.Tell(course.Open.Single(o => o.Id == id));
                break;
            default:
                // Time runs instant by instant: the earliest timers fire, whichever was drawn.
                var due = instance.State.NextDueAt()!.Value;
                var firing = instance.State.Timers.Where(t => t.DueAt == due).Select(t => course.Open.Single(o => o.Id == t.ActivityId)).ToList();
                instance.Now = due.AddTicks(-1);
                Assert.Equal(StepOutcome.Superseded, instance.Apply(new Stimulus.TimersDue()));
                instance.Now = due;
                Assert.Equal(StepOutcome.Applied, instance.Apply(new Stimulus.TimersDue()));
                firing.ForEach(course.Tell);
                break;
        }
    }

    private static Instance Ended(Instance instance)
    {
        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
        Assert.Empty(instance.State.Executions);
        Assert.Single(instance.Lines, l => l == "last");
        // Every execution that began has ended, once; one that lost a race may have been cancelled before it began.
        var ended = instance.Journal.Where(j => j.Event is "Completed" or "Canceled").Select(j => j.ExecutionId).ToList();
        Assert.Equal(Enumerable.Range(1, instance.State.LastExecutionId), ended.Order());
        Assert.Superset(instance.Journal.Where(j => j.Event is "Started" or "Completed").Select(j => j.ExecutionId).ToHashSet(), ended.ToHashSet());
        return instance;
    }
}
