using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Approvals.Reviews;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>Reads notices and objections.</summary>
public sealed class NoticeStore(NpgsqlDataSource database, DataKeys keys)
{
    /// <summary>People on one list.</summary>
    internal const int LargestList = 1000;

    private const string Select = "select n.id, n.case_id, n.stage, n.organisation_id, n.number, n.content_hash, n.opened_at, n.closes_at, n.ended_at, n.ending, n.notice::text, n.list_id, n.list_name, n.clerk_role from approvals.notices n";

    internal Task<NoticeRow?> FindAsync(Guid id, CancellationToken cancellationToken) => database.SingleAsync($"{Select} where n.id = $1", Read, cancellationToken, id);

    /// <summary>What the public sees at an instant, the ones that close first first.</summary>
    internal Task<List<NoticeRow>> OpenAsync(DateTimeOffset now, (DateTimeOffset ClosesAt, Guid Id)? after, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync($"{Select} where n.ended_at is null and n.opened_at <= $1 and n.closes_at > $1 and (n.closes_at, n.id) > ($2, $3) order by n.closes_at, n.id limit $4",
            Read, cancellationToken, now, after?.ClosesAt ?? DateTimeOffset.UnixEpoch, after?.Id ?? Guid.Empty, limit);

    /// <summary>What was posted last of what the public sees at an instant, newest first.</summary>
    internal Task<List<NoticeRow>> NewestAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync($"{Select} where n.ended_at is null and n.opened_at <= $1 and n.closes_at > $1 order by n.opened_at desc, n.id desc limit $2", Read, cancellationToken, now, limit);

    /// <summary>Objections in the order in which they came: those that roles of the office handle, and those whose tasks are named.</summary>
    /// <param name="only">The one that is asked for; null: all.</param>
    internal async Task<List<ObjectionRow>> ObjectionsAsync(
        Guid noticeId, IReadOnlyCollection<string> roles, IReadOnlyCollection<Guid> tasks, Guid? only, (DateTimeOffset FiledAt, Guid Id)? after, int limit, CancellationToken cancellationToken)
    {
        var rows = await database.QueryAsync($"""
        select {SealedObjection.Columns}, o.number, o.filed_at, o.task_id, t.status, t.outcome, t.opinion, o.accepted_at
        from approvals.objections o join approvals.tasks t on t.id = o.task_id join approvals.notices n on n.id = o.notice_id
        where o.notice_id = $1 and (coalesce(n.clerk_role, t.role) = any($2) or o.task_id = any($3)) and ($4::uuid is null or o.id = $4::uuid) and (o.filed_at, o.id) > ($5, $6)
        order by o.filed_at, o.id limit $7
        """, r => (Sealed: SealedObjection.Read(r), Number: r.GetString(7), FiledAt: r.GetFieldValue<DateTimeOffset>(8), Task: r.GetGuid(9), Status: r.GetInt16(10), Outcome: r.Text(11), Opinion: r.Text(12), AcceptedAt: r.Instant(13)),
        cancellationToken, noticeId, roles.ToArray(), tasks.ToArray(), only, after?.FiledAt ?? DateTimeOffset.UnixEpoch, after?.Id ?? Guid.Empty, limit);
        if (rows.Count == 0)
            return [];
        var ring = await keys.OpeningAsync(rows.Max(r => r.Sealed.KeyId), cancellationToken);
        return rows.ConvertAll(r =>
        {
            var said = r.Sealed.Open(ring);
            return new ObjectionRow(r.Sealed.Id, r.Number, r.FiledAt, r.Task, said.Name, said.Phone, said.Email, said.Statement, r.Status, r.Outcome, r.Opinion, r.AcceptedAt);
        });
    }

    /// <summary>Whether a notice has objections, or this one.</summary>
    internal async Task<bool> HasObjectionsAsync(Guid noticeId, Guid? only, CancellationToken cancellationToken) =>
        (await database.QueryAsync("select 1 from approvals.objections where notice_id = $1 and ($2::uuid is null or id = $2::uuid) limit 1", r => r.GetInt32(0), cancellationToken, noticeId, only)).Count > 0;

    /// <summary>The tasks of open objections to a notice that the caller may act on: in their own right wherever they sit, or in a principal's.</summary>
    internal async Task<Guid[]> ActionableAsync(NoticeRow row, Caller caller, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var tasks = (await TaskReader.ActionableAsync(database, row.CaseId, caller, cancellationToken))
            .Concat(await TaskReader.DelegatedAsync(database, caller, row.CaseId, now, cancellationToken)).Where(t => t.Kind == TaskKinds.Objection).Select(t => t.Id).Distinct().ToArray();
        return tasks.Length == 0 ? [] : [.. await database.QueryAsync("select task_id from approvals.objections where notice_id = $1 and task_id = any($2)", r => r.GetGuid(0), cancellationToken, row.Id, tasks)];
    }

    /// <summary>The service of a notice and the name of the office that posted it.</summary>
    internal Task<Poster?> PostedByAsync(Guid id, CancellationToken cancellationToken) => database.SingleAsync(
        "select c.service, o.name_zh from approvals.notices n join approvals.cases c on c.id = n.case_id left join approvals.organisations o on o.id = n.organisation_id where n.id = $1",
        r => new Poster(r.Text(0), r.Text(1)), cancellationToken, id);

    /// <summary>What whoever objected was given.</summary>
    internal Task<ObjectionReceipt?> ReceiptAsync(Guid objectionId, CancellationToken cancellationToken) => database.SingleAsync("select number, notice_id, receipt from approvals.objections where id = $1",
        r => new ObjectionReceipt(r.GetString(0), r.GetGuid(1), r.Text(2)), cancellationToken, objectionId);

    /// <summary>What became of an objection, by its receipt.</summary>
    internal Task<ObjectionProgress?> ProgressAsync(string receipt, CancellationToken cancellationToken) => database.SingleAsync("""
        select o.number, n.number, o.filed_at, o.accepted_at, t.status, t.outcome, t.decided_at, t.opinion, t.due_at
        from approvals.objections o join approvals.notices n on n.id = o.notice_id join approvals.tasks t on t.id = o.task_id where o.receipt = $1
        """, r => ObjectionProgress.Of(r.GetString(0), r.GetString(1), r.GetFieldValue<DateTimeOffset>(2), r.Instant(3), r.GetInt16(4), r.Text(5), r.Instant(6), r.Text(7), r.Instant(8)), cancellationToken, receipt);

    /// <summary>The files of objections, without their contents.</summary>
    internal Task<List<(Guid Objection, int Place, string Kind, string Sha256, int Bytes)>> FilesAsync(IEnumerable<Guid> objections, CancellationToken cancellationToken) => database.QueryAsync("""
        select f.objection_id, f.place, f.kind, f.sha256, length(f.content) - case when f.key_id is null then 0 else $2 end from approvals.objection_files f where f.objection_id = any($1) order by f.objection_id, f.place
        """, r => (r.GetGuid(0), r.GetInt32(1), r.GetString(2), r.GetString(3), r.GetInt32(4)), cancellationToken, objections.ToArray(), KeyRing.Overhead);

    internal async Task<byte[]?> EvidenceAsync(Guid objectionId, int place, CancellationToken cancellationToken)
    {
        var found = await database.QueryAsync("select id, content, key_id from approvals.objection_files where objection_id = $1 and place = $2",
            r => (Id: r.GetGuid(0), Content: r.GetFieldValue<byte[]>(1), KeyId: r.IsDBNull(2) ? (int?)null : r.GetInt32(2)), cancellationToken, objectionId, place);
        return found is not [var file] ? null
            : file.KeyId is { } key ? (await keys.OpeningAsync(key, cancellationToken)).OpenBytes(file.Content, SealedObjection.Files.At("content", file.Id)) : file.Content;
    }

    /// <summary>Enters that somebody read a file before it is shown.</summary>
    internal Task RecordReadAsync(NoticeRow row, Guid objectionId, int place, string credential, string? user, DateTimeOffset at, CancellationToken cancellationToken) => database.QueryAsync("""
        insert into approvals.data_reads (at, case_id, credential, user_id, fields, purpose) values ($1, $2, $3, $4, $5, 'objection') returning 1
        """, r => r.GetInt32(0), cancellationToken, at, row.CaseId, credential, user, new[] { $"objection.{objectionId}.evidence.{place}" });

    /// <summary>The notices of a list as they were posted, of one instant by their numbers; also those that are over.</summary>
    internal Task<List<NoticeRow>> ListedAsync(Guid listId, CancellationToken cancellationToken) =>
        database.QueryAsync($"{Select} where n.list_id = $1 order by n.opened_at, length(n.number), n.number limit {LargestList}", Read, cancellationToken, listId);

    internal Task<string?> ListNumberAsync(Guid listId, CancellationToken cancellationToken) =>
        database.SingleAsync("select number from approvals.notice_numbers where notice_id = $1", r => r.GetString(0), cancellationToken, listId);

    /// <summary>Whether the case is of one of the services, and not the user's own.</summary>
    internal async Task<bool> IsAnothersAsync(Guid caseId, string user, IReadOnlySet<string>? services, CancellationToken cancellationToken) =>
        (await database.QueryAsync("select 1 from approvals.cases where id = $1 and applicant_id <> $2 and ($3::text[] is null or service = any($3))", r => r.GetInt32(0), cancellationToken,
            caseId, user, services.OrNull())).Count > 0;

    /// <summary>How to reach whoever objected, and what they are told; null: no such objection. For delivering messages.</summary>
    public async Task<Objector?> ObjectorAsync(Guid objectionId, CancellationToken cancellationToken)
    {
        var found = await database.QueryAsync($"""
            select {SealedObjection.Columns}, o.number, t.outcome, t.opinion from approvals.objections o join approvals.tasks t on t.id = o.task_id where o.id = $1
            """, r => (Sealed: SealedObjection.Read(r), Number: r.GetString(7), Outcome: r.Text(8), Opinion: r.Text(9)), cancellationToken, objectionId);
        if (found is not [var row])
            return null;
        var said = row.Sealed.Open(await keys.OpeningAsync(row.Sealed.KeyId, cancellationToken));
        return new Objector(row.Number, said.Name, said.Phone, said.Email, row.Outcome, row.Opinion);
    }

    private static NoticeRow Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), row.GetString(2), row.Text(3), row.GetString(4), row.GetString(5), row.GetFieldValue<DateTimeOffset>(6), row.GetFieldValue<DateTimeOffset>(7),
        row.Instant(8), row.Text(9), JsonSerializer.Deserialize<PublicNotice>(row.GetString(10), NoticeSource.Json)!,
        row.IsDBNull(11) ? null : new NoticeListKey(row.GetGuid(11), row.GetString(12)), row.Text(13));
}

/// <summary>One notice as its row says.</summary>
internal sealed record NoticeRow(
    Guid Id, Guid CaseId, string Stage, string? OrganisationId, string Number, string Hash, DateTimeOffset OpenedAt, DateTimeOffset ClosesAt, DateTimeOffset? EndedAt, string? Ending, PublicNotice Notice,
    NoticeListKey? List, string? ClerkRole);

internal sealed record ObjectionRow(
    Guid Id, string Number, DateTimeOffset FiledAt, Guid TaskId, string? Name, string? Phone, string? Email, string Statement, short TaskStatus, string? Outcome, string? Opinion, DateTimeOffset? AcceptedAt);

internal sealed record Poster(string? Service, string? Unit);

/// <summary>Whoever objected: personal data, read when a message goes out and kept nowhere else.</summary>
public sealed record Objector(string Number, string? Name, string? Phone, string? Email, string? Outcome, string? Opinion);
