using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class SendHttpRequestTests
{
    [Theory]
    [InlineData(HttpCallEnd.Answered, 200, "ok")]
    [InlineData(HttpCallEnd.Answered, 404, "missing")]
    [InlineData(HttpCallEnd.Answered, 204, null)]
    [InlineData(HttpCallEnd.Answered, 500, "other")]
    [InlineData(HttpCallEnd.NotConnected, 0, "down")]
    [InlineData(HttpCallEnd.TimedOut, 0, "late")]
    public void Request_WhenAnswered_ThenRunsTheActivityForItsStatusAndEnds(HttpCallEnd end, int status, string? line)
    {
        var instance = Nested.Run(Nested.Sequence("s", Request(), Nested.Line("after")));
        var call = Assert.Single(instance.Effects.OfType<HttpCallEffect>());
        Assert.Equal(("POST", "https://example.org/x"), (call.Method, call.Url));

        instance.Apply(new Stimulus.Resume(call.ReportTo, new HttpCallResult(end, status, JsonSerializer.SerializeToElement("body")).Write()));

        Assert.Equal(line is null ? ["after"] : [line, "after"], instance.Lines);
        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void Request_WhenNoActivityIsGiven_ThenItEnds()
    {
        var instance = Nested.Run(Activity("r", "Elsa.SendHttpRequest", ("url", Literal("https://example.org"))));

        instance.Apply(new Stimulus.Resume(Assert.Single(instance.State.Bookmarks).Id, new HttpCallResult(HttpCallEnd.TimedOut).Write()));

        Assert.Equal(WorkflowSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void Request_WhenItsAddressIsNone_ThenAnIncidentAndNothingIsSent()
    {
        var instance = Nested.Run(Activity("r", "Elsa.SendHttpRequest", ("url", Literal("not an address"))));

        Assert.Equal(("r", ErrorCodes.InvalidInput), instance.State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());
        Assert.Empty(instance.Effects);
    }

    [Fact]
    public void Request_WhenInALoop_ThenEachRoundSendsItsOwnAndRunsWhatItsAnswerAsksFor()
    {
        var instance = Nested.Run(Nested.Twice(Request()));

        foreach (var status in (int[])[200, 404])
            instance.Apply(new Stimulus.Resume(instance.State.Bookmarks.Single().Id, new HttpCallResult(HttpCallEnd.Answered, status).Write()));

        Assert.Equal(["ok", "missing"], instance.Lines);
        Assert.Equal(2, instance.Effects.OfType<HttpCallEffect>().Select(c => c.Id).Distinct().Count());
        Assert.Equal("Started Suspended Resumed Completed Started Suspended Resumed Completed", instance.EventsOf("r"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Request_WhenTheInstanceIsCancelled_ThenNothingFollowsIt(bool answered)
    {
        var wait = Nested.Wait("later");
        var instance = Nested.Run(Activity("r", "Elsa.SendHttpRequest", ("url", Literal("https://example.org/x")), ("expectedStatusCodes", new JsonArray(Case(200, wait)))));
        var answer = new Stimulus.Resume(instance.State.Bookmarks.Single().Id, new HttpCallResult(HttpCallEnd.Answered, 200).Write());
        if (answered)
            instance.Apply(answer);

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Equal(StepOutcome.Superseded, instance.Apply(answer));
        Assert.Equal(answered ? "Started Suspended Resumed Canceled" : "Started Suspended Canceled", instance.EventsOf("r"));
        Assert.Equal(answered ? "Started Suspended Canceled" : "", instance.EventsOf("later"));
        Assert.Equal(WorkflowSubStatus.Cancelled, instance.State.SubStatus);
    }

    [Fact]
    public void Definition_WhenCasesAreNoList_ThenItIsNotPublished()
    {
        var definition = new FlowBuilder().Add("r", "Elsa.SendHttpRequest", ("url", Literal("https://example.org")), ("expectedStatusCodes", Literal("200"))).Sequence();

        Assert.Equal("r", Assert.Single(DefinitionValidator.Validate(definition, new ActivityCatalog(BuiltInActivities.All))).ActivityId);
        Assert.Empty(DefinitionValidator.Validate(new FlowBuilder().Definition(Request()), new ActivityCatalog(BuiltInActivities.All)));
    }

    private static JsonObject Request() => Activity("r", "Elsa.SendHttpRequest", ("url", Literal("https://example.org/x")), ("method", Literal("POST")),
        ("expectedStatusCodes", new JsonArray(Case(200, Nested.Line("ok")), Case(404, Nested.Line("missing")), Case(204, null))),
        ("unmatchedStatusCode", Nested.Line("other")), ("failedToConnect", Nested.Line("down")), ("timeout", Nested.Line("late")));

    private static JsonObject Case(int code, JsonObject? activity) => new() { ["statusCode"] = code, ["activity"] = activity };
}
