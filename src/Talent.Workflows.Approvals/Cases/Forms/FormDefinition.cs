namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>The content of a service's <c>form.json</c> (R-CASE-2). Case data is one flat object keyed by field.</summary>
public sealed record FormDefinition
{
    /// <summary>Largest case data in bytes of JSON text.</summary>
    public int MaxBytes { get; init; } = 262_144;

    /// <summary>The form's own tables; they go before shared ones of the same name. Of a bound form: those and every shared one that it uses.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<CodeEntry>> CodeTables { get; init; } = new Dictionary<string, IReadOnlyList<CodeEntry>>();

    /// <summary>The wizard's steps in their order (R-CASE-1).</summary>
    public required IReadOnlyList<FormStep> Steps { get; init; }

    /// <summary>What has to hold across fields.</summary>
    public IReadOnlyList<FormRule> Rules { get; init; } = [];

    /// <summary>What whoever decides a stage fills in; none: an opinion is all.</summary>
    public IReadOnlyList<DecisionFields> Decisions { get; init; } = [];
}

/// <summary>What a decision of a stage asks for.</summary>
/// <param name="Stage">Key of the stage.</param>
/// <param name="Outcome"><c>approve</c>, <c>return</c>, <c>reject</c>, <c>refuse</c>.</param>
public sealed record DecisionFields(string Stage, string Outcome, IReadOnlyList<FormField> Fields);

/// <summary>One line of a code table.</summary>
public sealed record CodeEntry(string Code, string Zh, string En)
{
    /// <summary>The code of the line above it, such as a district's city; null: none.</summary>
    public string? Parent { get; init; }

    /// <summary>Of a region: one of <see cref="CodeTables.Levels"/>.</summary>
    public string? Level { get; init; }

    /// <summary>The last day on which it is offered; null: it still is. Cases that have it keep it.</summary>
    public DateOnly? Until { get; init; }

    /// <summary>Of a kind of document: a regular expression (without backtracking) that the whole number matches.</summary>
    public string? Pattern { get; init; }

    /// <summary>Of a kind of document: a named check of its number, such as <c>residentId</c>.</summary>
    public string? Check { get; init; }

    /// <summary>Of a kind of document: what its number looks like.</summary>
    public string? HintZh { get; init; }

    /// <inheritdoc cref="HintZh"/>
    public string? HintEn { get; init; }

    /// <summary>Whether it may be chosen on this day by who hasn't it yet.</summary>
    public bool IsOffered(DateOnly today) => Until is not { } last || today <= last;
}

/// <summary>One page of the wizard; its fields open with its phase.</summary>
public sealed record FormStep
{
    public required string Key { get; init; }
    public required string Zh { get; init; }
    public required string En { get; init; }

    /// <summary>1 = 资格审核, 2 = 完善材料; a field is refused before its phase.</summary>
    public required int Phase { get; init; }

    public FormCondition? When { get; init; }

    /// <summary>Stages whose people don't get the step; <see cref="FormField.HiddenFrom"/>.</summary>
    public IReadOnlyList<string>? HiddenFrom { get; init; }
    public required IReadOnlyList<FormField> Fields { get; init; }
}
