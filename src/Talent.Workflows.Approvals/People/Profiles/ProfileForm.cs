using System.Collections.Frozen;
using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.People.Profiles;

/// <summary>
/// What a profile consists of (<c>shared/people/profile.json</c>): its steps with their fields, in the language of forms. Required
/// fields are what completeness is computed from; fields marked as personal are kept encrypted.
/// </summary>
/// <remarks>Source: R-PER-1.</remarks>
public sealed class ProfileForm
{
    public const string FileName = "profile.json";

    private readonly FrozenDictionary<string, string> stepOf;
    private readonly FrozenSet<string> personal;

    private ProfileForm(Form form)
    {
        Form = form;
        stepOf = form.Definition.Steps.SelectMany(s => s.Fields.Select(f => (f.Key, Step: s.Key))).ToFrozenDictionary(f => f.Key, f => f.Step, StringComparer.Ordinal);
        personal = form.Definition.Steps.SelectMany(s => s.Fields).Where(f => f.IsSealed).Select(f => f.Key).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>All steps as one form.</summary>
    public Form Form { get; }

    public IReadOnlyList<FormStep> Steps => Form.Definition.Steps;

    /// <exception cref="ContentException">It can't be used.</exception>
    public static ProfileForm Parse(ReadOnlySpan<byte> json, IReadOnlyDictionary<string, TextCheck> checks, IReadOnlyDictionary<string, CodeTable>? tables = null)
    {
        var definition = ContentFile.Parse<FormDefinition>(FileName, json);
        if (definition.Steps.Any(s => s.HiddenFrom is not null || s.Fields.Any(f => f.HiddenFrom is not null)))
            throw new ContentException(FileName, "steps", "hiddenFrom belongs to forms of services: a profile is read at no stage");
        return definition.Steps.All(s => s.Phase == 1) ? new ProfileForm(Form.Bind(definition, checks, FileName, tables))
            : throw new ContentException(FileName, "steps", "a profile has one phase: every step has phase 1");
    }

    /// <summary>The step with this key; null when there is none.</summary>
    public FormStep? Step(string key) => Steps.FirstOrDefault(s => s.Key == key);

    /// <summary>The step that a field belongs to, by the field's path; the first step when the form has no such field.</summary>
    public string StepOf(string path) => stepOf.GetValueOrDefault(path.Split('.', '[')[0], Steps[0].Key);

    /// <summary>Whether profiles have what a path such as <c>profile.general.gender</c> names, outside groups and files.</summary>
    public bool Has(string path) => path.Split('.') is [_, var step, var field]
        && (step == "identity" ? field is "name" or "residentId" or "phone" or "email" : Step(step)?.Fields.Any(f => f.Key == field && f.Type is not (FieldType.Group or FieldType.File)) == true);

    /// <summary>Whether the values of this field are kept encrypted.</summary>
    public bool IsPersonal(string field) => personal.Contains(field);

    /// <summary>What can't be kept of a step's data: wrong shapes, unknown codes, fields of other steps. Values may still be missing or wrong.</summary>
    /// <param name="kept">The step's data as kept: codes that aren't offered any more stay valid in it; null: never saved.</param>
    public IReadOnlyList<FormError> CheckDraft(string step, JsonElement data, DateOnly today, JsonElement? kept = null)
    {
        var errors = Form.Validate(data, 1, FormMode.Draft, today, kept);
        if (data.ValueKind != JsonValueKind.Object || errors.Count > 0)
            return errors;
        return [.. data.EnumerateObject().Where(p => StepOf(p.Name) != step)
            .Select(p => new FormError(p.Name, FormErrorCodes.UnknownField, $"“{p.Name}”不属于此步骤", $"'{p.Name}' doesn't belong to this step"))];
    }
}
