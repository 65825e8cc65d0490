using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Catalogue.Documents;

/// <summary>Reads documents: as they are in force, as they were at any time, and each edition.</summary>
public sealed class DocumentStore(NpgsqlDataSource database)
{
    /// <summary>Documents that are listed at most.</summary>
    private const int Most = 500;

    private const string Summary = "e.service, e.slug, e.kind, e.title_zh, e.title_en, e.number, e.issuer, e.edition, e.from_at, e.until_at";

    /// <summary>The number of the edition of <c>d</c> that covers $1.</summary>
    private const string InForce = """
        (select n.edition from approvals.document_editions n where n.service = d.service and n.slug = d.slug and n.from_at <= $1 and (n.until_at is null or n.until_at > $1) order by n.edition desc limit 1)
        """;

    /// <summary>What was in force at an instant, in the order in which it is shown; what is for all services comes after a service's own.</summary>
    /// <param name="service">Null: of all services; else the service's own and those for all.</param>
    /// <param name="kind">Null: of every kind.</param>
    public async Task<IReadOnlyList<DocumentSummary>> ListAsync(string? service, string? kind, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var found = await database.QueryAsync($"""
            select {Summary}, e.place from approvals.documents d join approvals.document_editions e on e.service = d.service and e.slug = d.slug and e.edition = {InForce}
            where not e.withdrawn and ($2::text is null or d.service in ($2, 'shared')) and ($3::text is null or e.kind = $3) limit {Most}
            """, r => (Document: ReadSummary(r), Place: r.GetInt32(10)), cancellationToken, at, service, kind);
        return [.. found.OrderBy(d => d.Document.Service == DocumentKinds.Shared).ThenBy(d => d.Document.Service, StringComparer.Ordinal).ThenBy(d => DocumentKinds.Place(d.Document.Kind))
            .ThenBy(d => d.Place).ThenByDescending(d => d.Document.From).ThenBy(d => d.Document.Slug, StringComparer.Ordinal).Select(d => d.Document)];
    }

    /// <param name="edition">A certain one; null: the one that was in force at <paramref name="at"/>.</param>
    /// <param name="now">Editions that come into force later aren't shown.</param>
    /// <returns>Null: there is none.</returns>
    public async Task<DocumentView?> FindAsync(string service, string slug, int? edition, DateTimeOffset at, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var snapshot = new Snapshot(database);
        var found = snapshot.Add($"""
            select {Summary}, e.body_zh, e.body_en, e.withdrawn, e.edition is not distinct from {InForce} from approvals.documents d join approvals.document_editions e on e.service = d.service and e.slug = d.slug
            where d.service = $2 and d.slug = $3 and e.edition = coalesce($4, {InForce}) and e.from_at <= $5
            """, r => (Document: ReadSummary(r), Zh: r.GetString(10), En: r.Text(11), Withdrawn: r.GetBoolean(12), InForce: r.GetBoolean(13)),
            at, service, slug, edition ?? (object)new Sql.Null(NpgsqlTypes.NpgsqlDbType.Integer), now);
        var editions = snapshot.Add("select n.edition, n.title_zh, n.from_at, n.until_at, n.withdrawn, n.recorded_at from approvals.document_editions n where n.service = $1 and n.slug = $2 and n.from_at <= $3 order by n.edition desc limit 200",
            r => new DocumentEdition(r.GetInt32(0), r.GetString(1), ChinaTime.DateOf(r.GetFieldValue<DateTimeOffset>(2)), LastDay(r.Instant(3)), r.GetBoolean(4), r.GetFieldValue<DateTimeOffset>(5)), service, slug, now);
        await snapshot.ReadAsync(cancellationToken);
        return found is [var one] && (!one.Withdrawn || edition is not null) ? new DocumentView(one.Document, one.Zh, one.En) { InForce = one.InForce && !one.Withdrawn, Editions = editions } : null;
    }

    /// <summary>The last edition; 0: there is no such document. With the hashes of the files that became editions, and whether the last one did.</summary>
    internal async Task<(int Edition, bool IsFile, IReadOnlyList<string> Hashes)> LastAsync(string service, string slug, CancellationToken cancellationToken)
    {
        var editions = await database.QueryAsync("select edition, file_hash from approvals.document_editions where service = $1 and slug = $2 order by edition desc", r => (Edition: r.GetInt32(0), Hash: r.Text(1)), cancellationToken, service, slug);
        return editions.Count == 0 ? (0, true, []) : (editions[0].Edition, editions[0].Hash is not null, [.. editions.Select(e => e.Hash).OfType<string>()]);
    }

    private static DocumentSummary ReadSummary(NpgsqlDataReader r) => new(r.GetString(0), r.GetString(1), r.GetString(2), DocumentKinds.Zh(r.GetString(2)), r.GetString(3), r.Text(4), r.Text(5), r.Text(6), r.GetInt32(7),
        ChinaTime.DateOf(r.GetFieldValue<DateTimeOffset>(8)), LastDay(r.Instant(9)));

    private static DateOnly? LastDay(DateTimeOffset? exclusive) => exclusive is { } until ? ChinaTime.DateOf(until.AddTicks(-1)) : null;
}
