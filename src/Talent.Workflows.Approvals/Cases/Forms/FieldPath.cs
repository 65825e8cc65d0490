using System.Globalization;
using System.Text.RegularExpressions;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>A place in a form's data, as form errors name it: <c>school</c>, <c>work[0]</c>, <c>work[0].from</c>.</summary>
/// <param name="Row">From 0; null: the field itself, or, with <paramref name="Inner"/>, every row.</param>
/// <param name="Inner">A field of the rows; null: the whole row, or the field itself.</param>
internal readonly partial record struct FieldPath(string Top, int? Row = null, string? Inner = null)
{
    private const int Longest = 100;

    /// <returns>Null: it isn't one.</returns>
    public static FieldPath? Parse(string path) => path.Length <= Longest && Shape().Match(path) is { Success: true } match
        ? new FieldPath(match.Groups["top"].Value, match.Groups["row"] is { Success: true } row ? int.Parse(row.ValueSpan, CultureInfo.InvariantCulture) : null,
            match.Groups["inner"] is { Success: true } inner ? inner.Value : null)
        : null;

    /// <summary>Whether the other place lies in this one, or is it.</summary>
    public bool Covers(FieldPath other) => Top == other.Top && (Row is null || Row == other.Row) && (Inner is null || Inner == other.Inner);

    /// <summary>As people name it: with the row that is meant, from 1, and the field in it.</summary>
    public (string Zh, string En) Label(Form form)
    {
        if (form.Field(Top) is not { } field)
            return (ToString(), ToString());
        var name = Inner;
        var inner = name is null ? null : field.Fields?.FirstOrDefault(f => f.Key == name);
        return ($"{field.Zh}{(Row is null ? "" : $"第{Row + 1}条")}{(inner is null ? "" : $"·{inner.Zh}")}", $"{field.En}{(Row is null ? "" : $" {Row + 1}")}{(inner is null ? "" : $", {inner.En}")}");
    }

    public override string ToString() => $"{Top}{(Row is null ? "" : $"[{Row}]")}{(Inner is null ? "" : $".{Inner}")}";

    [GeneratedRegex(@"\A(?<top>[a-z][A-Za-z0-9]{0,39})(\[(?<row>0|[1-9][0-9]{0,2})\](\.(?<inner>[a-z][A-Za-z0-9]{0,39}))?)?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}
