using System.Text.Json;

namespace Talent.Workflows.Engine.Expressions;

/// <summary>The world a script sees: its globals, its clock and its randomness. Not for use by two evaluations at once unless its callbacks are.</summary>
public sealed class ScriptScope
{
    private readonly Dictionary<string, ScriptGlobal> _globals = new(StringComparer.Ordinal);

    /// <summary>The business time that <c>Date.now()</c>, <c>new Date()</c> and <c>Date()</c> read.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Deterministic random bits for <c>Math.random()</c>. Without it that call is an error.</summary>
    public Func<ulong>? Random { get; init; }

    /// <summary>Asked for names that weren't added, at most once a name and evaluation; null means not defined.</summary>
    public Func<string, ScriptGlobal?>? Resolver { get; init; }

    /// <summary>Steps that evaluations with this scope have used up so far.</summary>
    public long StepsUsed { get; internal set; }

    public ScriptScope Add(string name, ScriptGlobal global)
    {
        _globals[name] = global;
        return this;
    }

    public ScriptScope AddConstant(string name, JsonElement value) => Add(name, new ScriptGlobal.Constant(value));

    public ScriptScope AddLazy(string name, Func<JsonElement> read) => Add(name, new ScriptGlobal.Lazy(read));

    public ScriptScope AddFunction(string name, Func<ScriptArguments, JsonElement> call) => Add(name, new ScriptGlobal.Function(call));

    public ScriptScope AddObject(
        string name,
        Func<string, JsonElement> read,
        Action<string, JsonElement>? write,
        Func<IEnumerable<string>> names) => Add(name, new ScriptGlobal.Object(read, write, names));

    internal ScriptGlobal? Find(string name) => _globals.TryGetValue(name, out var global) ? global : Resolver?.Invoke(name);
}
