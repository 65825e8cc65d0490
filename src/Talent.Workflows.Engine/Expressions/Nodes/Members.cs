using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Nodes;

/// <summary>target.name, target[key] and their optional forms.</summary>
internal sealed class MemberNode(Expression target, string? name, Expression? key, bool optional, int position) : Expression(position), ITarget
{
    private readonly Value _name = name is null ? default : Value.Of(name);

    public Expression Target => target;

    public override string Describe() => name is null ? $"{target.Describe()}[…]" : $"{target.Describe()}.{name}";

    public override Value Evaluate(Frame f)
    {
        var from = target.Evaluate(f);
        return f.ChainEnded ? default : Read(f, from);
    }

    /// <summary>The member of an already evaluated target; ends the optional chain when there is nothing to read from.</summary>
    public Value Read(Frame f, Value from)
    {
        var x = f.X;
        x.Step();
        if (from.IsNullish)
        {
            if (optional)
            {
                f.ChainEnded = true;
                return default;
            }
            x.Position = Position;
            var of = name ?? Coerce.Describe(key!.Evaluate(f));
            throw x.TypeError($"Cannot read '{of}' because {target.Describe()} is {Coerce.Describe(from)}; use ?. or check it first");
        }
        if (name is not null)
        {
            x.Position = Position;
            return Members.Get(x, from, name);
        }
        var at = key!.Evaluate(f);
        x.Position = Position;
        return Members.Get(x, from, at);
    }

    public (Value Target, Value Key) Reference(Frame f)
    {
        var from = target.Evaluate(f);
        if (name is not null)
        {
            return (from, _name);
        }
        var at = key!.Evaluate(f);
        return (from, at.IsNumber ? at : Value.Of(Coerce.ToKey(f.X, at)));
    }

    public void Assign(Frame f, Value value)
    {
        var (from, at) = Reference(f);
        Write(f, from, at, value);
    }

    public void Write(Frame f, Value from, Value at, Value value)
    {
        f.X.Step();
        f.X.Position = Position;
        Members.Set(f.X, from, at, value);
    }

    public bool Delete(Frame f)
    {
        var from = target.Evaluate(f);
        if (f.ChainEnded || (optional && from.IsNullish))
        {
            return true;
        }
        f.X.Step();
        var at = name ?? Coerce.ToKey(f.X, key!.Evaluate(f));
        f.X.Position = Position;
        return from.Object?.Delete(f.X, at)
            ?? (from.IsNullish ? throw f.X.TypeError($"Cannot delete '{at}' of {Coerce.Describe(from)}") : true);
    }
}

/// <summary>A whole optional chain: what comes after a ?. that met nothing isn't evaluated.</summary>
internal sealed class ChainNode(Expression inner, int position) : Expression(position)
{
    public Expression Inner => inner;

    public override string Describe() => inner.Describe();

    public override Value Evaluate(Frame f)
    {
        var value = inner.Evaluate(f);
        f.ChainEnded = false;
        return value;
    }
}

internal sealed class CallNode(Expression callee, Expression[] arguments, bool optional, int position) : Expression(position)
{
    private readonly bool _spreads = Array.Exists(arguments, static a => a is SpreadNode);

    public override string Describe() => $"{callee.Describe()}(…)";

    public override Value Evaluate(Frame f)
    {
        var x = f.X;
        x.Step();
        Value self = default;
        Value called;
        if (callee is MemberNode member)
        {
            self = member.Target.Evaluate(f);
            if (f.ChainEnded)
            {
                return default;
            }
            called = member.Read(f, self);
        }
        else if (callee is ChainNode { Inner: MemberNode inner })
        {
            // (a?.b)() keeps a as its this.
            self = inner.Target.Evaluate(f);
            called = f.ChainEnded ? default : inner.Read(f, self);
            f.ChainEnded = false;
        }
        else
        {
            called = callee.Evaluate(f);
        }
        if (f.ChainEnded)
        {
            return default;
        }
        if (optional && called.IsNullish)
        {
            f.ChainEnded = true;
            return default;
        }
        if (called.Object is not ScriptFunction function)
        {
            x.Position = Position;
            throw x.TypeError($"{callee.Describe()} is not a function but {Coerce.Describe(called)}; check the name");
        }
        var values = Arguments(f, arguments, _spreads);
        x.Position = Position;
        return function.Call(x, self, values);
    }

    public static ReadOnlySpan<Value> Arguments(Frame f, Expression[] arguments, bool spreads)
    {
        if (spreads)
        {
            var list = new ScriptArray(f.X, arguments.Length);
            SpreadNode.EvaluateAll(f, arguments, list);
            return list.Items(f.X);
        }
        if (arguments.Length == 0)
        {
            return [];
        }
        var values = new Value[arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = arguments[i].Evaluate(f);
        }
        return values;
    }
}

internal sealed class NewNode(Expression callee, Expression[] arguments, int position) : Expression(position)
{
    private readonly bool _spreads = Array.Exists(arguments, static a => a is SpreadNode);

    public override Value Evaluate(Frame f)
    {
        var x = f.X;
        x.Step();
        var called = callee.Evaluate(f);
        var values = CallNode.Arguments(f, arguments, _spreads);
        x.Position = Position;
        return called.Object is ScriptFunction function
            ? function.Construct(x, values)
            : throw x.TypeError($"{callee.Describe()} is not a constructor but {Coerce.Describe(called)}");
    }
}
