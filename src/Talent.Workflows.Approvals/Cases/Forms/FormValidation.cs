using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>One look at one case's data: walks the data for what shouldn't be there, then the form for what should.</summary>
internal sealed class FormValidation(
    FormDefinition definition, FrozenDictionary<string, BoundField> fields, JsonElement data, int phase, FormMode mode, DateOnly today, JsonElement? kept, DateOnly filedOn)
{
    private const int MostErrors = 200;

    private readonly List<FormError> _errors = [];

    public IReadOnlyList<FormError> Run()
    {
        if (data.ValueKind != JsonValueKind.Object)
        {
            Add("", FormErrorCodes.NotAnObject, "申报内容必须是一个对象", "The form data must be an object");
            return _errors;
        }

        if (Encoding.UTF8.GetByteCount(data.GetRawText()) > definition.MaxBytes)
        {
            Add("", FormErrorCodes.TooLarge, $"申报内容超过{definition.MaxBytes / 1024}KB上限，请精简文字或改为上传附件", $"The form data exceeds {definition.MaxBytes / 1024} KB; shorten texts or upload files instead");
            return _errors;
        }

        Walk(data, null, fields, "", null);
        if (mode is FormMode.Submit)
        {
            foreach (FormError error in RuleChecks.Of(definition, fields, data, phase, today, filedOn))
            {
                Add(error);
            }
        }

        return _errors;
    }

    private void Walk(JsonElement parent, JsonElement? row, FrozenDictionary<string, BoundField> known, string prefix, string? group)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (JsonProperty property in parent.EnumerateObject())
        {
            string? name = FormData.Name(property);
            if (name is null || !known.TryGetValue(name, out BoundField? bound))
            {
                string shown = Shown(name);
                Add(prefix + shown, FormErrorCodes.UnknownField, $"表单中没有字段“{shown}”", $"The form has no field '{shown}'");
            }
            else if (!seen.Add(name))
            {
                Add(prefix + name, FormErrorCodes.DuplicateField, $"“{bound.Field.Zh}”重复提交", $"{bound.Field.En} is given twice");
            }

            if (_errors.Count >= MostErrors)
            {
                return;
            }
        }

        foreach (FormField field in Order(known))
        {
            Check(known[field.Key], FormData.Find(parent, field.Key), row, prefix + field.Key, group);
            if (_errors.Count >= MostErrors)
            {
                return;
            }
        }
    }

    // Errors come in the order in which the applicant sees the fields.
    private IEnumerable<FormField> Order(FrozenDictionary<string, BoundField> known) =>
        ReferenceEquals(known, fields)
            ? definition.Steps.SelectMany(s => s.Fields)
            : fields.Values.First(f => ReferenceEquals(f.Row, known)).Field.Fields!;

    private void Check(BoundField bound, JsonElement? found, JsonElement? row, string path, string? group)
    {
        FormField field = bound.Field;
        bool filled = found is JsonElement v && !FormData.IsEmpty(v);
        if (bound.Step.Phase > phase)
        {
            if (filled)
            {
                Add(path, FormErrorCodes.NotOpenYet, $"“{field.Zh}”在完善材料阶段填写，现阶段不能提交", $"{field.En} is filled in at the second phase, not now");
            }

            return;
        }

        bool applies = (bound.Step.When?.Holds(data) ?? true) && (field.When?.Holds(data, row) ?? true);
        if (!filled)
        {
            if (found is { ValueKind: JsonValueKind.String } text && FormData.Text(text) is null)
            {
                Add(path, FormErrorCodes.BadText, $"“{field.Zh}”含有无法保存的字符", $"{field.En} holds characters that can't be kept");
            }
            else if (field.Type is FieldType.Group or FieldType.Choices && found is not (null or { ValueKind: JsonValueKind.Array or JsonValueKind.Null }))
            {
                Add(path, FormErrorCodes.WrongType, $"“{field.Zh}”应为列表", $"{field.En} must be a list");
            }
            else if (mode is FormMode.Submit && applies && (field.Required || field.MinRows > 0))
            {
                Add(path, FormErrorCodes.Required, $"请{Ask(field)}“{field.Zh}”", field.Type is FieldType.Boolean && field.MustBe == true ? $"Confirm: {field.En}" : $"{field.En} is required");
            }

            return;
        }

        if (!applies && mode is FormMode.Submit && found is not { ValueKind: JsonValueKind.False })
        {
            Add(path, FormErrorCodes.NotApplicable, $"“{field.Zh}”在当前选择下不适用，请清空", $"{field.En} doesn't apply to what was chosen; clear it");
            return;
        }

        if (bound.Row is null)
        {
            FieldRules.Check(bound, found!.Value, mode, name => FormData.Find(row, name) ?? FormData.Find(data, name), today, filedOn, code => Had(group, field.Key, code), (code, zh, en) => Add(path, code, zh, en));
            return;
        }

        CheckRows(bound, found!.Value, path);
    }

    private void CheckRows(BoundField bound, JsonElement rows, string path)
    {
        FormField field = bound.Field;
        if (rows.ValueKind != JsonValueKind.Array)
        {
            Add(path, FormErrorCodes.WrongType, $"“{field.Zh}”应为列表", $"{field.En} must be a list");
            return;
        }

        int count = rows.GetArrayLength();
        if (count > field.MaxRows)
        {
            Add(path, FormErrorCodes.TooManyRows, $"“{field.Zh}”最多{field.MaxRows}条", $"{field.En} takes at most {field.MaxRows} rows");
            return;
        }

        if (mode is FormMode.Submit && count < field.MinRows)
        {
            Add(path, FormErrorCodes.TooFewRows, $"“{field.Zh}”至少填写{field.MinRows}条", $"{field.En} needs at least {field.MinRows} rows");
        }

        if (mode is FormMode.Submit && field.LastYears is { } year && count == field.MinRows && !NamesLastYears(rows, year, count))
        {
            Add(path, FormErrorCodes.WrongYears, $"“{field.Zh}”应为{today.Year - count}年至{today.Year - 1}年，每年一条", $"{field.En}: one row for each of the years {today.Year - count} to {today.Year - 1}");
        }

        int index = 0;
        foreach (JsonElement row in rows.EnumerateArray())
        {
            string at = $"{path}[{index++}]";
            if (row.ValueKind == JsonValueKind.Object)
            {
                Walk(row, row, bound.Row!, at + ".", field.Key);
            }
            else
            {
                Add(at, FormErrorCodes.WrongType, $"“{field.Zh}”第{index}条格式不正确", $"Row {index} of {field.En} must be an object");
            }
        }
    }

    private bool NamesLastYears(JsonElement rows, string field, int count) =>
        rows.EnumerateArray().Select(row => row.ValueKind == JsonValueKind.Object && row.TryGetProperty(field, out JsonElement year) && year.ValueKind == JsonValueKind.Number && year.TryGetInt32(out int number) ? number : 0)
            .Order().SequenceEqual(Enumerable.Range(today.Year - count, count));

    // A row has no name of its own: a code that any row of the group had may stay.
    private bool Had(string? group, string key, string code)
    {
        IEnumerable<JsonElement?> values = group is null ? [FormData.Find(kept, key)]
            : FormData.Find(kept, group) is { ValueKind: JsonValueKind.Array } rows ? rows.EnumerateArray().Select(r => FormData.Find(r, key)) : [];
        return values.Any(v => v is { ValueKind: JsonValueKind.Array } several ? several.EnumerateArray().Any(item => FormData.Text(item) == code) : FormData.Text(v) == code);
    }

    // What one does with such a field on a page.
    private static string Ask(FormField field) => field.Type switch
    {
        FieldType.Boolean when field.MustBe == true => "确认",
        FieldType.Choice or FieldType.Choices or FieldType.Region or FieldType.Boolean => "选择",
        FieldType.File => "上传",
        _ => "填写",
    };

    private static string Shown(string? name) => name switch
    {
        null => "?",
        { Length: > 40 } => name[..40] + "…",
        _ => name,
    };

    private void Add(string path, string code, string zh, string en) => Add(new FormError(path, code, zh, en));

    private void Add(FormError error)
    {
        if (_errors.Count < MostErrors - 1)
        {
            _errors.Add(error);
        }
        else if (_errors.Count == MostErrors - 1)
        {
            _errors.Add(new FormError("", FormErrorCodes.TooManyErrors, "错误过多，其余未列出", "There are too many errors; the rest isn't listed"));
        }
    }
}
