using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities.Looping;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class ParallelForEachTests
{
    private static JsonObject All(string items, JsonObject? body) => Activity("all", "Elsa.ParallelForEach", ("items", Script(items)), ("body", body));

    [Fact]
    public void ParallelForEach_WhenTheBodiesWait_ThenEachKeepsItsItemAndTheLastEndsIt()
    {
        var instance = Run(Sequence("root", All("['a', 'b', 'c']", Sequence("s", Wait("go"), Line("line", "`${variables.CurrentIndex}${variables.CurrentValue}`"))), Line("end")));

        Assert.Equal(3, instance.State.Bookmarks.Select(b => b.Id).Distinct().Count());
        instance.Apply(new Stimulus.Resume(instance.State.Bookmarks[2].Id, default));
        instance.Apply(new Stimulus.Resume(instance.State.Bookmarks[0].Id, default));
        Assert.Equal(["2c", "0a"], instance.Lines);
        instance.Apply(new Stimulus.Resume(instance.State.Bookmarks[0].Id, default));

        Assert.Equal(["2c", "0a", "1b", "end"], instance.Lines);
        Assert.Single(instance.Journal, j => j is { Event: "Completed", ActivityId: "all" });
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    public void ParallelForEach_WhenThereAreNoItems_ThenItCompletes(string items) => Assert.Equal(WorkflowStatus.Finished, Run(All(items, Line("x"))).State.Status);

    [Fact]
    public void ParallelForEach_WhenOneBodyFaults_ThenTheOthersRun()
    {
        var instance = Run(All("['a', 'b', 'c']", Sequence("s", If("if", "variables.CurrentValue === 'b'", Activity("fault", "Elsa.Fault")), Line("line", "variables.CurrentValue"))));

        Assert.Equal(["a", "c"], instance.Lines);
        Assert.Equal("fault", Assert.Single(instance.State.Incidents).ActivityId);
        Assert.Equal(WorkflowStatus.Running, instance.State.Status);
    }

    [Fact]
    public void ParallelForEach_WhenItsBodyHoldsAJoin_ThenItCompletesOnce()
    {
        var body = Activity("chart", "Elsa.Flowchart",
            ("activities", new JsonArray(Activity("start", "Elsa.Start"), Line("l"), Line("r"), Activity("join", "Elsa.FlowJoin", ("mode", Literal("WaitAll"))), Line("after"))),
            ("connections", new JsonArray([.. new[] { ("start", "l"), ("start", "r"), ("l", "join"), ("r", "join"), ("join", "after") }
                .Select(c => new JsonObject { ["source"] = new JsonObject { ["activity"] = c.Item1 }, ["target"] = new JsonObject { ["activity"] = c.Item2 } })])));

        var instance = Run(All("[1, 2]", body));

        Assert.Equal(2, instance.Lines.Count(l => l == "after"));
        Assert.Single(instance.Journal, j => j is { Event: "Completed", ActivityId: "all" });
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void ParallelForEach_WhenThereAreTooManyItems_ThenAnIncidentAndNothingBegun()
    {
        var instance = Run(All($"Array.from({{ length: {ParallelForEach.MaxItems + 1} }}, (_, i) => i)", Line("x", "''")));

        Assert.Equal(ErrorCodes.InvalidInput, Assert.Single(instance.State.Incidents).Code);
        Assert.Single(instance.State.Executions);
    }

    [Fact]
    public void ParallelForEach_WhenCancelled_ThenEveryBodyIs()
    {
        var instance = Run(All("[1, 2]", Wait("go")));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Equal(2, instance.Entries().Count(e => e == "Canceled go"));
        Assert.Empty(instance.State.Bookmarks);
    }

    [Fact]
    public void ParallelForEach_WhenInALoop_ThenEachRoundRunsAllItems() => Assert.Equal(["a", "b", "a", "b"], Run(Twice(All("['a', 'b']", Line("x", "variables.CurrentValue")))).Lines);

    [Fact]
    public void ParallelForEach_WhenItHasNoBody_ThenItCompletes() => Assert.Equal(WorkflowStatus.Finished, Run(Activity("all", "Elsa.ParallelForEach", ("items", Script("[1]")))).State.Status);
}
