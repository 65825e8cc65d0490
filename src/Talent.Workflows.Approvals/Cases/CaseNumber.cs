using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>
/// The number people read out on the telephone: <c>ZG-110105-2026-000123-42</c>, that is service code, GB/T 2260 region,
/// year, serial within these three, check digits.
/// </summary>
/// <remarks>
/// Source: R-CASE-10. Check digits by ISO 7064 MOD 97-10, as in IBAN: they find every wrong character and every two
/// neighbours swapped, the check digits included. The one-character systems don't do: MOD 37,36 misses some swaps, and
/// MOD 37-2 needs an asterisk.
/// </remarks>
public sealed partial record CaseNumber
{
    public const long LastSerial = 999_999_999;

    private CaseNumber(string service, string region, int year, long serial) =>
        (Service, Region, Year, Serial) = (service, region, year, serial);

    /// <summary>Two to six letters, one code a service.</summary>
    public string Service { get; }

    public string Region { get; }

    public int Year { get; }

    public long Serial { get; }

    /// <exception cref="ArgumentException">A part that such a number can't have.</exception>
    public static CaseNumber Of(string service, string region, int year, long serial)
    {
        var number = new CaseNumber(service, region, year, serial);
        return serial is >= 1 and <= LastSerial && year is >= 2000 and <= 2099 && Shape().IsMatch(number.ToString())
            ? number
            : throw new ArgumentException($"A case number isn't made of service \"{service}\" (2 to 6 letters A to Z), region \"{region}\" (6 digits), year {year} and serial {serial}.");
    }

    /// <summary>Accepts lower case, spaces around or instead of the hyphens, and no hyphens at all.</summary>
    /// <param name="fault">Codes: <c>case_number_format</c>, <c>case_number_check</c>.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out CaseNumber? number, [NotNullWhen(false)] out InputFault? fault)
    {
        number = null;
        var match = Shape().Match((text ?? "").Trim().ToUpperInvariant().Replace(' ', '-'));
        if (!match.Success)
        {
            fault = new InputFault("case_number_format", "业务编号格式应如 ZG-110105-2026-000123-42", "A case number looks like ZG-110105-2026-000123-42.");
            return false;
        }

        var (service, region) = (match.Groups["service"].Value, match.Groups["region"].Value);
        var year = int.Parse(match.Groups["year"].ValueSpan, CultureInfo.InvariantCulture);
        var serial = long.Parse(match.Groups["serial"].ValueSpan, CultureInfo.InvariantCulture);
        if (serial == 0 || match.Groups["check"].Value != CheckDigits(service, region, year, serial))
        {
            fault = new InputFault("case_number_check", "业务编号校验位错误，请核对后重新输入", "The check digits don't fit: compare the number with the letter.");
            return false;
        }

        number = new CaseNumber(service, region, year, serial);
        fault = null;
        return true;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Service}-{Region}-{Year}-{Serial:000000}-{CheckDigits(Service, Region, Year, Serial)}");

    private static string CheckDigits(string service, string region, int year, long serial)
    {
        var rest = 0;
        foreach (var c in string.Create(CultureInfo.InvariantCulture, $"{service}{region}{year}{serial:000000}00"))
        {
            rest = char.IsAsciiDigit(c) ? ((rest * 10) + c - '0') % 97 : ((rest * 100) + c - 'A' + 10) % 97;
        }

        return (98 - rest).ToString("00", CultureInfo.InvariantCulture);
    }

    // All hyphens or none: a digit typed for one hyphen must not read as a longer serial.
    [GeneratedRegex("^(?<service>[A-Z]{2,6})(?<hyphen>-?)(?<region>[0-9]{6})\\k<hyphen>(?<year>20[0-9]{2})\\k<hyphen>(?<serial>[0-9]{6}|[1-9][0-9]{6,8})\\k<hyphen>(?<check>[0-9]{2})$", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
