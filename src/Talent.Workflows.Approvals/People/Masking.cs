using System.Text;
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

    /// <summary>
    /// Text that somebody wrote: identity numbers, mobile numbers and e-mail addresses in it are masked as if each stood alone, also with
    /// a country code, in full-width characters, or in groups as people write them. Case numbers, amounts and dates stay.
    /// </summary>
    public static string Text(string? value, MaskingProfile profile)
    {
        var (text, masked, at) = (value ?? "", new StringBuilder(), 0);
        foreach (Match found in Telling().Matches(TypedText.Plain(text)))
        {
            if (MaskOf(found, profile) is not { } mask)
            {
                continue;
            }

            masked.Append(text, at, found.Index - at).Append(mask);
            at = found.Index + found.Length;
        }

        return at == 0 ? text : masked.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>Text of the product's own, such as a line of a log or what a problem says, with what callers or other services sent in it. Ids of rows and traces stay as they are.</summary>
    public static string Said(string? value)
    {
        var (text, masked, at) = (value ?? "", (StringBuilder?)null, 0);
        foreach (Match id in Ids().Matches(text))
        {
            (masked ??= new StringBuilder()).Append(Text(text[at..id.Index], MaskingProfile.Officer)).Append(id.Value);
            at = id.Index + id.Length;
        }

        return masked is null ? Text(text, MaskingProfile.Officer) : masked.Append(Text(text[at..], MaskingProfile.Officer)).ToString();
    }

    /// <summary>Null: it only looks like one.</summary>
    private static string? MaskOf(Match found, MaskingProfile profile)
    {
        if (found.Groups["mail"].Success)
        {
            return Email(found.Value, profile);
        }

        var characters = string.Concat(found.Value.Where(c => char.IsAsciiDigit(c) || c is 'X' or 'x'));
        if (found.Groups["phone"].Success)
        {
            return Phone(characters[^11..], profile);
        }

        // Region, day and serial make case numbers too: joined by hyphens, or in fours as card numbers are, its check character must fit.
        var ambiguous = found.Groups["fours"].Success || found.Value.Contains('-', StringComparison.Ordinal);
        return ambiguous && !People.ResidentId.TryParse(characters, DateOnly.MaxValue, out _, out _) ? null : ResidentId(characters, profile);
    }

    // Mobile numbers: whole, or as 3-4-4, 4-3-4 and 3-8, of which the last isn't a number and a day. Identity numbers: whole, the day of
    // birth apart, or in fours.
    [GeneratedRegex("""
        (?<mail> (?<![A-Za-z0-9._%+-]) [A-Za-z0-9._%+-]+ @ [A-Za-z0-9.-]+ )
        | (?<phone> (?<![0-9]) (?: (?: \( (?:\+|00)?86 \) | (?:\+|00)?86 ) [\s-]? )?
            (?: 1[3-9][0-9]{9}
              | 1[3-9][0-9] (?<gap>[\s\u2010-\u2015\u00B7._-]{1,2}) [0-9]{4} \k<gap> [0-9]{4}
              | 1[3-9][0-9]{2} [\s] [0-9]{3} [\s] [0-9]{4}
              | (?<![0-9][\s-]) 1[3-9][0-9] [\s-] (?! (?:19|20)[0-9]{2} (?:0[1-9]|1[0-2]) (?:0[1-9]|[12][0-9]|3[01]) ) [0-9]{8} )
            (?![0-9]) )
        | (?<![0-9]) (?: [0-9]{17}[0-9Xx] | [0-9]{15} ) (?![0-9Xx])
        | (?<![0-9]) [1-8][0-9]{5} (?<joint>[\s-]{1,2}) (?:18|19|20)[0-9]{2} \k<joint>? (?:0[1-9]|1[0-2]) \k<joint>? (?:0[1-9]|[12][0-9]|3[01]) \k<joint>? [0-9]{3}[0-9Xx] (?![0-9Xx])
        | (?<fours> (?<![0-9]) [1-8][0-9]{3} [\s] [0-9]{4} [\s] [0-9]{4} [\s] [0-9]{4} [\s] [0-9][0-9Xx] (?![0-9Xx]) )
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Telling();

    [GeneratedRegex("(?<![0-9A-Za-z])(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9A-Za-z])", RegexOptions.CultureInvariant)]
    private static partial Regex Ids();

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
