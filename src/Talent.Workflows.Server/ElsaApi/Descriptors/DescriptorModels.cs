using System.Text.Json.Serialization;

namespace Talent.Workflows.Server.ElsaApi.Descriptors;

/// <summary>One kind of activity as Studio draws it: its place in the palette, its editors, its ports.</summary>
internal sealed record ActivityModel
{
    public required string TypeName { get; init; }
    public required string Namespace { get; init; }
    public required string Name { get; init; }
    public required int Version { get; init; }
    public required string Category { get; init; }
    public required string DisplayName { get; init; }
    public required string Description { get; init; }

    /// <summary><c>Action</c> or <c>Trigger</c>.</summary>
    public required string Kind { get; init; }

    public IReadOnlyList<InputModel> Inputs { get; init; } = [];
    public IReadOnlyList<OutputModel> Outputs { get; init; } = [];
    public IReadOnlyList<PortModel> Ports { get; init; } = [];
    public IReadOnlyDictionary<string, object> CustomProperties { get; init; } = new Dictionary<string, object>();

    /// <summary>Properties that Studio gives a new node.</summary>
    public IReadOnlyDictionary<string, object> ConstructionProperties { get; init; } = new Dictionary<string, object>();

    public bool IsContainer { get; init; }
    public bool IsBrowsable { get; init; } = true;
    public bool IsStart { get; init; }
    public bool IsTerminal { get; init; }
    public bool RunAsynchronously { get; init; }
}

/// <summary>An input and its editor. <see cref="Name"/> is in Pascal case: Studio makes the JSON property of it.</summary>
internal sealed record InputModel
{
    public required string Name { get; init; }
    public required string TypeName { get; init; }
    public required string DisplayName { get; init; }
    public required string Description { get; init; }
    public required float Order { get; init; }
    public bool IsBrowsable { get; init; } = true;
    public bool IsSerializable { get; init; } = true;
    public bool IsSynthetic { get; init; }
    public required bool IsWrapped { get; init; }

    [JsonPropertyName("uiHint")]
    public required string UiHint { get; init; }

    public string? Category { get; init; }
    public object? DefaultValue { get; init; }
    public string? DefaultSyntax { get; init; }
    public bool IsReadOnly { get; init; }
    public bool IsSensitive { get; init; }
    public string? StorageDriverType { get; init; }
    public bool AutoEvaluate { get; init; } = true;

    /// <summary>What the editor needs, by the editor's name. Numbers for enums: Studio reads these without names.</summary>
    public required IReadOnlyDictionary<string, object> UiSpecifications { get; init; }
}

/// <summary>An output that can be bound to a variable.</summary>
internal sealed record OutputModel(string Name, string TypeName, string DisplayName, string? Description, float Order, bool IsBrowsable = true, bool IsSerializable = true, bool IsSynthetic = false);

/// <summary>A dot that connections leave by (<c>Flow</c>), or a slot for a nested activity (<c>Embedded</c>).</summary>
internal sealed record PortModel(string Name, string DisplayName, string Type, bool IsBrowsable = true);

/// <summary>A choice of a drop-down.</summary>
internal sealed record ChoiceModel(string Text, string Value);
