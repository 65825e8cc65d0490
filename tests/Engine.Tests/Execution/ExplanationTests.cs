using System.Text.Json;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Tests.Execution;

/// <summary>Activities are asked what they wait for; nothing comes of it.</summary>
public sealed class ExplanationTests
{
    private static readonly DateTimeOffset Now = new(2026, 9, 21, 1, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Explanation_WhenAsked_ThenItIsWhatActivitiesUnderWaySayAndTheStateStays()
    {
        var (workflow, state) = Waiting(new Telling());
        var before = StateSerializer.Write(state);

        var said = Interpreter.Explain(workflow, state, Now);

        Assert.Equal(new Said("waits"), Assert.Single(said));
        Assert.Equal(before, StateSerializer.Write(state));
    }

    [Fact]
    public void Explanation_WhenAnActivityCantGiveIt_ThenItSaysNothing()
    {
        var (workflow, state) = Waiting(new Telling { Fails = true });

        Assert.Empty(Interpreter.Explain(workflow, state, Now));
    }

    private static (ExecutableWorkflow Workflow, WorkflowState State) Waiting(Telling activity)
    {
        var definition = DefinitionReader.Read("""{"definitionId":"tells","version":1,"root":{"id":"waits","type":"Test.Telling","version":1}}""");
        var workflow = ExecutableWorkflow.Compile(definition, new ActivityCatalog([.. BuiltInActivities.All, activity]));
        return (workflow, Interpreter.Advance(workflow, Interpreter.Create(Guid.Parse("0199d3a0-0000-7000-8000-000000000001"), "v1"), new Stimulus.Start(new Dictionary<string, JsonElement>()), Now).State);
    }

    private sealed record Said(string Activity) : Effect(Guid.Empty);

    private sealed class Telling : Activity
    {
        public bool Fails { get; init; }

        public override ActivityDescriptor Descriptor { get; } = new("Test.Telling", "Test", "Telling", "") { Waits = true };

        protected override void Execute(ActivityContext context) => context.Wait(BookmarkKinds.Event, "never");

        protected override void Explain(ActivityContext context)
        {
            context.SetData("asked", JsonSerializer.SerializeToElement(true));
            context.WaitUntil(Now.AddDays(1));
            context.Emit(new Said(context.Node.Id));
            if (Fails)
                throw new WorkflowException(ErrorCodes.InvalidInput, "It can't be said now.");
        }
    }
}
