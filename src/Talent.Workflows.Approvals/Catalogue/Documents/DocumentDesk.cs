using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Catalogue.Documents;

/// <summary>Keeps documents: each change is another edition, and every edition stays (R-CAT-2, R-ADM-3).</summary>
public sealed class DocumentDesk(NpgsqlDataSource database, DocumentStore store, ServiceCatalogue services, BusinessClock clock)
{
    /// <param name="service">A service's id, or <see cref="DocumentKinds.Shared"/>.</param>
    /// <param name="ifVersion">The last edition as it was read; null: the document is new.</param>
    /// <returns>The number of the new edition.</returns>
    /// <exception cref="WorkflowException"><c>forbidden</c>, <c>not_found</c> (service), <c>invalid_request</c> with the errors, <c>precondition_required</c>, <c>precondition_failed</c>.</exception>
    public async Task<int> SaveAsync(Caller caller, string service, string slug, DocumentChange change, long? ifVersion, CancellationToken cancellationToken)
    {
        caller.RequireAdministrator();
        if (service != DocumentKinds.Shared)
            await services.GetAsync(service, cancellationToken);
        CatalogueChanges.Require([CatalogueDesk.Id("slug", slug), .. change.Errors()]);
        var (last, _, _) = await store.LastAsync(service, slug, cancellationToken);
        return await WriteAsync(caller.Actor, service, slug, change, last, ifVersion, null, cancellationToken);
    }

    internal async Task<int> WriteAsync(Actor actor, string service, string slug, DocumentChange change, int last, long? ifVersion, string? fileHash, CancellationToken cancellationToken) =>
        (int)await CatalogueChanges.WriteAsync(database, actor, clock.Now, CatalogueChanges.Document, $"{service}/{slug}", last, ifVersion, change.Reason, change, """
            with kept as (insert into approvals.documents (service, slug, edition) values ($1, $2, $16) on conflict (service, slug) do update set edition = excluded.edition returning service, slug, edition)
            insert into approvals.document_editions (service, slug, edition, kind, title_zh, title_en, number, issuer, body_zh, body_en, place, from_at, until_at, withdrawn, file_hash, recorded_at)
            select service, slug, edition::int, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15 from kept
            """, [service, slug, change.Kind, change.TitleZh, change.TitleEn, change.Number, change.Issuer, change.BodyZh, change.BodyEn, change.Place, ChinaTime.At(change.From, TimeSpan.Zero),
                change.To is { } to ? ChinaTime.EndOf(to) : new Sql.Null(NpgsqlDbType.TimestampTz), change.Withdrawn, fileHash, clock.Now], cancellationToken);
}
