using System.Text.Json;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Tests.Execution;

/// <summary>Something that activities wait by has changed: those that heed it take it in, and go on waiting.</summary>
public sealed class RevisionTests
{
    private static readonly DateTimeOffset Start = new(2026, 9, 21, 1, 0, 0, TimeSpan.Zero);
    private static readonly ExecutableWorkflow Workflow = ExecutableWorkflow.Compile(
        DefinitionReader.Read("""{ "id": "v", "definitionId": "d", "root": { "id": "heeding", "type": "Test.Heeding" } }"""), new ActivityCatalog([.. BuiltInActivities.All, new Heeding()]));

    [Fact]
    public void Revise_WhenAnActivityHeedsIt_ThenItsTimerMovesAndItsWaitStays()
    {
        var waiting = Interpreter.Advance(Workflow, Interpreter.Create(Guid.NewGuid(), "v"), new Stimulus.Start(new Dictionary<string, JsonElement>()), Start).State;

        var revised = Interpreter.Advance(Workflow, waiting, new Stimulus.Revise("later", JsonSerializer.SerializeToElement(2)), Start);

        Assert.Equal(StepOutcome.Applied, revised.Outcome);
        Assert.Equal(Start.AddHours(2), Assert.Single(revised.State.Timers).DueAt);
        Assert.Equal(waiting.Bookmarks, revised.State.Bookmarks);
        Assert.Contains(revised.Journal, j => j.Event == "Revised");
    }

    [Fact]
    public void Revise_WhenAnActivityRefuses_ThenNothingChanges()
    {
        var waiting = Interpreter.Advance(Workflow, Interpreter.Create(Guid.NewGuid(), "v"), new Stimulus.Start(new Dictionary<string, JsonElement>()), Start).State;

        Assert.Throws<WorkflowException>(() => Interpreter.Advance(Workflow, waiting, new Stimulus.Revise("later", default), Start));

        Assert.Equal(Start.AddHours(1), Assert.Single(waiting.Timers).DueAt);
    }

    [Fact]
    public void Revise_WhenTheInstanceIsOver_ThenItIsSuperseded()
    {
        var over = Interpreter.Advance(Workflow, Interpreter.Create(Guid.NewGuid(), "v"), new Stimulus.Start(new Dictionary<string, JsonElement>()), Start).State;
        over = Interpreter.Advance(Workflow, over, new Stimulus.Cancel("done"), Start).State;

        Assert.Equal(StepOutcome.Superseded, Interpreter.Advance(Workflow, over, new Stimulus.Revise("later", default), Start).Outcome);
    }

    private sealed class Heeding : Activity
    {
        public override ActivityDescriptor Descriptor { get; } = new("Test.Heeding", "Test", "Heeding", "Waits, and heeds what it waits by.") { Waits = true };

        protected override bool Heeds => true;

        protected override void Execute(ActivityContext context)
        {
            context.Wait(BookmarkKinds.Event, "go");
            context.WaitUntil(context.Now.AddHours(1));
        }

        protected override void Revise(ActivityContext context, string name, JsonElement payload)
        {
            if (payload.ValueKind != JsonValueKind.Number)
                throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest, "How much later?"));
            context.WaitUntil(context.Now.AddHours(payload.GetInt32()));
        }
    }
}
