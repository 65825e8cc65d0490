using System.Diagnostics.CodeAnalysis;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Employers;

/// <summary>
/// 统一社会信用代码: registering department, kind of organisation, region (6 digits), organisation code (9), check character.
/// </summary>
/// <remarks>Source: GB 32100-2015; the organisation code inside has its own check character by GB 11714, which isn't refused on: old codes don't all keep it. R-EMP-2.</remarks>
public sealed record UnifiedSocialCreditCode
{
    public const int Length = 18;

    // 31 characters: no I, O, S, V, Z.
    private const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    private UnifiedSocialCreditCode(string value) => Value = value;

    /// <summary>The 18 characters in upper case.</summary>
    public string Value { get; }

    /// <summary>The registering department's GB/T 2260 code.</summary>
    public string Region => Value[2..8];

    /// <summary>The nine characters of GB 11714.</summary>
    public string OrganisationCode => Value[8..17];

    /// <summary>Accepts lower case, full-width characters and spaces around.</summary>
    /// <param name="fault">Codes: <c>uscc_length</c>, <c>uscc_characters</c>, <c>uscc_check</c>.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out UnifiedSocialCreditCode? code, [NotNullWhen(false)] out InputFault? fault)
    {
        code = null;
        var value = TypedText.Narrow(text).ToUpperInvariant();
        if (value.Length != Length)
        {
            fault = new InputFault("uscc_length", $"统一社会信用代码应为18位，现为{value.Length}位", $"A unified social credit code has 18 characters, this has {value.Length}.");
            return false;
        }

        if (!value.All(c => Alphabet.Contains(c, StringComparison.Ordinal)) || !value[2..8].All(char.IsAsciiDigit))
        {
            fault = new InputFault("uscc_characters", "统一社会信用代码含有无效字符（不使用字母I、O、S、V、Z，第3至8位为数字）", "It has characters that such codes don't use (no I, O, S, V, Z; characters 3 to 8 are digits).");
            return false;
        }

        if (CheckCharacter(value) != value[17])
        {
            fault = new InputFault("uscc_check", "统一社会信用代码校验位错误，请核对后重新输入", "The check character doesn't fit: compare the code with the licence.");
            return false;
        }

        code = new UnifiedSocialCreditCode(value);
        fault = null;
        return true;
    }

    /// <summary>A valid code for samples and tests; region 999999 doesn't exist, so that it is nobody's.</summary>
    /// <param name="serial">0 to 99,999,999.</param>
    public static UnifiedSocialCreditCode Fictitious(int serial)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(serial);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(serial, 99_999_999);
        var organisation = serial.ToString("00000000", System.Globalization.CultureInfo.InvariantCulture);
        var first17 = $"91999999{organisation}{OrganisationCheck(organisation)}";
        return new UnifiedSocialCreditCode(first17 + CheckCharacter(first17));
    }

    public override string ToString() => Value;

    private static char CheckCharacter(string code)
    {
        var (sum, weight) = (0, 1);
        for (var i = 0; i < Length - 1; i++, weight = weight * 3 % 31)
        {
            sum += Alphabet.IndexOf(code[i], StringComparison.Ordinal) * weight;
        }

        return Alphabet[(31 - (sum % 31)) % 31];
    }

    private static char OrganisationCheck(string digits)
    {
        ReadOnlySpan<int> weights = [3, 7, 9, 10, 5, 8, 4, 2];
        var sum = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            sum += (digits[i] - '0') * weights[i];
        }

        return "0123456789X0"[11 - (sum % 11)];
    }
}
