using Talent.Workflows.Approvals.Cases.Forms;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>The content of a service's <c>materials.json</c>: what must be handed in, when (R-CASE-3).</summary>
public sealed record MaterialRequirements
{
    /// <summary>Shown before the first upload and confirmed once per filing: nothing classified may be uploaded (R-CASE-4).</summary>
    public required string WarningZh { get; init; }

    /// <inheritdoc cref="WarningZh"/>
    public required string WarningEn { get; init; }

    /// <summary>Whether a case is handed in only once somebody has confirmed the warning for it (R-CASE-4).</summary>
    public bool ConfirmWarning { get; init; }

    public required IReadOnlyList<MaterialRequirement> Items { get; init; }
}

/// <summary>One material of the list.</summary>
public sealed record MaterialRequirement
{
    public required string Key { get; init; }
    public required string Zh { get; init; }
    public required string En { get; init; }

    /// <summary>1 = 资格审核, 2 = 完善材料.</summary>
    public required int Phase { get; init; }

    public bool Required { get; init; }

    /// <summary>Asked for only while this holds over the case data.</summary>
    public FormCondition? When { get; init; }

    /// <summary>One file for each row of this repeating group; the row names it in <see cref="RowField"/>.</summary>
    public string? PerRowOf { get; init; }

    /// <summary>The file field of the row.</summary>
    public string? RowField { get; init; }

    /// <summary>Allowed kinds of file, by content: pdf, jpg, png.</summary>
    public required IReadOnlyList<string> AllowedTypes { get; init; }

    /// <summary>Largest size of one file in MiB (1,048,576 bytes).</summary>
    public int MaxMegabytes { get; init; } = 10;

    /// <summary>Most files for this material, or for one row of it.</summary>
    public int MaxFiles { get; init; } = 1;

    /// <summary>Experts who judge without knowing whom (盲审) get it too: it names nobody. Without it they get none.</summary>
    public bool Blind { get; init; }

    public string? NoteZh { get; init; }
    public string? NoteEn { get; init; }
}
