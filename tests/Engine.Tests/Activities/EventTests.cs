using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class EventTests
{
    [Fact]
    public void Event_WhenItIsPublished_ThenThePayloadIsTheResultAndTheJournalTellsOfTheWait()
    {
        var instance = Run(Sequence("root", Wait("go"), Line("line", "getOutputFrom('go', 'Result').n + ''")));

        instance.Signal("go", payload: new { n = 1 });

        Assert.Equal(["1"], instance.Lines);
        Assert.Equal(["Started go", "Suspended go", "Resumed go", "Completed go"], instance.Entries().Where(e => e.EndsWith(" go", StringComparison.Ordinal)));
    }

    [Fact]
    public void Event_WhenItsNameIsAnEndpoints_ThenAnIncidentAndNoWait()
    {
        var instance = Run(Activity("e", "Elsa.Event", EventName("http:orders/{}")));

        Assert.Equal(("e", ErrorCodes.InvalidRequest), instance.State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());
        Assert.Empty(instance.State.Bookmarks);
    }

    [Fact]
    public void Event_WhenTheInstanceIsCancelled_ThenItWaitsNoMore()
    {
        var instance = Run(Wait("go"));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Equal("Started Suspended Canceled", instance.EventsOf("go"));
        Assert.Equal(StepOutcome.Superseded, instance.Signal("go"));
    }

    [Fact]
    public void Event_WhenInALoop_ThenEachRoundTakesOneOfItsOwn()
    {
        var instance = Run(Twice(Wait("go")));

        instance.Signal("go", id: "1");
        Assert.Equal(WorkflowStatus.Running, instance.State.Status);
        instance.Signal("go", id: "2");

        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Event_WhenItsNameIsComputed_ThenItWaitsForThat() => Assert.Equal("paid-7", Assert.Single(Run(Activity("e", "Elsa.Event", ("eventName", Script("'paid-' + 7")))).State.Bookmarks).Name);

    [Theory]
    [InlineData("null", ErrorCodes.InvalidInput)]
    [InlineData("nobody.knows", ErrorCodes.ExpressionFailed)]
    public void Event_WhenItHasNoName_ThenAnIncidentAndNoWait(string name, string code)
    {
        var instance = Run(Activity("e", "Elsa.Event", ("eventName", Script(name))));

        Assert.Equal(("e", code), instance.State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());
        Assert.Empty(instance.State.Bookmarks);
    }
}
