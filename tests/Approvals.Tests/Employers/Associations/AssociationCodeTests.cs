using Talent.Workflows.Approvals.Employers.Associations;

namespace Talent.Workflows.Approvals.Tests.Employers.Associations;

public sealed class AssociationCodeTests
{
    [Fact]
    public void New_WhenMadeOften_ThenEachIsReadAsItselfAndNoneTwice_S6()
    {
        var codes = Enumerable.Range(0, 2000).Select(_ => AssociationCode.New()).ToArray();

        Assert.All(codes, c => Assert.Equal(c, AssociationCode.Read(c)));
        Assert.Equal(codes.Length, codes.Distinct().Count());
        Assert.DoesNotContain(codes, c => c.Any("01OIL".Contains));
    }

    [Theory]
    [InlineData(" k7m2p-9qrtx ", "K7M2P9QRTX")]
    [InlineData("Ｋ７ｍ２ｐ　９ｑｒｔｘ", "K7M2P9QRTX")]
    [InlineData("K7M2P9QRT", null)]
    [InlineData("K7M2P9QRTXX", null)]
    [InlineData("K7M2P9QRT0", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Read_WhenTyped_ThenItIsTheCodeOrNone_S6(string? typed, string? code) => Assert.Equal(code, AssociationCode.Read(typed));
}
