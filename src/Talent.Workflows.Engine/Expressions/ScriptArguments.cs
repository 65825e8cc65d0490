using System.Collections;
using System.Text.Json;

namespace Talent.Workflows.Engine.Expressions;

/// <summary>Arguments of a host function. An argument that wasn't given, or is undefined, has <see cref="JsonValueKind.Undefined"/>.</summary>
public sealed class ScriptArguments : IReadOnlyList<JsonElement>
{
    private readonly JsonElement[] _items;

    internal ScriptArguments(JsonElement[] items) => _items = items;

    public int Count => _items.Length;

    /// <summary>The argument at <paramref name="index"/>; undefined beyond the last one, never an exception.</summary>
    public JsonElement this[int index] => (uint)index < (uint)_items.Length ? _items[index] : default;

    public IEnumerator<JsonElement> GetEnumerator() => ((IEnumerable<JsonElement>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
