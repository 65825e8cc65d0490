namespace Talent.Workflows.Engine.Activities;

/// <summary>What the designer, the palette and the validator need to know of an activity type.</summary>
public sealed record ActivityDescriptor(string Type, string Category, string DisplayName, string Description)
{
    public int Version { get; init; } = 1;
    public IReadOnlyList<IInput> Inputs { get; init; } = [];
    public IReadOnlyList<Output> Outputs { get; init; } = [];

    /// <summary>Outcomes that connections may leave by.</summary>
    public IReadOnlyList<string> Outcomes { get; init; } = ["Done"];

    /// <summary>Outcomes by which the activity completes back: what they lead to comes before it, though the chart doesn't say so.</summary>
    public IReadOnlyList<string> BackOutcomes { get; init; } = [];

    /// <summary>Outcomes read from an activity's own inputs, when they depend on them.</summary>
    public Func<Definitions.ActivityNode, IReadOnlyList<string>>? DynamicOutcomes { get; init; }

    /// <summary>Named properties that hold a child activity.</summary>
    public IReadOnlyList<string> Ports { get; init; } = [];

    /// <summary>Holds a list of activities.</summary>
    public bool IsContainer { get; init; }

    /// <summary>A whole of its own, that Elsa.Complete inside it ends.</summary>
    public bool IsComposite { get; init; }

    /// <summary>Offered in the designer's palette.</summary>
    public bool IsBrowsable { get; init; } = true;

    /// <summary>Where a flow begins: nothing leads to it.</summary>
    public bool IsStart { get; init; }

    /// <summary>Completing it completes the flowchart it lies in.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>May wait: not allowed where an answer must come at once.</summary>
    public bool Waits { get; init; }

    /// <summary>May start its workflow (<c>customProperties.canStartWorkflow</c>).</summary>
    public bool IsTrigger { get; init; }

    public IReadOnlyList<string> OutcomesOf(Definitions.ActivityNode node) => DynamicOutcomes?.Invoke(node) ?? Outcomes;
}

/// <summary>An output of an activity. Its value can be bound to a variable.</summary>
public sealed record Output(string Name, string TypeName, string DisplayName)
{
    /// <summary>An earlier name, under which definitions may still bind it: read, never offered. Null: none.</summary>
    public string? Alias { get; init; }
}
