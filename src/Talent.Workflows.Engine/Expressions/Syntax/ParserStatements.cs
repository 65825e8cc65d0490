using Talent.Workflows.Engine.Expressions.Nodes;

namespace Talent.Workflows.Engine.Expressions.Syntax;

internal sealed partial class Parser
{
    private Statement ParseStatement(bool inList)
    {
        var outer = Enter();
        var statement = ParseStatementInside(inList);
        Leave(outer);
        return statement;
    }

    private Statement ParseStatementInside(bool inList)
    {
        var start = _token.Start;
        if (_token.Kind == TokenKind.Punctuator)
        {
            switch (_token.Text)
            {
                case "{":
                    return ParseBlock();
                case ";":
                    Next();
                    return new EmptyStatement(start);
            }
        }
        if (_token.Kind == TokenKind.Identifier)
        {
            if (PeekToken().Is(":"))
            {
                return ParseLabelled();
            }
            if (_token.Text == "async" && PeekToken().IsWord("function"))
            {
                throw Unsupported("async functions aren't");
            }
        }
        return _token.Kind == TokenKind.Keyword ? ParseKeyword(inList, start) : ParseExpressionStatement(start);
    }

    private Statement ParseKeyword(bool inList, int start)
    {
        switch (_token.Text)
        {
            case "let" or "const" or "var":
                if (!inList && _token.Text != "var")
                {
                    throw Fail($"A {_token.Text} needs braces around it here", start);
                }
                var declaration = ParseDeclaration(true);
                EndStatement();
                return declaration;
            case "function":
                if (!inList)
                {
                    throw Fail("A function declaration needs braces around it here", start);
                }
                ParseFunctionDeclaration();
                return new EmptyStatement(start);
            case "if":
                return ParseIf();
            case "for":
                return ParseFor([]);
            case "while" or "do":
                return ParseWhile([]);
            case "return":
                Next();
                var result = _token.NewLineBefore || _token.Is(";") || _token.Is("}") || _token.Kind == TokenKind.End ? null : ParseExpression();
                EndStatement();
                return new ReturnStatement(result, start);
            case "break" or "continue":
                return ParseJump();
            case "switch":
                return ParseSwitch();
            case "throw":
                Next();
                if (_token.NewLineBefore)
                {
                    throw Fail("The thrown value has to stand on the line of its throw", start);
                }
                var thrown = ParseExpression();
                EndStatement();
                return new ThrowStatement(thrown, start);
            case "try":
                return ParseTry();
            case "debugger":
                throw Unsupported("'debugger' isn't");
            case "with":
                throw Unsupported("'with' isn't");
            case "import" or "export":
                throw Unsupported("Modules (import, export) aren't");
            case "enum":
                throw Unsupported("'enum' isn't");
            default:
                return ParseExpressionStatement(start);
        }
    }

    private ExpressionStatement ParseExpressionStatement(int start)
    {
        var expression = ParseExpression();
        EndStatement();
        return new ExpressionStatement(expression, _scope.Function.Parent is null, start);
    }

    private Block ParseBlock()
    {
        var start = Expect("{").Start;
        var outer = OpenBlock();
        var block = new Block(ParseList(), _scope.Entry, start);
        _scope = outer;
        return block;
    }

    /// <summary>Statements up to and with the closing brace.</summary>
    private Statement[] ParseList()
    {
        var statements = new List<Statement>();
        while (!Take("}"))
        {
            if (_token.Kind == TokenKind.End)
            {
                throw Unexpected("'}' is missing");
            }
            statements.Add(ParseStatement(true));
        }
        return [.. statements];
    }

    private DeclarationStatement ParseDeclaration(bool allowIn)
    {
        var word = Next();
        var kind = word.Text switch { "let" => BindingKind.Let, "const" => BindingKind.Const, _ => BindingKind.Var };
        var declarators = new List<(ITarget, Expression?)>();
        do
        {
            var start = _token;
            var target = ParseBindingTarget(kind);
            Expression? value = null;
            if (Take("="))
            {
                value = NameFunction(ParseAssignment(allowIn), (target as IdentifierNode)?.Name);
            }
            else if (kind == BindingKind.Const || target is not IdentifierNode)
            {
                throw Fail("This declaration needs a value: = …", start.Start);
            }
            declarators.Add((target, value));
        }
        while (Take(","));
        return new DeclarationStatement([.. declarators], kind == BindingKind.Var, word.Start);
    }

    private IfStatement ParseIf()
    {
        var start = Next().Start;
        var test = ParseParenthesized();
        var then = ParseStatement(false);
        var otherwise = TakeWord("else") ? ParseStatement(false) : null;
        return new IfStatement(test, then, otherwise, start);
    }

    private Expression ParseParenthesized()
    {
        Expect("(");
        var expression = ParseExpression();
        Expect(")");
        return expression;
    }

    private Statement ParseLabelled()
    {
        var first = _token;
        var names = new List<string>();
        while (_token.Kind == TokenKind.Identifier && PeekToken().Is(":"))
        {
            var label = Next();
            Next();
            if (_labels.Exists(l => l.Name == label.Text) || names.Contains(label.Text))
            {
                throw Fail($"Label '{label.Text}' is already in use", label.Start);
            }
            names.Add(label.Text);
        }
        var isLoop = _token.Kind == TokenKind.Keyword && _token.Text is "for" or "while" or "do";
        _labels.AddRange(names.Select(n => (n, isLoop)));
        string[] labels = [.. names];
        Statement body = _token.Text switch
        {
            "for" when isLoop => ParseFor(labels),
            "while" or "do" when isLoop => ParseWhile(labels),
            _ => ParseStatement(false),
        };
        _labels.RemoveRange(_labels.Count - names.Count, names.Count);
        if (isLoop)
        {
            return body;
        }
        foreach (var name in labels)
        {
            Deepen();
            body = new LabelledStatement(name, body, first.Start);
        }
        return body;
    }

    private JumpStatement ParseJump()
    {
        var word = Next();
        var isBreak = word.Text == "break";
        string? label = null;
        if (_token.Kind == TokenKind.Identifier && !_token.NewLineBefore)
        {
            var name = Next();
            label = name.Text;
            if (!_labels.Exists(l => l.Name == label && (isBreak || l.IsLoop)))
            {
                throw Fail($"There is no {(isBreak ? "statement" : "loop")} labelled '{label}' around this {word.Text}", name.Start);
            }
        }
        else if (_loops == 0 && !(isBreak && _switches > 0))
        {
            throw Fail($"'{word.Text}' has no loop around it", word.Start);
        }
        EndStatement();
        return new JumpStatement(isBreak ? Signal.Break : Signal.Continue, label, word.Start);
    }

    private SwitchStatement ParseSwitch()
    {
        var start = Next().Start;
        var subject = ParseParenthesized();
        Expect("{");
        var outer = OpenBlock();
        _switches++;
        var cases = new List<(Expression?, Statement[])>();
        var hasDefault = false;
        while (!Take("}"))
        {
            Expression? test = null;
            if (TakeWord("case"))
            {
                test = ParseExpression();
            }
            else if (!hasDefault && TakeWord("default"))
            {
                hasDefault = true;
            }
            else
            {
                throw Unexpected("a switch holds case and one default");
            }
            Expect(":");
            var body = new List<Statement>();
            while (!_token.IsWord("case") && !_token.IsWord("default") && !_token.Is("}") && _token.Kind != TokenKind.End)
            {
                body.Add(ParseStatement(true));
            }
            cases.Add((test, [.. body]));
        }
        _switches--;
        var entry = _scope.Entry;
        _scope = outer;
        return new SwitchStatement(subject, [.. cases], entry, start);
    }

    private TryStatement ParseTry()
    {
        var start = Next().Start;
        var body = ParseBlock();
        ITarget? parameter = null;
        ScopeEntry? entry = null;
        Statement? handler = null;
        if (TakeWord("catch"))
        {
            var outer = OpenBlock();
            if (Take("("))
            {
                parameter = ParseBindingTarget(BindingKind.Parameter);
                Expect(")");
            }
            entry = _scope.Entry;
            handler = ParseBlock();
            _scope = outer;
        }
        var finalizer = TakeWord("finally") ? ParseBlock() : null;
        if (handler is null && finalizer is null)
        {
            throw Unexpected("try needs catch or finally");
        }
        return new TryStatement(body, parameter, entry, handler, finalizer, start);
    }
}
