using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class SwitchTests
{
    private static JsonObject Case(string label, string condition, JsonObject? activity) => new()
    {
        ["label"] = label, ["condition"] = new JsonObject { ["type"] = "JavaScript", ["value"] = condition }, ["activity"] = activity,
    };

    private static JsonObject Switch(string? mode, JsonObject? otherwise, params JsonNode[] cases)
    {
        var json = Activity("switch", "Elsa.Switch", ("cases", new JsonArray(cases)), ("default", otherwise));
        if (mode is not null)
            json["mode"] = Literal(mode);
        return json;
    }

    [Theory]
    [InlineData(null, "two")]
    [InlineData("MatchFirst", "two")]
    [InlineData("MatchAny", "two", "three")]
    public void Switch_WhenSeveralCasesHold_ThenItsModeSaysHowManyRun(string? mode, params string[] lines)
    {
        var instance = Run(Switch(mode, Line("none"), Case("1", "false", Line("one")), Case("2", "return true", Line("two")), Case("3", "true", Line("three"))));

        Assert.Equal(lines, instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Switch_WhenNoCaseHolds_ThenTheDefaultRuns() => Assert.Equal(["none"], Run(Switch(null, Line("none"), Case("1", "false", Line("one")))).Lines);

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public void Switch_WhenThereIsNothingToRun_ThenItCompletes(string condition)
    {
        var instance = Run(Switch(null, otherwise: null, Case("1", condition, null)));

        Assert.Equal(["Started switch", "Completed switch"], instance.Entries());
    }

    [Fact]
    public void Switch_WhenItsActivitiesWait_ThenItCompletesWithTheLast()
    {
        var instance = Run(Sequence("root", Switch("MatchAny", null, Case("a", "true", Sequence("s1", Wait("x"), Line("1"))), Case("b", "true", Sequence("s2", Wait("y"), Line("2")))), Line("after")));

        instance.Signal("y");
        Assert.Equal(["2"], instance.Lines);
        instance.Signal("x");

        Assert.Equal(["2", "1", "after"], instance.Lines);
    }

    [Fact]
    public void Switch_WhenRead_ThenItsActivitiesArePortsByLabelAndKnowWhereTheyLie()
    {
        var definition = new FlowBuilder().Definition(Switch(null, Line("d"), Case("High", "true", Line("h")), Case("High", "true", Line("i")), Case("default", "true", Line("j")), Case("", "true", Line("k"))));

        Assert.Equal("High:h, High (2):i, cases[3]:k, default:d, default (2):j", string.Join(", ", definition.Root.Ports.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}:{p.Value.Id}")));
        Assert.Equal("Workflow1:switch:h", definition.Activities["h"].NodeId);
        var written = JsonNode.Parse(DefinitionWriter.WriteFile(definition))!;
        Assert.Equal("Workflow1:switch:h", (string?)written["root"]!["cases"]![0]!["activity"]!["nodeId"]);
    }

    [Fact]
    public void Switch_WhenAConditionIsNoBoolean_ThenAnIncidentSaysWhichCase()
    {
        var instance = Run(Switch(null, null, Case("Odd", "'maybe'", Line("x"))));

        Assert.Contains("Odd", Assert.Single(instance.State.Incidents).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Switch_WhenAnInnerActivityIsUnknown_ThenNotPublished()
    {
        var definition = new FlowBuilder().Definition(Switch(null, null, Case("1", "true", Activity("x", "Acme.Unknown"))));

        Assert.Equal("x", Assert.Single(DefinitionValidator.Validate(definition, new ActivityCatalog(BuiltInActivities.All))).ActivityId);
    }

    [Fact]
    public void Switch_WhenInALoop_ThenEachRoundDecidesAnew()
    {
        var instance = Run(Nested.Twice(Switch(null, Line("other"), Case("2", "variables.CurrentValue === 2", Line("two")))));

        Assert.Equal(["other", "two"], instance.Lines);
    }

    [Fact]
    public void Switch_WhenCancelledWhileItsCaseWaits_ThenBothAre()
    {
        var instance = Run(Switch(null, Line("other"), Case("1", "true", Wait("go"))));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Empty(instance.State.Bookmarks);
        Assert.Contains("Canceled go", instance.Entries());
    }
}
