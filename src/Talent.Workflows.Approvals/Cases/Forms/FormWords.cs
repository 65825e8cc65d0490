using System.Globalization;
using System.Text.Json;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>What was filled in, as people read it.</summary>
internal static class FormWords
{
    /// <returns>Null: nothing is filled in, or it is a group or a file.</returns>
    public static string? Of(Form form, FormField field, JsonElement? value, bool chinese) => (field.Type, value) switch
    {
        (_, null) or (FieldType.Group or FieldType.File, _) => null,
        (FieldType.Boolean, { ValueKind: JsonValueKind.True }) => chinese ? "是" : "Yes",
        (FieldType.Boolean, { ValueKind: JsonValueKind.False }) => chinese ? "否" : "No",
        (FieldType.Choice, _) => FormData.Text(value) is { } code ? Word(form, field, code, chinese) : null,
        (FieldType.Choices, { ValueKind: JsonValueKind.Array } several) => string.Join(chinese ? "、" : ", ", several.EnumerateArray().Select(c => FormData.Text(c)).OfType<string>().Select(c => Word(form, field, c, chinese))),
        (FieldType.Region, _) => FormData.Text(value) is { } code ? Region(form, field, code, chinese) : null,
        (FieldType.Date or FieldType.Month, _) => Date(field, value, chinese),
        (_, { ValueKind: JsonValueKind.Number } number) => number.GetRawText(),
        _ => FormData.Text(value),
    };

    private static string Word(Form form, FormField field, string code, bool chinese) => Entry(form, field, code) is { } entry ? chinese ? entry.Zh : entry.En : code;

    /// <summary>With everything that it lies in: 示例省示例市城东区.</summary>
    private static string Region(Form form, FormField field, string code, bool chinese)
    {
        var names = new List<string>();
        for (var at = Entry(form, field, code); at is not null && names.Count < CodeTables.Levels.Count; at = at.Parent is { } above ? Entry(form, field, above) : null)
            names.Add(chinese ? at.Zh : at.En);
        if (names.Count == 0)
            return code;
        if (!chinese)
            return string.Join(", ", names);
        names.Reverse();
        return string.Concat(names);
    }

    private static CodeEntry? Entry(Form form, FormField field, string code) =>
        form.Definition.CodeTables.TryGetValue(field.CodeTable!, out var table) ? table.FirstOrDefault(e => e.Code == code) : null;

    private static string? Date(FormField field, JsonElement? value, bool chinese) => FieldRules.DateOf(value) is not { } date ? FormData.Text(value)
        : (field.Type is FieldType.Month, chinese) switch
        {
            (true, true) => string.Create(CultureInfo.InvariantCulture, $"{date.Year}年{date.Month}月"),
            (false, true) => string.Create(CultureInfo.InvariantCulture, $"{date.Year}年{date.Month}月{date.Day}日"),
            (true, false) => date.ToString("MMMM yyyy", CultureInfo.InvariantCulture),
            (false, false) => date.ToString("d MMMM yyyy", CultureInfo.InvariantCulture),
        };
}
