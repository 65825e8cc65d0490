using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class FlowSendHttpRequestTests
{
    private static readonly string[] Ports = ["200", "404", "Unmatched status code", "Failed to connect", "Timeout", "Done"];

    private static JsonObject Request(string? expected, params (string, JsonNode?)[] inputs) =>
        Activity("r", "Elsa.FlowSendHttpRequest", [("url", Literal("https://example.org/x")), ("expectedStatusCodes", expected is null ? null : Expression("Object", expected)), .. inputs]);

    private static JsonObject Chart(string? expected) => Flowchart("chart", [Request(expected), .. Ports.Select(p => Line(p))], [.. Ports.Select(p => ($"r:{p}", p))]);

    [Theory]
    [InlineData("[200,404]", HttpCallEnd.Answered, 404, "404", "Done")]
    [InlineData("[\"200\"]", HttpCallEnd.Answered, 200, "200", "Done")]
    [InlineData("[200,404]", HttpCallEnd.Answered, 500, "Unmatched status code", "Done")]
    [InlineData("[]", HttpCallEnd.Answered, 500, "Done")]
    [InlineData(null, HttpCallEnd.Answered, 200, "Done")]
    [InlineData("[200]", HttpCallEnd.NotConnected, 0, "Failed to connect")]
    [InlineData("[200]", HttpCallEnd.TimedOut, 0, "Timeout")]
    public void Request_WhenSomethingCameOfIt_ThenItLeavesByThat(string? expected, HttpCallEnd end, int status, params string[] outcomes)
    {
        var instance = Run(Chart(expected));

        Assert.Equal("Started Suspended", instance.EventsOf("r"));
        instance.Apply(Came(instance, new HttpCallResult(end, status)));

        Assert.Equal(outcomes, instance.Lines);
        Assert.Equal([string.Join(',', outcomes)], instance.OutcomesOf("r"));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Request_WhenAnswered_ThenItsOutputsAreStatusContentAndHeaders()
    {
        var instance = Run(Sequence("root", Request(null, ("statusCode", Binding("v-status")), ("parsedContent", Binding("v-content")), ("responseHeaders", Binding("v-headers"))),
            Line("out", "`${variables.status} ${variables.content.n} ${variables.headers['X-A']}`")), new FlowBuilder().Variable("status", "Int32").Variable("content", "Object").Variable("headers", "Object"));

        instance.Apply(Came(instance, new HttpCallResult(HttpCallEnd.Answered, 201, JsonSerializer.SerializeToElement(new { n = 7 }), new Dictionary<string, string> { ["X-A"] = "b" })));

        Assert.Equal(["201 7 b"], instance.Lines);
    }

    [Theory]
    [InlineData("'text'", null, "text/plain", "text")]
    [InlineData("({ n: 1 })", null, "application/json", "{\"n\":1}")]
    [InlineData("'<a/>'", "application/xml", "application/xml", "<a/>")]
    [InlineData("null", null, null, null)]
    public void Request_WhenItHasContent_ThenItIsSentAsWhatItIs(string content, string? type, string? sentType, string? sent)
    {
        var instance = Run(Request(null, ("method", Literal("post")), ("content", Script(content)), ("contentType", type is null ? null : Literal(type)),
            ("authorization", Literal("Bearer x")), ("requestHeaders", Expression("Object", """{"X-A":"1","X-B":["2","3"],"X-C":4}"""))));

        var call = Assert.Single(instance.Effects.OfType<HttpCallEffect>());
        Assert.Equal(("POST", "https://example.org/x", sentType, sent), (call.Method, call.Url, call.ContentType, call.Content));
        Assert.Equal(["Authorization: Bearer x", "X-A: 1", "X-B: 2, 3", "X-C: 4"], call.Headers.OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => $"{h.Key}: {h.Value}"));
    }

    [Fact]
    public void Request_WhenOnlyItsAddressIsGiven_ThenItIsAGet() => Assert.Equal("GET", Assert.Single(Run(Request(null)).Effects.OfType<HttpCallEffect>()).Method);

    [Theory]
    [InlineData("'not an address'")]
    [InlineData("'ftp://example.org'")]
    [InlineData("'/relative'")]
    [InlineData("null")]
    public void Request_WhenItsAddressIsNone_ThenAnIncidentAndNothingIsSent(string url)
    {
        var instance = Run(Activity("r", "Elsa.FlowSendHttpRequest", ("url", Script(url))));

        Assert.Equal(("r", ErrorCodes.InvalidInput), instance.State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());
        Assert.Empty(instance.Effects);
    }

    [Fact]
    public void Request_WhenTheInstanceIsCancelled_ThenItsAnswerComesTooLate()
    {
        var instance = Run(Request(null));
        var answer = Came(instance, new HttpCallResult(HttpCallEnd.Answered, 200));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Equal(StepOutcome.Superseded, instance.Apply(answer));
        Assert.Equal("Started Suspended Canceled", instance.EventsOf("r"));
    }

    [Fact]
    public void Request_WhenInALoop_ThenEachRoundSendsOneOfItsOwn()
    {
        var instance = Run(Twice(Activity("r", "Elsa.FlowSendHttpRequest", ("url", Script("'https://example.org/' + variables.CurrentValue")))));

        instance.Apply(Came(instance, new HttpCallResult(HttpCallEnd.Answered, 200)));
        instance.Apply(Came(instance, new HttpCallResult(HttpCallEnd.TimedOut)));

        var calls = instance.Effects.OfType<HttpCallEffect>().ToList();
        Assert.Equal(["https://example.org/1", "https://example.org/2"], calls.Select(c => c.Url));
        Assert.Equal(2, calls.Select(c => c.Id).Distinct().Count());
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    private static Stimulus.Resume Came(Instance instance, HttpCallResult result) => new(instance.State.Bookmarks.Single().Id, result.Write());
}
