namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>What sentences say of a row, made once: an answer takes what it needs.</summary>
/// <param name="AtZh">Which row of which table.</param>
/// <param name="MetZh">The whole sentence where it is met.</param>
/// <param name="Cells">By column; null: the cell is empty.</param>
internal sealed record RowText(string AtZh, string AtEn, string MetZh, string MetEn, IReadOnlyList<CellText?> Cells)
{
    /// <param name="names">Of the columns.</param>
    public static RowText Of(TableFile table, int row, IReadOnlyList<Cell?> cells, IReadOnlyList<(string Zh, string En)> names)
    {
        var (atZh, atEn) = ($"依据《{table.Zh}》第{row + 1}行", $"by row {row + 1} of “{table.En}”");
        CellText?[] texts = [.. cells.Select((cell, c) => cell is null ? null : new CellText(names[c].Zh, $"{names[c].Zh}{cell.RequiredZh}", $"{names[c].En} {cell.RequiredEn}", $"{names[c].En} (has to be: {cell.RequiredEn})"))];
        var all = texts.OfType<CellText>().ToArray();
        return new RowText(atZh, atEn, all.Length == 0 ? $"符合：{atZh}。" : $"符合：{atZh}，{string.Join("，", all.Select(t => t.NeedsZh))}。", all.Length == 0 ? $"Met {atEn}." : $"Met {atEn}: {string.Join(", ", all.Select(t => t.NeedsEn))}.", texts);
    }
}

/// <param name="UnknownEn">Where the fact isn't known.</param>
internal sealed record CellText(string NameZh, string NeedsZh, string NeedsEn, string UnknownEn);
