using System.Globalization;
using System.Text;

namespace Talent.Workflows.Approvals.People;

/// <summary>
/// What names are found by: every character and every pair of neighbouring characters. One or two Chinese characters are the usual
/// query, too short for trigrams. A character outside the basic plane counts as one.
/// </summary>
public static class NameGrams
{
    /// <summary>The form in which names are compared: narrow, in lower case, without spaces and the dot between parts of a name (阿卜杜拉·买买提).</summary>
    public static string Fold(string name) => string.Concat(TypedText.Narrow(name).ToLower(CultureInfo.InvariantCulture)
        .EnumerateRunes().Where(r => !Rune.IsWhiteSpace(r) && r.Value is not ('·' or '•' or '・' or '．' or '.')));

    /// <summary>All that a name in this form can be found by.</summary>
    public static string[] Of(string folded)
    {
        var runes = folded.EnumerateRunes().Select(r => r.ToString()).ToArray();
        return [.. runes.Concat(Pairs(runes)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>What a name that holds this fragment has among its own: the character itself, or all its pairs. For more than two characters the fragment has to be looked for too.</summary>
    public static string[] ToFind(string folded)
    {
        var runes = folded.EnumerateRunes().Select(r => r.ToString()).ToArray();
        return runes.Length == 1 ? runes : [.. Pairs(runes).Distinct(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Pairs(string[] runes) => runes.Zip(runes.Skip(1), (first, second) => first + second);
}
