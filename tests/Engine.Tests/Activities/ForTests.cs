using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class ForTests
{
    private static JsonObject For(JsonNode start, JsonNode end, JsonNode step, bool? inclusive, JsonObject? body)
    {
        var json = Activity("for", "Elsa.For", ("start", start), ("end", end), ("step", step), ("body", body));
        if (inclusive is { } given)
            json["outerBoundInclusive"] = Literal(given);
        return json;
    }

    [Theory]
    [InlineData(1, 3, 1, null, "1 2 3")]
    [InlineData(1, 3, 1, true, "1 2 3")]
    [InlineData(1, 3, 1, false, "1 2")]
    [InlineData(5, 5, 1, true, "5")]
    [InlineData(5, 5, 1, false, "")]
    [InlineData(3, 1, -1, true, "3 2 1")]
    [InlineData(3, 1, -1, false, "3 2")]
    [InlineData(-2, -10, -4, true, "-2 -6 -10")]
    [InlineData(1, 5, 10, true, "1")]
    [InlineData(5, 1, 1, true, "")]
    [InlineData(1, 5, -1, true, "")]
    [InlineData(int.MaxValue, int.MaxValue, 1, true, "2147483647")]
    [InlineData(int.MinValue, int.MinValue, -1, true, "-2147483648")]
    public void For_WhenItsBoundsAreGiven_ThenTheBodyRunsForEachNumber(int start, int end, int step, bool? inclusive, string numbers)
    {
        var instance = Run(For(Literal(start), Literal($"{end}"), Literal(step), inclusive, Line("body", "getCurrentValue() + ''")));

        Assert.Equal(numbers, string.Join(' ', instance.Lines));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void For_WhenNothingIsGiven_ThenItRunsForZero() => Assert.Equal(["0"], Run(Activity("for", "Elsa.For", ("body", Line("body", "variables.CurrentValue + ''")))).Lines);

    [Fact]
    public void For_WhenItHasNoBody_ThenItCompletes() => Assert.Equal(WorkflowStatus.Finished, Run(For(Literal(1), Literal(3), Literal(1), null, null)).State.Status);

    [Fact]
    public void For_WhenTheStepIsZero_ThenItGoesOnUntilTheBudgetStopsIt()
    {
        var instance = Run(For(Literal(1), Literal(3), Literal(0), null, Line("body", "''")));

        Assert.Equal(ErrorCodes.StepBudget, Assert.Single(instance.State.Incidents).Code);
    }

    [Fact]
    public void For_WhenTheBodyWaitsAndChangesTheBounds_ThenTheBoundsOfTheBeginningHold()
    {
        var flow = new FlowBuilder().Variable("end", "Int32", "2").Variable("last", "Int32");
        var loop = For(Literal(1), Script("variables.end"), Literal(1), null, Sequence("s", Wait("go"), Line("body", "variables.end = 9; `${variables.CurrentValue} ${variables.last}`")));
        loop["currentValue"] = new JsonObject { ["memoryReference"] = new JsonObject { ["id"] = "v-last" } };
        var instance = Run(loop, flow);

        instance.Signal("go");
        instance.Signal("go");

        Assert.Equal(["1 1", "2 2"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void For_WhenItsBodyFaults_ThenItStaysAtThatValueUntilTheRetry()
    {
        var instance = Run(Activity("loop", "Elsa.For", ("start", Literal(1)), ("end", Literal(2)), ("body", Activity("s", "Elsa.RunJavaScript", ("script", Literal("if (!variables.mended) throw new Error('broken'); variables.log = variables.log + variables.CurrentValue"))))), new FlowBuilder().Variable("mended", "Boolean", "false").Variable("log", "String", ""));
        Assert.Equal("s", Assert.Single(instance.State.Incidents).ActivityId);
        Assert.Equal(1, instance.State.Visits["s"]);

        instance.Apply(new Stimulus.Alter([new Alteration.ModifyVariable("mended", JsonSerializer.SerializeToElement(true))]));
        instance.Apply(new Stimulus.Retry(null));

        Assert.Equal("12", instance.State.Variables["v-log"].GetString());
        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void For_WhenCancelledWhileItsBodyWaits_ThenBothAre()
    {
        var instance = Run(Activity("loop", "Elsa.For", ("start", Literal(1)), ("end", Literal(2)), ("body", Wait("go"))));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Equal(["Canceled go", "Canceled loop"], instance.Entries().TakeLast(2));
        Assert.Empty(instance.State.Bookmarks);
    }
}
