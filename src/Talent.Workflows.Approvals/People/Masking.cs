using System.Text.RegularExpressions;

namespace Talent.Workflows.Approvals.People;

/// <summary>Who will read a masked value.</summary>
public enum MaskingProfile
{
    /// <summary>The person and officers, in lists and logs: enough to tell two people apart.</summary>
    Officer,

    /// <summary>Anyone, on a public notice: less.</summary>
    PublicNotice,
}

/// <summary>The one policy for showing personal data without showing it. A value too short for its mask is hidden wholly.</summary>
/// <remarks>Source: R-AUD-2, R-NOT-1. Masks have fixed lengths, so that they don't tell the length of what they hide.</remarks>
public static partial class Masking
{
    /// <summary>138****8000; on a notice not at all.</summary>
    public static string Phone(string? value, MaskingProfile profile) =>
        profile == MaskingProfile.PublicNotice ? Hidden(value) : Keep(value, 3, 4, 4);

    /// <summary>110105********002X; on a notice the last four alone.</summary>
    public static string ResidentId(string? value, MaskingProfile profile) =>
        profile == MaskingProfile.PublicNotice ? Keep(value, 0, 4, 14) : Keep(value, 6, 4, 8);

    /// <summary>Officers see names in full; a notice says 张*, 张*三, 欧**三. A character outside the basic plane counts as one.</summary>
    public static string Name(string? value, MaskingProfile profile)
    {
        var trimmed = (value ?? "").Trim();
        if (profile == MaskingProfile.Officer || trimmed.Length == 0)
        {
            return trimmed;
        }

        var runes = trimmed.EnumerateRunes().ToArray();
        return runes.Length switch
        {
            1 => "*",
            2 => $"{runes[0]}*",
            3 => $"{runes[0]}*{runes[2]}",
            _ => $"{runes[0]}**{runes[^1]}",
        };
    }

    /// <summary>z***@example.cn; on a notice not at all.</summary>
    public static string Email(string? value, MaskingProfile profile)
    {
        var at = (value ?? "").LastIndexOf('@');
        return profile == MaskingProfile.PublicNotice || at < 2 ? Hidden(value) : $"{value!.EnumerateRunes().First()}***{value![at..]}";
    }

    /// <summary>Text that somebody wrote: identity numbers, mobile numbers and e-mail addresses in it are masked as if each stood alone.</summary>
    public static string Text(string? value, MaskingProfile profile) => Telling().Replace(value ?? "", found =>
        found.Value.Contains('@', StringComparison.Ordinal) ? Email(found.Value, profile) : found.Length == 11 ? Phone(found.Value, profile) : ResidentId(found.Value, profile));

    [GeneratedRegex(@"(?<![0-9])(?:[0-9]{17}[0-9Xx]|[0-9]{15}|1[3-9][0-9]{9})(?![0-9Xx])|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+")]
    private static partial Regex Telling();

    private static string Hidden(string? value) => string.IsNullOrEmpty(value) ? "" : "***";

    private static string Keep(string? value, int first, int last, int stars)
    {
        if (string.IsNullOrEmpty(value))
        {
            return "";
        }

        return value.Length * 2 < (first + last) * 3 ? "***" : $"{value[..first]}{new string('*', stars)}{value[^last..]}";
    }
}
