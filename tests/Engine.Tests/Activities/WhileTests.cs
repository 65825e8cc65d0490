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

    [Fact]
    public void While_WhenItsBodyWaits_ThenTheConditionIsReadBeforeEachRound()
    {
        var instance = Run(Activity("loop", "Elsa.While", ("condition", Script("variables.n < 2")), ("body", Sequence("body", Wait("go"),
            Activity("add", "Elsa.SetVariable", ("variable", new System.Text.Json.Nodes.JsonObject { ["name"] = "n" }), ("value", Script("variables.n + 1")))))), new FlowBuilder().Variable("n", "Int32", "0"));

        instance.Signal("go");
        Assert.Equal(WorkflowStatus.Running, instance.State.Status);
        instance.Signal("go");

        Assert.Equal(2, instance.State.Visits["body"]);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void While_WhenCancelledWhileItsBodyWaits_ThenBothAre()
    {
        var instance = Run(Activity("loop", "Elsa.While", ("condition", Literal(true)), ("body", Wait("go"))));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Equal(["Canceled go", "Canceled loop"], instance.Entries().TakeLast(2));
    }

    [Fact]
    public void While_WhenItsBodyFaults_ThenItStaysInThatRound()
    {
        var instance = Run(Activity("loop", "Elsa.While", ("condition", Literal(true)), ("body", Activity("fault", "Elsa.Fault"))));

        Assert.Equal("fault", Assert.Single(instance.State.Incidents).ActivityId);
        Assert.Equal("Started", instance.EventsOf("loop"));
    }
}
