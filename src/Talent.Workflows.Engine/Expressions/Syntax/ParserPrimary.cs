using Talent.Workflows.Engine.Expressions.Nodes;
using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Syntax;

internal sealed partial class Parser
{
    /// <summary>A primary expression with the members and calls after it.</summary>
    private Expression ParseChain()
    {
        var start = _token.Start;
        var expression = _token.IsWord("new") ? ParseNew() : ParsePrimary();
        var optionalChain = false;
        while (true)
        {
            var at = _token;
            if (at.Kind == TokenKind.Template && _source[at.Start] == '`')
            {
                throw Unsupported("Tagged templates aren't");
            }
            if (at.Kind != TokenKind.Punctuator)
            {
                break;
            }
            if (at.Text == ".")
            {
                Next();
                expression = new MemberNode(expression, ParseMemberName(), null, false, at.Start);
            }
            else if (at.Text == "[")
            {
                expression = new MemberNode(expression, null, ParseIndex(), false, at.Start);
            }
            else if (at.Text == "(")
            {
                expression = new CallNode(expression, ParseArguments(), false, start);
            }
            else if (at.Text == "?.")
            {
                Next();
                optionalChain = true;
                expression = _token.Is("(") ? new CallNode(expression, ParseArguments(), true, start)
                    : _token.Is("[") ? new MemberNode(expression, null, ParseIndex(), true, at.Start)
                    : new MemberNode(expression, ParseMemberName(), null, true, at.Start);
            }
            else
            {
                break;
            }
            Deepen();
        }
        return optionalChain ? new ChainNode(expression, start) : expression;
    }

    private string ParseMemberName()
    {
        if (_token.Kind is not (TokenKind.Identifier or TokenKind.Keyword))
        {
            throw Unexpected("a property name belongs after the dot");
        }
        return Next().Text;
    }

    private Expression ParseIndex()
    {
        Expect("[");
        var key = ParseExpression();
        Expect("]");
        return key;
    }

    private Expression[] ParseArguments()
    {
        Expect("(");
        var arguments = new List<Expression>();
        while (!Take(")"))
        {
            arguments.Add(ParseItem());
            if (!_token.Is(")"))
            {
                Expect(",");
            }
        }
        return [.. arguments];
    }

    /// <summary>An argument or array item: an expression or a spread.</summary>
    private Expression ParseItem()
    {
        var start = _token.Start;
        return Take("...") ? new SpreadNode(ParseAssignment(true), start) : ParseAssignment(true);
    }

    private NewNode ParseNew()
    {
        var start = Next().Start;
        if (_token.Is("."))
        {
            throw Unsupported("new.target isn't");
        }
        var outer = Enter();
        var callee = _token.IsWord("new") ? ParseNew() : ParsePrimary();
        while (_token.Is(".") || _token.Is("["))
        {
            var at = _token.Start;
            callee = Take(".") ? new MemberNode(callee, ParseMemberName(), null, false, at) : new MemberNode(callee, null, ParseIndex(), false, at);
            Deepen();
        }
        Leave(outer);
        return new NewNode(callee, _token.Is("(") ? ParseArguments() : [], start);
    }

    private Expression ParsePrimary()
    {
        var token = _token;
        switch (token.Kind)
        {
            case TokenKind.Number:
                Next();
                return new ConstantNode(Value.Of(token.Number), token.Start);
            case TokenKind.String:
                Next();
                return new ConstantNode(Value.Of(token.Text), token.Start);
            case TokenKind.Template:
                return ParseTemplate();
            case TokenKind.Regex:
                Next();
                return new RegExpNode(ParsePattern(token), token.Start);
            case TokenKind.Identifier:
                if (token.Text == "arguments")
                {
                    throw Fail("'arguments' isn't supported; use rest parameters: (...args) => …", token.Start);
                }
                Next();
                return token.Text == "undefined" ? new ConstantNode(Value.Undefined, token.Start) : Name(token.Text, token.Start);
            case TokenKind.Keyword:
                return ParseWord(token);
            case TokenKind.Punctuator when token.Text == "(":
                var inner = ParseParenthesized();
                if (inner is LogicalNode or UnaryNode or ArrayNode or ObjectNode)
                {
                    _parenthesized.Add(inner);
                }
                return inner;
            case TokenKind.Punctuator when token.Text == "[":
                return ParseArray();
            case TokenKind.Punctuator when token.Text == "{":
                return ParseObject();
            default:
                throw Unexpected("a value belongs here");
        }
    }

    private Matching.Pattern ParsePattern(Token token)
    {
        try
        {
            return Matching.Pattern.Compile(token.Text, token.Flags);
        }
        catch (Matching.PatternException e)
        {
            throw Fail($"Regular expression /{token.Text}/: {e.Message}", token.Start);
        }
    }

    private Expression ParseWord(Token token)
    {
        switch (token.Text)
        {
            case "true":
                Next();
                return new ConstantNode(Value.True, token.Start);
            case "false":
                Next();
                return new ConstantNode(Value.False, token.Start);
            case "null":
                Next();
                return new ConstantNode(Value.Null, token.Start);
            case "this":
                Next();
                return ParseThis(token);
            case "function":
                return ParseFunctionExpression();
            case "class":
                throw Unsupported("Classes aren't");
            case "super":
                throw Unsupported("'super' isn't");
            case "import":
                throw Unsupported("import isn't");
            default:
                throw Unexpected("a value belongs here");
        }
    }

    private IdentifierNode ParseThis(Token token)
    {
        var function = _scope.Function;
        while (function.IsArrow)
        {
            function = function.Parent!;
        }
        if (function.This is null)
        {
            function.Root!.Declare("this", BindingKind.Parameter);
            function.This = Name("this", token.Start, true, function.Root);
        }
        return Name("this", token.Start);
    }

    private TemplateNode ParseTemplate()
    {
        var start = _token.Start;
        var texts = new List<string>();
        var parts = new List<Expression>();
        while (true)
        {
            var part = Next();
            texts.Add(part.Text);
            if (part.IsTail)
            {
                return new TemplateNode([.. texts], [.. parts], start);
            }
            parts.Add(ParseExpression());
            if (_token.Kind != TokenKind.Template)
            {
                throw Unexpected("'}' is missing in the template");
            }
        }
    }

    private ArrayNode ParseArray()
    {
        var start = Expect("[").Start;
        var items = new List<Expression>();
        while (!Take("]"))
        {
            if (_token.Is(","))
            {
                items.Add(new ConstantNode(Value.Undefined, Next().Start) { IsHole = true });
                continue;
            }
            items.Add(ParseItem());
            if (!_token.Is("]"))
            {
                Expect(",");
            }
        }
        return new ArrayNode([.. items], start);
    }

    private ObjectNode ParseObject()
    {
        var start = Expect("{").Start;
        var members = new List<ObjectMember>();
        while (!Take("}"))
        {
            members.Add(ParseObjectMember());
            if (!_token.Is("}"))
            {
                Expect(",");
            }
        }
        return new ObjectNode([.. members], start);
    }

    private ObjectMember ParseObjectMember()
    {
        var token = _token;
        if (token.Is("..."))
        {
            return new ObjectMember(null, null, ParseItem());
        }
        if (token.Is("*"))
        {
            throw Unsupported("Generator methods aren't");
        }
        var after = PeekToken();
        if (token.IsName && token.Text is "get" or "set" or "async" && !(after.Is(",") || after.Is(":") || after.Is("(") || after.Is("}") || after.Is("=")))
        {
            throw Unsupported(token.Text == "async" ? "async methods aren't" : "Getters and setters aren't");
        }
        var (name, computed) = ParseKey();
        if (_token.Is("("))
        {
            return new ObjectMember(name, computed, ParseFunctionRest(name ?? string.Empty, token.Start, null));
        }
        if (Take(":"))
        {
            return new ObjectMember(name, computed, NameFunction(ParseAssignment(true), name));
        }
        if (token.Kind != TokenKind.Identifier)
        {
            throw Unexpected("a value belongs after the property name: name: value");
        }
        var value = token.Text == "undefined" ? (Expression)new ConstantNode(Value.Undefined, token.Start) : Name(token.Text, token.Start);
        if (_token.Is("="))
        {
            _covers.Add(_token.Start);
            Next();
            return new ObjectMember(name, null, value) { Default = NameFunction(ParseAssignment(true), name) };
        }
        return new ObjectMember(name, null, value);
    }

    private (string? Name, Expression? Computed) ParseKey()
    {
        var token = _token;
        switch (token.Kind)
        {
            case TokenKind.Identifier or TokenKind.Keyword or TokenKind.String:
                Next();
                return (token.Text, null);
            case TokenKind.Number:
                Next();
                return (NumberText.Format(token.Number), null);
            case TokenKind.Punctuator when token.Text == "[":
                Next();
                var key = ParseAssignment(true);
                Expect("]");
                return (null, key);
            default:
                throw Unexpected("a property name belongs here");
        }
    }

    /// <summary>Gives a nameless function the name of what it is assigned to.</summary>
    private static Expression NameFunction(Expression value, string? name)
    {
        if (name is not null && value is FunctionNode { Name.Length: 0 } function)
        {
            function.Name = name;
        }
        return value;
    }
}
