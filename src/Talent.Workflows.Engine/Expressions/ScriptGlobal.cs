using System.Text.Json;

namespace Talent.Workflows.Engine.Expressions;

/// <summary>What a global name stands for. Immutable; may be shared by scopes.</summary>
public abstract record ScriptGlobal
{
    private ScriptGlobal()
    {
    }

    /// <summary>A constant. The script sees a private copy: changing it doesn't change the host's value.</summary>
    public sealed record Constant(JsonElement Value) : ScriptGlobal;

    /// <summary>A constant supplied when the script first reads the name; asked at most once an evaluation.</summary>
    public sealed record Lazy(Func<JsonElement> Read) : ScriptGlobal;

    /// <summary>A host function. Its exceptions end the evaluation unchanged; a script can't catch them.</summary>
    public sealed record Function(Func<ScriptArguments, JsonElement> Call) : ScriptGlobal;

    /// <summary>
    /// An object whose properties live in the host. <paramref name="Read"/> answers an undefined element for an unknown name.
    /// Without <paramref name="Write"/> it is read-only. A property holding an object or array may be changed in place
    /// (<c>variables.List.push(1)</c>): the changed value is written back before the next host call and at the end.
    /// </summary>
    public sealed record Object(
        Func<string, JsonElement> Read,
        Action<string, JsonElement>? Write,
        Func<IEnumerable<string>> Names) : ScriptGlobal;
}
