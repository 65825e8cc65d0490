using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class ForEachTests
{
    private static JsonObject ForEach(string id, JsonNode items, JsonObject? body) => Activity(id, "Elsa.ForEach", ("items", items), ("body", body));

    [Fact]
    public void ForEach_WhenItHasItems_ThenTheBodySeesEachWithItsIndex()
    {
        var instance = Run(ForEach("each", Script("['a', 2, null, { n: 1 }]"), Line("body", "`${getCurrentIndex()} ${JSON.stringify(variables.CurrentValue)}`")));

        Assert.Equal(["0 \"a\"", "1 2", "2 null", "3 {\"n\":1}"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void ForEach_WhenThereAreNoItems_ThenItCompletes() => Assert.Equal(["Started each", "Completed each"], Run(ForEach("each", Script("[]"), Line("body"))).Entries());

    [Fact]
    public void ForEach_WhenNothingWasSet_ThenItCompletes() => Assert.Equal(WorkflowStatus.Finished, Run(Activity("each", "Elsa.ForEach", ("body", Line("body")))).State.Status);

    [Fact]
    public void ForEach_WhenTheItemsAreNull_ThenAnIncident() => Assert.Equal(ErrorCodes.InvalidInput, Assert.Single(Run(ForEach("each", Script("null"), Line("body"))).State.Incidents).Code);

    [Fact]
    public void ForEach_WhenTheBodyWaits_ThenItGoesThroughAllItemsOverSeveralSteps()
    {
        var each = ForEach("each", Expression("Object", "[\"a\",\"b\"]"), Sequence("body", Wait("go"), Line("line", "variables.item")));
        each["currentValue"] = new JsonObject { ["typeName"] = "Object", ["memoryReference"] = new JsonObject { ["id"] = "v-item" } };
        var instance = Run(each, new FlowBuilder().Variable("item", "String"));

        instance.Signal("go");
        Assert.Equal(["a"], instance.Lines);
        instance.Signal("go");

        Assert.Equal(["a", "b"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void ForEach_WhenNested_ThenTheInnerItemHidesTheOuterOnlyInside()
    {
        var instance = Run(ForEach("outer", Script("[1, 2]"), Sequence("s",
            ForEach("inner", Script("['x', 'y'].map(v => v + variables.CurrentValue)"), Line("in", "variables.CurrentValue")),
            Line("out", "`out ${variables.CurrentValue} ${variables.CurrentIndex}`"))));

        Assert.Equal(["x1", "y1", "out 1 0", "x2", "y2", "out 2 1"], instance.Lines);
    }

    [Fact]
    public void ForEach_WhenTheBodySetsTheItem_ThenOnlyThisRunSeesIt()
    {
        var instance = Run(ForEach("each", Script("[1, 2]"), Sequence("s",
            Line("set", "setVariable('CurrentValue', variables.CurrentValue * 10); 'set'"), Line("get", "'' + getCurrentValue()"))));

        Assert.Equal(["set", "10", "set", "20"], instance.Lines);
    }

    [Fact]
    public void ForEach_WhenItsBodyFaults_ThenItStaysAtThatValueUntilTheRetry()
    {
        var instance = Run(Activity("loop", "Elsa.ForEach", ("items", Script("[1, 2]")), ("body", Activity("s", "Elsa.RunJavaScript", ("script", Literal("if (!variables.mended) throw new Error('broken'); variables.log = variables.log + variables.CurrentValue"))))), new FlowBuilder().Variable("mended", "Boolean", "false").Variable("log", "String", ""));
        Assert.Equal("s", Assert.Single(instance.State.Incidents).ActivityId);
        Assert.Equal(1, instance.State.Visits["s"]);

        instance.Apply(new Stimulus.Alter([new Alteration.ModifyVariable("mended", JsonSerializer.SerializeToElement(true))]));
        instance.Apply(new Stimulus.Retry(null));

        Assert.Equal("12", instance.State.Variables["v-log"].GetString());
        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void ForEach_WhenCancelledWhileItsBodyWaits_ThenBothAre()
    {
        var instance = Run(Activity("loop", "Elsa.ForEach", ("items", Script("[1, 2]")), ("body", Wait("go"))));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Equal(["Canceled go", "Canceled loop"], instance.Entries().TakeLast(2));
        Assert.Empty(instance.State.Bookmarks);
    }
}
