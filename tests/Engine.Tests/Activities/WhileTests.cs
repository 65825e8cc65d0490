using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class WhileTests
{
    [Fact]
    public void While_WhenTheConditionBecomesFalse_ThenItEnds()
    {
        var increment = Activity("inc", "Elsa.SetVariable", ("variable", new JsonObject { ["id"] = "v-n" }), ("value", Script("variables.n + 1")));
        var instance = Run(Sequence("root", Activity("loop", "Elsa.While", ("condition", Script("variables.n < 3")), ("body", increment)), Line("out", "`n=${getN()}`")), new FlowBuilder().Variable("n", "Int32", "0"));

        Assert.Equal(["n=3"], instance.Lines);
        Assert.Equal(3, instance.State.Visits["inc"]);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void While_WhenTheConditionIsFalseOrThereIsNoBody_ThenItCompletes(bool condition, bool hasBody)
    {
        var instance = Run(Activity("loop", "Elsa.While", ("condition", Literal(condition)), ("body", hasBody ? Line("body") : null)));

        Assert.Equal(["Started loop", "Completed loop"], instance.Entries());
    }

    [Fact]
    public void While_WhenNothingIsSet_ThenItCompletes() => Assert.Equal(WorkflowStatus.Finished, Run(Activity("loop", "Elsa.While", ("body", Line("body")))).State.Status);

    [Fact]
    public void While_WhenTheConditionFails_ThenAnIncidentAndTheBodyIsNotRun()
    {
        var instance = Run(Activity("loop", "Elsa.While", ("condition", Script("throw new Error('boom')")), ("body", Line("body"))));

        Assert.Equal("loop", Assert.Single(instance.State.Incidents).ActivityId);
        Assert.Empty(instance.Lines);
    }
}
