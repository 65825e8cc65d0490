using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>A service's form, ready to check case data (R-CASE-1, R-CASE-2, R-CASE-8).</summary>
public sealed class Form
{
    private readonly FrozenDictionary<string, BoundField> _fields;

    private readonly FrozenDictionary<(string Stage, string Outcome), Form> _decisions;

    private readonly Lazy<(string Text, string Version)> _content;

    private Form(FormDefinition definition, FrozenDictionary<string, BoundField> fields, FrozenDictionary<(string, string), Form> decisions)
    {
        _decisions = decisions;
        Definition = definition;
        _fields = fields;
        _content = new Lazy<(string, string)>(() => Content(definition));
        PersonalFields = fields.Values.Where(f => f.Field.Personal).Select(f => f.Field.Key).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>What the form says, every code table that it uses included.</summary>
    public FormDefinition Definition { get; }

    /// <summary>SHA-256 in lower-case hex over <see cref="Text"/>: the same content has the same version on every machine, however it is written.</summary>
    public string Version => _content.Value.Version;

    /// <summary>The definition as canonical JSON, from which the form can be made again.</summary>
    public string Text => _content.Value.Text;

    /// <summary>Top-level keys that hold personal data; a group is personal as a whole.</summary>
    public IReadOnlySet<string> PersonalFields { get; }

    /// <summary>The top-level field of this key, or null.</summary>
    public FormField? Field(string key) => _fields.TryGetValue(key, out BoundField? field) ? field.Field : null;

    /// <summary>The step of this key, or null.</summary>
    public FormStep? Step(string key) => Definition.Steps.FirstOrDefault(s => s.Key == key);

    /// <summary>The key of the step in which the field of a path is filled in, such as <c>education</c> for <c>education[0].school</c>; null: in none.</summary>
    public string? StepOf(string path) => _fields.TryGetValue(path.Split('.', '[')[0], out BoundField? field) ? field.Step.Key : null;

    /// <summary>The phase in which a top-level field is filled in; 0 for a field that the form doesn't have.</summary>
    public int PhaseOf(string key) => _fields.TryGetValue(key, out BoundField? field) ? field.Step.Phase : 0;

    /// <summary>What a decision of a stage asks whoever decides; null: nothing.</summary>
    public Form? Decision(string stage, string outcome) => _decisions.GetValueOrDefault((stage, outcome));

    /// <summary>Checks the definition and makes it ready.</summary>
    /// <param name="checks">Named checks of texts; <c>residentId</c> (GB 11643) must be among them when the form has such a field.</param>
    /// <param name="file">The name to show in errors.</param>
    /// <param name="shared">Code tables that the form may use besides its own; null: none.</param>
    /// <exception cref="ContentException">The definition can't be used; every error names the field and what to do.</exception>
    public static Form Bind(FormDefinition definition, IReadOnlyDictionary<string, TextCheck> checks, string file = "form.json", IReadOnlyDictionary<string, CodeTable>? shared = null)
    {
        definition = CodeTables.Into(definition, shared ?? CodeTables.None);
        return new(definition, new FormBinder(definition, checks, file).Bind(), Decisions(definition, checks, file));
    }

    /// <summary>The form that a <see cref="Text"/> says.</summary>
    /// <exception cref="ContentException">The text isn't one of a form.</exception>
    internal static Form Of(string text, IReadOnlyDictionary<string, TextCheck> checks) => Bind(ContentFile.Parse<FormDefinition>("form", Encoding.UTF8.GetBytes(text)), checks, "form");

    /// <summary>Checks case data. Any JSON at all may be given; nothing is thrown.</summary>
    /// <param name="phase">1 = 资格审核, 2 = 完善材料; in phase 2 the fields of phase 1 are checked too.</param>
    /// <param name="today">The business date in Asia/Shanghai, for dates that may not lie in the future.</param>
    /// <param name="kept">The case's data as it is kept: codes that it has stay valid though they aren't offered any more. Null: it has none.</param>
    /// <param name="filedOn">The day of filing; null: it is filed today.</param>
    /// <returns>All errors in the order of the data, at most 200; empty when the data is good.</returns>
    public IReadOnlyList<FormError> Validate(JsonElement data, int phase, FormMode mode, DateOnly today, JsonElement? kept = null, DateOnly? filedOn = null) =>
        new FormValidation(Definition, _fields, data, phase, mode, today, kept, filedOn ?? today).Run();

    /// <summary>The ids of all uploaded files that the data names, in their order.</summary>
    public IReadOnlyList<string> FileReferences(JsonElement data) =>
        [.. _fields.Values.SelectMany(f => FilesOf(f, data)).Distinct(StringComparer.Ordinal)];

    private static (string Text, string Version) Content(FormDefinition definition)
    {
        string text = CanonicalJson.Of(ContentFile.Write(definition));
        return (text, Digest.Of(text));
    }

    private static FrozenDictionary<(string, string), Form> Decisions(FormDefinition definition, IReadOnlyDictionary<string, TextCheck> checks, string file)
    {
        Dictionary<(string, string), Form> decisions = [];
        foreach (DecisionFields decision in definition.Decisions)
        {
            string at = $"decisions.{decision.Stage}.{decision.Outcome}";
            if (decision.Fields.Any(f => f.HiddenFrom is not null))
            {
                throw new ContentException(file, at, "hiddenFrom belongs to what the applicant fills in");
            }

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
