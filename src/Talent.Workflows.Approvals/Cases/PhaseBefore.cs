using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.PersonalData;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>What a phase said before changes of corrections (docs/adr/0042).</summary>
internal static class PhaseBefore
{
    /// <summary>What it said at a version of the case at which it was handed in or a correction was opened: what was kept at the first change after it, else what it says now.</summary>
    /// <exception cref="SealedValueException">The row was changed outside the product.</exception>
    public static async Task<JsonElement> AtAsync(NpgsqlDataSource database, DataKeys keys, Guid caseId, short phase, long version, JsonElement current, CancellationToken cancellationToken)
    {
        var row = await database.SingleAsync("""
            select b.task_id, b.seq, b.data::text, b.sealed, b.key_id from approvals.case_data_before b left join approvals.correction_requests q on q.task_id = b.task_id
            where b.case_id = $1 and b.phase = $2 and case when b.seq = 0 then q.opened_seq + 1 else b.seq end > $3
            order by case when b.seq = 0 then q.opened_seq + 1 else b.seq end limit 1
            """, r => new { Task = r.GetGuid(0), Seq = r.GetInt64(1), Data = r.GetString(2), Sealed = r.IsDBNull(3) ? null : r.GetFieldValue<byte[]>(3), Key = r.GetInt32(4) }, cancellationToken, caseId, phase, version);
        if (row is null)
            return current;
        var data = JsonSerializer.Deserialize<JsonElement>(row.Data);
        return row.Sealed is null ? data : SealedPhase.Open(await keys.OpeningAsync(row.Key, cancellationToken), row.Task, phase, data, row.Sealed, SealedPhase.Before, row.Seq);
    }
}
