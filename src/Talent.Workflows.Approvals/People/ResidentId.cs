using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.People;

/// <summary>A citizen's identity number (公民身份号码): region, date of birth, sequence, check character.</summary>
/// <remarks>Source: GB 11643-1999 (check character by ISO 7064 MOD 11-2); R-ACC-2. As text it is masked: ask <see cref="Value"/> for the number.</remarks>
public sealed record ResidentId
{
    public const int Length = 18;

    private static readonly DateOnly EarliestBirth = new(1900, 1, 1);
    private static readonly int[] Weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

    private ResidentId(string value, DateOnly dateOfBirth) => (Value, DateOfBirth) = (value, dateOfBirth);

    /// <summary>The 18 characters, the X in upper case.</summary>
    public string Value { get; }

    /// <summary>The GB/T 2260 code of the county of first registration; many of them no longer exist.</summary>
    public string Region => Value[..6];

    public DateOnly DateOfBirth { get; }

    public Sex Sex => (Value[16] - '0') % 2 == 1 ? Sex.Male : Sex.Female;

    /// <summary>
    /// Accepts what a person types: either x, full-width digits, spaces around. <paramref name="today"/> refuses births that
    /// lie ahead.
    /// </summary>
    /// <param name="fault">Codes: <c>id_length</c>, <c>id_characters</c>, <c>id_region</c>, <c>id_birth</c>, <c>id_check</c>.</param>
    public static bool TryParse(string? text, DateOnly today, [NotNullWhen(true)] out ResidentId? id, [NotNullWhen(false)] out InputFault? fault)
    {
        id = null;
        var value = TypedText.Narrow(text).ToUpperInvariant();
        if (value.Length != Length)
        {
            fault = new InputFault("id_length", $"身份证号码应为18位，现为{value.Length}位", $"An identity number has 18 characters, this has {value.Length}.");
            return false;
        }

        if (!value[..17].All(char.IsAsciiDigit) || !(char.IsAsciiDigit(value[17]) || value[17] == 'X'))
        {
            fault = new InputFault("id_characters", "身份证号码前17位应为数字，末位应为数字或X", "The first 17 characters are digits, the last a digit or X.");
            return false;
        }

        if (!IsProvince(value))
        {
            fault = new InputFault("id_region", "身份证号码前两位不是有效的行政区划代码", "The first two digits aren't a province's code.");
            return false;
        }

        if (!DateOnly.TryParseExact(value.AsSpan(6, 8), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var birth)
            || birth < EarliestBirth || birth > today)
        {
            fault = new InputFault("id_birth", "身份证号码中的出生日期无效", "The date of birth in the number isn't possible.");
            return false;
        }

        if (CheckCharacter(value) != value[17])
        {
            fault = new InputFault("id_check", "身份证号码校验位错误，请核对后重新输入", "The check character doesn't fit: compare the number with the card.");
            return false;
        }

        id = new ResidentId(value, birth);
        fault = null;
        return true;
    }

    /// <summary>A valid number for samples and tests. County code 9999 within a province doesn't exist, so that it is nobody's.</summary>
    /// <param name="sequence">0 to 999; odd is male.</param>
    public static ResidentId Fictitious(DateOnly dateOfBirth, int sequence, int province = 11)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dateOfBirth, EarliestBirth);
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sequence, 999);
        var first17 = string.Create(CultureInfo.InvariantCulture, $"{province:00}9999{dateOfBirth:yyyyMMdd}{sequence:000}");
        return IsProvince(first17)
            ? new ResidentId(first17 + CheckCharacter(first17), dateOfBirth)
            : throw new ArgumentOutOfRangeException(nameof(province), province, "Not a province's code.");
    }

    /// <summary>Full years of age (周岁) on a day: a year older on the birthday itself; who was born on 29 February, on 1 March of common years.</summary>
    public int AgeOn(DateOnly day)
    {
        var years = day.Year - DateOfBirth.Year;
        return (day.Month, day.Day).CompareTo((DateOfBirth.Month, DateOfBirth.Day)) < 0 ? years - 1 : years;
    }

    public override string ToString() => Masking.ResidentId(Value, MaskingProfile.Officer);

    private static char CheckCharacter(string number)
    {
        var sum = 0;
        for (var i = 0; i < Weights.Length; i++)
        {
            sum += (number[i] - '0') * Weights[i];
        }

        return "10X98765432"[sum % 11];
    }

    // GB/T 2260 provinces; 83 is what residence permits of Taiwan's residents carry.
    private static bool IsProvince(string number) => (((number[0] - '0') * 10) + number[1] - '0') is
        (>= 11 and <= 15) or (>= 21 and <= 23) or (>= 31 and <= 37) or (>= 41 and <= 46) or (>= 50 and <= 54) or (>= 61 and <= 65) or 71 or 81 or 82 or 83;
}

public enum Sex
{
    /// <summary>女</summary>
    Female,

    /// <summary>男</summary>
    Male,
}
