using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck.Fluent;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Testing;

namespace Talent.Workflows.Engine.Tests.Execution;

/// <summary>Random trees and flowcharts that go over to another version with the same activities, whenever: as if they hadn't.</summary>
public sealed class MigrationProperties
{
    private static readonly FsCheck.Gen<(int Tree, int Order)> Trees =
        Gen.Choose(0, int.MaxValue - 1).SelectMany(tree => Gen.Choose(0, 1_000_000).Select(order => (tree, order)));

    private static readonly FsCheck.Gen<(SeriesParallel Process, int Order)> Flowcharts =
        SeriesParallel.Random(3).SelectMany(p => Gen.Choose(0, 1_000_000).Select(order => (p, order)));

    [Fact]
    public void AnyTree_WhenItMigratesAtAnyTime_ThenGoesOnAsIfItHadNot() => Property.Holds(Trees, run =>
    {
        var definition = new FlowBuilder().Definition(new RandomTree(run.Tree, faults: true).Root());

        Assert.Equal(Play(definition, run.Order, migrates: false), Play(definition, run.Order, migrates: true));
    });

    [Fact]
    public void AnyFlowchart_WhenItMigratesAtAnyTime_ThenGoesOnAsIfItHadNot() => Property.Holds(Flowcharts, run =>
        Assert.Equal(Play(run.Process.Flowchart(), run.Order, migrates: false), Play(run.Process.Flowchart(), run.Order, migrates: true)));

    /// <summary>The state at the end and the journal, the migrations left out.</summary>
    private static string Play(WorkflowDefinition definition, int order, bool migrates)
    {
        ExecutableWorkflow[] versions = [Version(definition, 1), Version(definition, 2)];
        var (stimuli, migrations) = (new Random(order), new Random(order + 1));
        var (state, now, current) = (Interpreter.Create(new Guid("01935000-0000-7000-8000-000000000001"), "v1"), Instance.Begin, 0);
        var journal = new List<JournalEntry>();
        Apply(new Stimulus.Start(new Dictionary<string, JsonElement>()));
        for (var step = 0; step < 400 && state.Status == WorkflowStatus.Running; step++)
        {
            if (migrates && migrations.Next(2) == 0)
            {
                Assert.Equal(StepOutcome.Applied, Apply(new Stimulus.Alter([new Alteration.Migrate(2 - current)]) { Targets = new Dictionary<int, ExecutableWorkflow> { [2 - current] = versions[1 - current] } }));
                current = 1 - current;
                ImportedState.Check(state, versions[current]);
            }
            var choices = state.Bookmarks.Count + (state.NextDueAt() is null ? 0 : 1) + state.Incidents.Count;
            if (choices == 0)
                break;
            var choice = stimuli.Next(choices);
            if (choice < state.Bookmarks.Count)
                Apply(new Stimulus.Resume(state.Bookmarks[choice].Id, default));
            else if (choice < state.Bookmarks.Count + state.Incidents.Count)
                Apply(new Stimulus.Retry(state.Incidents[choice - state.Bookmarks.Count].Id));
            else if (state.NextDueAt() is { } due && (now = due > now ? due : now) == now)
                Apply(new Stimulus.TimersDue());
        }
        state = state.Clone();
        state.DefinitionVersionId = "";
        return JsonSerializer.Serialize(new { state = JsonElement.Parse(StateSerializer.Write(state)), journal = journal.Where(j => j.Event != "Migrated") });

        StepOutcome Apply(Stimulus stimulus)
        {
            var result = Interpreter.Advance(versions[current], state, stimulus, now);
            state = StateSerializer.Read(StateSerializer.Write(result.State));
            journal.AddRange(result.Journal);
            return result.Outcome;
        }
    }

    private static ExecutableWorkflow Version(WorkflowDefinition definition, int number)
    {
        var document = JsonNode.Parse(definition.Document.GetRawText())!.AsObject();
        (document["id"], document["version"]) = ($"v{number}", number);
        return ExecutableWorkflow.Compile(DefinitionReader.Read(document.ToJsonString()), new ActivityCatalog(BuiltInActivities.All));
    }
}
