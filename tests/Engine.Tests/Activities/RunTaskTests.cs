using System.Text.Json;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class RunTaskTests
{
    [Fact]
    public void RunTask_WhenItsTaskIsCompleted_ThenTheResultIsItsOutput()
    {
        var task = Activity("task", "Elsa.RunTask", ("taskName", Literal("ReviseSubmission")), ("payload", Expression("Object", """{"reason":"returned"}""")));
        var instance = Run(Sequence("root", task, Line("line", "`${getOutputFrom('task', 'TaskId') === args.id} ${getOutputFrom('task', 'result').ok}`")));

        var wait = Assert.Single(instance.State.Bookmarks);
        Assert.Equal((BookmarkKinds.Work, "ReviseSubmission", """{"reason":"returned"}"""), (wait.Kind, wait.Name, wait.Payload.GetRawText()));
        Assert.Equal(wait.Id.ToString(), instance.State.Results["task"]["taskId"].GetString());
        instance.Apply(new Stimulus.Resume(wait.Id, JsonSerializer.SerializeToElement(new { ok = true })));

        Assert.Equal(["false true"], instance.Lines);
        Assert.Equal(["Started task", "Suspended task", "Resumed task", "Completed task"], instance.Entries().Where(e => e.EndsWith(" task", StringComparison.Ordinal)));
    }

    [Fact]
    public void RunTask_WhenAnEventHasTheNameOfTheTask_ThenItDoesNotCompleteIt()
    {
        var instance = Run(Activity("task", "Elsa.RunTask", ("taskName", Literal("x"))));

        Assert.Equal(StepOutcome.NotExpected, instance.Signal("x"));
    }

    [Fact]
    public void RunTask_WhenTheInstanceIsCancelled_ThenItWaitsNoMore()
    {
        var instance = Run(Activity("task", "Elsa.RunTask", ("taskName", Literal("check"))));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Empty(instance.State.Bookmarks);
        Assert.Equal("Started Suspended Canceled", instance.EventsOf("task"));
    }

    [Fact]
    public void RunTask_WhenInALoop_ThenEachRoundIsATaskOfItsOwn()
    {
        var instance = Run(Twice(Activity("task", "Elsa.RunTask", ("taskName", Literal("check")))));
        var first = instance.State.Bookmarks.Single().Id;

        instance.Apply(new Stimulus.Resume(first, default));

        Assert.NotEqual(first, instance.State.Bookmarks.Single().Id);
        instance.Apply(new Stimulus.Resume(instance.State.Bookmarks.Single().Id, default));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }
}
