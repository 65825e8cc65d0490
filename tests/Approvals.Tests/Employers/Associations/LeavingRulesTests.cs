using Talent.Workflows.Approvals.Employers.Associations;

namespace Talent.Workflows.Approvals.Tests.Employers.Associations;

public sealed class LeavingRulesTests
{
    private static readonly LeavingFacts Free = new() { Association = Guid.Empty, Filings = 3, ContractFrom = new DateOnly(2026, 9, 1), Cases = [], Tasks = 0, Roles = [] };

    [Fact]
    public void Check_WhenNothingStandsAgainstIt_ThenNothingIsNamed_S6()
    {
        Assert.Empty(LeavingRules.Check(Free, new DateOnly(2026, 9, 1)));
        Assert.Empty(LeavingRules.Check(Free, null));
        Assert.Empty(LeavingRules.Check(Free with { ContractFrom = null }, new DateOnly(2000, 1, 1)));
    }

    [Fact]
    public void Check_WhenSeveralThingsStandAgainstIt_ThenAllAreNamedInBothLanguages_S6()
    {
        var found = LeavingRules.Check(Free with { Cases = ["A-1", "A-2"], Tasks = 1, Roles = ["employer.handler"] }, new DateOnly(2026, 8, 31));

        Assert.Equal(["case_in_progress", "task_open", "office_held", "before_contract"], found.Select(o => o.Code));
        Assert.All(found, o => Assert.True(o.Zh.Any(c => c is >= '一' and <= '龥') && !o.En.Any(c => c is >= '一' and <= '龥')));
        Assert.Contains("A-1、A-2", found[0].Zh, StringComparison.Ordinal);
        Assert.Contains("2026-09-01", found[3].Zh, StringComparison.Ordinal);
    }
}
