using FsCheck.Fluent;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Testing;

namespace Talent.Workflows.Engine.Tests.Execution;

/// <summary>Random trees of containers under random orders of signals and time: all ends, and the journal tells a whole story.</summary>
public sealed class ContainerProperties
{
    private static readonly FsCheck.Gen<(int Tree, int Order)> Runs =
        Gen.Choose(0, int.MaxValue - 1).SelectMany(tree => Gen.Choose(0, 1_000_000).Select(order => (tree, order)));

    [Fact]
    public void AnyTree_WhenItsWaitsAreAnswered_ComesToItsEnd() => Property.Holds(Runs, run =>
    {
        var instance = Play(run.Tree, run.Order, faults: false);

        Assert.Equal((WorkflowStatus.Finished, WorkflowSubStatus.Finished), (instance.State.Status, instance.State.SubStatus));
        Assert.Empty(instance.State.Executions);
        Assert.Empty(instance.State.Bookmarks);
        Assert.Empty(instance.State.Timers);
        foreach (var execution in instance.Journal.GroupBy(j => j.ExecutionId))
            Assert.Single(execution, j => j.Event is "Completed" or "Canceled");
    });

    [Fact]
    public void AnyTree_AtAnyTime_HasAJournalThatFits() => Property.Holds(Runs, run =>
    {
        var instance = Play(run.Tree, run.Order, faults: true);

        foreach (var execution in instance.Journal.GroupBy(j => j.ExecutionId))
        {
            var events = execution.Select(j => j.Event).ToList();
            Assert.True(events.Count(e => e is "Completed" or "Canceled") <= 1 && events.FindIndex(e => e is "Completed" or "Canceled") is var end && (end < 0 || end == events.Count - 1), string.Join(',', events));
            Assert.True(events[0] is "Started" or "Canceled", string.Join(',', events));
            Assert.All(execution, j => Assert.Equal((execution.First().ActivityId, execution.First().Visit, execution.First().ParentId), (j.ActivityId, j.Visit, j.ParentId)));
        }
        // A parent begins before its children and ends after them.
        var ends = instance.Journal.Select((j, i) => (j, i)).Where(x => x.j.Event is "Completed" or "Canceled").ToDictionary(x => x.j.ExecutionId, x => x.i);
        foreach (var entry in instance.Journal.Where(j => j.ParentId is not null && ends.ContainsKey(j.ParentId.Value)))
            Assert.True(ends.TryGetValue(entry.ExecutionId, out var end) && end < ends[entry.ParentId!.Value], $"{entry.ActivityId} outlives its parent.");
        // What is alive is what the journal hasn't ended, and whoever waits is alive.
        var alive = instance.State.Executions.Select(e => e.Id).ToHashSet();
        Assert.Equal(instance.Journal.Select(j => j.ExecutionId).Distinct().Where(id => !ends.ContainsKey(id)).Order(), alive.Order());
        Assert.All(instance.State.Bookmarks, b => Assert.Contains(b.ExecutionId, alive));
        Assert.All(instance.State.Timers, t => Assert.Contains(t.ExecutionId, alive));
        Assert.All(instance.State.Executions, e => Assert.True(e.ParentId is null || alive.Contains(e.ParentId.Value)));
    });

    [Fact]
    public void AnyTree_WhenPlayedTwice_GivesTheSame() => Property.Holds(Runs, run =>
        Assert.Equal(StateSerializer.Write(Play(run.Tree, run.Order, faults: true).State), StateSerializer.Write(Play(run.Tree, run.Order, faults: true).State)), count: 30);

    private static Instance Play(int tree, int order, bool faults)
    {
        var random = new Random(order);
        var instance = new Instance(new FlowBuilder().Definition(new RandomTree(tree, faults).Root()));
        instance.Start();
        for (var step = 0; step < 400 && instance.State.Status == WorkflowStatus.Running; step++)
        {
            var (waits, due) = (instance.State.Bookmarks, instance.State.NextDueAt());
            if (waits.Count == 0 && due is null)
                break;
            if (waits.Count > 0 && (due is null || random.Next(3) > 0))
                Assert.Equal(StepOutcome.Applied, instance.Apply(new Stimulus.Resume(waits[random.Next(waits.Count)].Id, default)));
            else
            {
                instance.Now = due!.Value;
                Assert.Equal(StepOutcome.Applied, instance.Apply(new Stimulus.TimersDue()));
            }
        }
        return instance;
    }
}
