using System.Collections.Frozen;
using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>A service's form, ready to check case data (R-CASE-1, R-CASE-2, R-CASE-8).</summary>
public sealed class Form
{
    private readonly FrozenDictionary<string, BoundField> _fields;

    private readonly FrozenDictionary<(string Stage, string Outcome), Form> _decisions;

    private Form(FormDefinition definition, FrozenDictionary<string, BoundField> fields, FrozenDictionary<(string, string), Form> decisions)
    {
        _decisions = decisions;
        Definition = definition;
        _fields = fields;
        PersonalFields = fields.Values.Where(f => f.Field.Personal).Select(f => f.Field.Key).ToFrozenSet(StringComparer.Ordinal);
    }

    public FormDefinition Definition { get; }

    /// <summary>Top-level keys that hold personal data; a group is personal as a whole.</summary>
    public IReadOnlySet<string> PersonalFields { get; }

    /// <summary>The top-level field of this key, or null.</summary>
    public FormField? Field(string key) => _fields.TryGetValue(key, out BoundField? field) ? field.Field : null;

    /// <summary>The phase in which a top-level field is filled in; 0 for a field that the form doesn't have.</summary>
    public int PhaseOf(string key) => _fields.TryGetValue(key, out BoundField? field) ? field.Step.Phase : 0;

    /// <summary>What a decision of a stage asks whoever decides; null: nothing.</summary>
    public Form? Decision(string stage, string outcome) => _decisions.GetValueOrDefault((stage, outcome));

    /// <summary>Checks the definition and makes it ready.</summary>
    /// <param name="checks">Named checks of texts; <c>residentId</c> (GB 11643) must be among them when the form has such a field.</param>
    /// <param name="file">The name to show in errors.</param>
    /// <exception cref="ContentException">The definition can't be used; every error names the field and what to do.</exception>
    public static Form Bind(FormDefinition definition, IReadOnlyDictionary<string, TextCheck> checks, string file = "form.json") =>
        new(definition, new FormBinder(definition, checks, file).Bind(), Decisions(definition, checks, file));

    /// <summary>Checks case data. Any JSON at all may be given; nothing is thrown.</summary>
    /// <param name="phase">1 = 资格审核, 2 = 完善材料; in phase 2 the fields of phase 1 are checked too.</param>
    /// <param name="today">The business date in Asia/Shanghai, for dates that may not lie in the future.</param>
    /// <returns>All errors in the order of the data, at most 200; empty when the data is good.</returns>
    public IReadOnlyList<FormError> Validate(JsonElement data, int phase, FormMode mode, DateOnly today) =>
        new FormValidation(Definition, _fields, data, phase, mode, today).Run();

    /// <summary>The ids of all uploaded files that the data names, in their order.</summary>
    public IReadOnlyList<string> FileReferences(JsonElement data) =>
        [.. _fields.Values.SelectMany(f => FilesOf(f, data)).Distinct(StringComparer.Ordinal)];

    private static FrozenDictionary<(string, string), Form> Decisions(FormDefinition definition, IReadOnlyDictionary<string, TextCheck> checks, string file)
    {
        Dictionary<(string, string), Form> decisions = [];
        foreach (DecisionFields decision in definition.Decisions)
        {
            string at = $"decisions.{decision.Stage}.{decision.Outcome}";
            FormDefinition own = new() { MaxBytes = definition.MaxBytes, CodeTables = definition.CodeTables, Steps = [new FormStep { Key = at, Zh = at, En = at, Phase = 1, Fields = decision.Fields }] };
            if (!decisions.TryAdd((decision.Stage, decision.Outcome), Bind(own, checks, file)))
            {
                throw new ContentException(file, at, "the stage asks twice for the same outcome; keep one");
            }
        }

        return decisions.ToFrozenDictionary();
    }

    private static IEnumerable<string> FilesOf(BoundField field, JsonElement parent)
    {
        JsonElement? value = FormData.Find(parent, field.Field.Key);
        if (field.Row is not null)
        {
            return value is { ValueKind: JsonValueKind.Array } rows
                ? rows.EnumerateArray().SelectMany(row => field.Row.Values.SelectMany(f => FilesOf(f, row)))
                : [];
        }

        return field.Field.Type is FieldType.File && FormData.Text(value) is { Length: > 0 } id ? [id] : [];
    }
}
