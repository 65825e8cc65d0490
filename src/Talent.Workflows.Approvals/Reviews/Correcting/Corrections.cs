using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Materials;

namespace Talent.Workflows.Approvals.Reviews.Correcting;

/// <summary>One thing that a return asks to be corrected: a field or a material, and what is wrong with it (R-REV-3).</summary>
/// <param name="Field">A path as in form errors: <c>school</c>, <c>work[0]</c>, <c>work[0].from</c>; null: it is a material.</param>
/// <param name="Material">The key of an item of the service's materials; null: it is a field.</param>
/// <param name="Note">1 to <see cref="Corrections.LongestNote"/> characters.</param>
public sealed record Correction(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Field = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Material = null, string? Note = null);

/// <summary>The same as people read it.</summary>
/// <param name="Zh">The label of the field or material, in Chinese.</param>
public sealed record CorrectionView(string? Field, string? Material, string Zh, string En, string Note);

/// <summary>What has to be corrected.</summary>
/// <param name="OnlyThese">Nothing else can be changed.</param>
public sealed record CorrectionsView(IReadOnlyList<CorrectionView> Items, bool OnlyThese);

/// <summary>What the open correction of a case asks for.</summary>
internal sealed partial record Corrections(IReadOnlyList<Correction> Items, bool Only)
{
    public const int Most = 50, LongestNote = 500;

    /// <summary>What the correction task was opened for, as SQL; a text, null: nothing was named. What several who returned a case together asked for counts together.</summary>
    /// <param name="task">Alias of the task.</param>
    public static string Of(string task) => $"""
        (case when {task}.kind = '{TaskKinds.Supplement}' then (
            select json_build_object('only', bool_and(k.only_these), 'items', json_agg(k.items order by k.at, k.task_id))::text
            from approvals.corrections k join approvals.tasks d on d.id = k.task_id and d.status = {TaskStatusCodes.Done}
            where k.case_id = {task}.case_id and k.at <= {task}.opened_at and k.at > coalesce((
                select max(p.opened_at) from approvals.tasks p where p.case_id = {task}.case_id and p.id between approvals.first_task({task}.case_id) and approvals.last_task({task}.case_id)
                and p.kind = '{TaskKinds.Supplement}' and p.opened_at < {task}.opened_at), '-infinity')
            having count(*) > 0) end)
        """;

    public static Corrections? Read(string? json)
    {
        if (json is null)
            return null;
        var row = JsonSerializer.Deserialize<Row>(json, JsonSerializerOptions.Web)!;
        return new Corrections([.. row.Items.SelectMany(i => i)], row.Only);
    }

    public static string Write(IEnumerable<Correction> items) => JsonSerializer.Serialize(items, JsonSerializerOptions.Web);

    public CorrectionsView View(ServicePackage package) => new([.. Items.Select(i => View(package, i))], Only);

    /// <summary>One line, as messages say it.</summary>
    public string Text(ServicePackage package, bool chinese) =>
        string.Join(chinese ? "；" : "; ", Items.Select(i => View(package, i)).Select(v => chinese ? $"“{v.Zh}”：{v.Note}" : $"{v.En}: {v.Note}"));

    /// <summary>What is wrong with what a reviewer asks for; paths are those of the request.</summary>
    /// <param name="phase">Of the stage: what isn't filled in yet can't be corrected.</param>
    public static IReadOnlyList<FormError> Check(IReadOnlyList<Correction> items, ServicePackage package, int phase)
    {
        var errors = new List<FormError>();
        if (items.Count > Most)
            return [new FormError("corrections", FormErrorCodes.TooManyRows, $"补正内容最多{Most}项", $"At most {Most} corrections are asked for at once")];
        for (var i = 0; i < items.Count; i++)
        {
            var (at, item) = ($"corrections[{i}]", items[i]);
            if (item is null || item.Field is null == item.Material is null)
                errors.Add(new FormError(at, FormErrorCodes.Required, "请填写 field 或 material 其中之一", "Name a field or a material, one of them"));
            else if (item.Field is { } path && !Knows(package.Form, path, phase))
                errors.Add(new FormError($"{at}.field", FormErrorCodes.UnknownField, "表单中没有该字段，或该字段尚未填写", "The form has no such field, or it isn't filled in yet"));
            else if (item.Material is { } key && (package.Materials.Slot(key) is not { } slot || slot.Material.Phase != phase))
                errors.Add(new FormError($"{at}.material", FormErrorCodes.UnknownField, "材料清单中没有该项材料，或尚未提交", "There is no such material, or it isn't handed in yet"));
            else if (string.IsNullOrWhiteSpace(item.Note) || item.Note.Length > LongestNote || item.Note.Contains('\0'))
                errors.Add(new FormError($"{at}.note", FormErrorCodes.TooLong, $"请说明需要补正的内容，1至{LongestNote}字", $"Say what to correct, in 1 to {LongestNote} characters"));
        }
        if (items.OfType<Correction>().GroupBy(i => (i.Field, i.Material)).FirstOrDefault(g => g.Count() > 1) is { } twice)
            errors.Add(new FormError("corrections", FormErrorCodes.DuplicateField, $"“{twice.Key.Field ?? twice.Key.Material}”重复", $"'{twice.Key.Field ?? twice.Key.Material}' stands twice"));
        return errors;
    }

    /// <summary>Fields that would be changed and aren't asked for.</summary>
    public IEnumerable<FormError> Unasked(ServicePackage package, JsonElement before, JsonElement after)
    {
        if (!Only || after.ValueKind != JsonValueKind.Object)
            yield break;
        foreach (var name in before.EnumerateObject().Concat(after.EnumerateObject()).Select(p => p.Name).Distinct(StringComparer.Ordinal))
            if (package.Form.Field(name) is { FilledFrom: null } field && !AsksField(package.Materials, name)
                && !(before.TryGetProperty(name, out var old) && after.TryGetProperty(name, out var now) ? JsonElement.DeepEquals(old, now) : IsEmpty(before, name) && IsEmpty(after, name)))
                yield return new FormError(name, FormErrorCodes.NotAsked, $"“{field.Zh}”不在本次补正内容之内，不能修改", $"{field.En} isn't among what has to be corrected, and can't be changed");
    }

    /// <summary>Whether the materials of a slot may be changed.</summary>
    public bool Allows(MaterialSlot slot) => !Only || Items.Any(i => i.Material == slot.Key) || ((slot.Group ?? slot.Field) is { } field && Items.Any(i => Top(i.Field) == field));

    private bool AsksField(MaterialList materials, string name) =>
        Items.Any(i => Top(i.Field) == name || (i.Material is { } key && materials.Slot(key) is { } slot && (slot.Group ?? slot.Field) == name));

    private static bool IsEmpty(JsonElement data, string name) => !data.TryGetProperty(name, out var value) || FormData.IsEmpty(value);

    private static CorrectionView View(ServicePackage package, Correction item)
    {
        var (zh, en) = item.Field is { } path ? Label(package.Form, path) : package.Materials.Slot(item.Material!) is { } slot ? (slot.Material.Zh, slot.Material.En) : (item.Material!, item.Material!);
        return new CorrectionView(item.Field, item.Material, zh, en, item.Note ?? "");
    }

    private static bool Knows(Form form, string path, int phase) => path.Length <= 100 && FieldPath().Match(path) is { Success: true } match && form.Field(match.Groups["top"].Value) is { } field
        && form.PhaseOf(field.Key) == phase && (!match.Groups["row"].Success || field.Type == FieldType.Group)
        && (!match.Groups["inner"].Success || field.Fields!.Any(f => f.Key == match.Groups["inner"].Value));

    /// <summary>A field as people name it: with the row that is meant, from 1, and the field in it.</summary>
    internal static (string Zh, string En) Label(Form form, string path)
    {
        var match = FieldPath().Match(path);
        if (!match.Success || form.Field(match.Groups["top"].Value) is not { } field)
            return (path, path);
        var row = match.Groups["row"].Success ? int.Parse(match.Groups["row"].Value, System.Globalization.CultureInfo.InvariantCulture) + 1 : (int?)null;
        var inner = match.Groups["inner"].Success ? field.Fields?.FirstOrDefault(f => f.Key == match.Groups["inner"].Value) : null;
        return ($"{field.Zh}{(row is null ? "" : $"第{row}条")}{(inner is null ? "" : $"·{inner.Zh}")}", $"{field.En}{(row is null ? "" : $" {row}")}{(inner is null ? "" : $", {inner.En}")}");
    }

    private static string? Top(string? path) => path?.Split('[', '.')[0];

    private sealed record Row(bool Only, IReadOnlyList<IReadOnlyList<Correction>> Items);

    [GeneratedRegex(@"\A(?<top>[a-z][A-Za-z0-9]{0,39})(\[(?<row>[0-9]{1,3})\](\.(?<inner>[a-z][A-Za-z0-9]{0,39}))?)?\z")]
    private static partial Regex FieldPath();
}
