using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class FaultTests
{
    [Theory]
    [InlineData("ERR_001", "HTTP", "Business", "Invalid request", "ERR_001", "HTTP/Business: Invalid request")]
    [InlineData("404", null, null, "No places left.", "404", "No places left.")]
    [InlineData(null, null, null, null, ErrorCodes.ActivityFaulted, "Activity 'fault' faulted the workflow.")]
    [InlineData("", "", "", "", ErrorCodes.ActivityFaulted, "Activity 'fault' faulted the workflow.")]
    public void Fault_WhenReached_ThenTheIncidentCarriesWhatItWasGiven(string? code, string? category, string? type, string? message, string expectedCode, string expectedMessage)
    {
        var instance = Run(Sequence("root", Activity("fault", "Elsa.Fault", ("code", Literal(code)), ("category", Literal(category)), ("faultType", Literal(type)), ("message", Literal(message))), Line("never")));

        var incident = Assert.Single(instance.State.Incidents);
        Assert.Equal((expectedCode, expectedMessage), (incident.Code, incident.Message));
        Assert.Equal(["Started root", "Started fault", "Faulted fault"], instance.Entries());
        Assert.Equal(WorkflowSubStatus.Faulted, instance.State.SubStatus);
    }

    [Fact]
    public void Fault_WhenInABranch_ThenTheOtherGoesOnAndTheFlowchartStaysOpen()
    {
        var instance = Run(Flowchart("chart", [Activity("start", "Elsa.Start"), Activity("fault", "Elsa.Fault"), Line("other")], ("start", "fault"), ("start", "other")));

        Assert.Equal(["other"], instance.Lines);
        Assert.Equal("Started", instance.EventsOf("chart"));
    }

    [Fact]
    public void Fault_WhenCancelled_ThenItsIncidentIsGone()
    {
        var instance = Run(Activity("fault", "Elsa.Fault"));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Empty(instance.State.Incidents);
        Assert.Equal(WorkflowSubStatus.Cancelled, instance.State.SubStatus);
    }
}
