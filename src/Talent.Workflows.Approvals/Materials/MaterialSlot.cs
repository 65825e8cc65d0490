using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>A place of a case's materials.</summary>
/// <param name="Material">What is asked for there.</param>
/// <param name="Group">The repeating group whose rows name its files; null: no row does.</param>
/// <param name="Field">The file field that names its file, of the form or of the group's rows; null: none does, the case as a whole has them.</param>
/// <param name="Rows">Most rows of the group; 1 without one.</param>
public sealed record MaterialSlot(MaterialRequirement Material, string? Group, string? Field, int Rows = 1)
{
    public string Key => Material.Key;

    /// <summary>Most files in a case: in a slot of rows, as many for each of the most rows that the form takes.</summary>
    public int MostFiles => Material.MaxFiles * Rows;

    /// <summary>Whether this case is asked for it; in a slot of rows, for one of its rows at least.</summary>
    public bool Applies(JsonElement caseData) => Group is null ? Material.When?.Holds(caseData) ?? true : RowsAsked(caseData).Any();

    /// <summary>The rows of the group that are asked for it, from 0.</summary>
    public IEnumerable<int> RowsAsked(JsonElement caseData) => RowsOf(caseData).Where(row => Material.When?.Holds(caseData, row.Data) ?? true).Select(row => row.Index);

    /// <summary>What the case data names here, with empty fields left out.</summary>
    public IEnumerable<MaterialReference> References(JsonElement caseData)
    {
        if (Field is null)
        {
            yield break;
        }

        if (Group is null)
        {
            if (FormData.Text(FormData.Find(caseData, Field)) is { Length: > 0 } id)
            {
                yield return new MaterialReference(this, Field, null, id);
            }

            yield break;
        }

        foreach ((int row, JsonElement item) in RowsOf(caseData))
        {
            if (FormData.Text(FormData.Find(item, Field)) is { Length: > 0 } id)
            {
                yield return new MaterialReference(this, $"{Group}[{row}].{Field}", row, id);
            }
        }
    }

    private IEnumerable<(int Index, JsonElement Data)> RowsOf(JsonElement caseData) =>
        Group is not null && FormData.Find(caseData, Group) is { ValueKind: JsonValueKind.Array } rows ? rows.EnumerateArray().Select((row, index) => (index, row)) : [];
}

/// <summary>A file field that names a material.</summary>
/// <param name="Path">As in form errors, such as <c>workExperience[0].proofFile</c>.</param>
/// <param name="Row">From 0; null: a field of the form itself.</param>
/// <param name="Text">As given: the id of a material when all is right.</param>
public sealed record MaterialReference(MaterialSlot Slot, string Path, int? Row, string Text)
{
    /// <summary>The material; null: it isn't an id.</summary>
    public Guid? Material => Guid.TryParseExact(Text, "D", out Guid id) ? id : null;
}
