using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Filings.Sources;
using Talent.Workflows.Approvals.Integrations.Recognition;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>A service's materials, checked against its form: says what is missing and what may be handed in.</summary>
public sealed class MaterialList
{
    /// <summary>Kinds of file the product can tell by their content.</summary>
    public static readonly IReadOnlyList<string> KnownTypes = [FileKinds.Pdf, FileKinds.Jpeg, FileKinds.Png];

    private readonly Form _form;

    private MaterialList(MaterialRequirements requirements, Form form)
    {
        _form = form;
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

    /// <summary>What a row is called, such as 妻子 陈样例; null: the service doesn't say by what, or nothing of it is filled in.</summary>
    /// <param name="row">From 0.</param>
    public RowName? NameOf(string group, int row, JsonElement caseData)
    {
        if (!Requirements.RowNames.TryGetValue(group, out IReadOnlyList<string>? keys)
            || FormData.Find(caseData, group) is not { ValueKind: JsonValueKind.Array } rows || row >= rows.GetArrayLength())
        {
            return null;
        }

        CodeEntry[] words = [.. keys.Select(key => Word(_form.Field(group)!.Fields!.First(f => f.Key == key), FormData.Text(FormData.Find(rows[row], key)))).OfType<CodeEntry>()];
        return words.Length == 0 ? null : new RowName(string.Join(' ', words.Select(w => w.Zh)), string.Join(' ', words.Select(w => w.En)));
    }

    /// <summary>Since when shared data has proven what makes the material needless; null: it is asked for.</summary>
    internal DateTimeOffset? WaivedAt(MaterialSlot slot, JsonElement caseData, SourceMap sources) =>
        slot.Material.WaivedBy is { } fact ? SharedFacts.ProvenAt(fact, _form, sources, caseData) : null;

    private CodeEntry? Word(FormField field, string? text) => string.IsNullOrWhiteSpace(text) ? null
        : field.CodeTable is { } table ? _form.Definition.CodeTables[table].FirstOrDefault(e => e.Code == text) : new CodeEntry(text, text, text);

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

        foreach ((string group, IReadOnlyList<string> named) in requirements.RowNames)
        {
            if (named.Count == 0 || named.Any(key => form.Field(group)?.Fields?.Any(f => f.Key == key && f is { Type: FieldType.Choice or FieldType.Text, Masked: false, Multiline: false }) is not true))
            {
                errors.Add(new ContentError(file, $"rowNames.{group}", "names a repeating group of the form, and texts or choices of its rows that aren't masked"));
            }
        }

        return errors.Count == 0 ? new MaterialList(requirements, form) : throw new ContentException(errors);
    }

    /// <summary>The materials asked for by this case in this phase, whether required or not.</summary>
    public IEnumerable<MaterialRequirement> Applying(JsonElement caseData, int phase) =>
        Slots.Where(s => !s.Key.StartsWith("form.", StringComparison.Ordinal) && s.Material.Phase <= phase && s.Applies(caseData)).Select(s => s.Material);

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

            MaterialSlot slot = Slot(item.Key)!;
            Dictionary<int, string> named = slot.References(caseData).ToDictionary(r => r.Row!.Value, r => r.Text);
            foreach (int index in slot.RowsAsked(caseData))
            {
                if (!named.TryGetValue(index, out string? id) || !files[item.Key].Contains(id, StringComparer.Ordinal))
                {
                    (string zh, string en) = MissingFrom(slot, index, caseData);
                    missing.Add(new MissingMaterial(item.Key, index, zh, en));
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

    /// <summary>What to say of a row without its file; the row is named as well as it can be.</summary>
    internal (string Zh, string En) MissingFrom(MaterialSlot slot, int row, JsonElement caseData)
    {
        FormField group = _form.Field(slot.Group!)!;
        RowName? name = NameOf(slot.Group!, row, caseData);
        return ($"“{group.Zh}”第{row + 1}条{(name is null ? "" : $"（{name.Zh}）")}缺少“{slot.Material.Zh}”", $"{slot.Material.En} is missing for row {row + 1} of {group.En}");
    }

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

        if (item.When?.Flaw(name => form.Field(name) is not null || (item.PerRowOf is { } rows && form.Field(rows)?.Fields?.Any(f => f.Key == name) is true)) is string flaw)
        {
            yield return flaw;
        }

        if (item.WaivedBy is { } fact && (item.PerRowOf is not null || !SharedFacts.CanProve(fact, form)))
        {
            yield return $"waivedBy is one of {string.Join(", ", SharedFacts.Facts)}, of a material of the case as a whole, in a form with fields that are filled in with it (shared)";
        }

        if (item.Recognise is { } rule)
        {
            IReadOnlyList<FormField>? row = item.PerRowOf is { } group ? form.Field(group)?.Fields : null;
            if (!DocumentKinds.All.Contains(rule.Kind))
            {
                yield return $"recognise.kind is '{rule.Kind}'; use one of {string.Join(", ", DocumentKinds.All)}";
            }

            if (rule.Fields.Count == 0 || !item.AllowedTypes.Any(FileKinds.IsImage))
            {
                yield return "recognise needs fields to fill in, and a picture among allowedTypes";
            }

            foreach (string key in rule.Fields.Keys)
            {
                if ((item.PerRowOf is null ? form.Field(key) : row?.FirstOrDefault(f => f.Key == key)) is not { Type: not (FieldType.Group or FieldType.File or FieldType.Number or FieldType.Boolean) })
                {
                    yield return $"recognise.fields names '{key}', which isn't a text, date, choice or number of a document of the form{(item.PerRowOf is null ? "" : "'s rows")}";
                }
            }
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

/// <summary>What a row of a repeating group is called.</summary>
public sealed record RowName(string Zh, string En);

/// <summary>A material still to be handed in.</summary>
/// <param name="Row">The row that lacks it, from 0; null for a material of the whole case.</param>
public sealed record MissingMaterial(string Key, int? Row, string Zh, string En);
