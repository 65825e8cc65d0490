using System.Collections.Frozen;
using Npgsql;
using NpgsqlTypes;

namespace Talent.Workflows.Server.Security;

/// <summary>The rows of security.keys.</summary>
internal sealed class KeyStore(NpgsqlDataSource database)
{
    private const string Columns = "id, name, hash, scopes, services, organisations, roles, created_at, created_by, expires_at, revoked_at, revoked_by";

    public Task<ServiceKey?> FindByHashAsync(byte[] hash, CancellationToken cancellationToken) =>
        FindAsync("hash = $1", new NpgsqlParameter<byte[]> { TypedValue = hash }, cancellationToken);

    public Task<ServiceKey?> FindAsync(string id, CancellationToken cancellationToken) =>
        FindAsync("id = $1", new NpgsqlParameter<string> { TypedValue = id }, cancellationToken);

    /// <summary>Keys by id, from the one after <paramref name="after"/> on.</summary>
    public async Task<List<ServiceKey>> ListAsync(string after, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select {Columns} from security.keys where id > $1 order by id limit $2");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<ServiceKey>();
        while (await reader.ReadAsync(cancellationToken))
            keys.Add(Read(reader));
        return keys;
    }

    /// <summary>Writes a new key; with <paramref name="replace"/>, over the one with this id unless it is the same (a revoked one stays revoked).</summary>
    public async Task WriteAsync(ServiceKey key, bool replace, CancellationToken cancellationToken)
    {
        var conflict = replace
            ? " on conflict (id) do update set hash = excluded.hash, scopes = excluded.scopes, created_at = excluded.created_at, revoked_at = null, revoked_by = null where keys.hash <> excluded.hash"
            : "";
        await using var command = database.CreateCommand($"insert into security.keys ({Columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, null, null){conflict}");
        var values = command.Parameters;
        values.Add(new NpgsqlParameter<string> { TypedValue = key.Id });
        values.Add(new NpgsqlParameter<string> { TypedValue = key.Name });
        values.Add(new NpgsqlParameter<byte[]> { TypedValue = key.Hash });
        values.Add(Texts(key.Scopes));
        values.Add(Texts(key.Services));
        values.Add(Texts(key.Organisations));
        values.Add(Texts(key.Roles));
        values.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = key.CreatedAt });
        values.Add(new NpgsqlParameter<string> { TypedValue = key.CreatedBy });
        values.Add(new NpgsqlParameter { Value = (object?)key.ExpiresAt ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Revokes a key unless it is the last active one with the scope admin.</summary>
    /// <returns>False when nothing changed: revoked before, or the last one.</returns>
    public async Task<bool> RevokeAsync(string id, DateTimeOffset now, string by, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // One at a time, so that two revocations don't leave nobody.
        await using (var serial = new NpgsqlCommand("lock table security.keys in share row exclusive mode", connection))
            await serial.ExecuteNonQueryAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"""
            update security.keys k set revoked_at = $2, revoked_by = $3
            where k.id = $1 and k.revoked_at is null
            and (not '{Scopes.Admin}' = any(k.scopes) or exists (
                select from security.keys o where o.id <> k.id and '{Scopes.Admin}' = any(o.scopes) and o.revoked_at is null and (o.expires_at is null or o.expires_at > $2)))
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = by });
        var changed = await command.ExecuteNonQueryAsync(cancellationToken) > 0;
        await transaction.CommitAsync(cancellationToken);
        return changed;
    }

    /// <summary>Whether somebody can administer this installation.</summary>
    public async Task<bool> HasAdministratorAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select exists (select from security.keys where '{Scopes.Admin}' = any(scopes) and revoked_at is null and (expires_at is null or expires_at > $1))");
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The value of a secret, made at its first use.</summary>
    public async Task<byte[]> SecretAsync(string name, byte[] candidate, CancellationToken cancellationToken)
    {
        await using (var make = database.CreateCommand("insert into security.secrets (name, value) values ($1, $2) on conflict do nothing"))
        {
            make.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
            make.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = candidate });
            await make.ExecuteNonQueryAsync(cancellationToken);
        }
        // A statement of its own: the one above doesn't see what another node committed while it waited for that node.
        await using var read = database.CreateCommand("select value from security.secrets where name = $1");
        read.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        return (byte[])(await read.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<ServiceKey?> FindAsync(string condition, NpgsqlParameter value, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select {Columns} from security.keys where {condition}");
        command.Parameters.Add(value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    private static ServiceKey Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetString(0),
        Name = row.GetString(1),
        Hash = row.GetFieldValue<byte[]>(2),
        Scopes = Set(row, 3)!,
        Services = Set(row, 4),
        Organisations = Set(row, 5),
        Roles = Set(row, 6),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(7),
        CreatedBy = row.GetString(8),
        ExpiresAt = row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9),
        RevokedAt = row.IsDBNull(10) ? null : row.GetFieldValue<DateTimeOffset>(10),
        RevokedBy = row.IsDBNull(11) ? null : row.GetString(11),
    };

    private static FrozenSet<string>? Set(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<string[]>(column).ToFrozenSet(StringComparer.Ordinal);

    private static NpgsqlParameter Texts(IReadOnlySet<string>? values) => new()
    {
        Value = values is null ? DBNull.Value : values.Order(StringComparer.Ordinal).ToArray(),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
    };
}
