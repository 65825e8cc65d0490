using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>
/// Issues a letter that a step decided on: reads what the case said at that step, gives it the next number, renders, seals and freezes it, all
/// in one transaction. Done twice it changes nothing; killed at any instant it leaves no letter and no gap in the numbers.
/// </summary>
/// <remarks>Source: R-DOC-1; docs/adr/0037.</remarks>
public sealed class LetterIssuing(NpgsqlDataSource database, ServiceCatalogue services, FormVersions forms, DataKeys keys) : IOutboxHandler
{
    public const string WorkKind = "letter.issue";

    public string Kind => WorkKind;

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<LetterOrder>(message.Payload, LetterOrder.Json)!;
        var ring = await keys.RingAsync(0, cancellationToken);
        var replaced = order.Replaces is { } id ? await ReplacedLetter.LoadAsync(database, keys, id, message.InstanceId, cancellationToken) : null;
        if (await LetterFacts.LoadAsync(database, message.InstanceId, order, replaced?.IssuedAt ?? message.CreatedAt, cancellationToken) is not { } facts)
            return new OutboxResult.Dead($"Instance {message.InstanceId} has no case that a letter could be about.");
        if (await services.FindAsync(facts.Service, cancellationToken) is not { } package || package.Letters.Find(order.Kind) is not { } letter)
            return new OutboxResult.Dead($"Service {facts.Service} has no letter '{order.Kind}'. Add it to its letters.json and send this again.");
        if (order.Lapsed is not null && order.On is not null && !letter.Covers(facts.LapsedReturnOf))
            return OutboxResult.Ok;
        // Codes are worded as in the form that the case was filed with.
        package = await forms.SavedWithAsync(package, facts.FormVersion, cancellationToken);
        if ((replaced?.Issuer ?? facts.Issuer(letter)) is not { } issuer)
            return new OutboxResult.Dead($"Case {message.InstanceId} has no organisation that could issue '{order.Kind}': its issuer is '{letter.Issuer}'.");
        if (Missing(letter, Values(null, chinese: true)) is { } missing)
            return new OutboxResult.Dead($"The letter '{order.Kind}' of case {message.InstanceId} needs the field '{missing}', which isn't known. Mark it '{missing}?' or correct the case, and send this again.");
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // One at a time for a case: a repetition waits, and then finds the letter.
        await connection.QueryAsync("select pg_advisory_xact_lock(hashtextextended('letters ' || $1::text, 0))::text", _ => 0, cancellationToken, message.InstanceId);
        var issued = await connection.QueryAsync("select id, kind, event, number, exists (select from approvals.letters s where s.supersedes = l.id) from approvals.letters l where case_id = $1 order by issued_at desc, seq desc, ordinal desc",
            r => (Id: r.GetGuid(0), Kind: r.GetString(1), On: r.Text(2), Number: r.GetString(3), Gone: r.GetBoolean(4)), cancellationToken, message.InstanceId);
        if (issued.Exists(i => i.Id == message.Id || order.On == LetterEvents.Accepted && i.On == LetterEvents.Accepted && i.Kind == order.Kind))
            return OutboxResult.Ok;
        var before = replaced is not null ? issued.Find(i => i.Id == order.Replaces) : order.Corrects ? issued.Find(i => i.Kind == order.Kind && !i.Gone) : default;
        if (replaced is not null && before.Gone)
            return new OutboxResult.Dead($"Letter {before.Number} of case {message.InstanceId} was replaced in the meantime; have the one that replaced it issued again.");
        var number = await NumberAsync(connection, letter, package, issuer, facts, message.CreatedAt, cancellationToken);
        var text = Text(message, letter, issuer, facts, number, before.Number, replaced is not null, chinese => Values(before.Number, chinese));
        var html = text.Html(letter);
        var (fields, content) = SealedLetter.Seal(ring, text, html);
        await connection.QueryAsync("""
            insert into approvals.letters (id, case_id, seq, kind, event, title_zh, title_en, number, issuer_id, issuer_zh, issuer_en, issued_at, issued_by, supersedes, sha256, key_id, fields, content)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) returning 1
            """, r => r.GetInt32(0), cancellationToken, message.Id, message.InstanceId, order.Seq, letter.Kind, order.On, letter.Zh, letter.En, number, issuer.Id, issuer.Zh, issuer.En, message.CreatedAt, facts.By,
            (before.Number is null ? (Guid?)null : before.Id).OrNull(), SealedLetter.Hash(html), ring.Current, fields, content);
        await transaction.CommitAsync(cancellationToken);
        return OutboxResult.Ok;

        Dictionary<string, string> Values(string? corrects, bool chinese)
        {
            var values = facts.For(letter, package, issuer, corrects, chinese);
            return replaced?.Over(values, letter.Fields, chinese) ?? values;
        }
    }

    private static async Task<string> NumberAsync(NpgsqlConnection connection, Letter letter, ServicePackage package, LetterOffice issuer, LetterFacts facts, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (letter.Number.IsNotice)
            return facts.NoticeNumber!;
        var year = ChinaTime.DateOf(at).Year;
        // The row stays locked until the letter is there: a serial that isn't used is given again.
        var serial = (await connection.QueryAsync("""
            insert into approvals.letter_serials as s (issuer_id, series, year, last) values ($1, $2, $3, 1)
            on conflict (issuer_id, series, year) do update set last = s.last + 1 returning s.last
            """, r => r.GetInt32(0), cancellationToken, issuer.Id, letter.Number.Text, (short)year))[0];
        return letter.Number.Write(package.Letters.Codes.GetValueOrDefault(issuer.Id, issuer.Zh), year, serial);
    }

    private static LetterText Text(OutboxMessage message, Letter letter, LetterOffice issuer, LetterFacts facts, string number, string? corrects, bool reissued, Func<bool, Dictionary<string, string>> values)
    {
        var (zh, en) = (values(true), values(false));
        return new LetterText
        {
            Id = message.Id,
            CaseId = message.InstanceId,
            Kind = letter.Kind,
            Number = number,
            TitleZh = letter.Zh,
            TitleEn = letter.En,
            IssuerZh = issuer.Zh,
            IssuerEn = issuer.En,
            AddresseeZh = facts.Addressee(letter, chinese: true) is { } to ? MessageCatalogue.Clean(to) : null,
            AddresseeEn = facts.Addressee(letter, chinese: false) is { } english ? MessageCatalogue.Clean(english) : null,
            DateZh = MessageFacts.Date(message.CreatedAt, chinese: true),
            DateEn = MessageFacts.Date(message.CreatedAt, chinese: false),
            Fields = Declared(letter, zh),
            FieldsEn = Declared(letter, en),
            Corrects = corrects,
            Reissued = reissued,
        };
    }

    private static Dictionary<string, string> Declared(Letter letter, Dictionary<string, string> values) =>
        letter.Fields.Select(f => f.TrimEnd('?')).Where(values.ContainsKey).ToDictionary(f => f, f => MessageCatalogue.Clean(values[f]), StringComparer.Ordinal);

    /// <summary>A field that the letter can't do without and that isn't there; null: it has all.</summary>
    private static string? Missing(Letter letter, Dictionary<string, string> values) =>
        letter.Fields.FirstOrDefault(f => f[^1] != '?' && !values.ContainsKey(f)) ?? (letter.Number.IsNotice && !values.ContainsKey("noticeNumber") ? "noticeNumber" : null);
}
