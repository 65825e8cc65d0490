using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class FlowchartTests
{
    private static FlowBuilder ForkJoin(string? mode, string? mergeMode = null)
    {
        var join = mode is null
            ? new FlowBuilder().Add("join", "Elsa.WriteLine", ("text", Literal("joined")), ("customProperties", new JsonObject { ["mergeMode"] = mergeMode }))
            : new FlowBuilder().Add("join", "Elsa.FlowJoin", ("mode", Literal(mode)));
        return join.Add("start", "Elsa.Start")
            .Add("fork", "Elsa.FlowFork", ("branches", Expression("Object", "[\"L\",\"R\"]")))
            .Add("left", "Elsa.Event", EventName("left")).Add("right", "Elsa.Event", EventName("right"))
            .Add("after", "Elsa.WriteLine", ("text", Literal("after")))
            .Chain("start", "fork").Connect("fork", "left", "L").Connect("fork", "right", "R")
            .Chain("left", "join").Chain("right", "join", "after");
    }

    [Theory]
    [InlineData("Stream", 1)]
    [InlineData("Merge", 1)]
    [InlineData("Converge", 1)]
    [InlineData("Race", 1)]
    [InlineData("Cascade", 2)]
    public void MergeMode_WhenBothBranchesArrive_ThenTargetRunsThatOften(string mode, int times)
    {
        var instance = new Instance(ForkJoin(mode: null, mode).Flowchart());

        instance.Start();
        instance.Signal("left");
        instance.Signal("right");

        Assert.Equal(times, instance.Lines.Count(l => l == "joined"));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Theory]
    [InlineData("Stream", true)]
    [InlineData("Merge", false)]
    public void MergeMode_WhenOnePathWasNotTaken_ThenStreamGoesOnAndMergeDoesNot(string mode, bool goesOn)
    {
        var instance = new Instance(new FlowBuilder()
            .Add("decide", "Elsa.FlowDecision", ("condition", Script("1 > 0")))
            .Add("yes", "Elsa.WriteLine", ("text", Literal("yes"))).Add("no", "Elsa.WriteLine", ("text", Literal("no")))
            .Add("end", "Elsa.WriteLine", ("text", Literal("end")), ("customProperties", new JsonObject { ["mergeMode"] = mode }))
            .Connect("decide", "yes", "True").Connect("decide", "no", "False").Chain("yes", "end").Chain("no", "end").Flowchart());

        instance.Start();

        Assert.Equal(goesOn ? ["yes", "end"] : ["yes"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Switch_WhenEveryMatchIsTaken_ThenTheCommonTargetRunsOnce()
    {
        var cases = new JsonArray(
            new JsonObject { ["label"] = "A", ["condition"] = new JsonObject { ["type"] = "JavaScript", ["value"] = "return true" } },
            new JsonObject { ["label"] = "B", ["condition"] = new JsonObject { ["type"] = "JavaScript", ["value"] = "true" } },
            new JsonObject { ["label"] = "C", ["condition"] = new JsonObject { ["type"] = "Literal", ["value"] = "False" } });
        var instance = new Instance(new FlowBuilder()
            .Add("switch", "Elsa.FlowSwitch", ("cases", cases), ("mode", Literal("MatchAny")))
            .Add("t", "Elsa.WriteLine", ("text", Literal("t"))).Add("c", "Elsa.WriteLine", ("text", Literal("c")))
            .Connect("switch", "t", "A").Connect("switch", "t", "B").Connect("switch", "c", "C").Connect("switch", "c", "Default").Flowchart());

        instance.Start();

        Assert.Equal(["t"], instance.Lines);
    }

    [Fact]
    public void Loop_WhenAConnectionLeadsBack_ThenTheActivityRunsAgainWithANewVisit()
    {
        var instance = new Instance(new FlowBuilder().Variable("n", "Int32", "0")
            .Add("start", "Elsa.Start").Add("wait", "Elsa.Event", EventName("go"))
            .Add("inc", "Elsa.SetVariable", ("variable", new JsonObject { ["id"] = "v-n" }), ("value", Script("variables.n + 1")))
            .Add("again", "Elsa.FlowDecision", ("condition", Script("variables.n < 3"))).Add("end", "Elsa.End")
            .Chain("start", "wait", "inc", "again").Connect("again", "wait", "True").Connect("again", "end", "False").Flowchart());

        instance.Start();
        var ids = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(Assert.Single(instance.State.Bookmarks).Id);
            instance.Signal("go");
        }

        Assert.Equal(3, ids.Distinct().Count());
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void TwoBranches_WhenBothSignalsComeAtOneInstant_ThenItFinishes_MustDoBetter2()
    {
        for (var run = 0; run < 25; run++)
        {
            var instance = new Instance(ForkJoin("WaitAll").Flowchart());
            instance.Start();
            instance.Signal(run % 2 == 0 ? "left" : "right");
            instance.Signal(run % 2 == 0 ? "right" : "left");
            Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
        }
    }
}
