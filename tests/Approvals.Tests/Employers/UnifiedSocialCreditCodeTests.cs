using FsCheck.Fluent;
using Talent.Workflows.Approvals.Employers;

namespace Talent.Workflows.Approvals.Tests.Employers;

public sealed class UnifiedSocialCreditCodeTests
{
    private const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    [Theory]
    [InlineData("91350100M000100Y43")]
    [InlineData("91350100m000100y43")]
    [InlineData("　９１３５０１００Ｍ０００１００Ｙ４３ ")]
    public void TryParse_WhenARealCode_ThenAccepted_R_EMP_2(string text)
    {
        Assert.True(UnifiedSocialCreditCode.TryParse(text, out var code, out _));

        Assert.Equal(("91350100M000100Y43", "350100", "M000100Y4"), (code.Value, code.Region, code.OrganisationCode));
    }

    [Theory]
    [InlineData(null, "uscc_length")]
    [InlineData("91350100M000100Y4", "uscc_length")]
    [InlineData("91350100I000100Y43", "uscc_characters")]
    [InlineData("91A50100M000100Y43", "uscc_characters")]
    [InlineData("91350100M000100Y4-", "uscc_characters")]
    [InlineData("91350100M000100Y44", "uscc_check")]
    public void TryParse_WhenWrong_ThenTheFaultSaysWhich_R_EMP_2(string? text, string code)
    {
        Assert.False(UnifiedSocialCreditCode.TryParse(text, out _, out var fault));

        Assert.Equal(code, fault.Code);
        Assert.StartsWith("统一社会信用代码", fault.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_WhenOneCharacterIsWrongOrTwoAreSwapped_ThenRefused_R_EMP_2() =>
        Property.Holds(Gen.Zip(Gen.Choose(0, 99_999_999), Gen.Choose(0, 17)), pair =>
        {
            var (code, at) = (UnifiedSocialCreditCode.Fictitious(pair.Item1).Value, pair.Item2);

            Assert.True(UnifiedSocialCreditCode.TryParse(code, out var parsed, out _));
            Assert.Equal(code, parsed.Value);
            foreach (var other in Alphabet.Where(c => c != code[at]))
            {
                Assert.False(UnifiedSocialCreditCode.TryParse(code[..at] + other + code[(at + 1)..], out _, out _));
            }

            if (at < 16 && code[at] != code[at + 1])
            {
                Assert.False(UnifiedSocialCreditCode.TryParse(code[..at] + code[at + 1] + code[at] + code[(at + 2)..], out _, out _));
            }
        });

    [Fact]
    public void Fictitious_WhenMade_ThenTheOrganisationCodeInsideFitsToo_R_EMP_2() =>
        Property.Holds(Gen.Choose(0, 99_999_999), serial =>
        {
            var organisation = UnifiedSocialCreditCode.Fictitious(serial).OrganisationCode;
            int[] weights = [3, 7, 9, 10, 5, 8, 4, 2];
            var check = organisation[8] == 'X' ? 10 : organisation[8] - '0';

            Assert.Equal(0, (weights.Select((w, i) => w * (organisation[i] - '0')).Sum() + check) % 11);
        });
}
