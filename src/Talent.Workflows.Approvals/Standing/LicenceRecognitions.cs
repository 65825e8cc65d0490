using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Standing;

/// <summary>Why nothing was read on a licence.</summary>
public static class LicenceFaults
{
    /// <summary>The case names no picture of the employer's library, or one that can't be sent.</summary>
    public const string NoImage = "no_image";

    /// <summary>Name or code can't be read on it.</summary>
    public const string NotRead = "not_read";

    /// <summary>The service doesn't take it.</summary>
    public const string Refused = "refused";
}

/// <summary>What was read on the licence of a case, for the handler to compare and confirm.</summary>
/// <param name="Fault">One of <see cref="LicenceFaults"/>; null: name and code were read.</param>
public sealed record LicenceRecognition(Guid? MaterialId, string? UnitName, string? CreditCode, string? Fault, DateTimeOffset RecognisedAt);

/// <summary>Keeps what was read on licences: one answer a case, the last.</summary>
public sealed class LicenceRecognitions(NpgsqlDataSource database, CaseReader cases, BusinessClock clock)
{
    internal const int LongestValue = 200;

    /// <exception cref="WorkflowException"><c>not_found</c>: there is no such case, it doesn't concern the caller, or its licence wasn't looked at yet.</exception>
    public async Task<LicenceRecognition> ReadAsync(Caller caller, Guid caseId, CancellationToken cancellationToken)
    {
        await cases.RequireVisibleAsync(caller, caseId, cancellationToken);
        return await FindAsync(caseId, cancellationToken)
            ?? throw new WorkflowException(ErrorCodes.NotFound, $"No licence of case {caseId} was recognised yet. GET /cases/{caseId}/why says whether it waits for that.", "该业务的营业执照尚未识别，请稍后刷新。");
    }

    internal Task<LicenceRecognition?> FindAsync(Guid caseId, CancellationToken cancellationToken) =>
        database.SingleAsync("select material_id, unit_name, credit_code, fault, recognised_at from approvals.licence_recognitions where case_id = $1",
            r => new LicenceRecognition(r.IsDBNull(0) ? null : r.GetGuid(0), r.Text(1), r.Text(2), r.Text(3), r.GetFieldValue<DateTimeOffset>(4)), cancellationToken, caseId);

    /// <summary>A picture of the library of the case's employer; null: there is none.</summary>
    internal Task<LicenceImage?> ImageAsync(Guid caseId, Guid material, CancellationToken cancellationToken) => database.SingleAsync("""
        select m.hash, c.kind, c.size, c.place, c.scan from approvals.materials m join approvals.material_contents c on c.hash = m.hash
        join approvals.cases s on s.id = $1 and m.owner_kind = 'employer' and m.owner_id = s.employer_id where m.id = $2 and m.deleted_at is null
        """, r => new LicenceImage(r.GetString(0), r.GetString(1), r.GetInt64(2), r.GetString(3), r.GetString(4)), cancellationToken, caseId, material);

    internal Task KeepAsync(Guid caseId, Guid? material, string? hash, string? unitName, string? creditCode, string? fault, CancellationToken cancellationToken) => database.QueryAsync("""
        insert into approvals.licence_recognitions (case_id, material_id, hash, unit_name, credit_code, fault, recognised_at) values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (case_id) do update set material_id = excluded.material_id, hash = excluded.hash, unit_name = excluded.unit_name, credit_code = excluded.credit_code,
            fault = excluded.fault, recognised_at = excluded.recognised_at
        returning 1
        """, r => r.GetInt32(0), cancellationToken, caseId, material ?? (object)new Sql.Null(NpgsqlDbType.Uuid), hash, unitName, creditCode, fault, clock.Now);
}

/// <param name="Size">In bytes.</param>
internal sealed record LicenceImage(string Hash, string Kind, long Size, string Place, string Scan);
