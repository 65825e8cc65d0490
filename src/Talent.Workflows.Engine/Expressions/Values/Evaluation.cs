using System.Runtime.CompilerServices;

namespace Talent.Workflows.Engine.Expressions.Values;

/// <summary>One evaluation: what is left of its budget, its globals and where it is.</summary>
internal sealed class Evaluation(string source, string[] globalNames, ScriptScope scope, ScriptBudget budget)
{
    /// <summary>Native stack an evaluation may use, in syntax levels of about 200 bytes: it has to fit a pool thread.</summary>
    private const int MaxStack = 2500;
    private const int CallStack = 4;

    private readonly Value[] _globals = NewGlobals(globalNames.Length);
    private List<HostProperty>? _changed;
    private long _steps = budget.MaxSteps;
    private long _bytes = budget.MaxAllocatedBytes;

    public ScriptScope Scope { get; } = scope;

    public ScriptBudget Budget { get; } = budget;

    /// <summary>Source position of the operation that runs, for messages.</summary>
    public int Position { get; set; }

    public int Depth { get; set; }

    public int Stack { get; set; }

    public long StepsLeft => _steps;

    public void Step()
    {
        if (--_steps < 0)
        {
            throw OutOfSteps();
        }
    }

    public void Step(long count)
    {
        _steps -= count;
        if (_steps < 0)
        {
            throw OutOfSteps();
        }
    }

    public void Allocate(long bytes)
    {
        _bytes -= bytes;
        if (_bytes < 0)
        {
            throw OutOfMemory();
        }
    }

    /// <summary>Charges the making of a text before it is made.</summary>
    public void AllocateText(long length)
    {
        Allocate(24 + (length * 2));
        Step(length / 16);
    }

    public void EnterCall(int levels)
    {
        Stack += levels + CallStack;
        if (++Depth > Budget.MaxDepth || Stack > MaxStack || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw OutOfDepth();
        }
    }

    public void LeaveCall(int levels)
    {
        Stack -= levels + CallStack;
        Depth--;
    }

    public Value Call(ScriptFunction function, Value self, ReadOnlySpan<Value> arguments)
    {
        Step();
        return function.Call(this, self, arguments);
    }

    public ScriptFunction Function(Value value, string what) => value.Object as ScriptFunction
        ?? throw TypeError($"{what} needs a function, it got {Coerce.Describe(value)}");

    public Value Global(int index)
    {
        var value = _globals[index];
        if (!value.IsUninitialized)
        {
            return value;
        }
        if (!TryFindGlobal(globalNames[index], out value))
        {
            throw Error("ReferenceError", $"{globalNames[index]} is not defined; check the spelling or declare it with let or const");
        }
        _globals[index] = value;
        return value;
    }

    public bool HasGlobal(int index) => !_globals[index].IsUninitialized || TryFindGlobal(globalNames[index], out _globals[index]);

    public void NoteChanged(HostProperty property) => (_changed ??= []).Add(property);

    /// <summary>Writes objects of the host that the script changed in place back to it.</summary>
    public void WriteBack()
    {
        if (_changed is not { Count: > 0 } changed)
        {
            return;
        }
        _changed = null;
        foreach (var property in changed)
        {
            property.WriteBack(this);
        }
    }

    public ThrowSignal TypeError(string message) => Error("TypeError", message);

    public ThrowSignal RangeError(string message) => Error("RangeError", message);

    public ThrowSignal Error(string name, string message)
    {
        Step(20);
        Allocate(64 + (message.Length * 2));
        return new ThrowSignal(Value.Of(new ScriptError(name, Value.Of(message))), Position);
    }

    public ScriptException OutOfSteps() => Exhausted($"The script used up its {Budget.MaxSteps} steps; let it loop less or work on less data");

    public ScriptException OutOfMemory() => Exhausted($"The script used up its {Budget.MaxAllocatedBytes} bytes of memory; build smaller texts and lists");

    public ScriptException OutOfDepth() => Exhausted("The script calls or nests too deeply; use a loop instead of recursion, or flatter data");

    public ScriptException Uncaught(ThrowSignal signal)
    {
        var thrown = signal.Value;
        string text;
        try
        {
            text = thrown.Object is ScriptError error ? error.Describe(this) : "Uncaught " + Coerce.Describe(thrown);
        }
        catch (ThrowSignal)
        {
            text = "Uncaught object";
        }
        return ScriptException.At(ScriptException.Error, text, source, signal.Position);
    }

    private ScriptException Exhausted(string message) => ScriptException.At(ScriptException.Budget, message, source, Position);

    private bool TryFindGlobal(string name, out Value value)
    {
        Step(4);
        switch (Scope.Find(name))
        {
            case null:
                return Builtins.Globals.TryFind(name, out value);
            case ScriptGlobal.Constant constant:
                value = JsonBorder.FromJson(this, constant.Value, null);
                return true;
            case ScriptGlobal.Lazy lazy:
                WriteBack();
                value = JsonBorder.FromJson(this, lazy.Read(), null);
                return true;
            case ScriptGlobal.Function function:
                value = Value.Of(new HostFunction(name, function.Call));
                return true;
            case ScriptGlobal.Object properties:
                value = Value.Of(new HostObject(name, properties));
                return true;
            default:
                throw new InvalidOperationException($"'{name}' is a global of an unknown kind");
        }
    }

    private static Value[] NewGlobals(int count)
    {
        if (count == 0)
        {
            return [];
        }
        var globals = new Value[count];
        Array.Fill(globals, Value.Uninitialized);
        return globals;
    }
}
