using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Nodes;

internal abstract class LoopStatement(string[] labels, int position) : Statement(position)
{
    /// <summary>Whether the loop ends with <paramref name="signal"/> of its body; a continue meant for it doesn't end it.</summary>
    protected bool Ends(Frame f, ref Signal signal)
    {
        switch (signal)
        {
            case Signal.None:
                return false;
            case Signal.Return:
                return true;
        }
        if (f.Label is not null && !labels.Contains(f.Label))
        {
            return true;
        }
        f.Label = null;
        var ends = signal == Signal.Break;
        signal = Signal.None;
        return ends;
    }
}

internal sealed class WhileStatement(Expression test, Statement body, bool testFirst, string[] labels, int position) : LoopStatement(labels, position)
{
    public override Signal Execute(Frame f)
    {
        var check = testFirst;
        while (true)
        {
            f.X.Step();
            f.X.Position = Position;
            if (check && !Coerce.ToBoolean(test.Evaluate(f)))
            {
                return Signal.None;
            }
            check = true;
            var signal = body.Execute(f);
            if (Ends(f, ref signal))
            {
                return signal;
            }
        }
    }
}

internal sealed class ForStatement(Statement? start, Expression? test, Expression? next, Statement body, ScopeEntry scope, string[] labels, int position)
    : LoopStatement(labels, position)
{
    public override Signal Execute(Frame f)
    {
        scope.Enter(f);
        start?.Execute(f);
        while (true)
        {
            f.X.Step();
            f.X.Position = Position;
            if (test is not null && !Coerce.ToBoolean(test.Evaluate(f)))
            {
                return Signal.None;
            }
            var signal = body.Execute(f);
            if (Ends(f, ref signal))
            {
                return signal;
            }
            scope.Renew(f);
            next?.Evaluate(f);
        }
    }
}

/// <summary>for-of over values and for-in over keys.</summary>
internal sealed class ForEachStatement(ITarget target, Expression source, bool keys, Statement body, ScopeEntry scope, string[] labels, int position)
    : LoopStatement(labels, position)
{
    public override Signal Execute(Frame f)
    {
        var x = f.X;
        scope.Enter(f);
        var over = source.Evaluate(f);
        x.Position = Position;
        foreach (var item in keys ? KeysOf(x, over) : Iteration.Of(x, over))
        {
            x.Step();
            scope.Enter(f);
            target.Assign(f, item);
            var signal = body.Execute(f);
            if (Ends(f, ref signal))
            {
                return signal;
            }
        }
        return Signal.None;
    }

    private static IEnumerable<Value> KeysOf(Evaluation x, Value over)
    {
        if (over.IsString)
        {
            return Enumerable.Range(0, over.TextLength).Select(static i => Value.Of(NumberText.Format(i)));
        }
        // A key removed during the loop isn't visited any more.
        return over.Object is { } obj ? obj.Keys(x).Where(k => obj.TryGetOwn(x, k, out _)).Select(static k => Value.Of(k)) : [];
    }
}
