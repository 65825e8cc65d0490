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
    public void PublishEvent_WhenLocal_ThenTheEffectNamesOnlyThisInstance()
    {
        var instance = Run(Activity("p", "Elsa.PublishEvent", EventName("hello"), ("isLocalEvent", Literal(true)), ("payload", Script("({ n: 1 })"))));

        var effect = Assert.IsType<PublishEffect>(Assert.Single(instance.Effects));
        Assert.Equal(("hello", instance.State.InstanceId, null), (effect.EventName, effect.OnlyInstance, effect.CorrelationId));
        Assert.Equal("""{"n":1}""", effect.Payload.GetRawText());
    }

    [Fact]
    public void PublishEvent_WhenForACorrelation_ThenTheEffectNamesThat()
    {
        var instance = Run(Activity("p", "Elsa.PublishEvent", EventName("hello"), ("correlationId", Literal("case-7"))));

        var effect = Assert.IsType<PublishEffect>(Assert.Single(instance.Effects));
        Assert.Equal((null, "case-7"), (effect.OnlyInstance, effect.CorrelationId));
    }
}
