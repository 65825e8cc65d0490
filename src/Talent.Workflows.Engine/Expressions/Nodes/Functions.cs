using Talent.Workflows.Engine.Expressions.Syntax;
using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Nodes;

/// <summary>A function's code. Evaluating it makes a closure; the script itself is one that is called once.</summary>
internal sealed class FunctionNode(string name, FunctionScope scope, int position) : Expression(position)
{
    private static readonly Cell[] NoCells = [];

    private int[] _captureSources = [];
    private int _slotCount;
    private ScopeEntry _entry = new();
    private IdentifierNode? _this;

    public string Name { get; set; } = name;

    public required PatternElement[] Parameters { get; init; }

    public required ITarget? Rest { get; init; }

    public required Statement[] Body { get; init; }

    /// <summary>Body of an arrow function that is one expression.</summary>
    public required Expression? Result { get; init; }

    /// <summary>The function's own name inside a named function expression.</summary>
    public required IdentifierNode? Self { get; init; }

    public ScopeEntry? SelfEntry { get; init; }

    /// <summary>The body's own names, apart from parameters that have defaults.</summary>
    public ScopeEntry? BodyEntry { get; init; }

    /// <summary>Syntax levels inside, a measure of the native stack that a call needs.</summary>
    public required int Height { get; init; }

    public int Arity { get; private set; }

    /// <summary>Takes over what the resolver found out.</summary>
    public void Complete()
    {
        _captureSources = [.. scope.CaptureSources];
        _slotCount = scope.SlotCount;
        _entry = scope.Root!.Entry;
        _this = scope.This;
        var optional = Array.FindIndex(Parameters, static p => p.Default is not null);
        Arity = optional < 0 ? Parameters.Length : optional;
    }

    public override Value Evaluate(Frame f)
    {
        f.X.Step();
        f.X.Allocate(72 + (_captureSources.Length * 8));
        var cells = _captureSources.Length == 0 ? NoCells : new Cell[_captureSources.Length];
        for (var i = 0; i < cells.Length; i++)
        {
            var source = _captureSources[i];
            cells[i] = source >= 0 ? f.Slots[source].Cell : f.Captures[~source];
        }
        return Value.Of(new Closure(this, cells));
    }

    public Value Run(Evaluation x, Closure? closure, Cell[] captures, Value self, ReadOnlySpan<Value> arguments)
    {
        x.EnterCall(Height);
        x.Step(_slotCount / 8);
        var f = new Frame(x, _slotCount == 0 ? [] : new Value[_slotCount], captures);
        if (Self is not null)
        {
            SelfEntry!.Enter(f);
            Self.Assign(f, Value.Of(closure!));
        }
        _entry.Enter(f);
        _this?.Assign(f, self);
        for (var i = 0; i < Parameters.Length; i++)
        {
            Parameters[i].Assign(f, arguments.At(i));
        }
        Rest?.Assign(f, Value.Of(new ScriptArray(x, arguments.Length > Parameters.Length ? arguments[Parameters.Length..] : [])));
        BodyEntry?.Enter(f);
        Value result;
        if (Result is not null)
        {
            result = Result.Evaluate(f);
        }
        else
        {
            var signal = Block.ExecuteAll(f, Body);
            result = signal == Signal.Return || closure is null ? f.Result : default;
        }
        x.LeaveCall(Height);
        return result;
    }
}

internal sealed class Closure(FunctionNode code, Cell[] captures) : ScriptFunction
{
    public override string Name => code.Name;

    public override int Arity => code.Arity;

    public override Value Call(Evaluation x, Value self, ReadOnlySpan<Value> arguments) => code.Run(x, this, captures, self, arguments);
}
