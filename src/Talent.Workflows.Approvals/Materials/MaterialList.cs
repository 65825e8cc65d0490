using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>A service's materials, checked against its form: says what is missing and what may be handed in.</summary>
public sealed class MaterialList
{
    /// <summary>Kinds of file the product can tell by their content.</summary>
    public static readonly IReadOnlyList<string> KnownTypes = [FileKinds.Pdf, FileKinds.Jpeg, FileKinds.Png];

    private MaterialList(MaterialRequirements requirements, Form form)
    {
        Requirements = requirements;
        Slots = [.. requirements.Items.Select(i => new MaterialSlot(i, i.PerRowOf, i.RowField, i.PerRowOf is null ? 1 : form.Field(i.PerRowOf)!.MaxRows ?? 1)), .. FieldsWithout(requirements, form)];
    }

    public MaterialRequirements Requirements { get; }

    /// <summary>Where materials stand in a case: the list's, and one for each file field of the form that the list doesn't speak of.</summary>
    public IReadOnlyList<MaterialSlot> Slots { get; }

    /// <summary>The slot of this key, or null.</summary>
    public MaterialSlot? Slot(string key) => Slots.FirstOrDefault(s => s.Key == key);

    /// <summary>The materials that case data names in its file fields, in the order of the slots. Any JSON may be given.</summary>
    public IEnumerable<MaterialReference> References(JsonElement caseData) => Slots.SelectMany(s => s.References(caseData));

    /// <summary>The material of this key, or null.</summary>
    public MaterialRequirement? Find(string key) => Requirements.Items.FirstOrDefault(i => i.Key == key);

    /// <exception cref="ContentException">The list can't be used with this form; every error names the material.</exception>
    public static MaterialList Bind(MaterialRequirements requirements, Form form, string file = "materials.json")
    {
        List<ContentError> errors = [];
        HashSet<string> keys = new(StringComparer.Ordinal);
        foreach (MaterialRequirement item in requirements.Items)
        {
            foreach (string flaw in Flaws(item, form))
            {
                errors.Add(new ContentError(file, $"items[{item.Key}]", flaw));
            }

            if (!keys.Add(item.Key))
            {
                errors.Add(new ContentError(file, $"items[{item.Key}]", "the key is used twice; give each material its own"));
            }
        }

        return errors.Count == 0 ? new MaterialList(requirements, form) : throw new ContentException(errors);
    }

    /// <summary>The materials asked for by this case in this phase, whether required or not.</summary>
    public IEnumerable<MaterialRequirement> Applying(JsonElement caseData, int phase) =>
        Requirements.Items.Where(i => i.Phase <= phase && (i.When?.Holds(caseData) ?? true));

    /// <summary>The required materials that aren't there yet. Pure; any JSON may be given.</summary>
    /// <param name="supplied">What was uploaded for the case.</param>
    /// <param name="phase">Materials of this phase and the ones before.</param>
    public IReadOnlyList<MissingMaterial> Missing(JsonElement caseData, IReadOnlyCollection<SuppliedMaterial> supplied, int phase)
    {
        ILookup<string, string> files = supplied.ToLookup(s => s.Key, s => s.FileId, StringComparer.Ordinal);
        List<MissingMaterial> missing = [];
        foreach (MaterialRequirement item in Applying(caseData, phase).Where(i => i.Required))
        {
            if (item.PerRowOf is null)
            {
                if (!files[item.Key].Any())
                {
                    missing.Add(new MissingMaterial(item.Key, null, $"缺少材料“{item.Zh}”", $"{item.En} is missing"));
                }

                continue;
            }

            foreach ((int index, JsonElement row) in Rows(caseData, item.PerRowOf))
            {
                if (FormData.Text(FormData.Find(row, item.RowField!)) is not string id || !files[item.Key].Contains(id, StringComparer.Ordinal))
                {
                    missing.Add(new MissingMaterial(item.Key, index, $"第{index + 1}条经历缺少“{item.Zh}”", $"{item.En} is missing for row {index + 1}"));
                }
            }
        }

        return missing;
    }

    private static IEnumerable<MaterialSlot> FieldsWithout(MaterialRequirements requirements, Form form)
    {
        foreach (FormStep step in form.Definition.Steps)
        {
            foreach ((FormField? group, FormField field) in step.Fields.SelectMany(f => f.Fields is { } inner ? inner.Select(i => ((FormField?)f, i)) : [(null, f)]))
            {
                if (field.Type is FieldType.File && !requirements.Items.Any(i => i.PerRowOf == group?.Key && i.RowField == field.Key))
                {
                    string path = group is null ? field.Key : $"{group.Key}.{field.Key}";
                    yield return new MaterialSlot(new MaterialRequirement
                    {
                        Key = $"form.{path}", Zh = field.Zh, En = field.En, Phase = step.Phase, AllowedTypes = KnownTypes, MaxMegabytes = 100,
                    }, group?.Key, field.Key, group?.MaxRows ?? 1);
                }
            }
        }
    }

    private static IEnumerable<(int Index, JsonElement Row)> Rows(JsonElement data, string group) =>
        FormData.Find(data, group) is { ValueKind: JsonValueKind.Array } rows
            ? rows.EnumerateArray().Select((row, index) => (index, row))
            : [];

    private static IEnumerable<string> Flaws(MaterialRequirement item, Form form)
    {
        if (item.Phase is not (1 or 2))
        {
            yield return $"phase is {item.Phase}; it must be 1 (资格审核) or 2 (完善材料)";
        }

        if (item.AllowedTypes.Count == 0 || item.AllowedTypes.Except(KnownTypes, StringComparer.Ordinal).Any())
        {
            yield return $"allowedTypes must name some of {string.Join(", ", KnownTypes)}";
        }

        if (item.MaxMegabytes is < 1 or > 100 || item.MaxFiles is < 1 or > 50)
        {
            yield return "maxMegabytes lies between 1 and 100, maxFiles between 1 and 50";
        }

        if (item.When?.Flaw(name => form.Field(name) is not null) is string flaw)
        {
            yield return flaw;
        }

        if (item.PerRowOf is null != item.RowField is null)
        {
            yield return "perRowOf and rowField belong together: the group, and the file field of its rows";
        }
        else if (item.PerRowOf is not null
            && form.Field(item.PerRowOf)?.Fields?.Any(f => f.Key == item.RowField && f.Type is FieldType.File) is not true)
        {
            yield return $"the form has no group '{item.PerRowOf}' with a file field '{item.RowField}'";
        }
    }
}

/// <summary>A file handed in for a material.</summary>
/// <param name="Key">The material's key.</param>
/// <param name="FileId">The uploaded file; for a material per row, the id that the row names.</param>
public sealed record SuppliedMaterial(string Key, string FileId);

/// <summary>A material still to be handed in.</summary>
/// <param name="Row">The row that lacks it, from 0; null for a material of the whole case.</param>
public sealed record MissingMaterial(string Key, int? Row, string Zh, string En);
