using Npgsql;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>
/// What one feature writes in a step. All parts together are one prepared statement of fixed shape: the version-checked
/// row of the instance comes first, everything else selects from its RETURNING, so that all of it is committed or nothing.
/// The statement is composed once at start-up; a part that has nothing to write binds empty arrays.
/// </summary>
/// <remarks>
/// No row may be touched by two parts, and none may be deleted and inserted in one step. All parts see the database as it
/// was before the step. Names of CTEs start with the name of their part.
/// </remarks>
public abstract class StepPart
{
    /// <summary>Unique; the prefix of its CTEs.</summary>
    public abstract string Name { get; }

    /// <summary>Its parameters. In the SQL they are written <c>@name</c>; every part also has <c>@instance</c> (uuid),
    /// <c>@now</c> (business clock) and <c>@machine_now</c> (timestamptz).</summary>
    public abstract IReadOnlyList<StepParameter> Parameters { get; }

    /// <summary>Comma-separated CTEs (<c>name as (…), name2 as (…)</c>) that select from <c>step(id, version)</c>, which has one
    /// row when the step goes through and none when it doesn't.</summary>
    public virtual string Sql => "";

    /// <summary>What must still be true at the instant of the commit. Evaluated in order, before anything is written.</summary>
    public virtual IReadOnlyList<StepGate> Gates => [];

    /// <summary>A scalar subquery that finds the instance of <c>@bookmark</c> (uuid) in the tables of this part; null when it keeps no bookmarks.</summary>
    public virtual string? BookmarkLookup => null;

    /// <summary>Sets every parameter. Called once for each attempt, in the order of registration, the engine's own parts last.</summary>
    public abstract void Bind(StepWrite step, StepParameters values);

    /// <summary>What a violated constraint of its tables means for the caller; null when it is none of its constraints.</summary>
    public virtual WorkflowException? Explain(PostgresException violation) => null;
}

/// <summary>A boolean SQL scalar that lets the step through when true. It has to be true when the step is none of its business.</summary>
public sealed record StepGate(string Name, string Sql);
