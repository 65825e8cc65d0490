using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class BulkDispatchWorkflowsTests
{
    private static (string, JsonNode?) Child => ("workflowDefinitionId", Literal("child"));

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
    [InlineData("correlationIdFunction", "`case-${getItem()}`", "case-a", "case-b")]
    [InlineData("correlationIdFunction", "return 'case-' + args.Item", "case-a", "case-b")]
    [InlineData("correlationId", "`case-${getItem()}`", "case-a", "case-b")]
    [InlineData("correlationIdFunction", "null", null, null)]
    [InlineData("correlationIdFunction", "''", null, null)]
    [InlineData("correlationIdFunction", "getItem() === 'a' ? 7 : null", "7", null)]
    public void Bulk_WhenItComputesCorrelationIds_ThenEachChildHasThatOfItsItem(string input, string script, params string?[] ids)
    {
        var instance = new Instance(new FlowBuilder()
            .Add("bulk", "Elsa.BulkDispatchWorkflows", Child, ("items", Expression("Object", """["a","b"]""")), (input, Script(script))).Sequence());

        instance.Start();

        Assert.Equal(ids, instance.Effects.OfType<StartChildEffect>().Select(s => s.CorrelationId));
        Assert.Empty(instance.State.Incidents);
    }

    [Fact]
    public void Bulk_WhenItemsAreObjectsUnderAKeyOfTheirOwn_ThenTheFunctionHasTheWholeItem()
    {
        var instance = new Instance(new FlowBuilder().Add("bulk", "Elsa.BulkDispatchWorkflows", Child, ("items", Expression("Object", """[{"id":1,"name":"x"},{"id":2}]""")),
            ("defaultItemInputKey", Literal("Case")), ("correlationIdFunction", Script("`${args.Case.id}/${getCase().name ?? 'none'}`"))).Sequence());

        instance.Start();

        Assert.Equal(["1/x", "2/none"], instance.Effects.OfType<StartChildEffect>().Select(s => s.CorrelationId));
    }

    [Fact]
    public void Bulk_WhenTheCorrelationIdIsOneForAll_ThenEveryChildHasIt()
    {
        var instance = new Instance(new FlowBuilder().Add("bulk", "Elsa.BulkDispatchWorkflows", Child, ("items", Expression("Object", "[1,2]")), ("correlationIdFunction", Literal("all"))).Sequence());

        instance.Start();

        Assert.Equal(["all", "all"], instance.Effects.OfType<StartChildEffect>().Select(s => s.CorrelationId));
    }

    [Fact]
    public void Bulk_WhenTheFunctionFailsForOneItem_ThenAnIncidentAndNoChildIsStarted()
    {
        var instance = new Instance(new FlowBuilder().Add("bulk", "Elsa.BulkDispatchWorkflows", Child, ("items", Expression("Object", "[1,null]")), ("correlationIdFunction", Script("getItem().toString()"))).Sequence());

        instance.Start();

        Assert.Equal(("bulk", ErrorCodes.ExpressionFailed), instance.State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());
        Assert.Empty(instance.Effects);
        Assert.Empty(instance.State.Bookmarks);
    }

    [Theory]
    [InlineData("[1]", "False", "Done")]
    [InlineData("[]", "False", "Done")]
    [InlineData("[]", null, "Completed", "Done")]
    public void Bulk_WhenItDoesNotWait_ThenItSaysThatItIsDoneAndNotThatChildrenCompleted(string items, string? waits, params string[] outcomes)
    {
        var instance = new Instance(new FlowBuilder().Add("bulk", "Elsa.BulkDispatchWorkflows", Child, ("items", Expression("Object", items)), ("waitForCompletion", waits is null ? null : Literal(waits))).Flowchart());

        instance.Start();

        Assert.Equal(outcomes, instance.Journal.Single(j => j is { Event: "Completed", ActivityId: "bulk" }).Outcomes ?? ["Done"]);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Bulk_WhenCancelledWhileItWaits_ThenNothingIsLeft()
    {
        var instance = new Instance(new FlowBuilder().Add("bulk", "Elsa.BulkDispatchWorkflows", Child, ("items", Expression("Object", "[1,2]"))).Sequence());
        instance.Start();

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Empty(instance.State.Bookmarks);
        Assert.Equal(["Started bulk", "Suspended bulk", "Canceled bulk"], instance.Entries().Where(e => e.EndsWith(" bulk", StringComparison.Ordinal)));
    }

    [Fact]
    public void Bulk_WhenInALoop_ThenEachRoundStartsChildrenOfItsOwn()
    {
        var instance = Nested.Run(Activity("each", "Elsa.ForEach", ("items", Script("['x', 'y']")),
            ("body", Activity("bulk", "Elsa.BulkDispatchWorkflows", Child, ("items", Script("[variables.CurrentValue]"))))));

        instance.Apply(Ended(instance, (WorkflowSubStatus.Finished, 1)));
        instance.Apply(Ended(instance, (WorkflowSubStatus.Finished, 2)));

        var starts = instance.Effects.OfType<StartChildEffect>().ToList();
        Assert.Equal(["x", "y"], starts.Select(s => s.Input["Item"].GetString()!));
        Assert.Equal(2, starts.Select(s => s.Id).Distinct().Count());
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    private static Stimulus.Resume Ended(Instance instance, params (WorkflowSubStatus End, int Score)[] children) => new(instance.State.Bookmarks.Single().Id,
        ChildResults.Write([.. children.Select(c => new ChildResult(Guid.NewGuid(), c.End, JsonSerializer.SerializeToElement(new { score = c.Score })))]));

    [Fact]
    public void Bulk_WhenItStartsChildren_ThenEachKnowsItsParentUnlessItsItemSaysAnother()
    {
        var instance = new Instance(new FlowBuilder().Add("bulk", "Elsa.BulkDispatchWorkflows", Child, ("items", Expression("Object", """[1,{"ParentInstanceId":"mine"}]"""))).Sequence());

        instance.Start();

        Assert.Equal([instance.State.InstanceId.ToString(), "mine"], instance.Effects.OfType<StartChildEffect>().Select(s => s.Input["ParentInstanceId"].GetString()!));
    }
}
