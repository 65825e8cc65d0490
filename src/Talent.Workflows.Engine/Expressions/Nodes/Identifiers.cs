using Talent.Workflows.Engine.Expressions.Syntax;
using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Nodes;

internal enum Storage : byte
{
    Slot,
    Cell,
    Capture,
    Global,
}

/// <summary>A name. Its place is given once by the resolver, when the whole script is parsed.</summary>
internal sealed class IdentifierNode(string name, int position, bool isDeclaration = false) : Expression(position), ITarget
{
    private Storage _storage;
    private int _index;
    private bool _isConst;

    public string Name { get; } = name;

    public void Place(Storage storage, int index, bool isConst)
    {
        _storage = storage;
        _index = index;
        _isConst = isConst;
    }

    public override string Describe() => Name;

    public override Value Evaluate(Frame f)
    {
        Value value;
        switch (_storage)
        {
            case Storage.Slot:
                value = f.Slots[_index];
                break;
            case Storage.Cell:
                value = f.Slots[_index].Cell.Value;
                break;
            case Storage.Capture:
                value = f.Captures[_index].Value;
                break;
            default:
                f.X.Position = Position;
                return f.X.Global(_index);
        }
        return value.IsUninitialized ? throw Uninitialized(f) : value;
    }

    public string TypeOf(Frame f) => _storage == Storage.Global && !f.X.HasGlobal(_index) ? "undefined" : Coerce.TypeOf(Evaluate(f));

    public void Assign(Frame f, Value value)
    {
        if (!isDeclaration)
        {
            Check(f);
        }
        switch (_storage)
        {
            case Storage.Slot:
                f.Slots[_index] = value;
                break;
            case Storage.Cell:
                f.Slots[_index].Cell.Value = value;
                break;
            default:
                f.Captures[_index].Value = value;
                break;
        }
    }

    private void Check(Frame f)
    {
        f.X.Position = Position;
        if (_storage == Storage.Global)
        {
            throw f.X.HasGlobal(_index)
                ? f.X.TypeError($"{Name} is given by the host and can't be assigned")
                : f.X.Error("ReferenceError", $"{Name} is not defined; declare it with let");
        }
        var old = _storage switch
        {
            Storage.Slot => f.Slots[_index],
            Storage.Cell => f.Slots[_index].Cell.Value,
            _ => f.Captures[_index].Value,
        };
        if (old.IsUninitialized)
        {
            throw Uninitialized(f);
        }
        if (_isConst)
        {
            throw f.X.TypeError($"Assignment to constant variable {Name}; declare it with let");
        }
    }

    private ThrowSignal Uninitialized(Frame f)
    {
        f.X.Position = Position;
        return f.X.Error("ReferenceError", $"{Name} is used before its declaration");
    }
}

/// <summary>What has to happen to the slots of a block when it is entered.</summary>
internal sealed class ScopeEntry
{
    private int[] _cells = [];
    private int[] _lexicalCells = [];
    private int[] _lexicals = [];
    private (IdentifierNode Name, FunctionNode Function)[] _functions = [];
    private bool _isEmpty = true;

    public void Fill(BlockScope scope)
    {
        var bindings = scope.Bindings;
        _cells = [.. bindings.Where(static b => b.Captured && !b.IsLexical).Select(static b => b.Slot)];
        _lexicalCells = [.. bindings.Where(static b => b.Captured && b.IsLexical).Select(static b => b.Slot)];
        _lexicals = [.. bindings.Where(static b => !b.Captured && b.IsLexical).Select(static b => b.Slot)];
        _functions = [.. scope.Functions];
        _isEmpty = _cells.Length + _lexicalCells.Length + _lexicals.Length + _functions.Length == 0;
    }

    public void Enter(Frame f)
    {
        if (_isEmpty)
        {
            return;
        }
        f.X.Allocate((_cells.Length + _lexicalCells.Length) * 32);
        foreach (var slot in _cells)
        {
            f.Slots[slot] = Value.Of(new Cell(Value.Undefined));
        }
        foreach (var slot in _lexicalCells)
        {
            f.Slots[slot] = Value.Of(new Cell(Value.Uninitialized));
        }
        foreach (var slot in _lexicals)
        {
            f.Slots[slot] = Value.Uninitialized;
        }
        foreach (var (name, function) in _functions)
        {
            name.Assign(f, function.Evaluate(f));
        }
    }

    /// <summary>Gives the next round of a for loop its own copies of the variables that closures keep.</summary>
    public void Renew(Frame f)
    {
        f.X.Allocate(_lexicalCells.Length * 32);
        foreach (var slot in _lexicalCells)
        {
            f.Slots[slot] = Value.Of(new Cell(f.Slots[slot].Cell.Value));
        }
    }
}
