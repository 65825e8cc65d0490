using System.Globalization;

namespace Talent.Workflows.Engine.Expressions.Matching;

/// <summary>Reads the text of a regular expression.</summary>
internal sealed class PatternReader(string source, string flags)
{
    private const int MaxNesting = 64;
    private const int MaxRepeat = 1000;

    private readonly bool _unicode = flags.Contains('u', StringComparison.Ordinal);
    private readonly bool _ignoreCase = flags.Contains('i', StringComparison.Ordinal);
    private readonly bool _named = source.Contains("(?<", StringComparison.Ordinal);
    private int _at;
    private int _nesting;

    public int Groups { get; private set; } = 1;

    public List<(string Name, int Group)> Names { get; } = [];

    public PatternNode Read()
    {
        var root = ReadChoice();
        return _at == source.Length ? root : throw new PatternException("unmatched )");
    }

    private bool More => _at < source.Length;

    private char Peek(int ahead = 0) => _at + ahead < source.Length ? source[_at + ahead] : '\0';

    private bool Take(string text)
    {
        if (string.CompareOrdinal(source, _at, text, 0, text.Length) != 0)
        {
            return false;
        }
        _at += text.Length;
        return true;
    }

    private PatternNode ReadChoice()
    {
        if (++_nesting > MaxNesting)
        {
            throw new PatternException($"groups are nested more than {MaxNesting} levels");
        }
        var choices = new List<PatternNode>();
        do
        {
            var items = new List<PatternNode>();
            while (More && Peek() is not ('|' or ')'))
            {
                items.Add(ReadTerm());
            }
            choices.Add(items.Count == 1 ? items[0] : new PatternNode.Sequence([.. items]));
        }
        while (Take("|"));
        _nesting--;
        return choices.Count == 1 ? choices[0] : new PatternNode.Choice([.. choices]);
    }

    private PatternNode ReadTerm()
    {
        var firstGroup = Groups;
        var atom = ReadAtom();
        if (!TryReadQuantifier(out var min, out var max))
        {
            return atom;
        }
        if (atom is PatternNode.Assert || (_unicode && atom is PatternNode.Look))
        {
            throw new PatternException("nothing to repeat");
        }
        if (min > MaxRepeat || max > MaxRepeat)
        {
            throw new PatternException($"a repetition of more than {MaxRepeat} is too large");
        }
        if (max >= 0 && max < min)
        {
            throw new PatternException("numbers out of order in a {} quantifier");
        }
        return new PatternNode.Repeat(atom, min, max, Take("?"), firstGroup, Groups);
    }

    private bool TryReadQuantifier(out int min, out int max)
    {
        (min, max) = (0, -1);
        switch (Peek())
        {
            case '*':
                _at++;
                return true;
            case '+':
                _at++;
                min = 1;
                return true;
            case '?':
                _at++;
                max = 1;
                return true;
            case '{':
                var start = _at++;
                if (TryReadNumber(out min))
                {
                    max = Take(",") ? (TryReadNumber(out var upper) ? upper : -1) : min;
                    if (Take("}"))
                    {
                        return true;
                    }
                }
                _at = start;
                return false;
            default:
                return false;
        }
    }

    private bool TryReadNumber(out int number)
    {
        number = 0;
        var start = _at;
        while (char.IsAsciiDigit(Peek()))
        {
            number = Math.Min((number * 10) + source[_at++] - '0', 1_000_000);
        }
        return _at > start;
    }

    private PatternNode ReadAtom()
    {
        var c = source[_at];
        switch (c)
        {
            case '^':
                _at++;
                return new PatternNode.Assert(OpCode.Start);
            case '$':
                _at++;
                return new PatternNode.Assert(OpCode.End);
            case '.':
                _at++;
                return new PatternNode.Dot();
            case '(':
                return ReadGroup();
            case '[':
                return new PatternNode.Take(ReadClass());
            case '\\':
                return ReadEscape();
            case '*' or '+' or '?':
                throw new PatternException("nothing to repeat");
            case '{' when _unicode || TryReadQuantifier(out _, out _):
                throw new PatternException("nothing to repeat; write \\{ for the character");
            case '}' or ']' when _unicode:
                throw new PatternException($"write \\{c} for the character");
            default:
                return new PatternNode.Take(CharacterSet.Of(ReadCharacter(), _ignoreCase));
        }
    }

    private PatternNode ReadGroup()
    {
        _at++;
        if (Take("?:"))
        {
            return CloseGroup(ReadChoice());
        }
        if (Peek() == '?' && Peek(1) is '=' or '!')
        {
            var negated = Peek(1) == '!';
            _at += 2;
            return new PatternNode.Look(CloseGroup(ReadChoice()), negated);
        }
        if (Peek() == '?' && Peek(1) == '<' && Peek(2) is '=' or '!')
        {
            throw new PatternException("lookbehind (?<= and (?<! aren't supported; match the text before and use a group");
        }
        var number = Groups++;
        if (Take("?<"))
        {
            var end = source.IndexOf('>', _at);
            var name = end < 0 ? string.Empty : source[_at..end];
            if (name.Length == 0 || !name.All(static n => char.IsLetterOrDigit(n) || n is '_' or '$') || char.IsDigit(name[0]) || Names.Exists(n => n.Name == name))
            {
                throw new PatternException("a group name is missing, wrong or used twice");
            }
            Names.Add((name, number));
            _at = end + 1;
        }
        else if (Peek() == '?')
        {
            throw new PatternException("unknown kind of group (?");
        }
        return new PatternNode.Group(CloseGroup(ReadChoice()), number);
    }

    private PatternNode CloseGroup(PatternNode inner) => Take(")") ? inner : throw new PatternException("a ) is missing");

    private PatternNode ReadEscape()
    {
        var c = Peek(1);
        switch (c)
        {
            case 'b' or 'B':
                _at += 2;
                return new PatternNode.Assert(c == 'b' ? OpCode.WordBoundary : OpCode.NotWordBoundary);
            case >= '1' and <= '9':
            case 'k' when _named || _unicode:
                throw new PatternException("references to groups (\\1, \\k<name>) need backtracking and aren't supported; compare the groups after the match");
        }
        var set = new CharacterSet { IgnoreCase = _ignoreCase };
        if (!TryReadSetEscape(set))
        {
            var literal = ReadCharacterEscape(false);
            set.Add(literal, literal);
        }
        return new PatternNode.Take(set);
    }

    /// <summary>\d \w \s and \p{…}, with their negations.</summary>
    private bool TryReadSetEscape(CharacterSet set)
    {
        var c = Peek(1);
        if (c is 'd' or 'D' or 'w' or 'W' or 's' or 'S')
        {
            _at += 2;
            set.AddEscape(c);
            return true;
        }
        if (!_unicode || c is not ('p' or 'P'))
        {
            return false;
        }
        var end = source.IndexOf('}', _at);
        if (Peek(2) != '{' || end < 0 || CharacterSet.Property(source[(_at + 3)..end]) is not { } property)
        {
            throw new PatternException("unknown Unicode property; general categories such as \\p{L} and \\p{Script=Han} are supported");
        }
        _at = end + 1;
        set.Add(property, c == 'P');
        return true;
    }

    private int ReadCharacterEscape(bool inClass)
    {
        _at++;
        if (!More)
        {
            throw new PatternException("\\ at the end of the pattern");
        }
        var c = source[_at];
        switch (c)
        {
            case 'n': _at++; return '\n';
            case 'r': _at++; return '\r';
            case 't': _at++; return '\t';
            case 'v': _at++; return '\v';
            case 'f': _at++; return '\f';
            case 'b' when inClass: _at++; return '\b';
            case '0' when !char.IsAsciiDigit(Peek(1)): _at++; return 0;
            case 'c' when char.IsAsciiLetter(Peek(1)): _at += 2; return source[_at - 1] % 32;
            case 'x' when TryReadHex(1, 2, out var code): _at += 3; return code;
            case 'u' when _unicode && Peek(1) == '{':
                var end = source.IndexOf('}', _at);
                if (end < 0 || !int.TryParse(source.AsSpan(_at + 2, end - _at - 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var point) || point is < 0 or > 0x10FFFF)
                {
                    throw new PatternException("wrong \\u{…}");
                }
                _at = end + 1;
                return point;
            case 'u' when TryReadHex(1, 4, out var unit):
                _at += 5;
                if (_unicode && char.IsHighSurrogate((char)unit) && Peek() == '\\' && Peek(1) == 'u' && TryReadHex(2, 4, out var low) && char.IsLowSurrogate((char)low))
                {
                    _at += 6;
                    return char.ConvertToUtf32((char)unit, (char)low);
                }
                return unit;
        }
        if (_unicode && !"^$\\.*+?()[]{}|/-".Contains(c, StringComparison.Ordinal))
        {
            throw new PatternException($"unknown escape \\{c}");
        }
        return ReadCharacter();
    }

    private bool TryReadHex(int ahead, int digits, out int value)
    {
        value = 0;
        return _at + ahead + digits <= source.Length
            && int.TryParse(source.AsSpan(_at + ahead, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private int ReadCharacter()
    {
        var c = source[_at++];
        return _unicode && char.IsHighSurrogate(c) && char.IsLowSurrogate(Peek()) ? char.ConvertToUtf32(c, source[_at++]) : c;
    }

    private CharacterSet ReadClass()
    {
        _at++;
        var set = new CharacterSet { IgnoreCase = _ignoreCase, Negated = Take("^") };
        while (Peek() != ']' || !More)
        {
            if (!More)
            {
                throw new PatternException("a ] is missing");
            }
            if (TryReadClassSet(set))
            {
                continue;
            }
            var from = Peek() == '\\' ? ReadCharacterEscape(true) : ReadCharacter();
            if (Peek() != '-' || Peek(1) is ']' or '\0')
            {
                set.Add(from, from);
                continue;
            }
            _at++;
            if (TryReadClassSet(set))
            {
                set.Add(from, from);
                set.Add('-', '-');
                continue;
            }
            var to = Peek() == '\\' ? ReadCharacterEscape(true) : ReadCharacter();
            if (to < from)
            {
                throw new PatternException("range out of order in a [] class");
            }
            set.Add(from, to);
        }
        _at++;
        return set;
    }

    private bool TryReadClassSet(CharacterSet set) => Peek() == '\\' && TryReadSetEscape(set);
}
