using Npgsql;

namespace Talent.Workflows.Approvals.PersonalData;

/// <summary>A table some of whose rows the release before wrote in clear.</summary>
/// <param name="name">In the schema <c>approvals</c>.</param>
/// <param name="clear">Which rows are in clear yet, in SQL; an index answers it.</param>
public abstract class ClearTable(string name, string clear)
{
    public string Name => name;

    /// <summary>Which rows are in clear yet, in SQL.</summary>
    public string Clear => clear;

    /// <summary>What seals the next rows and empties what they have in clear, one command a row, each row locked by the transaction that the connection is in.</summary>
    internal abstract Task<List<NpgsqlBatchCommand>> NextAsync(NpgsqlConnection connection, KeyRing ring, int most, CancellationToken cancellationToken);

    /// <summary>A command with its values.</summary>
    private protected static NpgsqlBatchCommand Command(string sql, params object?[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(Cases.Sql.Parameter(value));
        return command;
    }

    private protected static object Bytes(byte[]? value) => value ?? (object)new Cases.Sql.Null(NpgsqlTypes.NpgsqlDbType.Bytea);
}
