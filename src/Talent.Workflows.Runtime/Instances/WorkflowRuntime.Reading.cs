using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Signals;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>Reads, always from the database.</summary>
public sealed partial class WorkflowRuntime
{
    /// <summary>An instance; null when there is none.</summary>
    public Task<InstanceRecord?> ReadAsync(Guid instanceId, CancellationToken cancellationToken) => connections.LoadAsync(instanceId, cancellationToken);

    /// <summary>Instances, newest first.</summary>
    public async Task<InstancePage> ListAsync(InstanceQuery query, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        var sql = new StringBuilder($"select {InstanceSummary.Columns} from engine.instances i where true");
        if (query.DefinitionId is not null)
            Restrict("definition_id =", query.DefinitionId, NpgsqlDbType.Text);
        if (query.DefinitionVersionId is not null)
            Restrict("definition_version_id =", query.DefinitionVersionId, NpgsqlDbType.Text);
        if (query.CorrelationId is not null)
            Restrict("correlation_id =", query.CorrelationId, NpgsqlDbType.Text);
        if (query.Status is not null)
            Restrict("status =", (short)query.Status, NpgsqlDbType.Smallint);
        if (query.SubStatus is not null)
            Restrict("sub_status =", (short)query.SubStatus, NpgsqlDbType.Smallint);
        if (query.HasIncidents is { } incidents)
            sql.Append(incidents ? " and incidents > 0" : " and incidents = 0");
        if (query.After is not null)
            Restrict("id <", query.After, NpgsqlDbType.Uuid);
        var limit = Math.Clamp(query.Limit, 1, 200);
        sql.Append(" order by id desc limit ").Append((limit + 1).ToString(CultureInfo.InvariantCulture));
        command.CommandText = sql.ToString();
        var items = new List<InstanceSummary>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            items.Add(InstanceSummary.Read(reader));
        if (items.Count <= limit)
            return new InstancePage(items, null);
        items.RemoveAt(limit);
        return new InstancePage(items, items[^1].Id);

        void Restrict(string condition, object value, NpgsqlDbType type)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });
            sql.Append(" and ").Append(condition).Append(" $").Append(command.Parameters.Count.ToString(CultureInfo.InvariantCulture));
        }
    }

    private const int StepsParsedAtOnce = 250;

    /// <summary>The journal of an instance, oldest first, from the step after <paramref name="afterSequence"/> on.</summary>
    /// <param name="limit">Steps, 1 to 5,000.</param>
    public async Task<IReadOnlyList<JournalStep>> ReadJournalAsync(Guid instanceId, long afterSequence, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select seq, at, entries, xid from engine.journal where instance_id = $1 and seq > $2 order by seq limit $3");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = instanceId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = afterSequence });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Math.Clamp(limit, 1, 5000) });
        // Of a long journal one part is parsed while the next one comes.
        var parts = new List<Task<List<JournalStep>>>();
        var rows = new List<(long Sequence, DateTimeOffset At, byte[] Entries, ulong Transaction)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add((reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<byte[]>(2), reader.GetFieldValue<ulong>(3)));
            if (rows.Count < StepsParsedAtOnce)
                continue;
            var part = rows;
            parts.Add(Task.Run(() => Parse(part), cancellationToken));
            rows = new(StepsParsedAtOnce);
        }
        var last = Parse(rows);
        return parts.Count == 0 ? last : [.. (await Task.WhenAll(parts)).SelectMany(part => part), .. last];

        List<JournalStep> Parse(List<(long Sequence, DateTimeOffset At, byte[] Entries, ulong Transaction)> part)
        {
            var journal = new JournalReader();
            return part.ConvertAll(row => new JournalStep(instanceId, row.Sequence, row.At, journal.Read(row.Entries)) { Transaction = row.Transaction });
        }
    }

    /// <summary>The instance that waits under a bookmark; null when nothing does.</summary>
    public Task<InstanceRecord?> FindByBookmarkAsync(Guid bookmarkId, CancellationToken cancellationToken) => connections.LoadByBookmarkAsync(bookmarkId, cancellationToken);

    /// <summary>What became of the first signal with this id, whoever sent it; null when none came.</summary>
    public Task<SignalRecord?> ReadSignalAsync(Guid instanceId, string signalId, CancellationToken cancellationToken) =>
        ReadSignalAsync(instanceId, signalId, "", cancellationToken);

    /// <summary>What became of a signal of this credential, or else of another's with the same id; null when none came.</summary>
    public async Task<SignalRecord?> ReadSignalAsync(Guid instanceId, string signalId, string credential, CancellationToken cancellationToken) =>
        (await FindSignalAsync(instanceId, signalId, credential, cancellationToken))?.Record;

    /// <summary>The sender's own row first: under the id itself, or under the one it got because the id was another's.</summary>
    private async Task<KnownSignal?> FindSignalAsync(Guid instanceId, string signalId, string sender, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select name, outcome, at, signal_id, coalesce(sender, $3) = $3, payload_hash
            from engine.signals where instance_id = $1 and signal_id in ($2, $4) order by coalesce(sender, $3) = $3 desc limit 1
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = instanceId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = signalId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = sender });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = IdOf(signalId, sender) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new KnownSignal(
                new SignalRecord(instanceId, signalId, reader.GetString(0), (SignalOutcome)reader.GetInt16(1), reader.GetFieldValue<DateTimeOffset>(2)),
                reader.GetString(3), reader.GetBoolean(4), reader.IsDBNull(5) ? null : reader.GetFieldValue<byte[]>(5))
            : null;
    }

    /// <summary>A row of engine.signals, by the id that it is kept under.</summary>
    private sealed record KnownSignal(SignalRecord Record, string StoredId, bool IsOwn, byte[]? PayloadHash);
}
