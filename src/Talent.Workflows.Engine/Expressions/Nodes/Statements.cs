using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Nodes;

internal sealed class EmptyStatement(int position) : Statement(position)
{
    public override Signal Execute(Frame f) => Signal.None;
}

internal sealed class ExpressionStatement(Expression expression, bool givesResult, int position) : Statement(position)
{
    public override Signal Execute(Frame f)
    {
        f.X.Step();
        var value = expression.Evaluate(f);
        if (givesResult)
        {
            f.Result = value;
        }
        return Signal.None;
    }
}

/// <summary>let, const and var, one entry a declarator.</summary>
internal sealed class DeclarationStatement((ITarget Target, Expression? Value)[] declarators, bool isVar, int position) : Statement(position)
{
    public override Signal Execute(Frame f)
    {
        foreach (var (target, value) in declarators)
        {
            f.X.Step();
            if (value is not null)
            {
                target.Assign(f, value.Evaluate(f));
            }
            else if (!isVar)
            {
                target.Assign(f, Value.Undefined);
            }
        }
        return Signal.None;
    }
}

internal sealed class Block(Statement[] statements, ScopeEntry entry, int position) : Statement(position)
{
    public override Signal Execute(Frame f)
    {
        entry.Enter(f);
        return ExecuteAll(f, statements);
    }

    public static Signal ExecuteAll(Frame f, Statement[] statements)
    {
        foreach (var statement in statements)
        {
            var signal = statement.Execute(f);
            if (signal != Signal.None)
            {
                return signal;
            }
        }
        return Signal.None;
    }
}

internal sealed class IfStatement(Expression test, Statement then, Statement? otherwise, int position) : Statement(position)
{
    public override Signal Execute(Frame f)
    {
        f.X.Step();
        return Coerce.ToBoolean(test.Evaluate(f)) ? then.Execute(f) : otherwise?.Execute(f) ?? Signal.None;
    }
}

internal sealed class ReturnStatement(Expression? value, int position) : Statement(position)
{
    public override Signal Execute(Frame f)
    {
        f.X.Step();
        f.Result = value is null ? default : value.Evaluate(f);
        return Signal.Return;
    }
}

internal sealed class JumpStatement(Signal signal, string? label, int position) : Statement(position)
{
    public override Signal Execute(Frame f)
    {
        f.X.Step();
        f.Label = label;
        return signal;
    }
}

/// <summary>A labelled statement that isn't a loop; loops know their labels themselves.</summary>
internal sealed class LabelledStatement(string label, Statement body, int position) : Statement(position)
{
    public override Signal Execute(Frame f)
    {
        var signal = body.Execute(f);
        if (signal == Signal.Break && f.Label == label)
        {
            f.Label = null;
            return Signal.None;
        }
        return signal;
    }
}

internal sealed class ThrowStatement(Expression value, int position) : Statement(position)
{
    public override Signal Execute(Frame f)
    {
        f.X.Step(20);
        throw new ThrowSignal(value.Evaluate(f), Position);
    }
}

/// <summary>try, catch and finally. Only what the script or its operations throw passes here; a used-up budget doesn't.</summary>
internal sealed class TryStatement(Statement body, ITarget? parameter, ScopeEntry? scope, Statement? handler, Statement? finalizer, int position) : Statement(position)
{
    public override Signal Execute(Frame f)
    {
        var x = f.X;
        x.Step();
        var (depth, stack) = (x.Depth, x.Stack);
        ThrowSignal? pending = null;
        var signal = Signal.None;
        try
        {
            signal = body.Execute(f);
        }
        catch (ThrowSignal thrown)
        {
            pending = thrown;
        }
        if (pending is not null)
        {
            Recover(f, depth, stack);
        }
        if (pending is not null && handler is not null)
        {
            var caught = pending.Value;
            pending = null;
            try
            {
                scope!.Enter(f);
                parameter?.Assign(f, caught);
                signal = handler.Execute(f);
            }
            catch (ThrowSignal thrown) when (finalizer is not null)
            {
                pending = thrown;
                Recover(f, depth, stack);
            }
        }
        if (finalizer is not null)
        {
            var (result, label) = (f.Result, f.Label);
            var ending = finalizer.Execute(f);
            if (ending != Signal.None)
            {
                return ending;
            }
            (f.Result, f.Label) = (result, label);
        }
        return pending is null ? signal : throw new ThrowSignal(pending.Value, pending.Position);
    }

    private static void Recover(Frame f, int depth, int stack)
    {
        // Raising and catching costs far more than a step.
        f.X.Step(50);
        f.X.Depth = depth;
        f.X.Stack = stack;
        f.ChainEnded = false;
    }
}

internal sealed class SwitchStatement(Expression subject, (Expression? Test, Statement[] Body)[] cases, ScopeEntry scope, int position) : Statement(position)
{
    public override Signal Execute(Frame f)
    {
        f.X.Step();
        var value = subject.Evaluate(f);
        scope.Enter(f);
        var start = Array.FindIndex(cases, c => c.Test is not null && Matches(f, value, c.Test));
        if (start < 0)
        {
            start = Array.FindIndex(cases, static c => c.Test is null);
        }
        for (var i = start; i >= 0 && i < cases.Length; i++)
        {
            var signal = Block.ExecuteAll(f, cases[i].Body);
            if (signal == Signal.Break && f.Label is null)
            {
                return Signal.None;
            }
            if (signal != Signal.None)
            {
                return signal;
            }
        }
        return Signal.None;
    }

    private static bool Matches(Frame f, Value value, Expression test)
    {
        f.X.Step();
        return Comparison.StrictEquals(f.X, value, test.Evaluate(f));
    }
}
