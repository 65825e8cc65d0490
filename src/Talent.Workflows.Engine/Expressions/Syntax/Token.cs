namespace Talent.Workflows.Engine.Expressions.Syntax;

internal enum TokenKind : byte
{
    Identifier,
    Keyword,
    Punctuator,
    Number,
    String,
    Template,
    Regex,
    End,
}

internal sealed class Token(TokenKind kind, string text, int start)
{
    public TokenKind Kind { get; } = kind;

    /// <summary>Name, keyword, punctuator, or the meaning of a string, template part or pattern.</summary>
    public string Text { get; } = text;

    public int Start { get; } = start;

    public int EndAt { get; set; }

    public double Number { get; init; }

    /// <summary>Flags of a regular expression.</summary>
    public string Flags { get; init; } = string.Empty;

    /// <summary>Whether this is the last part of its template.</summary>
    public bool IsTail { get; init; }

    public bool NewLineBefore { get; init; }

    /// <summary>Index of the closing token of a bracket.</summary>
    public int Match { get; set; } = -1;

    public bool Is(string punctuator) => Kind == TokenKind.Punctuator && Text == punctuator;

    public bool IsWord(string keyword) => Kind == TokenKind.Keyword && Text == keyword;

    public bool IsName => Kind == TokenKind.Identifier;
}
