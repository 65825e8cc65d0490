using System.Globalization;
using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>A case that waits to be put on a list of an office.</summary>
public sealed record SubmissionCandidate(Guid CaseId, string? Number, string Service, Named Office, string Title, Named Applicant, Named Employer, DateTimeOffset Since, DateTimeOffset? DueAt);

/// <summary>A list.</summary>
/// <param name="Version">The ETag's version.</param>
/// <param name="State">draft, sealed, or settled: the city has decided on all that are on it.</param>
/// <param name="Sha256">Of what was sealed; null: a draft.</param>
public sealed record SubmissionView(
    Guid Id, int Version, string State, string? Number, string Service, Named Office, string Role, string Title, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? SealedAt, string? SealedBy, string? Sha256,
    SubmissionCounts Cases, IReadOnlyList<SubmissionDocumentView> Documents);

/// <param name="Open">Not decided.</param>
/// <param name="Left">Returned by the office, withdrawn, or ended.</param>
public sealed record SubmissionCounts(int Open, int Approved, int Rejected, int Left);

public sealed record SubmissionDocumentView(string Number, DateOnly Dated, DateTimeOffset RecordedAt, string RecordedBy);

/// <summary>A case on a list.</summary>
/// <param name="Place">On the sealed list, from 1; null: a draft.</param>
/// <param name="GoesOn">Its workflow has taken what the city decided.</param>
public sealed record SubmissionCaseView(Guid CaseId, int? Place, string? Number, Named Applicant, Named Employer, Worded State, string? Document, string? Reason, DateTimeOffset? DecidedAt, bool GoesOn);

/// <summary>Reads lists, and what waits for them, for those who form them: the holders of the role at the office.</summary>
public sealed class SubmissionReader(NpgsqlDataSource database, Cursors cursors)
{
    private const int LargestPage = 200;

    private const string View = """
        s.id, s.version, s.number, s.service, s.organisation_id, o.name_zh, s.role, s.title, s.created_at, s.created_by, s.sealed_at, s.sealed_by, s.checksum, n.open, n.approved, n.rejected, n.gone,
            (select jsonb_agg(jsonb_build_object('number', d.number, 'dated', d.dated, 'recordedAt', d.recorded_at, 'recordedBy', d.recorded_by) order by d.recorded_at, d.number)::text
             from approvals.submission_documents d where d.submission_id = s.id)
        from approvals.submissions s left join approvals.organisations o on o.id = s.organisation_id
        cross join lateral (select count(*) filter (where e.state = 'listed')::int as open, count(*) filter (where e.state = 'approved')::int as approved, count(*) filter (where e.state = 'rejected')::int as rejected,
            count(*) filter (where e.state in ('returned', 'cancelled'))::int as gone from approvals.submission_cases e where e.submission_id = s.id) n
        """;

    /// <summary>Who waits, longest first. Cases of the reader's own are somebody else's to list.</summary>
    public async Task<Page<SubmissionCandidate>> CandidatesAsync(Caller caller, string? service, string? office, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        var list = $"submission-candidates|{service}|{office}";
        var (size, after) = (Math.Clamp(limit ?? 50, 1, LargestPage), Position(cursors.Read(list, cursor)));
        var rows = await database.QueryAsync($"""
            select e.id, e.case_id, c.number, e.service, e.organisation_id, o.name_zh, e.title, c.applicant_id, a.name, c.employer_id, em.name_zh, e.opened_at, t.due_at
            from approvals.submission_cases e join approvals.cases c on c.id = e.case_id left join approvals.tasks t on t.id = e.task_id
            left join approvals.organisations o on o.id = e.organisation_id left join approvals.users a on a.id = c.applicant_id left join approvals.organisations em on em.id = c.employer_id
            where e.state = 'waiting' and {SubmissionStore.Forms("e")} and not {KeyLimits.Own("$1")}
                and ($5::text is null or e.service = $5) and ($6::text is null or e.organisation_id = $6) and (e.opened_at, e.id) > ($7, $8)
            order by e.opened_at, e.id limit $9
            """, r => (Id: r.GetGuid(0), Item: new SubmissionCandidate(r.GetGuid(1), r.Text(2), r.GetString(3), new Named(r.GetString(4), r.Text(5)), r.GetString(6), new Named(r.GetString(7), Masking.Name(r.Text(8), MaskingProfile.Officer)),
                new Named(r.GetString(9), r.Text(10)), r.GetFieldValue<DateTimeOffset>(11), r.Instant(12))),
            cancellationToken, SubmissionStore.With(caller, Empty(service), Empty(office), after?.At ?? DateTimeOffset.UnixEpoch, after?.Id ?? Guid.Empty, size + 1));
        return new Page<SubmissionCandidate>([.. rows.Take(size).Select(r => r.Item)], cursors.Write(list, rows.Count > size ? Position(rows[size - 1].Item.Since, rows[size - 1].Id) : null));
    }

    /// <summary>Lists of the reader's offices, newest first.</summary>
    /// <param name="state">draft, sealed or settled; null: all.</param>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: no such state.</exception>
    public async Task<Page<SubmissionView>> ListAsync(Caller caller, string? service, string? office, string? state, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        if (Empty(state) is not (null or "draft" or "sealed" or "settled"))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"There is no state '{state}' of a list. Use draft, sealed or settled.", "名单状态须为 draft、sealed 或 settled。");
        var list = $"submissions|{service}|{office}|{state}";
        var (size, before) = (Math.Clamp(limit ?? 20, 1, LargestPage), Position(cursors.Read(list, cursor)));
        var rows = await database.QueryAsync($"""
            select {View} where {SubmissionStore.Forms("s")} and ($5::text is null or s.service = $5) and ($6::text is null or s.organisation_id = $6)
                and ($7::text is null or $7 = case when s.number is null then 'draft' when n.open > 0 then 'sealed' else 'settled' end)
                and ($8 or (s.created_at, s.id) < ($9, $10))
            order by s.created_at desc, s.id desc limit $11
            """, Read, cancellationToken, SubmissionStore.With(caller, Empty(service), Empty(office), Empty(state), before is null, before?.At ?? DateTimeOffset.UnixEpoch, before?.Id ?? Guid.Empty, size + 1));
        return new Page<SubmissionView>([.. rows.Take(size)], cursors.Write(list, rows.Count > size ? Position(rows[size - 1].CreatedAt, rows[size - 1].Id) : null));
    }

    /// <exception cref="WorkflowException"><c>not_found</c>: there is none, or it is of no office of the caller's.</exception>
    public async Task<SubmissionView> ReadAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        await database.SingleAsync($"select {View} where s.id = $5 and {SubmissionStore.Forms("s")}", Read, cancellationToken, SubmissionStore.With(caller, id)) ?? throw SubmissionStore.NotFound(id);

    /// <summary>The cases of a list: by their places when it is sealed, else by their numbers.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>.</exception>
    public async Task<Page<SubmissionCaseView>> CasesAsync(Caller caller, Guid id, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        var submission = await ReadAsync(caller, id, cancellationToken);
        // A cursor of the draft doesn't fit the sealed list.
        var list = $"submission-cases|{id}|{submission.Number}";
        var size = Math.Clamp(limit ?? 50, 1, LargestPage);
        var after = cursors.Read(list, cursor);
        var rows = await database.QueryAsync("""
            select e.case_id, e.place, c.number, c.applicant_id, a.name, c.employer_id, o.name_zh, e.state, d.number, e.reason, e.decided_at, e.carried = 2 or e.state in ('returned', 'cancelled'), k.key
            from approvals.submission_cases e join approvals.cases c on c.id = e.case_id left join approvals.users a on a.id = c.applicant_id left join approvals.organisations o on o.id = c.employer_id
            left join approvals.submission_documents d on d.id = e.document_id
            cross join lateral (select coalesce(lpad(e.place::text, 6, '0'), c.number, '') || ' ' || e.id::text as key) k
            where e.submission_id = $1 and ($2::text is null or k.key collate "C" > $2) order by k.key collate "C" limit $3
            """, r => (Key: r.GetString(12), Item: new SubmissionCaseView(r.GetGuid(0), r.IsDBNull(1) ? null : r.GetInt32(1), r.Text(2), new Named(r.GetString(3), Masking.Name(r.Text(4), MaskingProfile.Officer)), new Named(r.GetString(5), r.Text(6)),
                SubmissionStates.Word(r.GetString(7)), r.Text(8), r.Text(9), r.Instant(10), r.GetBoolean(11))), cancellationToken, id, after, size + 1);
        return new Page<SubmissionCaseView>([.. rows.Take(size).Select(r => r.Item)], cursors.Write(list, rows.Count > size ? rows[size - 1].Key : null));
    }

    private static SubmissionView Read(NpgsqlDataReader r)
    {
        var counts = new SubmissionCounts(r.GetInt32(13), r.GetInt32(14), r.GetInt32(15), r.GetInt32(16));
        return new SubmissionView(r.GetGuid(0), r.GetInt32(1), r.IsDBNull(2) ? "draft" : counts.Open > 0 ? "sealed" : "settled", r.Text(2), r.GetString(3), new Named(r.GetString(4), r.Text(5)), r.GetString(6), r.GetString(7),
            r.GetFieldValue<DateTimeOffset>(8), r.GetString(9), r.Instant(10), r.Text(11), r.Text(12), counts,
            r.Text(17) is { } documents ? JsonSerializer.Deserialize<SubmissionDocumentView[]>(documents, JsonSerializerOptions.Web)! : []);
    }

    private static string? Empty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string Position(DateTimeOffset at, Guid id) => string.Create(CultureInfo.InvariantCulture, $"{at.UtcTicks}:{id:N}");

    private static (DateTimeOffset At, Guid Id)? Position(string? position) => position?.Split(':') is [var ticks, var id]
        ? (new DateTimeOffset(long.Parse(ticks, CultureInfo.InvariantCulture), TimeSpan.Zero), Guid.ParseExact(id, "N")) : null;
}
