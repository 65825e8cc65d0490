namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>A table, ready to be asked. Immutable.</summary>
/// <param name="Columns">Slots of its inputs, in their order.</param>
internal sealed record DecisionTable(TableFile File, IReadOnlyList<int> Columns, IReadOnlyList<DecisionTable.Row> Rows)
{
    /// <param name="Cells">One for each column; null: anything.</param>
    /// <param name="Then">Positions of conditions.</param>
    internal sealed record Row(IReadOnlyList<Cell?> Cells, IReadOnlyList<int> Then, RowText Text);

    /// <summary>What each row comes to, by its own cells and by the hit policy.</summary>
    /// <returns>Whether the cells match, and whether the row counts.</returns>
    public (Truth[] Matches, Truth[] Hits) Test(FactValue?[] slots)
    {
        var (matches, hits) = (new Truth[Rows.Count], new Truth[Rows.Count]);
        var before = Truth.No;
        for (var i = 0; i < Rows.Count; i++)
        {
            matches[i] = Match(Rows[i], slots);
            // An earlier row that may match leaves open whether this one counts.
            hits[i] = File.Hit == HitPolicy.First ? Min(matches[i], Not(before)) : matches[i];
            before = Max(before, matches[i]);
        }
        return (matches, hits);
    }

    private Truth Match(Row row, FactValue?[] slots)
    {
        var match = Truth.Yes;
        for (var c = 0; c < row.Cells.Count && match != Truth.No; c++)
            if (row.Cells[c] is { } cell)
                match = Min(match, cell.Test(slots[Columns[c]]));
        return match;
    }

    /// <summary>Two rows that one set of facts may match; null: there are none that the policy forbids.</summary>
    public (int First, int Second)? Clash()
    {
        if (File.Hit is HitPolicy.First or HitPolicy.Collect)
            return null;
        for (var i = 0; i < Rows.Count; i++)
            for (var j = i + 1; j < Rows.Count; j++)
                if (Overlap(Rows[i], Rows[j]) && (File.Hit == HitPolicy.Unique || !Rows[i].Then.Order().SequenceEqual(Rows[j].Then.Order())))
                    return (i, j);
        return null;
    }

    private static bool Overlap(Row a, Row b)
    {
        for (var c = 0; c < a.Cells.Count; c++)
            if (a.Cells[c] is { } one && b.Cells[c] is { } other && !one.Overlaps(other))
                return false;
        return true;
    }

    private static Truth Min(Truth a, Truth b) => a < b ? a : b;

    private static Truth Max(Truth a, Truth b) => a > b ? a : b;

    private static Truth Not(Truth a) => Truth.Yes - (int)a;
}
