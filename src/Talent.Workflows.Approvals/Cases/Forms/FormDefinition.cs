namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>The content of a service's <c>form.json</c> (R-CASE-2). Case data is one flat object keyed by field.</summary>
public sealed record FormDefinition
{
    /// <summary>Largest case data in bytes of JSON text.</summary>
    public int MaxBytes { get; init; } = 262_144;

    public required IReadOnlyDictionary<string, IReadOnlyList<CodeEntry>> CodeTables { get; init; }

    /// <summary>The wizard's steps in their order (R-CASE-1).</summary>
    public required IReadOnlyList<FormStep> Steps { get; init; }

    /// <summary>What whoever decides a stage fills in; none: an opinion is all.</summary>
    public IReadOnlyList<DecisionFields> Decisions { get; init; } = [];
}

/// <summary>What a decision of a stage asks for.</summary>
/// <param name="Stage">Key of the stage.</param>
/// <param name="Outcome"><c>approve</c>, <c>return</c>, <c>reject</c>, <c>refuse</c>.</param>
public sealed record DecisionFields(string Stage, string Outcome, IReadOnlyList<FormField> Fields);

/// <summary>One line of a code table.</summary>
public sealed record CodeEntry(string Code, string Zh, string En);

/// <summary>One page of the wizard; its fields open with its phase.</summary>
public sealed record FormStep
{
    public required string Key { get; init; }
    public required string Zh { get; init; }
    public required string En { get; init; }

    /// <summary>1 = 资格审核, 2 = 完善材料; a field is refused before its phase.</summary>
    public required int Phase { get; init; }

    public FormCondition? When { get; init; }
    public required IReadOnlyList<FormField> Fields { get; init; }
}
