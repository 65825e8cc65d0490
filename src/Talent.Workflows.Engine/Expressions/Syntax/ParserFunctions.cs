using Talent.Workflows.Engine.Expressions.Nodes;

namespace Talent.Workflows.Engine.Expressions.Syntax;

internal sealed partial class Parser
{
    private void ParseFunctionDeclaration()
    {
        Next();
        RefuseGenerator();
        var token = ExpectName();
        var name = Declare(token, BindingKind.Function);
        _scope.Functions.Add((name, ParseFunctionRest(token.Text, token.Start, null)));
    }

    private FunctionNode ParseFunctionExpression()
    {
        var start = Next().Start;
        RefuseGenerator();
        var self = _token.Kind == TokenKind.Identifier ? Next() : null;
        return ParseFunctionRest(self?.Text ?? string.Empty, start, self);
    }

    private void RefuseGenerator()
    {
        if (_token.Is("*"))
        {
            throw Unsupported("Generator functions (function*) aren't");
        }
    }

    /// <summary>Parameters and body of a function or method.</summary>
    private FunctionNode ParseFunctionRest(string name, int start, Token? self)
    {
        var function = new FunctionScope(_scope.Function, false);
        return ParseFunctionInside(function, name, start, self, () => ParseParameters(), false);
    }

    private FunctionNode ParseArrow()
    {
        var start = _token.Start;
        var function = new FunctionScope(_scope.Function, true);
        return ParseFunctionInside(function, string.Empty, start, null, () =>
        {
            var parameters = _token.Is("(") ? ParseParameters() : ([new PatternElement(Declare(ExpectName(), BindingKind.Parameter), null)], null);
            if (_token.NewLineBefore)
            {
                throw Unexpected("'=>' has to stand on the line of its parameters");
            }
            Expect("=>");
            return parameters;
        }, true);
    }

    private FunctionNode ParseFunctionInside(
        FunctionScope function, string name, int start, Token? self, Func<(PatternElement[] Parameters, ITarget? RestTarget)> parameters, bool isArrow)
    {
        var outerHeight = Enter();
        var outer = _scope;
        ScopeEntry? selfEntry = null;
        IdentifierNode? selfName = null;
        if (self is not null)
        {
            // Outside of the function's own names, which may hide it.
            OpenBlock(function);
            selfEntry = _scope.Entry;
            selfName = Declare(self, BindingKind.Parameter);
        }
        OpenFunction(function);
        var (loops, switches) = (_loops, _switches);
        (_loops, _switches) = (0, 0);
        var labels = _labels.ToArray();
        _labels.Clear();
        var (list, rest) = parameters();
        ScopeEntry? bodyEntry = null;
        if (Array.Exists(list, static p => p.Default is not null || p.Target is not IdentifierNode))
        {
            // Defaults don't see what the body declares.
            OpenBlock();
            bodyEntry = _scope.Entry;
        }
        Expression? result = null;
        Statement[] body = [];
        if (isArrow && !_token.Is("{"))
        {
            result = ParseAssignment(_allowIn);
        }
        else
        {
            var allowIn = _allowIn;
            _allowIn = true;
            Expect("{");
            body = ParseList();
            _allowIn = allowIn;
        }
        _scope = outer;
        (_loops, _switches) = (loops, switches);
        _labels.AddRange(labels);
        var height = _height;
        // The body runs on its own count, not inside the expression that makes the function.
        _height = 0;
        Leave(outerHeight);
        return Add(new FunctionNode(name, function, start)
        {
            Parameters = list,
            Rest = rest,
            Body = body,
            Result = result,
            Self = selfName,
            SelfEntry = selfEntry,
            BodyEntry = bodyEntry,
            Height = height + 1,
        });
    }

    private (PatternElement[] Parameters, ITarget? RestTarget) ParseParameters()
    {
        Expect("(");
        var parameters = new List<PatternElement>();
        ITarget? rest = null;
        while (!Take(")"))
        {
            if (Take("..."))
            {
                rest = ParseBindingTarget(BindingKind.Parameter);
                Expect(")");
                break;
            }
            parameters.Add(ParseBindingElement(BindingKind.Parameter));
            if (!_token.Is(")"))
            {
                Expect(",");
            }
        }
        return ([.. parameters], rest);
    }

    private PatternElement ParseBindingElement(BindingKind kind)
    {
        var target = ParseBindingTarget(kind);
        return new PatternElement(target, Take("=") ? NameFunction(ParseAssignment(true), (target as IdentifierNode)?.Name) : null);
    }

    /// <summary>A name, or a pattern of names, that a declaration introduces.</summary>
    private ITarget ParseBindingTarget(BindingKind kind)
    {
        var start = _token.Start;
        if (!_token.Is("[") && !_token.Is("{"))
        {
            return Declare(ExpectName(), kind);
        }
        var outer = Enter();
        ITarget pattern = Next().Text == "[" ? ParseArrayBinding(kind, start) : ParseObjectBinding(kind, start);
        Leave(outer);
        return pattern;
    }

    private ArrayPattern ParseArrayBinding(BindingKind kind, int start)
    {
        var elements = new List<PatternElement?>();
        ITarget? rest = null;
        while (!Take("]"))
        {
            if (Take(","))
            {
                elements.Add(null);
                continue;
            }
            if (Take("..."))
            {
                rest = ParseBindingTarget(kind);
                Expect("]");
                break;
            }
            elements.Add(ParseBindingElement(kind));
            if (!_token.Is("]"))
            {
                Expect(",");
            }
        }
        return new ArrayPattern([.. elements], rest, start);
    }

    private ObjectPattern ParseObjectBinding(BindingKind kind, int start)
    {
        var members = new List<PatternMember>();
        ITarget? rest = null;
        while (!Take("}"))
        {
            if (Take("..."))
            {
                rest = ParseBindingTarget(kind);
                Expect("}");
                break;
            }
            var key = _token;
            var (name, computed) = ParseKey();
            if (Take(":"))
            {
                members.Add(new PatternMember(name, computed, ParseBindingElement(kind)));
            }
            else if (key.Kind == TokenKind.Identifier)
            {
                var target = Declare(key, kind);
                members.Add(new PatternMember(name, null, new PatternElement(target, Take("=") ? ParseAssignment(true) : null)));
            }
            else
            {
                throw Unexpected("a property in a pattern is name, name: target or ...rest");
            }
            if (!_token.Is("}"))
            {
                Expect(",");
            }
        }
        return new ObjectPattern([.. members], rest, start);
    }

    /// <summary>Turns an expression that turned out to stand left of '=' into a target.</summary>
    private ITarget ToTarget(Expression expression, int start)
    {
        switch (expression)
        {
            case IdentifierNode { Name: not "this" } name:
                return name;
            case MemberNode member:
                return member;
            case ArrayNode array:
                _covers.RemoveAll(c => c >= start && c < _token.Start);
                return ToArrayPattern(array);
            case ObjectNode obj:
                _covers.RemoveAll(c => c >= start && c < _token.Start);
                return ToObjectPattern(obj);
            default:
                throw Fail("This can't be assigned to; a name, a property or a pattern can", start);
        }
    }

    private PatternElement ToElement(Expression expression) => expression is AssignNode cover
        ? new PatternElement(cover.Target, cover.Value)
        : new PatternElement(ToTarget(expression, expression.Position), null);

    private ArrayPattern ToArrayPattern(ArrayNode array)
    {
        var elements = new List<PatternElement?>();
        ITarget? rest = null;
        foreach (var item in array.Items)
        {
            if (rest is not null)
            {
                throw Fail("A rest element has to be the last", item.Position);
            }
            switch (item)
            {
                case SpreadNode spread:
                    rest = ToTarget(spread.Inner, spread.Position);
                    break;
                case ConstantNode { Value.IsUndefined: true, IsHole: true }:
                    elements.Add(null);
                    break;
                default:
                    elements.Add(ToElement(item));
                    break;
            }
        }
        return new ArrayPattern([.. elements], rest, array.Position);
    }

    private ObjectPattern ToObjectPattern(ObjectNode obj)
    {
        var members = new List<PatternMember>();
        ITarget? rest = null;
        foreach (var member in obj.Members)
        {
            if (rest is not null)
            {
                throw Fail("A rest element has to be the last", member.Value.Position);
            }
            if (member.Value is SpreadNode spread)
            {
                rest = ToTarget(spread.Inner, spread.Position);
                continue;
            }
            var element = ToElement(member.Value);
            members.Add(new PatternMember(member.Name, member.Computed, member.Default is null ? element : element with { Default = member.Default }));
        }
        return new ObjectPattern([.. members], rest, obj.Position);
    }
}
