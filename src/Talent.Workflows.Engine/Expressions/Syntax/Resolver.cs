using Talent.Workflows.Engine.Expressions.Nodes;

namespace Talent.Workflows.Engine.Expressions.Syntax;

/// <summary>Gives every name of a parsed script its place: a slot, a cell, a capture or a global.</summary>
internal sealed class Resolver
{
    private readonly List<(IdentifierNode Node, BlockScope Scope)> _names = [];
    private readonly List<BlockScope> _scopes = [];
    private readonly Dictionary<string, int> _globals = new(StringComparer.Ordinal);

    public string[] Globals { get; private set; } = [];

    public void Note(IdentifierNode node, BlockScope scope) => _names.Add((node, scope));

    public void Note(BlockScope scope) => _scopes.Add(scope);

    public void Resolve()
    {
        // Who is captured has to be known before the first place is given out.
        var found = new Binding?[_names.Count];
        for (var i = 0; i < found.Length; i++)
        {
            found[i] = Find(_names[i].Node.Name, _names[i].Scope);
            if (found[i] is { } binding && binding.Function != _names[i].Scope.Function)
            {
                binding.Captured = true;
                _names[i].Scope.Function.Capture(binding);
            }
        }
        for (var i = 0; i < found.Length; i++)
        {
            var (node, scope) = _names[i];
            if (found[i] is not { } binding)
            {
                node.Place(Storage.Global, GlobalIndex(node.Name), false);
            }
            else if (binding.Function != scope.Function)
            {
                node.Place(Storage.Capture, scope.Function.Capture(binding), binding.Kind == BindingKind.Const);
            }
            else
            {
                node.Place(binding.Captured ? Storage.Cell : Storage.Slot, binding.Slot, binding.Kind == BindingKind.Const);
            }
        }
        foreach (var scope in _scopes)
        {
            scope.Entry.Fill(scope);
        }
        Globals = [.. _globals.OrderBy(static g => g.Value).Select(static g => g.Key)];
    }

    private static Binding? Find(string name, BlockScope scope)
    {
        for (var at = scope; at is not null; at = at.Parent)
        {
            if (at.Find(name) is { } binding)
            {
                return binding;
            }
        }
        return null;
    }

    private int GlobalIndex(string name)
    {
        if (!_globals.TryGetValue(name, out var index))
        {
            index = _globals.Count;
            _globals.Add(name, index);
        }
        return index;
    }
}
