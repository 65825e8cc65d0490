using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class CorrelateTests
{
    [Fact]
    public void Correlate_WhenRun_ThenTheInstanceCarriesTheId()
    {
        var instance = new Instance(new FlowBuilder().Add("c", "Elsa.Correlate", ("correlationId", Expression("Input", "CaseId"))).Add("line", "Elsa.WriteLine", ("text", Script("getCorrelationId()"))).Sequence());

        instance.Start(("CaseId", "case-7"));

        Assert.Equal("case-7", instance.State.CorrelationId);
        Assert.Equal(["case-7"], instance.Lines);
    }

    [Fact]
    public void Correlate_WhenThereIsOneAlready_ThenItIsReplaced()
    {
        var instance = Run(Sequence("root", Activity("a", "Elsa.Correlate", ("correlationId", Literal("first"))), Activity("b", "Elsa.Correlate", ("correlationId", Literal("second")))));

        Assert.Equal("second", instance.State.CorrelationId);
    }

    [Fact]
    public void Correlate_WhenItsScriptFails_ThenTheIdStays()
    {
        var instance = Run(Sequence("root", Activity("first", "Elsa.Correlate", ("correlationId", Literal("a"))), Activity("second", "Elsa.Correlate", ("correlationId", Script("nobody.knows")))));

        Assert.Equal("second", Assert.Single(instance.State.Incidents).ActivityId);
        Assert.Equal("a", instance.State.CorrelationId);
    }

    [Fact]
    public void Correlate_WhenInALoop_ThenTheLastRoundCounts() => Assert.Equal("2", Run(Twice(Activity("c", "Elsa.Correlate", ("correlationId", Script("variables.CurrentValue + ''"))))).State.CorrelationId);
}
