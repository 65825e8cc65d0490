using System.Collections.Frozen;

namespace Talent.Workflows.Engine.Expressions.Syntax;

/// <summary>Cuts a source into tokens at once, and pairs its brackets, so that the parser sees an arrow function from its first bracket.</summary>
internal sealed partial class Lexer(string source)
{
    private const int MaxLength = 100_000;

    private static readonly FrozenSet<string> Keywords = new[]
    {
        "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do", "else", "enum", "export",
        "extends", "false", "finally", "for", "function", "if", "import", "in", "instanceof", "let", "new", "null", "return", "super",
        "switch", "this", "throw", "true", "try", "typeof", "var", "void", "while", "with", "yield", "await",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly string[] Punctuators =
    [
        ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=",
        "=>", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>", "**",
        "{", "}", "(", ")", "[", "]", ";", ",", "<", ">", "+", "-", "*", "/", "%", "&", "|", "^", "!", "~", "?", ":", "=", ".",
    ];

    private readonly List<Token> _tokens = [];
    private readonly Stack<Bracket> _brackets = new();
    private int _at;
    private bool _newLine;
    private bool _regexNext = true;

    /// <summary>An open bracket: its token, whether a pattern may follow its end, and whether it is the ${ of a template.</summary>
    private readonly record struct Bracket(int Token, char Close, bool RegexAfter, bool InTemplate);

    public List<Token> Read()
    {
        if (source.Length > MaxLength)
        {
            throw Fail($"The script is longer than {MaxLength} characters; split it", 0);
        }
        while (SkipSpace())
        {
            ReadToken();
        }
        if (_brackets.TryPeek(out var open))
        {
            throw Fail($"Missing '{open.Close}' for this bracket", _tokens[open.Token].Start);
        }
        Add(new Token(TokenKind.End, "end of script", _at) { NewLineBefore = _newLine });
        return _tokens;
    }

    private ScriptException Fail(string message, int position) => ScriptException.At(ScriptException.Syntax, message, source, position);

    private char Peek(int ahead = 0) => _at + ahead < source.Length ? source[_at + ahead] : '\0';

    private static bool IsLineEnd(char c) => c is '\n' or '\r' or '\u2028' or '\u2029';

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c is '$' or '_' || (c > 127 && (char.IsLetter(c) || char.IsSurrogate(c)));

    private static bool IsNamePart(char c) => IsNameStart(c) || char.IsAsciiDigit(c)
        || (c > 127 && (char.IsDigit(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark));

    private bool SkipSpace()
    {
        _newLine = false;
        while (_at < source.Length)
        {
            var c = source[_at];
            if (IsLineEnd(c))
            {
                _newLine = true;
                _at++;
            }
            else if (Values.NumberText.IsSpace(c))
            {
                _at++;
            }
            else if (c == '/' && Peek(1) == '/')
            {
                while (_at < source.Length && !IsLineEnd(source[_at]))
                {
                    _at++;
                }
            }
            else if (c == '/' && Peek(1) == '*')
            {
                var end = source.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                if (end < 0)
                {
                    throw Fail("Missing '*/' at the end of a comment", _at);
                }
                _newLine |= source.AsSpan(_at, end - _at).IndexOfAny("\n\r\u2028\u2029") >= 0;
                _at = end + 2;
            }
            else
            {
                return true;
            }
        }
        return false;
    }

    private void ReadToken()
    {
        var c = source[_at];
        if (IsNameStart(c))
        {
            ReadName();
        }
        else if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1))))
        {
            ReadNumber();
        }
        else if (c is '"' or '\'')
        {
            ReadString(c);
        }
        else if (c == '`')
        {
            ReadTemplate();
        }
        else if (c == '/' && _regexNext)
        {
            ReadRegex();
        }
        else if (c == '}' && _brackets.TryPeek(out var open) && open.InTemplate)
        {
            _brackets.Pop();
            ReadTemplate();
        }
        else
        {
            ReadPunctuator();
        }
    }

    private void Add(Token token)
    {
        token.EndAt = _at;
        _tokens.Add(token);
    }

    private void ReadName()
    {
        var start = _at;
        while (_at < source.Length && IsNamePart(source[_at]))
        {
            _at++;
        }
        if (Peek() == '\\')
        {
            throw Fail("Escapes in names aren't supported; write the character itself", _at);
        }
        var text = string.Intern(source[start.._at]);
        var afterDot = _tokens.Count > 0 && (_tokens[^1].Is(".") || _tokens[^1].Is("?."));
        var keyword = Keywords.Contains(text) && !afterDot;
        _regexNext = keyword && text is not ("this" or "null" or "true" or "false" or "super");
        Add(new Token(keyword ? TokenKind.Keyword : TokenKind.Identifier, text, start) { NewLineBefore = _newLine });
    }

    private void ReadPunctuator()
    {
        var start = _at;
        var text = Array.Find(Punctuators, p => string.CompareOrdinal(source, start, p, 0, p.Length) == 0);
        if (text == "?." && char.IsAsciiDigit(Peek(2)))
        {
            text = "?";
        }
        if (text is null)
        {
            throw Fail(source[_at] switch
            {
                '#' => "Private names (#) aren't supported",
                '@' => "Decorators (@) aren't supported",
                _ => $"Unexpected character '{source[_at]}'",
            }, start);
        }
        _at += text.Length;
        var token = new Token(TokenKind.Punctuator, text, start) { NewLineBefore = _newLine };
        switch (text)
        {
            case "(":
                var control = _tokens.Count > 0 && _tokens[^1].Kind == TokenKind.Keyword && _tokens[^1].Text is "if" or "while" or "for" or "with";
                _brackets.Push(new Bracket(_tokens.Count, ')', control, false));
                _regexNext = true;
                break;
            case "[":
                _brackets.Push(new Bracket(_tokens.Count, ']', false, false));
                _regexNext = true;
                break;
            case "{":
                _brackets.Push(new Bracket(_tokens.Count, '}', StartsBlock(), false));
                _regexNext = true;
                break;
            case ")" or "]" or "}":
                if (!_brackets.TryPop(out var open) || open.Close != text[0])
                {
                    throw Fail($"Unexpected '{text}'", start);
                }
                _tokens[open.Token].Match = _tokens.Count;
                _regexNext = open.RegexAfter;
                break;
            default:
                _regexNext = text is not ("++" or "--");
                break;
        }
        Add(token);
    }

    /// <summary>Whether a brace here opens a block rather than an object; only a '/' after its end depends on it.</summary>
    private bool StartsBlock()
    {
        if (_tokens.Count == 0)
        {
            return true;
        }
        var last = _tokens[^1];
        return last.Kind switch
        {
            TokenKind.Punctuator => last.Text is ")" or ";" or "{" or "}" or "=>",
            TokenKind.Keyword => last.Text is "else" or "do" or "try" or "finally",
            _ => false,
        };
    }
}
