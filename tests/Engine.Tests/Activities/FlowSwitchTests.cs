using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class FlowSwitchTests
{
    private static JsonArray Cases(params (string Label, string Condition)[] cases) =>
        [.. cases.Select(c => new JsonObject { ["label"] = c.Label, ["condition"] = new JsonObject { ["type"] = "JavaScript", ["value"] = c.Condition } })];

    private static Instance Switch(JsonArray cases, string? mode)
    {
        var flow = new FlowBuilder().Add("switch", "Elsa.FlowSwitch", ("cases", cases), ("mode", mode is null ? null : Literal(mode)));
        foreach (var port in cases.Select(c => (string)c!["label"]!).Append("Default"))
            flow.Add($"to-{port}", "Elsa.WriteLine", ("text", Literal(port))).Connect("switch", $"to-{port}", port);
        var instance = new Instance(flow.Flowchart());
        instance.Start();
        return instance;
    }

    [Theory]
    [InlineData(null, "B")]
    [InlineData("MatchFirst", "B")]
    [InlineData("MatchAny", "B", "C")]
    public void FlowSwitch_WhenSeveralCasesHold_ThenItsModeSaysByWhichItLeaves(string? mode, params string[] lines) =>
        Assert.Equal(lines, Switch(Cases(("A", "false"), ("B", "true"), ("C", "return true")), mode).Lines);

    [Theory]
    [InlineData("MatchFirst")]
    [InlineData("MatchAny")]
    public void FlowSwitch_WhenNoCaseHolds_ThenItLeavesByDefault(string mode)
    {
        Assert.Equal(["Default"], Switch(Cases(("A", "false"), ("B", "null")), mode).Lines);
        Assert.Equal(["Default"], Switch([], mode).Lines);
    }
}
