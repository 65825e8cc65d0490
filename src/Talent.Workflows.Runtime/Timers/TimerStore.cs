using Npgsql;

namespace Talent.Workflows.Runtime.Timers;

/// <summary>A claimed row: an instance with something due.</summary>
internal sealed record DueTimer(Guid InstanceId, DateTimeOffset DueAt, int Attempts);

/// <summary>The rows of engine.timers. A claim is a short lease on the machine clock; no lock is held while the work runs.</summary>
internal sealed class TimerStore(NpgsqlDataSource database)
{
    internal const string ClaimSql = """
        with due as materialized (
            select instance_id from engine.timers
            where due_at <= $1 and not set_aside and hold_until < $2
            order by due_at limit $4 for update skip locked)
        update engine.timers t set hold_until = $3 from due where t.instance_id = due.instance_id
        returning t.instance_id, t.due_at, t.attempts
        """;

    internal const string NextDueSql =
        "select least((select due_at from engine.timers where not set_aside and hold_until < $1 order by due_at limit 1), (select min(next_at) from engine.triggers))";

    public async Task<List<DueTimer>> ClaimAsync(DateTimeOffset now, DateTimeOffset machineNow, DateTimeOffset lease, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(ClaimSql);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = machineNow });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = lease });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        var due = new List<DueTimer>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            due.Add(new DueTimer(reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt32(2)));
        due.Sort(static (a, b) => a.DueAt.CompareTo(b.DueAt));
        return due;
    }

    /// <summary>The earliest instant at which something nobody has claimed is due (business clock).</summary>
    public async Task<DateTimeOffset?> NextDueAsync(DateTimeOffset machineNow, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(NextDueSql);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = machineNow });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) && !reader.IsDBNull(0) ? reader.GetFieldValue<DateTimeOffset>(0) : null;
    }

    /// <summary>Like <see cref="NextDueAsync"/> with what is claimed but hasn't failed; for whoever has to wait until all of it is handled.</summary>
    public async Task<DateTimeOffset?> NextUnhandledAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select least((select due_at from engine.timers where not set_aside and last_error is null order by due_at limit 1), (select min(next_at) from engine.triggers))");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) && !reader.IsDBNull(0) ? reader.GetFieldValue<DateTimeOffset>(0) : null;
    }

    /// <summary>Notes a failure; the row is left alone until then, or for good when set aside.</summary>
    public async Task FailedAsync(DueTimer timer, DateTimeOffset holdUntil, int attempts, bool setAside, string error, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("update engine.timers set hold_until = $3, attempts = $4, set_aside = $5, last_error = $6 where instance_id = $1 and due_at = $2");
        Key(command, timer);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = holdUntil });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = attempts });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = setAside });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = error });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Lets timers that were set aside fire again, with all their attempts anew. False when none of the instance are.</summary>
    public async Task<bool> ReleaseAsync(Guid instanceId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            update engine.timers set set_aside = false, attempts = 0, hold_until = '-infinity', last_error = null where instance_id = $1 and set_aside
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = instanceId });
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    /// <summary>What is set aside, by instance, from the one after <paramref name="afterInstanceId"/> on.</summary>
    public async Task<List<SetAsideTimer>> ListSetAsideAsync(Guid afterInstanceId, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select instance_id, due_at, attempts, coalesce(last_error, '') from engine.timers where set_aside and instance_id > $1 order by instance_id limit $2
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = afterInstanceId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        var timers = new List<SetAsideTimer>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            timers.Add(new SetAsideTimer(reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt32(2), reader.GetString(3)));
        return timers;
    }

    /// <summary>Puts a row right that doesn't say what its instance waits for.</summary>
    public async Task CorrectAsync(DueTimer timer, DateTimeOffset? dueAt, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(dueAt is null
            ? "delete from engine.timers where instance_id = $1 and due_at = $2"
            : "update engine.timers set due_at = $3, hold_until = '-infinity' where instance_id = $1 and due_at = $2");
        Key(command, timer);
        if (dueAt is { } due)
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = Storage.TimerPart.RoundUp(due) });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void Key(NpgsqlCommand command, DueTimer timer)
    {
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = timer.InstanceId });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = timer.DueAt });
    }
}
