using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class PublishEventTests
{
    private static JsonObject Publish(params (string, JsonNode?)[] inputs) => Activity("p", "Elsa.PublishEvent", [EventName("hello"), .. inputs]);

    [Fact]
    public void PublishEvent_WhenOnlyItsNameIsGiven_ThenItIsForWhoeverWaits()
    {
        var instance = Run(Sequence("root", Publish(), Line("after")));

        var effect = Assert.Single(instance.Effects.OfType<PublishEffect>());
        Assert.Equal(("hello", null, null), (effect.EventName, effect.OnlyInstance, effect.CorrelationId));
        Assert.Equal(System.Text.Json.JsonValueKind.Undefined, effect.Payload.ValueKind);
        Assert.Equal(["after"], instance.Lines);
        Assert.Equal("Started Completed", instance.EventsOf("p"));
    }

    [Fact]
    public void PublishEvent_WhenLocal_ThenTheEffectNamesOnlyThisInstance()
    {
        var instance = Run(Publish(("isLocalEvent", Literal(true)), ("payload", Script("({ n: 1 })"))));

        var effect = Assert.IsType<PublishEffect>(Assert.Single(instance.Effects));
        Assert.Equal(("hello", instance.State.InstanceId, null), (effect.EventName, effect.OnlyInstance, effect.CorrelationId));
        Assert.Equal("""{"n":1}""", effect.Payload.GetRawText());
    }

    [Theory]
    [InlineData("case-7", "case-7")]
    [InlineData("", null)]
    [InlineData("   ", null)]
    public void PublishEvent_WhenForACorrelation_ThenTheEffectNamesThatUnlessItIsBlank(string given, string? correlationId)
    {
        var effect = Assert.IsType<PublishEffect>(Assert.Single(Run(Publish(("correlationId", Literal(given)))).Effects));

        Assert.Equal((null, correlationId), (effect.OnlyInstance, effect.CorrelationId));
    }

    [Theory]
    [InlineData("'x'.repeat(70000)", ErrorCodes.TooLarge)]
    [InlineData("nobody.knows", ErrorCodes.ExpressionFailed)]
    public void PublishEvent_WhenItsPayloadCannotBePublished_ThenAnIncidentAndNothingIs(string payload, string code)
    {
        var instance = Run(Publish(("payload", Script(payload))));

        Assert.Equal(("p", code), instance.State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());
        Assert.Empty(instance.Effects);
    }

    [Fact]
    public void PublishEvent_WhenItsNameIsAnEndpoints_ThenAnIncidentAndNothingIs()
    {
        var instance = Run(Activity("p", "Elsa.PublishEvent", EventName("http:orders")));

        Assert.Equal(ErrorCodes.InvalidRequest, Assert.Single(instance.State.Incidents).Code);
        Assert.Empty(instance.Effects);
    }

    [Fact]
    public void PublishEvent_WhenItHasNoName_ThenAnIncidentSaysSo() =>
        Assert.Contains("'eventName'", Assert.Single(Run(Activity("p", "Elsa.PublishEvent")).State.Incidents).Message, StringComparison.Ordinal);

    [Fact]
    public void PublishEvent_WhenInALoop_ThenEachRoundPublishesAnEventOfItsOwn()
    {
        var instance = Run(Twice(Publish(("payload", Script("variables.CurrentValue")))));

        Assert.Equal(["1", "2"], instance.Effects.OfType<PublishEffect>().Select(e => e.Payload.GetRawText()));
        Assert.Equal(2, instance.Effects.Select(e => e.Id).Distinct().Count());
    }
}
