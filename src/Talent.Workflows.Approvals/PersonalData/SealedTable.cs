namespace Talent.Workflows.Approvals.PersonalData;

/// <summary>
/// A table with sealed columns. All sealed values of a row are under one data key, which its column <c>key_id</c> names; whoever
/// writes one of them seals them all again.
/// </summary>
/// <param name="Name">In the schema <c>approvals</c>.</param>
/// <param name="Id">The column with the row's id, a <c>uuid</c>; null: the table has none, and its rows are told apart by their part.</param>
/// <param name="Part">The rest of its key, or all of it, as an expression that is a text; null: the id is all.</param>
/// <param name="Columns">The sealed columns, of type <c>bytea</c>; each may be null.</param>
public sealed record SealedTable(string Name, string? Id, string? Part, IReadOnlyList<string> Columns)
{
    /// <summary>What names a row beside its part.</summary>
    internal string IdSql => Id ?? "'00000000-0000-0000-0000-000000000000'::uuid";

    /// <summary>The place of one of its values.</summary>
    public SealedPlace At(string column, Guid row, string? part = null) => new($"{Name}.{column}", row, part);
}
