using System.Text.RegularExpressions;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>Why somebody reads personal data, as the record keeps it: short, and without what could name a person by number.</summary>
/// <remarks>Source: R-AUD-2. Given in the header <c>Talent-Reason</c>, percent-encoded where it isn't ASCII.</remarks>
public static partial class ReadReason
{
    public const string Header = "Talent-Reason";

    /// <summary>In UTF-16 units.</summary>
    public const int Longest = 200;

    /// <summary>The reason with runs of five and more digits and e-mail addresses blotted out; null when there is none.</summary>
    public static string? Of(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        text = Uri.UnescapeDataString(text).Replace("\0", "", StringComparison.Ordinal).Trim();
        text = Personal().Replace(text, "***");
        return text.Length == 0 ? null : text.Length > Longest ? text[..Longest] : text;
    }

    [GeneratedRegex(@"[0-9][0-9 -]{3,}[0-9Xx]|[^\s@]+@[^\s@]+")]
    private static partial Regex Personal();
}
