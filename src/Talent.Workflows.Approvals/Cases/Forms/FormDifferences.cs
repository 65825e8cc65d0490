using System.Text.Json;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>A place at which two versions of a form's data differ.</summary>
/// <param name="Path">A field, a field of a row, or a whole row that came or went.</param>
/// <param name="Old">Null: there was nothing.</param>
/// <param name="New">Null: there is nothing.</param>
internal sealed record FormDifference(FieldPath Path, JsonElement? Old, JsonElement? New)
{
    /// <summary>Whether a row came or went.</summary>
    public bool IsRow => Path is { Row: not null, Inner: null } && (Old is null || New is null);
}

/// <summary>Compares two versions of the data of a form. Pure; any JSON may be given. Rows have no name of their own: they are compared by their place.</summary>
internal static class FormDifferences
{
    /// <summary>All differences in what the form knows, in its order. What is left out and what is empty is the same.</summary>
    public static IEnumerable<FormDifference> Of(Form form, JsonElement before, JsonElement after)
    {
        foreach (var field in form.Definition.Steps.SelectMany(s => s.Fields))
        {
            var (old, now) = (FormData.Find(before, field.Key), FormData.Find(after, field.Key));
            if (Same(old, now))
                continue;
            if (field is not { Type: FieldType.Group, Fields: { } inner } || !IsRows(old) || !IsRows(now))
            {
                yield return new FormDifference(new FieldPath(field.Key), old, now);
                continue;
            }
            for (var row = 0; row < Math.Max(Rows(old), Rows(now)); row++)
            {
                var (oldRow, newRow) = (Row(old, row), Row(now, row));
                if (oldRow is not { ValueKind: JsonValueKind.Object } || newRow is not { ValueKind: JsonValueKind.Object })
                {
                    if (oldRow is null || newRow is null || !Same(oldRow, newRow))
                        yield return new FormDifference(new FieldPath(field.Key, row), oldRow, newRow);
                }
                else
                    foreach (var part in inner)
                    {
                        var (was, becomes) = (FormData.Find(oldRow, part.Key), FormData.Find(newRow, part.Key));
                        if (!Same(was, becomes))
                            yield return new FormDifference(new FieldPath(field.Key, row, part.Key), was, becomes);
                    }
            }
        }
    }

    /// <summary>What the data says at a place; null: nothing.</summary>
    public static JsonElement? At(JsonElement data, FieldPath path)
    {
        var value = FormData.Find(data, path.Top);
        if (path.Row is { } row)
            value = Row(value, row);
        return path.Inner is { } inner ? FormData.Find(value, inner) : value;
    }

    /// <summary>How many rows a group has; 0: it is no group, or not filled in.</summary>
    public static int Rows(JsonElement? group) => group is { ValueKind: JsonValueKind.Array } rows ? rows.GetArrayLength() : 0;

    private static JsonElement? Row(JsonElement? group, int row) => row < Rows(group) ? group!.Value[row] : null;

    private static bool IsRows(JsonElement? value) => value is null or { ValueKind: JsonValueKind.Array };

    private static bool Same(JsonElement? a, JsonElement? b) => (a, b) switch
    {
        // What holds half of a surrogate pair can't be taken apart; the form refuses it by name.
        ({ } x, { } y) => FormData.IsReadable(x) && FormData.IsReadable(y) ? JsonElement.DeepEquals(x, y) : x.GetRawText() == y.GetRawText(),
        (null, null) => true,
        ({ } x, null) => FormData.IsEmpty(x),
        (null, { } y) => FormData.IsEmpty(y),
    };
}
