using System.Collections;
using Npgsql;
using NpgsqlTypes;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>The statement of all steps that write and check the same kinds of things: its text and which values it takes, in their order.</summary>
/// <param name="sql">With numbered parameters.</param>
/// <param name="parameters">What each takes, in the order of their numbers.</param>
internal sealed class StepShape(string sql, StepShape.Taken[] parameters)
{
    public string Sql => sql;

    public NpgsqlCommand CreateCommand(NpgsqlConnection connection)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var taken in parameters)
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = taken.Type });
        return command;
    }

    /// <summary>Hands the values of one attempt to a command of this shape.</summary>
    public void Fill(NpgsqlCommand command, StepValues values)
    {
        var targets = command.Parameters;
        for (var i = 0; i < parameters.Length; i++)
        {
            var taken = parameters[i];
            var value = values.All[taken.Place]
                ?? throw new InvalidOperationException($"A step part left parameter {i + 1} of {parameters.Length} unset. Every parameter of a section that isn't skipped has to be bound.");
            targets[i].Value = taken.FirstItem ? ((IList)value)[0] ?? DBNull.Value : value;
        }
    }

    /// <summary>One parameter: the place of its value among those that the parts bind, and whether it is that array's first item alone.</summary>
    internal readonly record struct Taken(int Place, bool FirstItem, NpgsqlDbType Type);
}

/// <summary>What the parts have bound for one attempt: values, and the sections that have nothing to do in it.</summary>
internal sealed class StepValues(int parameters)
{
    public object?[] All { get; } = new object?[parameters];

    /// <summary>One bit a section, in the order of the statement.</summary>
    public UInt128 Skipped { get; set; }

    public void Clear()
    {
        Array.Clear(All);
        Skipped = 0;
    }
}
