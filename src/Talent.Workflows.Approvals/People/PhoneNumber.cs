using System.Diagnostics.CodeAnalysis;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.People;

/// <summary>A mobile number of mainland China in its one stored form, eleven digits. As text it is masked: ask <see cref="Value"/> for the number.</summary>
/// <remarks>Source: the numbering plan (11 digits, 13x to 19x); R-ACC-1.</remarks>
public sealed record PhoneNumber
{
    private PhoneNumber(string value) => Value = value;

    public string Value { get; }

    /// <summary>With the country code, as gateways take it: +8613800138000.</summary>
    public string International => "+86" + Value;

    /// <summary>Accepts spaces, hyphens, full-width digits, and +86, 0086 or 86 before the number.</summary>
    /// <param name="fault">Code: <c>phone_format</c>.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out PhoneNumber? phone, [NotNullWhen(false)] out InputFault? fault)
    {
        var plain = TypedText.Narrow(text).Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        var digits = plain.Length switch
        {
            14 when plain.StartsWith("+86", StringComparison.Ordinal) => plain[3..],
            15 when plain.StartsWith("0086", StringComparison.Ordinal) => plain[4..],
            13 when plain.StartsWith("86", StringComparison.Ordinal) => plain[2..],
            _ => plain,
        };
        if (digits.Length != 11 || digits[0] != '1' || digits[1] is < '3' or > '9' || !digits.All(char.IsAsciiDigit))
        {
            phone = null;
            fault = new InputFault("phone_format", "手机号码应为11位中国大陆手机号", "Not a mobile number of mainland China (11 digits).");
            return false;
        }

        phone = new PhoneNumber(digits);
        fault = null;
        return true;
    }

    public override string ToString() => Masking.Phone(Value, MaskingProfile.Officer);
}
