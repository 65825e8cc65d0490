using Npgsql;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>Reads of the domain: plain SQL with numbered parameters ($1, $2 …).</summary>
internal static class Sql
{
    public static async Task<List<T>> QueryAsync<T>(this NpgsqlDataSource database, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object?[] parameters)
    {
        await using var command = database.CreateCommand(sql);
        return await ReadAsync(command, read, parameters, cancellationToken);
    }

    /// <summary>On a connection that is open: whoever holds one, and asks the pool for another, waits for those who do the same.</summary>
    public static async Task<List<T>> QueryAsync<T>(this NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object?[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await ReadAsync(command, read, parameters, cancellationToken);
    }

    private static async Task<List<T>> ReadAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, object?[] parameters, CancellationToken cancellationToken)
    {
        foreach (var value in parameters)
            command.Parameters.Add(Parameter(value));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    public static async Task<T?> SingleAsync<T>(this NpgsqlDataSource database, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object?[] parameters)
        where T : class
    {
        var rows = await database.QueryAsync(sql, read, cancellationToken, parameters);
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>A null has to say of what type it is: all optional parameters of these reads are texts, text lists or ids.</summary>
    public static NpgsqlParameter Parameter(object? value) => value switch
    {
        NpgsqlParameter made => made,
        Null { Type: var type } => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = type },
        null => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text },
        _ => new NpgsqlParameter { Value = value },
    };

    /// <summary>A null of a type other than text.</summary>
    public sealed record Null(NpgsqlTypes.NpgsqlDbType Type);

    public static object OrNull(this long? value) => value ?? (object)new Null(NpgsqlTypes.NpgsqlDbType.Bigint);

    public static object OrNull(this Guid? value) => value ?? (object)new Null(NpgsqlTypes.NpgsqlDbType.Uuid);

    public static object OrNull(this DateTimeOffset? value) => value ?? (object)new Null(NpgsqlTypes.NpgsqlDbType.TimestampTz);

    public static object OrNull(this IEnumerable<string>? value) => value?.ToArray() ?? (object)new Null(NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Text);

    public static string? Text(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static DateTimeOffset? Instant(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
