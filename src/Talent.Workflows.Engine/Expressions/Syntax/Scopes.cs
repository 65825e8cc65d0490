using Talent.Workflows.Engine.Expressions.Nodes;

namespace Talent.Workflows.Engine.Expressions.Syntax;

internal enum BindingKind
{
    Parameter,
    Var,
    Let,
    Const,
    Function,
}

/// <summary>A declared name, with the slot it has in its function.</summary>
internal sealed class Binding(string name, BindingKind kind, FunctionScope function, int slot)
{
    public string Name { get; } = name;

    public BindingKind Kind { get; set; } = kind;

    public FunctionScope Function { get; } = function;

    public int Slot { get; } = slot;

    /// <summary>Used by an inner function: the slot holds a cell.</summary>
    public bool Captured { get; set; }

    public bool IsLexical => Kind is BindingKind.Let or BindingKind.Const;
}

/// <summary>A block's names while parsing.</summary>
internal sealed class BlockScope(BlockScope? parent, FunctionScope function)
{
    private readonly Dictionary<string, Binding> _bindings = new(StringComparer.Ordinal);

    public BlockScope? Parent { get; } = parent;

    public FunctionScope Function { get; } = function;

    /// <summary>Function declarations, made when the block is entered.</summary>
    public List<(IdentifierNode Name, FunctionNode Function)> Functions { get; } = [];

    /// <summary>What a node does when it enters the block; filled in when all names are resolved.</summary>
    public ScopeEntry Entry { get; } = new();

    public Dictionary<string, Binding>.ValueCollection Bindings => _bindings.Values;

    public Binding? Find(string name) => _bindings.GetValueOrDefault(name);

    /// <summary>Null when the name is taken in a way that can't be shared.</summary>
    public Binding? Declare(string name, BindingKind kind)
    {
        if (_bindings.TryGetValue(name, out var known))
        {
            var shared = kind is BindingKind.Var or BindingKind.Function && known.Kind is BindingKind.Var or BindingKind.Parameter or BindingKind.Function;
            return shared ? known : null;
        }
        var binding = new Binding(name, kind, Function, Function.SlotCount++);
        _bindings.Add(name, binding);
        return binding;
    }
}

/// <summary>A function's slots, and the cells it takes from the functions around it.</summary>
internal sealed class FunctionScope(FunctionScope? parent, bool isArrow)
{
    private readonly Dictionary<Binding, int> _captures = [];

    public FunctionScope? Parent { get; } = parent;

    public bool IsArrow { get; } = isArrow;

    /// <summary>The name 'this' of a function that uses it, itself or through its arrows.</summary>
    public IdentifierNode? This { get; set; }

    public BlockScope? Root { get; set; }

    public int SlotCount { get; set; }

    /// <summary>For each capture: the slot of the parent, or the parent's own capture as ~index.</summary>
    public List<int> CaptureSources { get; } = [];

    public int Capture(Binding binding)
    {
        if (_captures.TryGetValue(binding, out var index))
        {
            return index;
        }
        var source = binding.Function == Parent ? binding.Slot : ~Parent!.Capture(binding);
        index = CaptureSources.Count;
        CaptureSources.Add(source);
        _captures.Add(binding, index);
        return index;
    }
}
