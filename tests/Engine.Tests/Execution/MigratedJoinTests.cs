using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Execution;

/// <summary>A version that an instance goes over to may feed a join by more branches than the instance will ever take.</summary>
public sealed class MigratedJoinTests
{
    private static readonly string[] Two = ["a", "b"];
    private static readonly string[] Three = ["a", "b", "c"];

    [Theory]
    [InlineData("join", "WaitAll")]
    [InlineData("merge", "Merge")]
    [InlineData("merge", "Converge")]
    public void Migration_WhenAJoinNeedsABranchThatNothingLeadsTo_ThenRefusedWithTheBranch(string kind, string mode)
    {
        var instance = new Migrating(Flow(Two, kind, mode), Flow(Three, kind, mode));

        var refusal = Assert.Throws<WorkflowException>(() => instance.Alter(new Alteration.Migrate(2)));

        Assert.Equal(ErrorCodes.WrongState, refusal.Code);
        var difference = Assert.Single((IReadOnlyList<MigrationDifference>)refusal.Facts["differences"]!);
        Assert.Equal("join", difference.ActivityId);
        Assert.Contains("'c'", difference.Message, StringComparison.Ordinal);
        Assert.Contains("ScheduleActivity", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Migration_WhenTheSameListBeginsTheBranch_ThenTheJoinIsPassedWhenAllHaveCome()
    {
        var instance = new Migrating(Flow(Two, "join", "WaitAll"), Flow(Three, "join", "WaitAll"));

        instance.Alter(new Alteration.Migrate(2), new Alteration.ScheduleActivity("c"));
        instance.Signal("a");
        instance.Signal("b");
        Assert.Empty(instance.Lines);
        instance.Signal("c");

        Assert.Equal(["after"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Theory]
    [InlineData("join", "WaitAny")]
    [InlineData("join", "WaitAllActive")]
    [InlineData("merge", "Stream")]
    [InlineData("merge", "Race")]
    public void Migration_WhenTheJoinDoesNotWaitForEachBranch_ThenItIsMadeAndTheJoinPassed(string kind, string mode)
    {
        var instance = new Migrating(Flow(Two, kind, mode), Flow(Three, kind, mode));

        instance.Alter(new Alteration.Migrate(2));
        instance.Signal("a");
        if (instance.State.Status == WorkflowStatus.Running)
            instance.Signal("b");

        Assert.Equal(["after"], instance.Lines);
    }

    [Fact]
    public void Migration_WhenTheNewBranchBeginsBehindWhatIsUnderWay_ThenItIsMade()
    {
        // The instance is still before the fork.
        FlowBuilder Begin(string[] branches) => new FlowBuilder().Add("begin", "Elsa.Event", EventName("begin")).Connect("begin", "fork");
        var instance = new Migrating(Flow(Two, "join", "WaitAll", Begin(Two)), Flow(Three, "join", "WaitAll", Begin(Three)));

        instance.Alter(new Alteration.Migrate(2));
        foreach (var name in (string[])["begin", .. Three])
            instance.Signal(name);

        Assert.Equal(["after"], instance.Lines);
    }

    [Fact]
    public void Migration_WhenABranchThatHasComeIsAmongThem_ThenOnlyWhatIsStillToComeCounts()
    {
        var instance = new Migrating(Flow(Two, "join", "WaitAll"), Flow(Two, "join", "WaitAll"));
        instance.Signal("a");

        instance.Alter(new Alteration.Migrate(2));
        instance.Signal("b");

        Assert.Equal(["after"], instance.Lines);
    }

    [Fact]
    public void Migration_WhenTheJoinWasHeldUpBefore_ThenItIsNoReasonToRefuse()
    {
        // A decision has left one of the branches out already.
        static WorkflowDefinition Decided() => new FlowBuilder().Add("d", "Elsa.FlowDecision", ("condition", Literal(true)))
            .Add("a", "Elsa.Event", EventName("a")).Add("b", "Elsa.Event", EventName("b")).Add("join", "Elsa.FlowJoin", ("mode", Literal("WaitAll")))
            .Connect("d", "a", "True").Connect("d", "b", "False").Connect("a", "join").Connect("b", "join").Flowchart();
        var instance = new Migrating(Decided(), Decided());

        instance.Alter(new Alteration.Migrate(2));

        Assert.Equal("v2", instance.State.DefinitionVersionId);
    }

    private static WorkflowDefinition Flow(string[] branches, string kind, string mode, FlowBuilder? flow = null)
    {
        flow = (flow ?? new FlowBuilder()).Add("fork", "Elsa.FlowFork", ("branches", Expression("Object", JsonSerializer.Serialize(branches))));
        flow = kind == "join" ? flow.Add("join", "Elsa.FlowJoin", ("mode", Literal(mode)))
            : flow.Add("join", "Elsa.Inline", ("customProperties", new JsonObject { ["mergeMode"] = mode }));
        foreach (var branch in branches)
            flow.Add(branch, "Elsa.Event", EventName(branch)).Connect("fork", branch, branch).Connect(branch, "join");
        return flow.Add("after", "Elsa.WriteLine", ("text", Literal("after"))).Chain("join", "after").Flowchart();
    }

    /// <summary>An instance of version 1 that has begun and may go over to version 2.</summary>
    private sealed class Migrating
    {
        private readonly ExecutableWorkflow[] versions;

        public Migrating(WorkflowDefinition from, WorkflowDefinition to)
        {
            versions = [Version(from, 1), Version(to, 2)];
            State = Interpreter.Create(new Guid("01935000-0000-7000-8000-000000000001"), "v1");
            Apply(new Stimulus.Start(new Dictionary<string, JsonElement>()));
        }

        public WorkflowState State { get; private set; }
        public List<string> Lines { get; } = [];

        public void Alter(params Alteration[] alterations) => Apply(new Stimulus.Alter(alterations) { Targets = new Dictionary<int, ExecutableWorkflow> { [2] = versions[1] } });

        public void Signal(string name) => Assert.Equal(StepOutcome.Applied, Apply(new Stimulus.Signal(Guid.NewGuid().ToString(), name, default)));

        private StepOutcome Apply(Stimulus stimulus)
        {
            var result = Interpreter.Advance(versions[State.DefinitionVersionId == "v1" ? 0 : 1], State, stimulus, Instance.Begin);
            State = StateSerializer.Read(StateSerializer.Write(result.State));
            Lines.AddRange(result.Effects.OfType<WriteLineEffect>().Select(e => e.Text));
            return result.Outcome;
        }

        private static ExecutableWorkflow Version(WorkflowDefinition definition, int number)
        {
            var document = JsonNode.Parse(definition.Document.GetRawText())!.AsObject();
            (document["id"], document["version"]) = ($"v{number}", number);
            return ExecutableWorkflow.Compile(DefinitionReader.Read(document.ToJsonString()), new ActivityCatalog(BuiltInActivities.All));
        }
    }
}
