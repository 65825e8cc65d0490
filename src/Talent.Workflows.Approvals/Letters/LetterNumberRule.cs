using System.Globalization;
using System.Text.RegularExpressions;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>
/// How a letter's number 文号 is written: <c>{issuer}受字〔{year}〕{serial}号</c>. Serials count up within the issuing organisation, the rule and the
/// year, without gaps. <c>{notice}</c> alone takes the number that a notice has already.
/// </summary>
public sealed partial record LetterNumberRule
{
    private const string Notice = "{notice}";

    private LetterNumberRule(string text) => Text = text;

    public string Text { get; }

    /// <summary>Whether the number is the notice's own.</summary>
    public bool IsNotice => Text == Notice;

    /// <returns>Null: it lacks year or serial, has something else in braces, or is too long.</returns>
    public static LetterNumberRule? Parse(string text) =>
        text == Notice || text.Length is > 0 and <= 60 && Count(text, "{year}") == 1 && Count(text, "{serial}") == 1 && !Other().IsMatch(text) ? new LetterNumberRule(text) : null;

    /// <summary>The number of one letter.</summary>
    /// <param name="issuer">What stands for the issuing organisation.</param>
    public string Write(string issuer, int year, int serial) => Text
        .Replace("{year}", year.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{serial}", serial.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{issuer}", issuer, StringComparison.Ordinal);

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    [GeneratedRegex(@"\{(?!year\}|serial\}|issuer\})|(?<!\{year|\{serial|\{issuer)\}|[\p{C}/\\]")]
    private static partial Regex Other();
}
