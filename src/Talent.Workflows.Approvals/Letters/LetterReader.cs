using System.Security.Cryptography;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>Reads letters for those whom their case concerns, in full by the rule of case data, and for the office that issued them (R-DOC-1, R-AUD-2).</summary>
public sealed class LetterReader(NpgsqlDataSource database, DataKeys keys, BusinessClock clock)
{
    private const int Most = 200;

    private static readonly string Columns = $"""
        l.id, l.case_id, l.kind, l.title_zh, l.title_en, l.number, l.issuer_id, l.issuer_zh, l.issued_at, l.issued_by, u.name, l.event, l.seq, l.sha256,
            l.supersedes, b.number, s.id, s.number, l.key_id, l.fields,
            g.reason, exists (select from approvals.user_roles r where r.user_id = $2 and r.role not in ('applicant', 'expert') and r.organisation_id = l.issuer_id and {KeyLimits.Office("$3", "$4")})
        from approvals.letters l left join approvals.users u on u.id = l.issued_by left join approvals.letters b on b.id = l.supersedes left join approvals.letters s on s.supersedes = l.id
            left join approvals.letter_reissues g on g.new_id = l.id
        """;

    /// <summary>Oldest first. An expert of a blind panel sees none: they say whom the case is about.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>: there is no such case, or it doesn't concern the caller.</exception>
    public async Task<IReadOnlyList<LetterSummary>> ListAsync(Caller caller, Guid caseId, CancellationToken cancellationToken)
    {
        var meeting = await CaseMeeting.ReadAsync(database, caller, caseId, clock.Now, cancellationToken);
        return meeting.IsBlind ? [] : [.. (await RowsAsync(caller, caseId, null, cancellationToken)).Select(r => r.Letter)];
    }

    /// <summary>One letter; whoever may not see whom it names gets it without.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>.</exception>
    public async Task<LetterView> ReadAsync(Caller caller, Guid caseId, Guid id, string? reason, CancellationToken cancellationToken)
    {
        var (row, full) = await MeetAsync(caller, caseId, id, "letter", reason, cancellationToken);
        if (!full)
            return View(row.Letter, null);
        return View(row.Letter, SealedLetter.Fields(await keys.OpeningAsync(row.Key, cancellationToken), id, row.Fields, caseId, row.Letter.Number));
    }

    /// <summary>The letter as it was issued, checked against its hash.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>; <c>forbidden</c>: it names people whose data the caller isn't shown.</exception>
    public async Task<LetterContent> ContentAsync(Caller caller, Guid caseId, Guid id, string? reason, CancellationToken cancellationToken)
    {
        var (row, full) = await MeetAsync(caller, caseId, id, "letter.content", reason, cancellationToken);
        if (!full)
            throw new WorkflowException(ErrorCodes.Forbidden, "You have nothing to do in this case now, and your office didn't issue this letter: it names people whose data you aren't shown.", "您当前没有该业务的待办事项，也不属于出具文书的单位，不能查看文书内容。");
        var ring = await keys.OpeningAsync(row.Key, cancellationToken);
        var content = (await database.QueryAsync("select content from approvals.letters where id = $1", r => r.GetFieldValue<byte[]>(0), cancellationToken, id))[0];
        // Number and case are of this very letter, too.
        SealedLetter.Fields(ring, id, row.Fields, caseId, row.Letter.Number);
        return new LetterContent(SealedLetter.Html(ring, id, content, row.Letter.Sha256), row.Letter.Sha256, $"{row.Letter.TitleZh}-{row.Letter.Number}");
    }

    /// <summary>核验: for anyone.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: that is no SHA-256.</exception>
    public async Task<LetterVerification> VerifyAsync(string number, string? sha256, CancellationToken cancellationToken)
    {
        var hash = sha256?.Trim().ToLowerInvariant() ?? "";
        if (hash.Length != 2 * SHA256.HashSizeInBytes || !hash.All(char.IsAsciiHexDigitLower) || number.Length > 200)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "Give the SHA-256 of the letter's HTML in the parameter sha256: 64 hexadecimal digits.", "请在参数 sha256 中给出文书电子件的SHA-256摘要（64位十六进制）。");
        var found = await database.QueryAsync("select (select s.number from approvals.letters s where s.supersedes = l.id) from approvals.letters l where l.number = $1 and l.sha256 = $2 limit 1", r => r.Text(0), cancellationToken,
            number.Replace("\0", "", StringComparison.Ordinal), hash);
        return new LetterVerification(number, hash, found.Count > 0, found.Count > 0 ? found[0] : null);
    }

    /// <summary>The letter, and whether the caller sees all of it; what somebody other than the case's own people sees is recorded first.</summary>
    private async Task<(Row Row, bool Full)> MeetAsync(Caller caller, Guid caseId, Guid id, string purpose, string? reason, CancellationToken cancellationToken)
    {
        var meeting = await CaseMeeting.ReadAsync(database, caller, caseId, clock.Now, cancellationToken);
        if (meeting.IsBlind || (await RowsAsync(caller, caseId, id, cancellationToken)) is not [var row])
            throw NotFound(caseId, id);
        var full = meeting.SeesAll || row.IsIssuers;
        if (full && !meeting.Reader.Owns)
            await database.QueryAsync("""
                insert into approvals.data_reads (at, case_id, credential, user_id, fields, purpose, reason) values ($1, $2, $3, $4, $5, $6, $7) returning 1
                """, r => r.GetInt32(0), cancellationToken, clock.Now, caseId, caller.Credential, caller.User, new[] { $"letter.{id}" }, purpose, ReadReason.Of(reason));
        return (row, full);
    }

    internal static WorkflowException NotFound(Guid caseId, Guid id) => new(ErrorCodes.NotFound, $"Case {caseId} has no letter {id}. Read its letters.", "本业务没有该文书。");

    private Task<List<Row>> RowsAsync(Caller caller, Guid caseId, Guid? id, CancellationToken cancellationToken) => database.QueryAsync(
        $"select {Columns} where l.case_id = $1 and ($5::uuid is null or l.id = $5) order by l.issued_at, l.seq, l.ordinal limit {Most}", r => new Row(new LetterSummary
        {
            Id = r.GetGuid(0),
            CaseId = r.GetGuid(1),
            Kind = r.GetString(2),
            TitleZh = r.GetString(3),
            TitleEn = r.GetString(4),
            Number = r.GetString(5),
            Issuer = new Named(r.GetString(6), r.GetString(7)),
            IssuedAt = r.GetFieldValue<DateTimeOffset>(8),
            IssuedBy = r.Text(9) is { } by ? new Named(by, r.Text(10)) : null,
            Event = r.Text(11),
            CaseVersion = r.GetInt64(12),
            Sha256 = r.GetString(13),
            Supersedes = r.IsDBNull(14) ? null : new LetterLink(r.GetGuid(14), r.GetString(15)),
            SupersededBy = r.IsDBNull(16) ? null : new LetterLink(r.GetGuid(16), r.GetString(17)),
            ReissueReason = r.Text(20),
        }, r.GetInt32(18), r.GetFieldValue<byte[]>(19), r.GetBoolean(21)), cancellationToken, caseId, caller.User, caller.Organisations.OrNull(), caller.Roles.OrNull(), id.OrNull());

    private static LetterView View(LetterSummary letter, LetterText? text) => new()
    {
        Id = letter.Id,
        CaseId = letter.CaseId,
        Kind = letter.Kind,
        TitleZh = letter.TitleZh,
        TitleEn = letter.TitleEn,
        Number = letter.Number,
        Issuer = letter.Issuer,
        IssuedAt = letter.IssuedAt,
        IssuedBy = letter.IssuedBy,
        Event = letter.Event,
        CaseVersion = letter.CaseVersion,
        Sha256 = letter.Sha256,
        Supersedes = letter.Supersedes,
        SupersededBy = letter.SupersededBy,
        ReissueReason = letter.ReissueReason,
        Full = text is not null,
        Addressee = text?.AddresseeZh,
        Fields = text?.Fields,
        FieldsEn = text?.FieldsEn,
    };

    private sealed record Row(LetterSummary Letter, int Key, byte[] Fields, bool IsIssuers);
}
