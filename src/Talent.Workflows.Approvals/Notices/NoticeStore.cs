using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>Reads notices and objections.</summary>
public sealed class NoticeStore(NpgsqlDataSource database)
{
    private const string Select = "select n.id, n.case_id, n.stage, n.organisation_id, n.number, n.content_hash, n.opened_at, n.closes_at, n.ended_at, n.ending, n.notice::text from approvals.notices n";

    internal Task<NoticeRow?> FindAsync(Guid id, CancellationToken cancellationToken) => database.SingleAsync($"{Select} where n.id = $1", Read, cancellationToken, id);

    /// <summary>What the public sees at an instant, the ones that close first first.</summary>
    internal Task<List<NoticeRow>> OpenAsync(DateTimeOffset now, (DateTimeOffset ClosesAt, Guid Id)? after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync($"{Select} where n.ended_at is null and n.opened_at <= $1 and n.closes_at > $1 and (n.closes_at, n.id) > ($2, $3) order by n.closes_at, n.id limit $4",
            Read, cancellationToken, now, after?.ClosesAt ?? DateTimeOffset.UnixEpoch, after?.Id ?? Guid.Empty, limit);

    internal Task<List<ObjectionRow>> ObjectionsAsync(Guid noticeId, CancellationToken cancellationToken) => database.QueryAsync("""
        select o.id, o.number, o.filed_at, o.task_id, o.name, o.phone, o.email, o.statement, t.status, t.outcome, t.opinion, t.role
        from approvals.objections o join approvals.tasks t on t.id = o.task_id where o.notice_id = $1 order by o.filed_at, o.id limit 500
        """, r => new ObjectionRow(r.GetGuid(0), r.GetString(1), r.GetFieldValue<DateTimeOffset>(2), r.GetGuid(3), r.Text(4), r.Text(5), r.Text(6), r.GetString(7), r.GetInt16(8), r.Text(9), r.Text(10), r.Text(11)),
        cancellationToken, noticeId);

    /// <summary>The service of a notice and the name of the office that posted it.</summary>
    internal Task<Poster?> PostedByAsync(Guid id, CancellationToken cancellationToken) => database.SingleAsync(
        "select c.service, o.name_zh from approvals.notices n join approvals.cases c on c.id = n.case_id left join approvals.organisations o on o.id = n.organisation_id where n.id = $1",
        r => new Poster(r.Text(0), r.Text(1)), cancellationToken, id);

    /// <summary>The number of an objection that is there already.</summary>
    internal Task<string?> NumberOfAsync(Guid objectionId, CancellationToken cancellationToken) =>
        database.SingleAsync("select number from approvals.objections where id = $1", r => r.GetString(0), cancellationToken, objectionId);

    /// <summary>Whether the case is of one of the services, and not the user's own.</summary>
    internal async Task<bool> IsAnothersAsync(Guid caseId, string user, IReadOnlySet<string>? services, CancellationToken cancellationToken) =>
        (await database.QueryAsync("select 1 from approvals.cases where id = $1 and applicant_id <> $2 and ($3::text[] is null or service = any($3))", r => r.GetInt32(0), cancellationToken,
            caseId, user, services.OrNull())).Count > 0;

    /// <summary>How to reach whoever objected, and what they are told; null: no such objection. For delivering messages.</summary>
    public Task<Objector?> ObjectorAsync(Guid objectionId, CancellationToken cancellationToken) => database.SingleAsync("""
        select o.number, o.name, o.phone, o.email, t.outcome, t.opinion from approvals.objections o join approvals.tasks t on t.id = o.task_id where o.id = $1
        """, r => new Objector(r.GetString(0), r.Text(1), r.Text(2), r.Text(3), r.Text(4), r.Text(5)), cancellationToken, objectionId);

    private static NoticeRow Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), row.GetString(2), row.Text(3), row.GetString(4), row.GetString(5), row.GetFieldValue<DateTimeOffset>(6), row.GetFieldValue<DateTimeOffset>(7),
        row.Instant(8), row.Text(9), JsonSerializer.Deserialize<PublicNotice>(row.GetString(10), NoticeSource.Json)!);
}

/// <summary>One notice as its row says.</summary>
internal sealed record NoticeRow(
    Guid Id, Guid CaseId, string Stage, string? OrganisationId, string Number, string Hash, DateTimeOffset OpenedAt, DateTimeOffset ClosesAt, DateTimeOffset? EndedAt, string? Ending, PublicNotice Notice);

internal sealed record ObjectionRow(
    Guid Id, string Number, DateTimeOffset FiledAt, Guid TaskId, string? Name, string? Phone, string? Email, string Statement, short TaskStatus, string? Outcome, string? Opinion, string? ClerkRole);

internal sealed record Poster(string? Service, string? Unit);

/// <summary>Whoever objected: personal data, read when a message goes out and kept nowhere else.</summary>
public sealed record Objector(string Number, string? Name, string? Phone, string? Email, string? Outcome, string? Opinion);
