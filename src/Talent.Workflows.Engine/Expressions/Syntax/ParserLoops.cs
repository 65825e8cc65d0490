using Talent.Workflows.Engine.Expressions.Nodes;

namespace Talent.Workflows.Engine.Expressions.Syntax;

internal sealed partial class Parser
{
    private Statement ParseLoopBody()
    {
        _loops++;
        var body = ParseStatement(false);
        _loops--;
        return body;
    }

    private WhileStatement ParseWhile(string[] labels)
    {
        var word = Next();
        if (word.Text == "while")
        {
            var test = ParseParenthesized();
            return new WhileStatement(test, ParseLoopBody(), true, labels, word.Start);
        }
        var body = ParseLoopBody();
        if (!TakeWord("while"))
        {
            throw Unexpected("do needs while (…) after its body");
        }
        var until = ParseParenthesized();
        Take(";");
        return new WhileStatement(until, body, false, labels, word.Start);
    }

    private Statement ParseFor(string[] labels)
    {
        var start = Next().Start;
        if (_token.Kind is TokenKind.Identifier or TokenKind.Keyword && _token.Text == "await")
        {
            throw Unsupported("for await isn't");
        }
        Expect("(");
        var outer = OpenBlock();
        var loop = ParseForHead(labels, start);
        _scope = outer;
        return loop;
    }

    private Statement ParseForHead(string[] labels, int start)
    {
        Statement? first = null;
        if (_token.Kind == TokenKind.Keyword && _token.Text is "let" or "const" or "var")
        {
            if (IsForEachDeclaration())
            {
                var kind = Next().Text switch { "let" => BindingKind.Let, "const" => BindingKind.Const, _ => BindingKind.Var };
                return ParseForEach(ParseBindingTarget(kind), labels, start);
            }
            first = ParseDeclaration(false);
        }
        else if (!_token.Is(";"))
        {
            var from = _token;
            var outer = Enter();
            var expression = ParseExpression(false);
            Leave(outer);
            if (_token.IsWord("in") || (_token.IsName && _token.Text == "of"))
            {
                return ParseForEach(ToTarget(expression, from.Start), labels, start);
            }
            first = new ExpressionStatement(expression, false, from.Start);
        }
        Expect(";");
        var test = _token.Is(";") ? null : ParseExpression();
        Expect(";");
        var next = _token.Is(")") ? null : ParseExpression();
        Expect(")");
        return new ForStatement(first, test, next, ParseLoopBody(), _scope.Entry, labels, start);
    }

    /// <summary>Looks past the declared name or pattern for 'of' or 'in'.</summary>
    private bool IsForEachDeclaration()
    {
        var target = PeekToken();
        var after = target.Match >= 0 ? _tokens[Math.Min(target.Match + 1, _tokens.Count - 1)] : PeekToken(2);
        return after.IsWord("in") || (after.IsName && after.Text == "of");
    }

    private ForEachStatement ParseForEach(ITarget target, string[] labels, int start)
    {
        var keys = Next().Text == "in";
        var source = keys ? ParseExpression() : ParseAssignment(true);
        Expect(")");
        return new ForEachStatement(target, source, keys, ParseLoopBody(), _scope.Entry, labels, start);
    }
}
