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

    /// <summary>By what a row of a repeating group is called in errors and in the names of its files: texts and choices of the row, such as relation and name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> RowNames { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

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

    /// <summary>Asked for only while this holds over the case data; of a material of rows, for each row for which it holds, its own fields first.</summary>
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

    /// <summary>What recognition of its pictures fills in; null: it isn't recognised (R-CASE-5).</summary>
    public RecogniseRule? Recognise { get; init; }

    /// <summary>Not asked for where shared data proves what the form says of this fact: <c>shared.degree</c>, <c>shared.fullTimeDegree</c>, <c>shared.title</c> (R-CASE-3).</summary>
    public string? WaivedBy { get; init; }

    public string? NoteZh { get; init; }
    public string? NoteEn { get; init; }
}

/// <summary>How a material is read.</summary>
/// <param name="Kind">One of the kinds of document that can be recognised, such as <c>diploma</c>.</param>
/// <param name="Fields">Form field → what is read for it. Of a material of rows: fields of the row.</param>
public sealed record RecogniseRule(string Kind, IReadOnlyDictionary<string, string> Fields);
