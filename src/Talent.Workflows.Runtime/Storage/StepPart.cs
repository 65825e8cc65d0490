using Npgsql;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>
/// What one feature writes in a step. All parts together are one prepared statement: the version-checked row of the
/// instance comes first, everything else selects from its RETURNING, so that all of it is committed or nothing.
/// A part is made of sections; a step carries those that it doesn't skip, because PostgreSQL spends as much on the start
/// of a CTE that has nothing to do as on one that writes a row. Each combination is composed once and prepared once on
/// every connection that meets it.
/// </summary>
/// <remarks>
/// No row may be touched by two parts, and none may be deleted and inserted in one step. All parts see the database as it
/// was before the step. Names of CTEs start with the name of their part.
/// </remarks>
public abstract class StepPart
{
    /// <summary>Unique; the prefix of its CTEs.</summary>
    public abstract string Name { get; }

    /// <summary>Its parameters. In the SQL they are written <c>@name</c>, the first item of an array <c>@name[1]</c>; every part also has <c>@instance</c> (uuid),
    /// <c>@now</c> (business clock) and <c>@machine_now</c> (timestamptz).</summary>
    public abstract IReadOnlyList<StepParameter> Parameters { get; }

    /// <summary>Comma-separated CTEs (<c>name as (…), name2 as (…)</c>) that select from <c>step(id, version)</c>, which has one
    /// row when the step goes through and none when it doesn't.</summary>
    public virtual string Sql => "";

    /// <summary>What must still be true at the instant of the commit. Evaluated in order, before anything is written.</summary>
    public virtual IReadOnlyList<StepGate> Gates => [];

    /// <summary>What a step can do without; by default <see cref="Sql"/> and <see cref="Gates"/> are one. A section is part of every step
    /// whose <see cref="Bind"/> doesn't skip it, so that a forgotten condition costs time and opens no gate.</summary>
    public virtual IReadOnlyList<StepSection> Sections => [new(Sql, [.. Gates])];

    /// <summary>A scalar subquery that finds the instance of <c>@bookmark</c> (uuid) in the tables of this part; null when it keeps no bookmarks.</summary>
    public virtual string? BookmarkLookup => null;

    /// <summary>Skips the sections that the step has no use for and sets every parameter of the others. Called once for each
    /// attempt, in the order of registration, the engine's own parts last.</summary>
    public abstract void Bind(StepWrite step, StepParameters values);

    /// <summary>What a violated constraint of its tables means for the caller; null when it is none of its constraints.</summary>
    public virtual WorkflowException? Explain(PostgresException violation) => null;
}

/// <summary>CTEs and gates that take part in a step together or not at all.</summary>
public sealed record StepSection(string Sql, params IReadOnlyList<StepGate> Gates)
{
    /// <summary>A section that writes nothing.</summary>
    public StepSection(StepGate gate) : this("", gate) { }

    /// <summary>Rows of array parameters, one array a column, for a FROM.</summary>
    public static string Rows(params string[] columns) => $"unnest({string.Join(", ", columns)})";

    /// <summary>The same when the arrays have one item each, as in nearly all steps: <c>@name[1]</c> is sent as a scalar, which spares
    /// PostgreSQL the reading of an array and the store of rows that unnesting keeps.</summary>
    public static string Row(params string[] columns) => $"(select {string.Join(", ", columns.Select(c => $"{c}[1]"))})";
}

/// <summary>A SQL scalar that lets the step through. With a name it is a boolean, true to let through; without, it is a text, null
/// to let through and else the name of the gate that is closed: for gates that read the same rows.</summary>
public sealed record StepGate(string? Name, string Sql);
