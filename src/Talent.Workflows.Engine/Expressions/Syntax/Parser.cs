using Talent.Workflows.Engine.Expressions.Nodes;

namespace Talent.Workflows.Engine.Expressions.Syntax;

/// <summary>Recursive descent over the tokens. Nesting is limited, and so is the height of what it builds, so that neither parsing nor running can exhaust the thread's stack.</summary>
internal sealed partial class Parser
{
    private const int MaxNesting = 128;
    private const int MaxHeight = 600;

    private readonly string _source;
    private readonly List<Token> _tokens;
    private readonly Resolver _resolver = new();
    private readonly List<FunctionNode> _functions = [];
    private readonly List<(string Name, bool IsLoop)> _labels = [];
    private int _at;
    private int _nesting;
    private int _height;
    private int _loops;
    private int _switches;
    private BlockScope _scope;
    private Token _token;

    /// <summary>Positions of {a = 1} literals that aren't patterns yet.</summary>
    private readonly List<int> _covers = [];

    private Parser(string source)
    {
        _source = source;
        _tokens = new Lexer(source).Read();
        _token = _tokens[0];
        _scope = null!;
    }

    public static (FunctionNode Main, string[] Globals) Parse(string source)
    {
        var parser = new Parser(source);
        var function = new FunctionScope(null, false);
        var main = parser.ParseScript(function);
        if (parser._covers.Count > 0)
        {
            throw parser.Fail("'=' isn't allowed in an object here; write name: value", parser._covers[0]);
        }
        parser._resolver.Resolve();
        foreach (var node in parser._functions)
        {
            node.Complete();
        }
        return (main, parser._resolver.Globals);
    }

    private FunctionNode ParseScript(FunctionScope function)
    {
        OpenFunction(function);
        var body = new List<Statement>();
        while (_token.Kind != TokenKind.End)
        {
            body.Add(ParseStatement(true));
        }
        return Add(new FunctionNode(string.Empty, function, 0)
        {
            Parameters = [],
            Rest = null,
            Body = [.. body],
            Result = null,
            Self = null,
            Height = _height,
        });
    }

    private FunctionNode Add(FunctionNode node)
    {
        _functions.Add(node);
        return node;
    }

    private BlockScope OpenFunction(FunctionScope function)
    {
        var outer = _scope;
        OpenBlock(function);
        function.Root = _scope;
        return outer;
    }

    private BlockScope OpenBlock(FunctionScope? function = null)
    {
        var outer = _scope;
        _scope = new BlockScope(outer, function ?? outer.Function);
        _resolver.Note(_scope);
        return outer;
    }

    private IdentifierNode Name(string name, int position, bool declaration = false, BlockScope? scope = null)
    {
        var node = new IdentifierNode(name, position, declaration);
        _resolver.Note(node, scope ?? _scope);
        return node;
    }

    private IdentifierNode Declare(Token token, BindingKind kind)
    {
        if (token.Text is "arguments" or "eval")
        {
            throw Fail($"'{token.Text}' can't be declared", token.Start);
        }
        // A var belongs to its function, whatever block it stands in; a block's let of the same name in between collides.
        var scope = _scope;
        if (kind == BindingKind.Var)
        {
            for (; scope != scope.Function.Root; scope = scope.Parent!)
            {
                if (scope.Find(token.Text) is { IsLexical: true })
                {
                    throw Fail($"'{token.Text}' is already declared", token.Start);
                }
            }
        }
        if (scope.Declare(token.Text, kind) is null)
        {
            throw Fail($"'{token.Text}' is already declared", token.Start);
        }
        return Name(token.Text, token.Start, true, scope);
    }

    private int Enter()
    {
        if (++_nesting > MaxNesting)
        {
            throw Fail($"The script is nested more than {MaxNesting} levels deep; split it into functions or statements", _token.Start);
        }
        var outer = _height;
        _height = 0;
        return outer;
    }

    private void Leave(int outer)
    {
        _nesting--;
        _height = Math.Max(outer, _height);
        Deepen();
    }

    /// <summary>Counts a level that was built around what is parsed already, as a.b.c and a + b + c do.</summary>
    private void Deepen()
    {
        if (++_height > MaxHeight)
        {
            throw Fail($"An expression has more than {MaxHeight} parts in one chain; split it", _token.Start);
        }
    }

    private Token Next()
    {
        var token = _token;
        if (_at < _tokens.Count - 1)
        {
            _token = _tokens[++_at];
        }
        return token;
    }

    private Token PeekToken(int ahead = 1) => _tokens[Math.Min(_at + ahead, _tokens.Count - 1)];

    private bool Take(string punctuator)
    {
        if (_token.Is(punctuator))
        {
            Next();
            return true;
        }
        return false;
    }

    private bool TakeWord(string keyword)
    {
        if (_token.IsWord(keyword))
        {
            Next();
            return true;
        }
        return false;
    }

    private Token Expect(string punctuator) => _token.Is(punctuator) ? Next() : throw Unexpected($"'{punctuator}' is missing before it");

    private Token ExpectName()
    {
        if (_token.Kind != TokenKind.Identifier)
        {
            throw _token.Kind == TokenKind.Keyword ? Fail($"'{_token.Text}' is a reserved word; use another name", _token.Start) : Unexpected("a name belongs here");
        }
        return Next();
    }

    private void EndStatement()
    {
        if (Take(";") || _token.Is("}") || _token.Kind == TokenKind.End || _token.NewLineBefore)
        {
            return;
        }
        throw Unexpected("a statement has to end before it with ; or a new line");
    }

    private ScriptException Fail(string message, int position) => ScriptException.At(ScriptException.Syntax, message, _source, position);

    private ScriptException Unexpected(string hint) => _token.Kind == TokenKind.End
        ? Fail($"Unexpected end of the script; {hint}", _token.Start)
        : Fail($"Unexpected '{_source[_token.Start.._token.EndAt]}'; {hint}", _token.Start);

    private ScriptException Unsupported(string what) => Fail($"{what} supported in expressions", _token.Start);
}
