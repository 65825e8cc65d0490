using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Engine.Activities;

namespace Talent.Workflows.Server.ElsaApi.Descriptors;

/// <summary>Describes the activities of the catalogue to Studio.</summary>
/// <remarks>Source: Elsa's ActivityDescriptor. A port list of nothing but Done is left out: Studio draws Done by itself.</remarks>
internal static class ActivityModels
{
    public const string NotFoundType = "Elsa.NotFoundActivity";

    // Offered by Studio itself as the root of a definition, or never placed by hand.
    private static readonly HashSet<string> Hidden = new(StringComparer.Ordinal)
        { "Elsa.Flowchart", "Elsa.Sequence", "Elsa.Parallel", "Elsa.Fork", "Elsa.Workflow", "Elsa.Inline", NotFoundType };

    // Studio and the journal name them whether or not anything runs them.
    private static readonly ActivityDescriptor[] Placeholders =
    [
        new("Elsa.Workflow", "Workflows", "Workflow", "A workflow.") { Ports = ["root"], Outputs = [new Output("result", "Object", "Result")] },
        new(NotFoundType, "System", "Not found", "This server doesn't have the activity's type. Its content is kept."),
    ];

    /// <summary>All of them in the order of the palette, in the versions given and their own.</summary>
    /// <param name="used">Versions that stored definitions name, by type.</param>
    public static List<ActivityModel> All(ActivityCatalog catalog, DescriptorTexts texts, IReadOnlyDictionary<string, IReadOnlyList<ChoiceModel>> choices, ILookup<string, int> used,
        IReadOnlyList<UsableWorkflow> workflows)
    {
        var models = new List<ActivityModel>();
        foreach (var activity in catalog.All.Select(a => a.Descriptor).Concat(Placeholders.Where(p => catalog.Find(p.Type) is null)))
        {
            var model = Of(activity, texts, choices);
            models.AddRange(used[activity.Type].Append(activity.Version).Distinct().Select(version => model with { Version = version }));
        }
        models.AddRange(workflows.Select(w => Of(w, texts, choices)));
        return [.. models.OrderBy(m => m.Category, StringComparer.Ordinal).ThenBy(m => m.TypeName, StringComparer.Ordinal).ThenBy(m => m.Version)];
    }

    /// <summary>A workflow that is used as an activity.</summary>
    /// <remarks>Source: Elsa's WorkflowDefinitionActivityDescriptorFactory.</remarks>
    private static ActivityModel Of(UsableWorkflow workflow, DescriptorTexts texts, IReadOnlyDictionary<string, IReadOnlyList<ChoiceModel>> choices)
    {
        var model = Of(workflow.Descriptor, texts, choices);
        return model with
        {
            Namespace = "", Name = workflow.Descriptor.Type, IsBrowsable = workflow.IsPublished,
            Inputs = [.. model.Inputs.Select(i => i with { IsSynthetic = true })],
            Outputs = [.. model.Outputs.Select(o => o with { IsSynthetic = true })],
            CustomProperties = new Dictionary<string, object>
                { ["RootType"] = "WorkflowDefinitionActivity", ["WorkflowDefinitionId"] = workflow.DefinitionId, ["WorkflowDefinitionVersionId"] = workflow.VersionId },
            ConstructionProperties = new Dictionary<string, object>
            {
                ["workflowDefinitionId"] = workflow.DefinitionId, ["workflowDefinitionVersionId"] = workflow.VersionId, ["version"] = workflow.Descriptor.Version,
                ["latestAvailablePublishedVersion"] = workflow.LatestVersion, ["latestAvailablePublishedVersionId"] = workflow.LatestVersionId,
            },
        };
    }

    public static ActivityModel Of(ActivityDescriptor activity, DescriptorTexts texts, IReadOnlyDictionary<string, IReadOnlyList<ChoiceModel>> choices)
    {
        var dot = activity.Type.LastIndexOf('.');
        return new ActivityModel
        {
            TypeName = activity.Type,
            Namespace = dot < 0 ? "" : activity.Type[..dot],
            Name = activity.Type[(dot + 1)..],
            Version = activity.Version,
            Category = texts.Category(activity.Category),
            DisplayName = texts.Name(activity),
            Description = texts.About(activity),
            Kind = activity.IsTrigger ? "Trigger" : "Action",
            Inputs = [.. activity.Inputs.Select((input, i) => Input(activity, input, i, texts, choices))],
            Outputs = [.. activity.Outputs.Select((output, i) => new OutputModel(Pascal(output.Name), output.TypeName, texts.Output(activity, output), null, i))],
            Ports = [.. Ports(activity, texts)],
            ConstructionProperties = activity.Inputs.Where(i => i is { UiHint: "dynamic-outcomes", DefaultValue: not null }).ToDictionary(i => i.Name, Default),
            IsContainer = activity.IsContainer,
            IsBrowsable = !Hidden.Contains(activity.Type),
            IsStart = activity.IsStart,
            IsTerminal = activity.IsTerminal,
        };
    }

    private static IEnumerable<PortModel> Ports(ActivityDescriptor activity, DescriptorTexts texts)
    {
        foreach (var port in activity.Ports)
            yield return new PortModel(Pascal(port), texts.Port(port), "Embedded", port != "root");
        if (activity.Outcomes is not ["Done"])
            foreach (var outcome in activity.Outcomes)
                yield return new PortModel(outcome, texts.Port(outcome), "Flow");
    }

    private static InputModel Input(ActivityDescriptor activity, IInput input, int index, DescriptorTexts texts, IReadOnlyDictionary<string, IReadOnlyList<ChoiceModel>> choices)
    {
        var (name, about) = texts.Input(activity, input);
        IReadOnlyList<ChoiceModel> offered = input.ChoicesFrom is { } source ? choices.GetValueOrDefault(source, []) : [.. input.Choices.Select(c => new ChoiceModel(texts.Choice(c.Text), c.Value))];
        // A drop-down without choices can't be filled in at all.
        var hint = input.UiHint is "dropdown" or "checklist" or "radiolist" && offered.Count == 0 ? "singleline" : input.UiHint;
        return new InputModel
        {
            Name = Pascal(input.Name),
            TypeName = input.TypeName,
            DisplayName = input.Required ? $"{name} *" : name,
            Description = about,
            Order = index,
            IsWrapped = input.IsWrapped,
            UiHint = hint,
            DefaultValue = input.DefaultValue,
            DefaultSyntax = hint switch { "code-editor" => "JavaScript", "outcome-picker" => "Object", _ => "Literal" },
            UiSpecifications = Specifications(hint, input, offered, texts),
        };
    }

    private static Dictionary<string, object> Specifications(string hint, IInput input, IReadOnlyList<ChoiceModel> offered, DescriptorTexts texts) => hint switch
    {
        "dropdown" => new()
        {
            ["dropdown"] = new { selectList = new { items = input.Required || input.DefaultValue is not null ? offered : [new ChoiceModel(texts.Of("（不填）", "(none)"), ""), .. offered], isFlagsEnum = false, sortItems = false } },
        },
        "radiolist" => new() { ["radiolist"] = new { radioList = new { items = offered, isFlagsEnum = false } } },
        "checklist" => new() { ["checklist"] = new { checkList = new { items = offered.Select(o => new { o.Text, o.Value, isChecked = Contains(input.DefaultValue, o.Value) }), isFlagsEnum = false } } },
        "code-editor" => new() { ["code-editor"] = new { language = "javascript", editorHeight = 1, singleLineMode = false } },
        "dynamic-outcomes" => new() { ["DynamicOutcomesOptions"] = new { fixedOutcomes = input.FixedOutcomes } },
        _ => [],
    };

    private static bool Contains(object? list, string value) => list is IEnumerable<string> values && values.Contains(value, StringComparer.Ordinal);

    private static object Default(IInput input) => new { typeName = input.TypeName, expression = new { type = "Object", value = JsonSerializer.Serialize(input.DefaultValue, ElsaJson.Options) } };

    private static string Pascal(string name) => name.Length == 0 ? name : char.ToUpper(name[0], CultureInfo.InvariantCulture) + name[1..];
}
