using FsCheck.Fluent;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Testing;

namespace Talent.Workflows.Engine.Tests.Execution;

/// <summary>Random processes, random orders of signals, random returns.</summary>
public sealed class InterpreterProperties
{
    private static readonly FsCheck.Gen<(SeriesParallel Process, int Seed)> Runs =
        SeriesParallel.Random(3).SelectMany(p => Gen.Choose(0, 1_000_000).Select(seed => (p, seed)));

    [Fact]
    public void AnyOrderOfSignals_RunsEveryWaitOnceAndInOrder() => Property.Holds(Runs, run =>
    {
        var instance = Play(run.Process, run.Seed, returns: 0);

        foreach (var wait in run.Process.Waits())
            Assert.Equal(1, instance.State.Visits[wait]);
        AssertOrder(run.Process, instance);
    });

    [Fact]
    public void ReturnsToAnyEarlierStage_SkipNothingAndDoubleNothing() => Property.Holds(Runs, run =>
        AssertOrder(run.Process, Play(run.Process, run.Seed, returns: 3)), count: 100);

    [Fact]
    public void TheSameInput_GivesTheSameResult() => Property.Holds(Runs, run =>
        Assert.Equal(
            StateSerializer.Write(Play(run.Process, run.Seed, returns: 2).State),
            StateSerializer.Write(Play(run.Process, run.Seed, returns: 2).State)));

    [Fact]
    public void AFinishedInstance_StaysFinished() => Property.Holds(Runs, run =>
    {
        var instance = Play(run.Process, run.Seed, returns: 0);
        var finished = StateSerializer.Write(instance.State);

        foreach (var stimulus in new Stimulus[] { new Stimulus.Start(new Dictionary<string, System.Text.Json.JsonElement>()), new Stimulus.TimersDue(), new Stimulus.Retry(null), new Stimulus.Cancel("late"), new Stimulus.MoveTo("start", "late") })
            Assert.Equal(StepOutcome.Superseded, instance.Apply(stimulus));

        Assert.Equal(finished, StateSerializer.Write(instance.State));
    }, count: 20);

    private static Instance Play(SeriesParallel process, int seed, int returns)
    {
        var random = new Random(seed);
        var instance = new Instance(process.Flowchart());
        var before = process.Order().SelectMany(o => o.First.SelectMany(f => o.Second.Select(s => (f, s)))).ToHashSet();
        instance.Start();
        for (var step = 0; instance.State.Status == WorkflowStatus.Running; step++)
        {
            Assert.True(step < 1000, "The process doesn't end.");
            // No wait is open twice, and every open wait belongs to a live execution.
            var open = instance.State.Bookmarks;
            Assert.NotEmpty(open);
            Assert.Equal(open.Count, open.Select(b => b.ActivityId).Distinct().Count());
            Assert.All(open, b => Assert.Contains(instance.State.Executions, e => e.Id == b.ExecutionId));
            if (returns > 0 && random.Next(4) == 0)
            {
                // A return goes to what is open or behind; jumping ahead of open work is another thing.
                var behind = process.Waits().Where(w => instance.State.Visits.ContainsKey(w) && open.TrueForAll(b => !before.Contains((b.ActivityId, w)))).ToList();
                Assert.Equal(StepOutcome.Applied, instance.Apply(new Stimulus.MoveTo(behind[random.Next(behind.Count)], "returned")));
                returns--;
                continue;
            }
            Assert.Equal(StepOutcome.Applied, instance.Apply(new Stimulus.Resume(open[random.Next(open.Count)].Id, default)));
        }
        return instance;
    }

    private static void AssertOrder(SeriesParallel process, Instance instance)
    {
        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
        foreach (var wait in process.Waits())
            Assert.Contains(instance.Journal, j => j.Event == "Completed" && j.ActivityId == wait && j.Visit == instance.State.Visits[wait]);
        foreach (var (first, second) in process.Order())
        {
            var firstDone = first.Max(id => instance.Journal.FindLastIndex(j => j.Event == "Completed" && j.ActivityId == id));
            var secondBegun = second.Min(id => instance.Journal.FindLastIndex(j => j.Event == "Started" && j.ActivityId == id));
            Assert.True(firstDone < secondBegun, $"{string.Join(',', second)} began before {string.Join(',', first)} was done.");
        }
    }
}
