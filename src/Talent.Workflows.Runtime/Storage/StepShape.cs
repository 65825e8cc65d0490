using Npgsql;
using NpgsqlTypes;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>The statement of all steps that write and check the same kinds of things: its text and which values it takes, in their order.</summary>
internal sealed class StepShape(string sql, NpgsqlDbType[] types, int[] places)
{
    public string Sql => sql;

    public NpgsqlCommand CreateCommand(NpgsqlConnection connection)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var type in types)
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type });
        return command;
    }

    /// <summary>Hands the values of one attempt to a command of this shape.</summary>
    public void Fill(NpgsqlCommand command, StepValues values)
    {
        var parameters = command.Parameters;
        for (var i = 0; i < places.Length; i++)
            parameters[i].Value = values.All[places[i]]
                ?? throw new InvalidOperationException($"A step part left parameter {i + 1} of {places.Length} unset. Every parameter of a section that isn't skipped has to be bound.");
    }
}

/// <summary>What the parts have bound for one attempt: values, and the sections that have nothing to do in it.</summary>
internal sealed class StepValues(int parameters)
{
    public object?[] All { get; } = new object?[parameters];

    /// <summary>One bit a section, in the order of the statement.</summary>
    public ulong Skipped { get; set; }

    public void Clear()
    {
        Array.Clear(All);
        Skipped = 0;
    }
}
