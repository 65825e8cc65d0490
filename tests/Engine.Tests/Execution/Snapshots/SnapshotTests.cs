using System.Runtime.CompilerServices;
using System.Text.Json;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Tests.Execution.Snapshots;

/// <summary>
/// Snapshots as releases have stored them. Every later release reads them and goes on to the same end, so these files never
/// change: a new format gets files of its own beside them.
/// </summary>
public sealed class SnapshotTests
{
    [Fact]
    public void Snapshot_WhenOfFormat1_ThenReadWithAllThatItHolds()
    {
        var state = Read("format-1.json");

        Assert.Equal((1, WorkflowStatus.Running, WorkflowSubStatus.Faulted, "case-1", "Golden"), (state.Format, state.Status, state.SubStatus, state.CorrelationId, state.Name));
        Assert.Equal(["body-wait", "fix", "go"], state.Bookmarks.Select(b => b.ActivityId).Order(StringComparer.Ordinal));
        Assert.Equal((new DateTimeOffset(2026, 3, 3, 1, 0, 0, TimeSpan.Zero), "pause"), state.Timers.Select(t => (t.DueAt, t.ActivityId)).Single());
        Assert.Equal(("bad", ErrorCodes.ExpressionFailed, 1), state.Incidents.Select(i => (i.ActivityId, i.Code, i.Attempts)).Single());
        Assert.Equal(("s-early", "later", 5), state.EarlySignals.Select(s => (s.SignalId, s.Name, s.Payload.GetProperty("n").GetInt32())).Single());
        var chart = Assert.Single(state.Executions, e => e.ActivityId == "chart");
        Assert.Equal(["fork:Loops>loops", "fork:Bad>bad", "fork:Pause>pause", "fork:Go>go", "fork:Fix>fix"], chart.Tokens!.Select(t => $"{t.From}:{t.Port}>{t.To}"));
        Assert.Equal("x", Assert.Single(state.Executions, e => e.ActivityId == "loops").Variables!["v-local"].GetString());
        Assert.Equal((2, 2), (state.Visits["body-wait"], Assert.Single(state.Executions, e => e.ActivityId == "body-wait").Visit));
        Assert.Equal("119900", state.Input["Region"].GetString());
    }

    [Fact]
    public void Snapshot_WhenOfFormat1_ThenGoesOnToItsEnd()
    {
        var workflow = ExecutableWorkflow.Compile(DefinitionReader.Read(File.ReadAllBytes(PathOf("format-1-definition.json"))), new ActivityCatalog(BuiltInActivities.All));
        var state = Read("format-1.json");
        var lines = new List<string>();
        var now = new DateTimeOffset(2026, 3, 2, 2, 0, 0, TimeSpan.Zero);

        Advance(new Stimulus.Signal("s-2", "item", Json("second")));
        Advance(new Stimulus.Signal("s-3", "item", Json("third")));
        Advance(new Stimulus.Signal("s-4", "fix", default));
        Advance(new Stimulus.Retry(null));
        Advance(new Stimulus.Resume(state.Bookmarks.Single(b => b.ActivityId == "go").Id, Json(new { by = "u-1" })));
        now = new DateTimeOffset(2026, 3, 3, 1, 0, 0, TimeSpan.Zero);
        Advance(new Stimulus.TimersDue());

        Assert.Equal(["b second x", "c third x", "mended 119900", "end 5 u-1 3"], lines);
        Assert.Equal((WorkflowStatus.Finished, WorkflowSubStatus.Finished), (state.Status, state.SubStatus));
        Assert.Empty(state.Executions);
        Assert.Equal(WorkflowState.CurrentFormat, Read(StateSerializer.Write(state)).Format);

        void Advance(Stimulus stimulus)
        {
            var result = Interpreter.Advance(workflow, state, stimulus, now);
            Assert.Equal(StepOutcome.Applied, result.Outcome);
            lines.AddRange(result.Effects.OfType<WriteLineEffect>().Select(e => e.Text));
            state = Read(StateSerializer.Write(result.State));
        }
    }

    [Fact]
    public void Journal_WhenOfFormat1_ThenReadEntryByEntry()
    {
        var entries = StateSerializer.ReadJournal(File.ReadAllBytes(PathOf("format-1-journal.json")));

        Assert.Equal(("Resumed", "body-wait", "Elsa.Event", 1), (entries[0].Event, entries[0].ActivityId, entries[0].Type, entries[0].Visit));
        Assert.Contains(entries, e => e is { Event: "Completed", ActivityId: "body-line" });
        Assert.All(entries, e => Assert.True(e.ExecutionId > 0));
    }

    private static WorkflowState Read(string file) => Read(File.ReadAllBytes(PathOf(file)));

    private static WorkflowState Read(byte[] snapshot) => StateSerializer.Read(snapshot);

    private static JsonElement Json(object value) => JsonSerializer.SerializeToElement(value);

    private static string PathOf(string file, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, file);
}
