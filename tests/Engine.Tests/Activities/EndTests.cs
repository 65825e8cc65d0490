using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class EndTests
{
    private static JsonArray Connections(params (string From, string To)[] pairs) =>
        [.. pairs.Select(c => new JsonObject { ["source"] = new JsonObject { ["activity"] = c.From }, ["target"] = new JsonObject { ["activity"] = c.To } })];

    [Fact]
    public void End_WhenInAFlowchart_ThenItEndsWithAllItsBranchesAndTheOuterGoesOn()
    {
        var chart = Activity("chart", "Elsa.Flowchart",
            ("activities", new JsonArray(Line("start"), Line("a"), Activity("end", "Elsa.End"), Line("never"), Wait("other"))),
            ("connections", Connections(("start", "a"), ("start", "other"), ("a", "end"), ("end", "never"))));

        var instance = Run(Sequence("root", chart, Line("after")));

        Assert.Equal(["start", "a", "after"], instance.Lines);
        Assert.Contains("Canceled other", instance.Entries());
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }
}
