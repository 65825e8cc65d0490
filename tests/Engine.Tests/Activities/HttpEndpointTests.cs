using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Activities.Http;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class HttpEndpointTests
{
    private static readonly ActivityCatalog Catalog = new(BuiltInActivities.All);

    private static JsonObject Endpoint(bool starts, params (string, JsonNode?)[] inputs) =>
        Activity("http", "Elsa.HttpEndpoint", [("path", Literal("orders/{id}")), ("customProperties", new JsonObject { ["canStartWorkflow"] = starts }), .. inputs]);

    private static HttpTerms Terms(JsonObject endpoint) =>
        HttpEndpoint.TermsOf(ExecutableWorkflow.Compile(new FlowBuilder().Definition(endpoint), Catalog).Activity("http"))!;

    private static JsonElement Arrival(string? refusal = null, params HttpFile[] files) => new HttpArrival
    {
        Method = "POST", Path = "orders/42", Query = new Dictionary<string, string> { ["q"] = "1" }, Headers = new Dictionary<string, string> { ["X-A"] = "b" },
        Content = JsonSerializer.SerializeToElement(new { n = 7 }), Refusal = refusal, Files = files.Length > 0 ? files : null,
    }.Write();

    private static JsonObject Reading() => Line("out", "`${getOutputFrom('http', 'RouteData').id} ${getOutputFrom('http', 'QueryStringData').q} ${getOutputFrom('http', 'Headers')['X-A']} ${getOutputFrom('http', 'ParsedContent').n}`");

    [Fact]
    public void Endpoint_WhenItStartsTheWorkflow_ThenItsOutputsAreTheRequest()
    {
        var instance = new Instance(new FlowBuilder().Definition(Sequence("root", Endpoint(true), Reading())));

        instance.Apply(new Stimulus.Start(new Dictionary<string, JsonElement>(), Trigger: new StartTrigger("http", Arrival())));

        Assert.Equal(["42 1 b 7"], instance.Lines);
        Assert.Equal("Started Completed", instance.EventsOf("http"));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Endpoint_WhenInsideAFlow_ThenItWaitsUnderItsPathWithItsTerms()
    {
        var instance = Run(Sequence("root", Endpoint(false, ("supportedMethods", Script("['POST', 'PUT']")), ("authorize", Script("1 > 2")), ("requestSizeLimit", Script("2 * 5")),
            ("blockedFileExtensions", Expression("Object", "[\"exe\"]")), ("exposeFileTooLargeOutcome", true)), Reading()));

        var wait = Assert.Single(instance.State.Bookmarks);
        var terms = HttpTerms.Read(wait.Payload)!;
        Assert.Equal("http:orders/{}", wait.Name);
        Assert.Equal((true, false, false, 10L, "exe", "File too large"), (terms.Takes("put"), terms.Takes("GET"), terms.Authorize, terms.RequestSizeLimit!.Value, terms.BlockedExtensions!.Single(), terms.Outcomes!.Single()));
        instance.Apply(new Stimulus.Resume(wait.Id, Arrival()));

        Assert.Equal(["42 1 b 7"], instance.Lines);
        Assert.Equal("Started Suspended Resumed Completed", instance.EventsOf("http"));
    }

    [Theory]
    [InlineData(null, "Done")]
    [InlineData("Request too large", "Request too large")]
    [InlineData("Invalid file MIME type", "Invalid file MIME type")]
    public void Endpoint_WhenARefusalIsFollowed_ThenItLeavesByThat(string? refusal, string outcome)
    {
        var instance = Run(Flowchart("chart", [Endpoint(false, ("exposeRequestTooLargeOutcome", true), ("exposeInvalidFileMimeTypeOutcome", "True")), Line("after")], ($"http:{outcome}", "after")));

        instance.Apply(new Stimulus.Resume(instance.State.Bookmarks.Single().Id, Arrival(refusal)));

        Assert.Equal(["after"], instance.Lines);
        Assert.Equal([outcome], instance.OutcomesOf("http"));
    }

    [Fact]
    public void Endpoint_WhenFilesCome_ThenTheirDescriptionsAreOutputsAndNoneWhenNoneDo()
    {
        var flow = new FlowBuilder().Variable("files", "Object").Variable("file", "Object");
        var root = Sequence("root", Endpoint(false, ("files", Binding("v-files")), ("file", Binding("v-file"))), Line("out", "`${variables.files?.length} ${variables.file?.fileName}`"));
        var (with, without) = (Run(root, flow), Run(root.DeepClone().AsObject(), flow));

        with.Apply(new Stimulus.Resume(with.State.Bookmarks.Single().Id, Arrival(null, new HttpFile("a", "one.pdf", "application/pdf", 3), new HttpFile("b", "two.pdf", "application/pdf", 4))));
        without.Apply(new Stimulus.Resume(without.State.Bookmarks.Single().Id, Arrival()));

        Assert.Equal(["2 one.pdf"], with.Lines);
        Assert.Equal(["undefined undefined"], without.Lines);
        Assert.Equal("""{"name":"a","fileName":"one.pdf","contentType":"application/pdf","length":3}""", with.State.Variables["v-file"].GetRawText());
    }

    [Theory]
    [InlineData("authorize", "Literal", null)]
    [InlineData("authorize", "JavaScript", "false")]
    [InlineData("authorize", "Literal", "perhaps")]
    public void Terms_WhenAuthorizeIsNotClearlyOff_ThenTheEndpointAsksForAKey(string input, string syntax, string? value) => Assert.True(Terms(Endpoint(true, (input, Expression(syntax, value)))).Authorize);

    [Fact]
    public void Terms_WhenNothingIsSet_ThenGetWithAKeyAndNoLimits()
    {
        var terms = Terms(Endpoint(true));

        Assert.Equal(("GET", true, null, null), (Assert.Single(terms.Methods), terms.Authorize, terms.Policy, terms.RequestSizeLimit));
        Assert.Null(terms.Judge(long.MaxValue));
        Assert.Null(terms.Judge([new HttpFile("a", "a.exe", "", long.MaxValue)]));
        Assert.Empty(DefinitionValidator.Validate(new FlowBuilder().Definition(Endpoint(true)), Catalog));
    }

    [Theory]
    [InlineData("Literal", "HR", true)]
    [InlineData("Literal", "", false)]
    [InlineData("Literal", null, false)]
    [InlineData("JavaScript", "''", true)]
    public void Policy_WhenItMayNameOne_ThenNotPublished(string syntax, string? value, bool refused)
    {
        foreach (var starts in (bool[])[true, false])
        {
            var messages = DefinitionValidator.Validate(new FlowBuilder().Definition(Endpoint(starts, ("policy", Expression(syntax, value)))), Catalog);

            Assert.Equal(refused, messages.Any(m => m.ActivityId == "http" && m.Message.Contains("policy", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Policy_WhenAWaitIsReachedWithOne_ThenAnIncidentAndNobodyIsLetIn()
    {
        var instance = Run(Endpoint(false, ("policy", Literal("HR"))));

        Assert.Contains("policy", Assert.Single(instance.State.Incidents).Message, StringComparison.Ordinal);
        Assert.Empty(instance.State.Bookmarks);
    }

    [Theory]
    [InlineData("[\"GET\",\"POST\"]", null)]
    [InlineData("POST", null)]
    [InlineData("[\"GET\",\"FETCH\"]", "FETCH")]
    public void Methods_WhenTheyAreTheTextOfAListAsElsaWritesThem_ThenEachIsChecked(string methods, string? wrong)
    {
        var endpoint = Endpoint(true, ("supportedMethods", Literal(methods)));

        var messages = DefinitionValidator.Validate(new FlowBuilder().Definition(endpoint.DeepClone().AsObject()), Catalog);

        Assert.Equal(wrong is null ? 0 : 1, messages.Count);
        Assert.All(messages, m => Assert.Contains($"is '{wrong}'", m.Message, StringComparison.Ordinal));
        Assert.True(Terms(endpoint).Takes("POST") || wrong is not null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b/c/d/e/f/g/h/i")]
    public void Endpoint_WhenItsPathIsNone_ThenAnIncident(string path)
    {
        var instance = Run(Activity("http", "Elsa.HttpEndpoint", ("path", Script($"'{path}'"))));

        Assert.Equal(("http", ErrorCodes.InvalidInput), instance.State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());
    }

    [Fact]
    public void Endpoint_WhenItIsResumedByWhatIsNoRequest_ThenThatIsRefusedAndItWaitsOn()
    {
        var instance = Run(Endpoint(false));

        var refused = Assert.Throws<WorkflowException>(() => instance.Apply(new Stimulus.Resume(instance.State.Bookmarks.Single().Id, default)));

        Assert.Contains("isn't an HTTP request", refused.Message, StringComparison.Ordinal);
        Assert.Single(instance.State.Bookmarks);
    }

    [Fact]
    public void Endpoint_WhenTheInstanceIsCancelled_ThenItWaitsNoMore()
    {
        var instance = Run(Endpoint(false));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Empty(instance.State.Bookmarks);
        Assert.Equal("Started Suspended Canceled", instance.EventsOf("http"));
    }

    [Fact]
    public void Endpoint_WhenInALoop_ThenEachRoundTakesARequest()
    {
        var instance = Run(Twice(Endpoint(false)));

        for (var round = 0; round < 2; round++)
            instance.Apply(new Stimulus.Resume(instance.State.Bookmarks.Single().Id, Arrival()));

        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
        Assert.Equal(2, instance.State.Visits["http"]);
    }
}
