using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Audit;

/// <summary>Verifies the audit of the database, or of an export with nothing but the public keys (R-AUD-1).</summary>
public sealed class AuditVerification(NpgsqlDataSource database, AuditKeys keys)
{
    /// <summary>Checks every chain, every checkpoint, and that the two and the instances agree. Read in one snapshot; cases come one by one.</summary>
    public async Task<AuditReport> VerifyAsync(CancellationToken cancellationToken)
    {
        var check = new AuditCheck(await keys.PublicPemsAsync(cancellationToken));
        await ReadAsync((checkpoint, heads) => { check.Checkpoint(checkpoint, heads); return Task.CompletedTask; },
            (id, chain, head) => { check.Case(id, chain, head); return Task.CompletedTask; }, cancellationToken);
        return check.Report();
    }

    /// <summary>Writes everything as lines of JSON: checkpoints with their heads, then the chains case by case.</summary>
    public async Task ExportAsync(Stream to, CancellationToken cancellationToken)
    {
        await ReadAsync((checkpoint, heads) => WriteAsync(new Line { Checkpoint = checkpoint, Heads = heads }), (id, chain, _) => WriteAsync(new Line { CaseId = id, Records = chain }), cancellationToken);

        async Task WriteAsync(Line line)
        {
            await JsonSerializer.SerializeAsync(to, line, Json, cancellationToken);
            await to.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }
    }

    /// <summary>Checks an export; needs no database.</summary>
    /// <param name="publicKeyPem">The public key, or all of them one after the other when checkpoints were sealed with several.</param>
    /// <exception cref="FormatException">Not an export.</exception>
    public static async Task<AuditReport> VerifyExportAsync(Stream export, string publicKeyPem, CancellationToken cancellationToken)
    {
        var check = new AuditCheck(publicKeyPem);
        using var reader = new StreamReader(export, leaveOpen: true);
        var number = 0;
        while (await reader.ReadLineAsync(cancellationToken) is { } text)
        {
            number++;
            try
            {
                var line = JsonSerializer.Deserialize<Line>(text, Json)!;
                if (line is { Checkpoint: { } checkpoint, Heads: { } heads })
                    check.Checkpoint(checkpoint, heads);
                else if (line is { CaseId: { } id, Records: { } records })
                    check.Case(id, records, null);
                else
                    throw new FormatException($"Line {number} is neither a checkpoint nor a case.");
            }
            catch (JsonException e)
            {
                throw new FormatException($"Line {number} isn't a line of an audit export: {e.Message}", e);
            }
        }
        return check.Report();
    }

    private async Task ReadAsync(Func<AuditCheckpoint, IReadOnlyList<CaseHead>, Task> checkpoint, Func<string, IReadOnlyList<AuditRecord>, byte[]?, Task> chain, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        await using (var command = new NpgsqlCommand("""
            select c.at, c.count, c.root, c.previous, c.signature, c.key_id, array_agg(h.case_id order by h.case_id), array_agg(h.seq order by h.case_id), array_agg(h.hash order by h.case_id)
            from approvals.audit_checkpoints c left join approvals.audit_heads h on h.checkpoint_id = c.id and h.case_id is not null group by c.id order by c.id
            """, connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            while (await reader.ReadAsync(cancellationToken))
            {
                var (ids, seqs, hashes) = (reader.GetFieldValue<Guid?[]>(6), reader.GetFieldValue<long?[]>(7), reader.GetFieldValue<byte[]?[]>(8));
                await checkpoint(AuditSealing.ReadCheckpoint(reader), [.. ids.Select((id, i) => (id, i)).Where(h => h.id is not null).Select(h => new CaseHead(h.id!.Value.ToString(), seqs[h.i]!.Value, hashes[h.i]!))]);
            }
        await using (var command = new NpgsqlCommand("""
            select coalesce(a.case_id, i.id), a.seq, a.at, a.service_id, a.user_id, a.action, a.stage, a.from_status, a.to_status, a.definition_version_id, a.details, a.hash, i.chain_hash
            from approvals.audit a full join engine.instances i on i.id = a.case_id where a.case_id is not null or i.chain_hash is not null order by 1, 2
            """, connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            string? current = null;
            byte[]? head = null;
            var records = new List<AuditRecord>();
            while (await reader.ReadAsync(cancellationToken))
            {
                var id = reader.GetGuid(0).ToString();
                if (current is not null && id != current)
                {
                    await chain(current, records, head);
                    records = [];
                }
                (current, head) = (id, reader.IsDBNull(12) ? null : reader.GetFieldValue<byte[]>(12));
                if (!reader.IsDBNull(1))
                    records.Add(new AuditRecord(new AuditEntry
                    {
                        CaseId = id, Seq = reader.GetInt64(1), At = reader.GetFieldValue<DateTimeOffset>(2), ServiceId = reader.GetString(3), UserId = reader.Text(4), Action = reader.GetString(5),
                        Stage = reader.Text(6), FromStatus = reader.Text(7), ToStatus = reader.Text(8), DefinitionVersionId = reader.GetString(9), Details = reader.Text(10),
                    }, reader.GetFieldValue<byte[]>(11)));
            }
            if (current is not null)
                await chain(current, records, head);
        }
    }

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    private sealed record Line
    {
        public AuditCheckpoint? Checkpoint { get; init; }
        public IReadOnlyList<CaseHead>? Heads { get; init; }
        public string? CaseId { get; init; }
        public IReadOnlyList<AuditRecord>? Records { get; init; }
    }
}
