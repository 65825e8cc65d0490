using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class ChildWorkflowTests
{
    private static (string, JsonNode?) Child => ("workflowDefinitionId", Literal("child"));

    [Theory]
    [InlineData("Elsa.DispatchWorkflow", null, false)]
    [InlineData("Elsa.DispatchWorkflow", "True", true)]
    [InlineData("Elsa.ExecuteWorkflow", null, true)]
    [InlineData("Elsa.ExecuteWorkflow", "False", false)]
    public void Child_WhenStarted_ThenParentWaitsOnlyIfAskedTo(string type, string? wait, bool waits)
    {
        var instance = new Instance(new FlowBuilder()
            .Add("start", type, Child, ("correlationId", Literal("case-1")), ("input", Expression("Object", """{"caseId":"42"}""")), ("waitForCompletion", wait is null ? null : Literal(wait)))
            .Add("after", "Elsa.WriteLine", ("text", Literal("after")))
            .Sequence());

        instance.Start();

        var effect = Assert.Single(instance.Effects.OfType<StartChildEffect>());
        Assert.Equal(("child", "case-1", "42"), (effect.DefinitionId, effect.CorrelationId, effect.Input["caseId"].GetString()));
        Assert.Equal(waits ? [] : ["after"], instance.Lines);
        Assert.Equal(waits ? instance.State.Bookmarks.Single().Id : null, effect.ReportTo);
    }

    [Fact]
    public void Child_WhenEnded_ThenItsOutputIsTheResult()
    {
        var instance = new Instance(new FlowBuilder().Variable("answer", "Object")
            .Add("run", "Elsa.ExecuteWorkflow", Child, ("result", new JsonObject { ["typeName"] = "Object", ["memoryReference"] = new JsonObject { ["id"] = "v-answer" } }))
            .Add("out", "Elsa.WriteLine", ("text", Script("variables.answer.score")))
            .Sequence());
        instance.Start();

        instance.Apply(Ended(instance, (WorkflowSubStatus.Finished, 87)));

        Assert.Equal(["87"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Bulk_WhenChildrenHaveEnded_ThenPortsRunForEachInTheOrderOfItems()
    {
        var instance = new Instance(new FlowBuilder()
            .Add("bulk", "Elsa.BulkDispatchWorkflows", Child, ("items", Expression("Object", """["a",{"Item":"b","extra":1},"c"]""")), ("input", Expression("Object", """{"common":true}""")),
                ("childCompleted", Activity("good", "Elsa.WriteLine", ("text", Script("`good ${getOutputFrom('bulk').output.score}`")))),
                ("childFaulted", Activity("bad", "Elsa.WriteLine", ("text", Literal("bad")))))
            .Add("all", "Elsa.WriteLine", ("text", Literal("all")))
            .Add("some", "Elsa.WriteLine", ("text", Literal("some")))
            .Connect("bulk", "all", "Completed").Connect("bulk", "some", "Canceled")
            .Flowchart());
        instance.Start();

        var starts = instance.Effects.OfType<StartChildEffect>().ToList();
        Assert.Equal(["a", "b", "c"], starts.Select(s => s.Input["Item"].GetString()!));
        Assert.All(starts, s => Assert.Equal((true, 3, instance.State.Bookmarks.Single().Id), (s.Input["common"].GetBoolean(), s.Awaited, s.ReportTo!.Value)));
        Assert.Equal(3, starts.Select(s => s.Id).Distinct().Count());

        instance.Apply(Ended(instance, (WorkflowSubStatus.Finished, 1), (WorkflowSubStatus.Cancelled, 2), (WorkflowSubStatus.Finished, 3)));

        Assert.Equal(["good 1", "bad", "good 3", "some"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Bulk_WhenThereAreNoItems_ThenCompletesAtOnce()
    {
        var instance = new Instance(new FlowBuilder()
            .Add("bulk", "Elsa.BulkDispatchWorkflows", Child, ("items", Expression("Object", "[]")))
            .Add("all", "Elsa.WriteLine", ("text", Literal("all")))
            .Connect("bulk", "all", "Completed").Flowchart());

        instance.Start();

        Assert.Equal(["all"], instance.Lines);
    }

    [Fact]
    public void Bulk_WhenThereAreTooManyItems_ThenAnIncidentSaysHowManyMayBe()
    {
        var instance = new Instance(new FlowBuilder()
            .Add("bulk", "Elsa.BulkDispatchWorkflows", Child, ("items", Script("Array.from({ length: 10001 }, (_, i) => i)")))
            .Sequence());

        instance.Start();

        Assert.Contains("10000", Assert.Single(instance.State.Incidents).Message, StringComparison.Ordinal);
        Assert.Empty(instance.Effects);
    }

    [Theory]
    [InlineData(false, WorkflowSubStatus.Finished)]
    [InlineData(true, WorkflowSubStatus.Cancelled)]
    public void Instance_WhenStartedByAnother_ThenTellsItsEndOnce(bool cancelled, WorkflowSubStatus end)
    {
        var parent = new ParentWait(Guid.NewGuid(), Guid.NewGuid(), 2, 5);
        var instance = new Instance(new FlowBuilder().Add("wait", "Elsa.Event", EventName("go")).Sequence());
        instance.Apply(new Stimulus.Start(new Dictionary<string, JsonElement>(), Parent: parent));
        Assert.Empty(instance.Effects);

        if (cancelled)
            instance.Apply(new Stimulus.Cancel("no longer needed"));
        else
            instance.Signal("go");

        var told = Assert.IsType<ChildEndedEffect>(Assert.Single(instance.Effects));
        Assert.Equal((parent, end), (told.Parent, told.End));
    }

    private static Stimulus.Resume Ended(Instance instance, params (WorkflowSubStatus End, int Score)[] children) => new(instance.State.Bookmarks.Single().Id,
        ChildResults.Write([.. children.Select(c => new ChildResult(Guid.NewGuid(), c.End, JsonSerializer.SerializeToElement(new { score = c.Score })))]));
}
