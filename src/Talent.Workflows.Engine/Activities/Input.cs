using System.Text.Json;

namespace Talent.Workflows.Engine.Activities;

/// <summary>An input of an activity, whatever its type; what the designer draws an editor from.</summary>
public interface IInput
{
    /// <summary>JSON property name, camelCase.</summary>
    string Name { get; }

    /// <summary>An earlier name, under which definitions may still give it: read, never offered. Null: none.</summary>
    string? Alias { get; }

    /// <summary>Elsa type alias: <c>String</c>, <c>Boolean</c>, <c>Int32</c>, <c>TimeSpan</c>, <c>Object</c>, …</summary>
    string TypeName { get; }

    string DisplayName { get; }
    string Description { get; }
    bool Required { get; }

    /// <summary>False when the JSON holds the raw value instead of an expression.</summary>
    bool IsWrapped { get; }

    /// <summary>Elsa's editor: <c>singleline</c>, <c>multiline</c>, <c>dropdown</c>, <c>checkbox</c>, <c>json-editor</c>, …</summary>
    string UiHint { get; }

    /// <summary>Choices of a drop-down: value and text.</summary>
    IReadOnlyList<(string Value, string Text)> Choices { get; }

    /// <summary>Where the choices come from when only the installation knows them: <c>roles</c>, <c>organisations</c>, <c>messages</c>; null: from <see cref="Choices"/>.</summary>
    string? ChoicesFrom { get; }

    /// <summary>Outcomes that a <c>dynamic-outcomes</c> input doesn't list and the activity has all the same.</summary>
    IReadOnlyList<string> FixedOutcomes { get; }

    /// <summary>What counts when a definition doesn't set the input; null: nothing.</summary>
    object? DefaultValue { get; }

    /// <summary>Checks that a literal can be read; an error message, or null.</summary>
    string? CheckLiteral(JsonElement value);
}

/// <summary>An input of a known type. Declared once, read by <see cref="Execution.ActivityContext.Get{T}"/>.</summary>
public sealed record Input<T>(string Name, string DisplayName, string Description = "") : IInput
{
    public T? Default { get; init; }
    public string? Alias { get; init; }
    public bool Required { get; init; }
    public bool IsWrapped { get; init; } = true;
    public string TypeName { get; init; } = InputTypes.AliasOf(typeof(T));
    public string UiHint { get; init; } = InputTypes.EditorOf(typeof(T));
    public IReadOnlyList<(string Value, string Text)> Choices { get; init; } = [];
    public string? ChoicesFrom { get; init; }
    public IReadOnlyList<string> FixedOutcomes { get; init; } = [];

    // A number or a time that nobody has set isn't a default of zero; an unset checkbox is off.
    object? IInput.DefaultValue => Default is null || (Default is not bool && EqualityComparer<T>.Default.Equals(Default, default)) ? null : Default;

    public string? CheckLiteral(JsonElement value)
    {
        if (!InputTypes.TryRead<T>(value, out var read))
            return $"cannot be read as {TypeName}";
        // A list comes as the text of one too, and each of its items is a choice.
        var chosen = read is IReadOnlyList<string> list ? list : value.ValueKind == JsonValueKind.String ? [value.GetString()!] : [];
        if (Choices.Count > 0 && chosen.FirstOrDefault(t => t.Length > 0 && Choices.All(c => c.Value != t)) is { } text)
            return $"is '{text}'; choose one of {string.Join(", ", Choices.Select(c => c.Value))}";
        return null;
    }
}
