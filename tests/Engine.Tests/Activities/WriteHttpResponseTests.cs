using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class WriteHttpResponseTests
{
    [Theory]
    [InlineData("'hello'", null, "text/plain", "hello")]
    [InlineData("({ n: 1 })", null, "application/json", "{\"n\":1}")]
    [InlineData("[1]", "", "application/json", "[1]")]
    [InlineData("'<a/>'", "application/xml", "application/xml", "<a/>")]
    [InlineData("null", null, null, null)]
    public void Answer_WhenItHasContent_ThenItIsWrittenAsWhatItIs(string content, string? type, string? written, string? text)
    {
        var instance = Run(Sequence("root", Activity("answer", "Elsa.WriteHttpResponse", ("content", Script(content)), ("contentType", type is null ? null : Literal(type))), Line("after")));

        var answer = Assert.Single(instance.Effects.OfType<HttpAnswerEffect>());
        Assert.Equal((200, written, text), (answer.StatusCode, answer.ContentType, answer.Content));
        Assert.Empty(answer.Headers);
        Assert.Equal(["after"], instance.Lines);
        Assert.Equal("Started Completed", instance.EventsOf("answer"));
    }

    [Fact]
    public void Answer_WhenNothingIsSet_ThenItIs200WithoutContent() =>
        Assert.Equal((200, null), Run(Activity("answer", "Elsa.WriteHttpResponse")).Effects.OfType<HttpAnswerEffect>().Select(a => (a.StatusCode, a.Content)).Single());

    [Fact]
    public void Answer_WhenItHasStatusAndHeaders_ThenItCarriesThem()
    {
        var answer = Assert.Single(Run(Activity("answer", "Elsa.WriteHttpResponse", ("statusCode", Literal("404")), ("responseHeaders", Expression("Object", """{"X-A":"1","X-B":2}""")))).Effects.OfType<HttpAnswerEffect>());

        Assert.Equal((404, "1", "2"), (answer.StatusCode, answer.Headers["X-A"], answer.Headers["X-B"]));
    }

    [Theory]
    [InlineData("OK", 200)]
    [InlineData("NotFound", 404)]
    [InlineData("422", 422)]
    public void Answer_WhenItsStatusIsANameAsElsaWritesIt_ThenItIsThatStatus(string status, int number)
    {
        var definition = new FlowBuilder().Definition(Activity("answer", "Elsa.WriteHttpResponse", ("statusCode", Literal(status))));
        var instance = new Instance(definition);

        instance.Start();

        Assert.Empty(DefinitionValidator.Validate(definition, new ActivityCatalog(BuiltInActivities.All)));
        Assert.Equal(number, Assert.Single(instance.Effects.OfType<HttpAnswerEffect>()).StatusCode);
    }

    [Theory]
    [InlineData("99")]
    [InlineData("600")]
    [InlineData("'often'")]
    public void Answer_WhenItsStatusIsNone_ThenAnIncidentAndNoAnswer(string status)
    {
        var instance = Run(Activity("answer", "Elsa.WriteHttpResponse", ("statusCode", Script(status))));

        Assert.Equal(("answer", ErrorCodes.InvalidInput), instance.State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());
        Assert.Empty(instance.Effects);
    }

    [Fact]
    public void Answer_WhenThereAreSeveral_ThenEachIsAnEffectOfItsOwnInOrder() =>
        Assert.Equal(["1", "2"], Run(Twice(Activity("answer", "Elsa.WriteHttpResponse", ("content", Script("variables.CurrentValue + ''"))))).Effects.OfType<HttpAnswerEffect>().DistinctBy(a => a.Id).Select(a => a.Content!));
}
