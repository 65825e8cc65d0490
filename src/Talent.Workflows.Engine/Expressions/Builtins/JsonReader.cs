using System.Globalization;
using System.Text;
using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

/// <summary>JSON.parse: strict JSON, charged as it is read.</summary>
internal sealed class JsonReader(Evaluation x, string text)
{
    private int _at;

    public Value Read()
    {
        x.Step(text.Length / 16);
        SkipSpace();
        var value = ReadValue();
        SkipSpace();
        return _at == text.Length ? value : throw Unexpected();
    }

    /// <summary>The text between the first pair of quotation marks.</summary>
    public string ReadFirstString()
    {
        _at = text.IndexOf('"', StringComparison.Ordinal);
        return ReadString();
    }

    private Value ReadValue()
    {
        x.Step();
        switch (_at < text.Length ? text[_at] : '\0')
        {
            case '{':
                return ReadObject();
            case '[':
                return ReadArray();
            case '"':
                return Value.Of(ReadString());
            case 't':
                return Word("true", Value.True);
            case 'f':
                return Word("false", Value.False);
            case 'n':
                return Word("null", Value.Null);
            default:
                return ReadNumber();
        }
    }

    private Value Word(string word, Value value)
    {
        if (string.CompareOrdinal(text, _at, word, 0, word.Length) != 0)
        {
            throw Unexpected();
        }
        _at += word.Length;
        return value;
    }

    private Value ReadObject()
    {
        x.EnterCall(1);
        x.Allocate(72);
        var result = new ScriptObject();
        _at++;
        SkipSpace();
        if (!Take('}'))
        {
            do
            {
                SkipSpace();
                if (_at >= text.Length || text[_at] != '"')
                {
                    throw Unexpected();
                }
                var name = ReadString();
                SkipSpace();
                Expect(':');
                SkipSpace();
                result.Set(x, name, ReadValue());
                SkipSpace();
            }
            while (Take(','));
            Expect('}');
        }
        x.LeaveCall(1);
        return Value.Of(result);
    }

    private Value ReadArray()
    {
        x.EnterCall(1);
        var result = new ScriptArray(x, 0);
        _at++;
        SkipSpace();
        if (!Take(']'))
        {
            do
            {
                SkipSpace();
                result.Add(x, ReadValue());
                SkipSpace();
            }
            while (Take(','));
            Expect(']');
        }
        x.LeaveCall(1);
        return Value.Of(result);
    }

    private string ReadString()
    {
        var start = ++_at;
        while (_at < text.Length && text[_at] is not ('"' or '\\') && text[_at] >= ' ')
        {
            _at++;
        }
        if (_at < text.Length && text[_at] == '"')
        {
            x.AllocateText(_at - start);
            return text[start.._at++];
        }
        var result = new StringBuilder().Append(text, start, _at - start);
        while (true)
        {
            if (_at >= text.Length || text[_at] < ' ')
            {
                throw Unexpected();
            }
            var c = text[_at++];
            if (c == '"')
            {
                x.AllocateText(result.Length);
                return result.ToString();
            }
            result.Append(c == '\\' ? ReadEscape() : c);
        }
    }

    private char ReadEscape()
    {
        var c = _at < text.Length ? text[_at++] : '\0';
        switch (c)
        {
            case '"' or '\\' or '/': return c;
            case 'b': return '\b';
            case 'f': return '\f';
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'u' when _at + 4 <= text.Length && ushort.TryParse(text.AsSpan(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code):
                _at += 4;
                return (char)code;
            default:
                throw Unexpected();
        }
    }

    private Value ReadNumber()
    {
        var start = _at;
        Take('-');
        if (!Take('0'))
        {
            Digits();
        }
        if (Take('.'))
        {
            Digits();
        }
        if (Take('e') || Take('E'))
        {
            _ = Take('+') || Take('-');
            Digits();
        }
        x.Step((_at - start) / 16);
        return Value.Of(double.Parse(text.AsSpan(start, _at - start), NumberStyles.Float, CultureInfo.InvariantCulture));
    }

    private void Digits()
    {
        if (_at >= text.Length || !char.IsAsciiDigit(text[_at]))
        {
            throw Unexpected();
        }
        while (_at < text.Length && char.IsAsciiDigit(text[_at]))
        {
            _at++;
        }
    }

    private void SkipSpace()
    {
        while (_at < text.Length && text[_at] is ' ' or '\n' or '\r' or '\t')
        {
            _at++;
        }
    }

    private bool Take(char c)
    {
        if (_at < text.Length && text[_at] == c)
        {
            _at++;
            return true;
        }
        return false;
    }

    private void Expect(char c)
    {
        if (!Take(c))
        {
            throw Unexpected();
        }
    }

    private ThrowSignal Unexpected() => x.Error("SyntaxError", _at >= text.Length
        ? "Unexpected end of JSON text"
        : $"Unexpected character '{text[_at]}' at position {NumberText.Format(_at)} of JSON text");
}
