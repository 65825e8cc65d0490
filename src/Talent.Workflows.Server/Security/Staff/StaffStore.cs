using Microsoft.AspNetCore.Identity;
using Npgsql;

namespace Talent.Workflows.Server.Security.Staff;

/// <summary>The rows of security.staff.</summary>
internal sealed class StaffStore(NpgsqlDataSource database, TimeProvider time)
{
    private const string Columns = "id, name, role, created_at, disabled_at";

    private static readonly PasswordHasher<string> Passwords = new();

    // Somebody unknown takes as long as somebody known: names can't be guessed by the clock.
    private static readonly string NobodysHash = Passwords.HashPassword("", Guid.NewGuid().ToString());

    /// <summary>The member with this name and password; null when either is wrong or the account is disabled.</summary>
    public async Task<StaffMember?> SignInAsync(string id, string password, CancellationToken cancellationToken)
    {
        string? hash = null;
        StaffMember? member = null;
        await using (var command = database.CreateCommand($"select {Columns}, password_hash from security.staff where id = $1"))
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken))
                (member, hash) = (Read(reader), reader.GetString(5));
        }
        var verdict = Passwords.VerifyHashedPassword(id, hash ?? NobodysHash, password);
        return verdict != PasswordVerificationResult.Failed && member is { DisabledAt: null } ? member : null;
    }

    public async Task<StaffMember?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select {Columns} from security.staff where id = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>Members by id, from the one after <paramref name="after"/> on.</summary>
    public async Task<List<StaffMember>> ListAsync(string after, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select {Columns} from security.staff where id > $1 order by id limit $2");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var members = new List<StaffMember>();
        while (await reader.ReadAsync(cancellationToken))
            members.Add(Read(reader));
        return members;
    }

    /// <summary>Whether anybody may administer.</summary>
    public async Task<bool> HasAdministratorAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select exists (select from security.staff where role = '{StaffRoles.Administrator}' and disabled_at is null)");
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Adds a member.</summary>
    /// <returns>False when the id is taken.</returns>
    public async Task<bool> AddAsync(string id, string name, string role, string password, string by, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            insert into security.staff (id, name, role, password_hash, created_at, created_by, changed_at, changed_by)
            values ($1, $2, $3, $4, $5, $6, $5, $6) on conflict do nothing
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = role });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Passwords.HashPassword(id, password) });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = time.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = by });
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    /// <summary>Changes what is given and ends the member's sessions, which were opened with what counted before.</summary>
    /// <returns>False when nothing changed: nobody has this id, or it is the last administrator, who stays one.</returns>
    public async Task<bool> ChangeAsync(string id, string? name, string? role, string? password, bool? disabled, string by, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // One at a time, so that two changes don't leave nobody who may administer.
        await using (var serial = new NpgsqlCommand("lock table security.staff in share row exclusive mode", connection))
            await serial.ExecuteNonQueryAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"""
            with changed as (
                update security.staff s set name = coalesce($2, name), role = coalesce($3, role), password_hash = coalesce($4, password_hash),
                    disabled_at = case when $5 is null then disabled_at when $5 then coalesce(disabled_at, $6) end, changed_at = $6, changed_by = $7
                where s.id = $1 and (s.role <> '{StaffRoles.Administrator}' or s.disabled_at is not null or (coalesce($3, s.role) = '{StaffRoles.Administrator}' and not coalesce($5, false))
                    or exists (select from security.staff o where o.id <> s.id and o.role = '{StaffRoles.Administrator}' and o.disabled_at is null))
                returning id),
            ended as (delete from security.sessions using changed where staff_id = changed.id)
            select count(*) from changed
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = role });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = password is null ? null : Passwords.HashPassword(id, password) });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)disabled ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Boolean });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = time.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = by });
        var changed = (long)(await command.ExecuteScalarAsync(cancellationToken))! > 0;
        await transaction.CommitAsync(cancellationToken);
        return changed;
    }

    internal static StaffMember Read(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3), row.IsDBNull(4) ? null : row.GetFieldValue<DateTimeOffset>(4));
}
