using System.Globalization;
using System.Text;

namespace Talent.Workflows.Engine.Expressions.Syntax;

internal sealed partial class Lexer
{
    private void ReadNumber()
    {
        var start = _at;
        double value;
        var radix = Peek() == '0' ? char.ToLowerInvariant(Peek(1)) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 } : 0;
        if (radix > 0)
        {
            _at += 2;
            var digits = Digits(char.IsAsciiHexDigit);
            (value, var used) = Values.NumberText.ParseDigits(digits, radix);
            if (digits.Length == 0 || used != digits.Length)
            {
                throw Fail($"Wrong digit in a number of base {radix}", start);
            }
        }
        else
        {
            if (Peek() == '0' && char.IsAsciiDigit(Peek(1)))
            {
                throw Fail("Numbers can't start with 0; write 0o17 for octal", start);
            }
            var text = new StringBuilder(Digits(char.IsAsciiDigit));
            if (Peek() == '.')
            {
                _at++;
                text.Append('.').Append(Digits(char.IsAsciiDigit));
            }
            if (Peek() is 'e' or 'E')
            {
                _at++;
                text.Append('e');
                if (Peek() is '+' or '-')
                {
                    text.Append(source[_at++]);
                }
                var exponent = Digits(char.IsAsciiDigit);
                if (exponent.Length == 0)
                {
                    throw Fail("Missing exponent of a number", start);
                }
                text.Append(exponent);
            }
            value = double.Parse(text.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture);
        }
        if (Peek() == 'n')
        {
            throw Fail("BigInt numbers (1n) aren't supported", start);
        }
        if (IsNamePart(Peek()))
        {
            throw Fail("Unexpected character after a number", _at);
        }
        _regexNext = false;
        Add(new Token(TokenKind.Number, source[start.._at], start) { Number = value, NewLineBefore = _newLine });
    }

    private string Digits(Func<char, bool> accepts)
    {
        var text = new StringBuilder();
        while (accepts(Peek()) || (Peek() == '_' && text.Length > 0 && source[_at - 1] != '_' && accepts(Peek(1))))
        {
            if (source[_at] != '_')
            {
                text.Append(source[_at]);
            }
            _at++;
        }
        return text.ToString();
    }

    private void ReadString(char quote)
    {
        var start = _at++;
        var text = new StringBuilder();
        while (true)
        {
            if (_at >= source.Length || source[_at] is '\n' or '\r')
            {
                throw Fail($"Missing {quote} at the end of a text", start);
            }
            var c = source[_at++];
            if (c == quote)
            {
                break;
            }
            if (c == '\\')
            {
                ReadEscape(text);
            }
            else
            {
                text.Append(c);
            }
        }
        _regexNext = false;
        Add(new Token(TokenKind.String, string.Intern(text.ToString()), start) { NewLineBefore = _newLine });
    }

    /// <summary>Reads a template from its back tick, or on from the } of a substitution, up to the next ${ or its end.</summary>
    private void ReadTemplate()
    {
        var start = _at++;
        var text = new StringBuilder();
        while (true)
        {
            if (_at >= source.Length)
            {
                throw Fail("Missing ` at the end of a template", start);
            }
            var c = source[_at++];
            if (c == '`')
            {
                _regexNext = false;
                Add(new Token(TokenKind.Template, text.ToString(), start) { IsTail = true, NewLineBefore = _newLine });
                return;
            }
            if (c == '$' && Peek() == '{')
            {
                _at++;
                _regexNext = true;
                _brackets.Push(new Bracket(_tokens.Count, '}', false, true));
                Add(new Token(TokenKind.Template, text.ToString(), start) { NewLineBefore = _newLine });
                return;
            }
            if (c == '\\')
            {
                ReadEscape(text);
            }
            else if (c == '\r')
            {
                _at += Peek() == '\n' ? 1 : 0;
                text.Append('\n');
            }
            else
            {
                text.Append(c);
            }
        }
    }

    private void ReadEscape(StringBuilder text)
    {
        var start = _at - 1;
        if (_at >= source.Length)
        {
            throw Fail("Unfinished escape", start);
        }
        var c = source[_at++];
        switch (c)
        {
            case 'n': text.Append('\n'); break;
            case 't': text.Append('\t'); break;
            case 'r': text.Append('\r'); break;
            case 'b': text.Append('\b'); break;
            case 'f': text.Append('\f'); break;
            case 'v': text.Append('\v'); break;
            case '\r': _at += Peek() == '\n' ? 1 : 0; break;
            case '\n' or '\u2028' or '\u2029': break;
            case 'x': text.Append((char)HexDigits(2, start)); break;
            case 'u' when Peek() == '{':
                var close = source.IndexOf('}', _at);
                if (close < 0 || !int.TryParse(source.AsSpan(_at + 1, close - _at - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var point) || point is < 0 or > 0x10FFFF)
                {
                    throw Fail("Wrong \\u{…} escape", start);
                }
                _at = close + 1;
                text.Append(point < 0x10000 ? ((char)point).ToString() : char.ConvertFromUtf32(point));
                break;
            case 'u': text.Append((char)HexDigits(4, start)); break;
            case '0' when !char.IsAsciiDigit(Peek()): text.Append('\0'); break;
            case >= '0' and <= '9': throw Fail("Octal escapes aren't supported; use \\x", start);
            default: text.Append(c); break;
        }
    }

    private int HexDigits(int count, int start)
    {
        if (_at + count > source.Length || !int.TryParse(source.AsSpan(_at, count), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            throw Fail($"An escape needs {count} hexadecimal digits here", start);
        }
        _at += count;
        return value;
    }

    private void ReadRegex()
    {
        var start = _at++;
        var inClass = false;
        while (inClass || Peek() != '/')
        {
            if (_at >= source.Length || IsLineEnd(source[_at]))
            {
                throw Fail("Missing / at the end of a regular expression", start);
            }
            inClass = source[_at] switch { '[' => true, ']' => false, _ => inClass };
            _at += source[_at] == '\\' && _at + 1 < source.Length && !IsLineEnd(source[_at + 1]) ? 2 : 1;
        }
        var body = source[(start + 1).._at++];
        var flags = _at;
        while (IsNamePart(Peek()))
        {
            _at++;
        }
        _regexNext = false;
        Add(new Token(TokenKind.Regex, body, start) { Flags = source[flags.._at], NewLineBefore = _newLine });
    }
}
