using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>A list that was sealed.</summary>
/// <param name="Sha256">Of its content, see <see cref="SubmissionContent.Checksum"/>.</param>
public sealed record SubmissionSealed(Guid Id, int Version, string Number, string Sha256, int Cases);

/// <summary>封存名单: gives a list its number, freezes what it says with a checksum, and tells its cases.</summary>
/// <remarks>
/// Source: R-REV-10. The rows of the list's cases are locked from the moment they are read: a case that is withdrawn at this
/// instant is either not on it, or leaves it when it is sealed.
/// </remarks>
public sealed class SubmissionSealing(SubmissionStore store, ServiceCatalogue services, CaseVault vault, DataKeys keys, SealingStart sealing)
{
    /// <summary>Seals a draft: <c>ZG-110105-2026-B0003</c>, that is service, region of the office, year, serial within these three without gaps.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>precondition_failed</c>; <c>wrong_state</c>: it is sealed already, or nobody is on it.</exception>
    public Task<SubmissionSealed> SealAsync(Caller caller, Guid id, long? ifVersion, Idempotency? idempotency, CancellationToken cancellationToken) => store.ChangeAsync(caller, idempotency, async session =>
    {
        var row = await session.LockAsync(id, ifVersion, cancellationToken);
        SubmissionSession.RequireDraft(row);
        var entries = await EntriesAsync(session, id, cancellationToken);
        if (entries.Count == 0)
            throw new WorkflowException(ErrorCodes.WrongState, $"Nobody is on list {id}: put cases on it, or leave it.", "名单中没有业务，不能封存。");
        var package = await services.GetAsync(row.Service, cancellationToken);
        var office = (await session.QueryAsync("select name_zh, region from approvals.organisations where id = $1", r => (Name: r.GetString(0), Region: r.GetString(1)), cancellationToken, row.OrganisationId))[0];
        var number = await NumberAsync(session, row.Service, package.Service.NumberCode, office.Region, cancellationToken);
        var text = Content(row, new SubmissionParty(row.Service, package.Service.Zh), new SubmissionParty(row.OrganisationId, office.Name), number, session, entries).Text();
        var checksum = SubmissionContent.Checksum(text);
        var ring = await sealing.HasBegunAsync(cancellationToken) ? await keys.RingAsync(0, cancellationToken) : null;
        await session.ExecuteAsync("update approvals.submissions set version = version + 1, sealed_at = $2, sealed_by = $3, number = $4, checksum = $5, content = $6, content_sealed = $7, key_id = $8 where id = $1", cancellationToken,
            id, session.Now, session.User, number, checksum, ring is null ? text : null, ring is null ? new Sql.Null(NpgsqlTypes.NpgsqlDbType.Bytea) : SealedContent.Seal(ring, id, text), ring is null ? new Sql.Null(NpgsqlTypes.NpgsqlDbType.Integer) : ring.Current);
        await session.ExecuteAsync("update approvals.submission_cases e set place = p.place from unnest($1) with ordinality p(id, place) where e.id = p.id", cancellationToken, entries.Select(e => e.Id).ToArray());
        // Who left the draft was never on the list.
        await session.ExecuteAsync("update approvals.submission_cases set submission_id = null where submission_id = $1 and place is null", cancellationToken, id);
        await session.NoteAsync(id, "sealed", new { number, sha256 = checksum, cases = entries.Select(e => e.CaseId) }, cancellationToken);
        await session.TellAsync(entries.Select(e => SubmissionDelivery.Message(e.Id, e.CaseId, SubmissionStates.Sealed)), cancellationToken);
        return new SubmissionSealed(id, row.Version + 1, number, checksum, entries.Count);
    }, s => s.Id, cancellationToken);

    private async Task<List<Entry>> EntriesAsync(SubmissionSession session, Guid id, CancellationToken cancellationToken)
    {
        // Locked first: what is read afterwards is of cases that can't leave any more.
        await session.ExecuteAsync("select id from approvals.submission_cases where submission_id = $1 and state = 'listed' order by id for update", cancellationToken, id);
        var rows = await session.QueryAsync($"""
            select e.id, e.case_id, e.columns::text, c.number, u.name, o.name_zh, {CaseVault.Phases}
            from approvals.submission_cases e join approvals.cases c on c.id = e.case_id join approvals.users u on u.id = c.applicant_id join approvals.organisations o on o.id = c.employer_id
            where e.submission_id = $1 and e.state = 'listed' order by c.number, e.id
            """, r => (Id: r.GetGuid(0), Case: r.GetGuid(1), Columns: r.GetString(2), Number: r.Text(3), Applicant: r.GetString(4), Employer: r.GetString(5), Phases: r.Text(6)), cancellationToken, id);
        var entries = new List<Entry>(rows.Count);
        foreach (var r in rows)
            entries.Add(new Entry(r.Id, r.Case, JsonSerializer.Deserialize<NoticeSource[]>(r.Columns, NoticeSource.Json)!,
                Values(r.Number, r.Applicant, r.Employer, (await vault.OpenAsync(r.Case, r.Phases, cancellationToken)).Values)));
        return entries;
    }

    private static async Task<string> NumberAsync(SubmissionSession session, string service, string code, string region, CancellationToken cancellationToken)
    {
        var year = ChinaTime.DateOf(session.Now).Year;
        var serial = (await session.QueryAsync("""
            insert into approvals.submission_serials as s (service, region, year, last) values ($1, $2, $3, 1)
            on conflict (service, region, year) do update set last = s.last + 1 returning s.last
            """, r => r.GetInt32(0), cancellationToken, service, region, (short)year))[0];
        return string.Create(CultureInfo.InvariantCulture, $"{code}-{region}-{year}-B{serial:0000}");
    }

    // Cases of two versions of a definition may say different things: each value stands under its own label.
    private static SubmissionContent Content(SubmissionRow row, SubmissionParty service, SubmissionParty office, string number, SubmissionSession session, List<Entry> entries)
    {
        SubmissionColumn[] columns = [.. entries.SelectMany(e => e.Columns).DistinctBy(c => c.Label).Select(c => new SubmissionColumn(c.Label, c.Kind))];
        return new SubmissionContent(number, row.Title, service, office, session.Now, session.User, columns, [.. entries.Select((e, place) => new SubmittedCase(place + 1, e.CaseId, [.. columns.Select(c => e.Value(c.Label))]))]);
    }

    private static Dictionary<string, string?> Values(string? number, string applicant, string employer, IEnumerable<JsonElement> phases)
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal) { ["case.number"] = number, ["applicant.name"] = applicant, ["employer.name"] = employer };
        foreach (var phase in phases)
            foreach (var field in phase.EnumerateObject())
                if (FormData.Value(field.Value) is { } value)
                    values[$"data.{field.Name}"] = value;
        return values;
    }

    private sealed record Entry(Guid Id, Guid CaseId, NoticeSource[] Columns, Dictionary<string, string?> Values)
    {
        public string? Value(string label)
        {
            if (Array.Find(Columns, c => c.Label == label) is not { } column)
                return null;
            var value = column.Text ?? Values.GetValueOrDefault(column.From!);
            return value is not null && column.Texts?.GetValueOrDefault(value) is { } word ? word : value;
        }
    }
}
