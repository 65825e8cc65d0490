using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class ContainerTests
{
    [Fact]
    public void Sequence_WhenStarted_ThenRunsInOrderAndFinishes()
    {
        var instance = new Instance(new FlowBuilder()
            .Add("a", "Elsa.WriteLine", ("text", Literal("one")))
            .Add("b", "Elsa.WriteLine", ("text", Literal("two")))
            .Sequence());

        instance.Start();

        Assert.Equal(["one", "two"], instance.Lines);
        Assert.Equal((WorkflowStatus.Finished, WorkflowSubStatus.Finished), (instance.State.Status, instance.State.SubStatus));
        Assert.Empty(instance.State.Executions);
    }

    [Theory]
    [InlineData("True", "yes")]
    [InlineData("False", "no")]
    public void If_WhenConditionIsLiteralText_ThenRunsThatBranch(string condition, string line)
    {
        var instance = new Instance(new FlowBuilder()
            .Add("if", "Elsa.If", ("condition", Literal(condition)),
                ("then", Activity("y", "Elsa.WriteLine", ("text", Literal("yes")))),
                ("else", Activity("n", "Elsa.WriteLine", ("text", Literal("no")))))
            .Sequence());

        instance.Start();

        Assert.Equal([line], instance.Lines);
    }

    [Fact]
    public void While_WhenVariableCountsUp_ThenEndsAtTheLimit()
    {
        var instance = new Instance(new FlowBuilder().Variable("n", "Int32", "0")
            .Add("loop", "Elsa.While", ("condition", Script("variables.n < 3")),
                ("body", Activity("inc", "Elsa.SetVariable", ("variable", new JsonObject { ["id"] = "v-n" }), ("value", Script("variables.n + 1")))))
            .Add("out", "Elsa.WriteLine", ("text", Script("`n=${getN()}`")))
            .Sequence());

        instance.Start();

        Assert.Equal(["n=3"], instance.Lines);
    }

    [Fact]
    public void ForEach_WhenBodyWaits_ThenGoesThroughAllItemsOverSeveralSteps()
    {
        var instance = new Instance(new FlowBuilder().Variable("item", "String")
            .Add("each", "Elsa.ForEach", ("items", Expression("Object", "[\"a\",\"b\"]")),
                ("currentValue", new JsonObject { ["typeName"] = "Object", ["memoryReference"] = new JsonObject { ["id"] = "v-item" } }),
                ("body", new JsonObject
                {
                    ["id"] = "body", ["type"] = "Elsa.Sequence", ["activities"] = new JsonArray(
                        Activity("wait", "Elsa.Event", EventName("go")),
                        Activity("line", "Elsa.WriteLine", ("text", Script("variables.item")))),
                }))
            .Sequence());

        instance.Start();
        instance.Signal("go");
        Assert.Equal(["a"], instance.Lines);
        instance.Signal("go");

        Assert.Equal(["a", "b"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Delay_WhenItsTimeComes_ThenGoesOnAndNotBefore()
    {
        var instance = new Instance(new FlowBuilder().Add("d", "Elsa.Delay", ("timeSpan", Literal("3.00:00:00"))).Sequence());

        instance.Start();
        Assert.Equal(Instance.Begin.AddDays(3), instance.State.NextDueAt());
        instance.Now = Instance.Begin.AddDays(3).AddTicks(-1);
        Assert.Equal(StepOutcome.Superseded, instance.Apply(new Stimulus.TimersDue()));
        instance.Now = Instance.Begin.AddDays(3);

        Assert.Equal(StepOutcome.Applied, instance.Apply(new Stimulus.TimersDue()));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Finish_WhenReachedInsideABranch_ThenEverythingElseIsCancelled()
    {
        var instance = new Instance(new FlowBuilder()
            .Add("start", "Elsa.Start").Add("wait", "Elsa.Event", EventName("never")).Add("go", "Elsa.Event", EventName("go")).Add("finish", "Elsa.Finish")
            .Chain("start", "wait").Chain("start", "go", "finish").Flowchart());

        instance.Start();
        Assert.Equal(2, instance.State.Bookmarks.Count);
        instance.Signal("go");

        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
        Assert.Empty(instance.State.Bookmarks);
        Assert.Contains(instance.Journal, j => j is { Event: "Canceled", ActivityId: "wait" });
    }

    [Fact]
    public void PublishEvent_WhenLocal_ThenEffectNamesOnlyThisInstance()
    {
        var instance = new Instance(new FlowBuilder()
            .Add("p", "Elsa.PublishEvent", EventName("hello"), ("isLocalEvent", Literal(true)), ("payload", Script("({ n: 1 })")))
            .Sequence());

        instance.Start();

        var effect = Assert.IsType<PublishEffect>(Assert.Single(instance.Effects));
        Assert.Equal(("hello", instance.State.InstanceId), (effect.EventName, effect.OnlyInstance));
        Assert.Equal("""{"n":1}""", effect.Payload.GetRawText());
    }

    [Fact]
    public void Correlate_WhenRun_ThenInstanceCarriesTheId()
    {
        var instance = new Instance(new FlowBuilder().Add("c", "Elsa.Correlate", ("correlationId", Expression("Input", "CaseId"))).Sequence());

        instance.Start(("CaseId", "case-7"));

        Assert.Equal("case-7", instance.State.CorrelationId);
    }
}
