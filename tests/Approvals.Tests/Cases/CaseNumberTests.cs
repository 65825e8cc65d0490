using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Tests.Cases;

public sealed class CaseNumberTests
{
    private static readonly Gen<CaseNumber> Numbers =
        from service in Gen.Elements("ZG", "LXQX", "LXH", "ZZRH", "AA", "RCLHS", "RCYFDX")
        from region in Gen.Choose(110000, 659999)
        from year in Gen.Choose(2020, 2099)
        from serial in Gen.OneOf(Gen.Choose(1, 999_999), Gen.Choose(1_000_000, 999_999_999))
        select CaseNumber.Of(service, $"{region}", year, serial);

    [Fact]
    public void ToString_WhenMade_ThenReadableAndParsedBack_R_CASE_10()
    {
        var number = CaseNumber.Of("ZG", "110105", 2026, 123);

        Assert.Equal("ZG-110105-2026-000123-", number.ToString()[..^2]);
        Assert.All([$"{number}", $" {number} ", $"{number}".ToLowerInvariant(), $"{number}".Replace('-', ' '), $"{number}".Replace("-", "", StringComparison.Ordinal)],
            text => Assert.True(CaseNumber.TryParse(text, out var parsed, out _) && parsed == number, text));
    }

    // ISO 7064 says: the whole number, its letters as 10 to 35, is 1 modulo 97.
    [Fact]
    public void CheckDigits_WhenAnyNumber_ThenTheWholeIsOneModulo97_AndParsesBack_R_CASE_10() =>
        Property.Holds(Numbers, number =>
        {
            var digits = string.Concat($"{number}".Where(c => c != '-').Select(c => char.IsLetter(c) ? $"{c - 'A' + 10}" : $"{c}"));

            Assert.Equal(1, (int)(System.Numerics.BigInteger.Parse(digits, null) % 97));
            Assert.True(CaseNumber.TryParse($"{number}", out var parsed, out _));
            Assert.Equal(number, parsed);
        });

    [Fact]
    public void TryParse_WhenOneCharacterIsWrong_ThenRefused_R_CASE_10() =>
        Property.Holds(Numbers, number =>
        {
            var text = $"{number}";
            for (var at = 0; at < text.Length; at++)
            {
                foreach (var other in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-".Where(c => c != text[at]))
                {
                    Assert.False(CaseNumber.TryParse(text[..at] + other + text[(at + 1)..], out _, out _), $"{text}: {other} at {at}");
                }
            }
        });

    [Fact]
    public void TryParse_WhenTwoNeighboursAreSwapped_ThenRefused_R_CASE_10() =>
        Property.Holds(Numbers, number =>
        {
            foreach (var text in new[] { $"{number}", $"{number}".Replace("-", "", StringComparison.Ordinal) })
            {
                for (var at = 0; at < text.Length - 1; at++)
                {
                    var swapped = text[..at] + text[at + 1] + text[at] + text[(at + 2)..];
                    Assert.True(swapped == text || !CaseNumber.TryParse(swapped, out _, out _), $"{text} → {swapped}");
                }
            }
        });

    [Theory]
    [InlineData("Z", "110105", 2026, 1)]
    [InlineData("RCLHSYX", "110105", 2026, 1)]
    [InlineData("zg", "110105", 2026, 1)]
    [InlineData("ZG", "11010", 2026, 1)]
    [InlineData("ZG", "110105", 1999, 1)]
    [InlineData("ZG", "110105", 2026, 0)]
    [InlineData("ZG", "110105", 2026, 1_000_000_000)]
    public void Of_WhenAPartIsImpossible_ThenRefused(string service, string region, int year, long serial) =>
        Assert.Throws<ArgumentException>(() => CaseNumber.Of(service, region, year, serial));

    [Theory]
    [InlineData(null, "case_number_format")]
    [InlineData("ZG-110105-2026-123-42", "case_number_format")]
    [InlineData("ZG-110105-2026-000000-00", "case_number_check")]
    public void TryParse_WhenWrong_ThenTheFaultSaysWhich_R_CASE_10(string? text, string code)
    {
        Assert.False(CaseNumber.TryParse(text, out _, out var fault));

        Assert.Equal(code, fault.Code);
    }
}
