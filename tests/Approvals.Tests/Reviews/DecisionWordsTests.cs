using Talent.Workflows.Approvals.Reviews;

namespace Talent.Workflows.Approvals.Tests.Reviews;

public sealed class DecisionWordsTests
{
    [Fact]
    public void DecisionOutcome_WhenAny_ThenItsCodeParsesBack_R_REV_2()
    {
        foreach (var outcome in Enum.GetValues<DecisionOutcome>())
        {
            Assert.True(DecisionWords.TryParse(outcome.Code(), out var parsed));
            Assert.Equal(outcome, parsed);
        }

        Assert.Equal(["通过", "退回补正", "不通过", "不予受理", "弃权"], Enum.GetValues<DecisionOutcome>().Select(o => o.Zh()));
        Assert.Equal(5, Enum.GetValues<DecisionOutcome>().Select(o => o.En()).Distinct().Count());
        Assert.False(DecisionWords.TryParse("Approve", out _));
        Assert.False(DecisionWords.TryParse(null, out _));
    }
}
