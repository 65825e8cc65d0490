using System.Globalization;

namespace Talent.Workflows.Engine.Expressions.Matching;

/// <summary>The characters that one place of a pattern takes: ranges and Unicode properties, perhaps negated.</summary>
internal sealed class CharacterSet
{
    private readonly List<(int From, int To)> _ranges = [];
    private readonly List<(Func<int, bool> Test, bool Negated)> _properties = [];

    public bool Negated { get; set; }

    public bool IgnoreCase { get; set; }

    public static CharacterSet Of(int c, bool ignoreCase)
    {
        var set = new CharacterSet { IgnoreCase = ignoreCase };
        set.Add(c, c);
        return set;
    }

    public void Add(int from, int to) => _ranges.Add((from, to));

    public void Add(Func<int, bool> property, bool negated) => _properties.Add((property, negated));

    /// <summary>\d, \w, \s and their negations.</summary>
    public void AddEscape(char escape) => Add(
        char.ToLowerInvariant(escape) switch
        {
            'd' => static c => c is >= '0' and <= '9',
            'w' => IsWord,
            _ => static c => c < 0x10000 && Values.NumberText.IsSpace((char)c),
        },
        char.IsAsciiLetterUpper(escape));

    public static bool IsWord(int c) => c < 128 && (char.IsAsciiLetterOrDigit((char)c) || c == '_');

    public bool Contains(int c)
    {
        var found = Has(c);
        if (!found && IgnoreCase && c < 0x10000)
        {
            var upper = char.ToUpperInvariant((char)c);
            var lower = char.ToLowerInvariant((char)c);
            // As ECMAScript has it, a letter outside ASCII never matches one inside.
            found = ((upper < 128) == (c < 128) && Has(upper)) || ((lower < 128) == (c < 128) && Has(lower));
        }
        return found != Negated;
    }

    /// <summary>The property of \p{name}, or null when it isn't known.</summary>
    public static Func<int, bool>? Property(string name)
    {
        var value = name[(name.IndexOf('=', StringComparison.Ordinal) + 1)..];
        if (value is "Han" or "Hani" or "Unified_Ideograph" or "Ideographic")
        {
            return IsHan;
        }
        if (value is "Any")
        {
            return static _ => true;
        }
        if (value is "ASCII")
        {
            return static c => c < 128;
        }
        if (value is "Alphabetic" or "Alpha")
        {
            return static c => Category(c) <= UnicodeCategory.OtherLetter || Category(c) == UnicodeCategory.LetterNumber;
        }
        var group = value switch
        {
            "Letter" => "L", "Lowercase_Letter" or "Lowercase" => "Ll", "Uppercase_Letter" or "Uppercase" => "Lu", "Mark" => "M",
            "Number" => "N", "Decimal_Number" => "Nd", "Punctuation" => "P", "Symbol" => "S", "Separator" => "Z", "Space_Separator" => "Zs",
            _ => value,
        };
        return Categories.Exists(c => c.StartsWith(group, StringComparison.Ordinal)) && group.Length is 1 or 2
            ? c => Categories[(int)Category(c)].StartsWith(group, StringComparison.Ordinal)
            : null;
    }

    /// <summary>Short names of <see cref="UnicodeCategory"/>, in its order.</summary>
    private static readonly List<string> Categories =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
        "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    private static UnicodeCategory Category(int c) => CharUnicodeInfo.GetUnicodeCategory(c);

    private static bool IsHan(int c) => c is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x323AF)
        or (>= 0xF900 and <= 0xFAD9) or (>= 0x2E80 and <= 0x2FD5) or 0x3005 or 0x3007 or (>= 0x3021 and <= 0x3029) or (>= 0x3038 and <= 0x303B);

    private bool Has(int c)
    {
        foreach (var (from, to) in _ranges)
        {
            if (c >= from && c <= to)
            {
                return true;
            }
        }
        foreach (var (test, negated) in _properties)
        {
            if (test(c) != negated)
            {
                return true;
            }
        }
        return false;
    }
}
