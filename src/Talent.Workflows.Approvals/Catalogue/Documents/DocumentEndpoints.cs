using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Catalogue.Documents;

/// <summary>The HTTP face of documents, under <c>/api/v1/documents</c>. Anyone reads them.</summary>
public static class DocumentEndpoints
{
    public static RouteHandlerBuilder MapDocuments(this IEndpointRouteBuilder routes)
    {
        var documents = routes.MapGroup("/api/v1/documents").WithTags("documents");
        documents.MapGet("/", async (string? service, string? kind, DateOnly? at, DocumentStore store, BusinessClock clock, CancellationToken stop) =>
                new Page<DocumentSummary>(await store.ListAsync(service, kind, Instant(at, clock), stop), null))
            .WithName("ListDocuments").WithSummary("政策文件、办事指南列表 Documents in force, today or on another day").AllowAnonymous();
        documents.MapGet("/{service}/{slug}", ReadAsync).WithName("ReadDocument").WithSummary("政策文件、办事指南 One document: in force today, on another day, or a certain edition").AllowAnonymous().Produces<DocumentView>();
        return documents.MapPut("/{service}/{slug}", SaveAsync).WithName("SaveDocument").WithSummary("发布新版本 Another edition: with If-Match, unless the document is new").Produces<DocumentSaved>();
    }

    private static async Task<DocumentView> ReadAsync(string service, string slug, int? edition, DateOnly? at, HttpContext http, DocumentStore store, BusinessClock clock, CancellationToken cancellationToken)
    {
        // An administrator sees what isn't in force yet: they have to correct it, and the next edition follows the last one.
        var ahead = http.Features.Get<Caller>() is { IsAdministrator: true };
        var view = await store.FindAsync(service, slug, edition, Instant(at, clock), ahead ? DateTimeOffset.MaxValue : clock.Now, cancellationToken) ?? throw NotFound(service, slug);
        http.Response.Headers.ETag = EntityTag.Of(view.Editions.Max(e => e.Edition));
        return view;
    }

    private static async Task<DocumentSaved> SaveAsync(string service, string slug, DocumentChange change, Caller caller, DocumentDesk desk, HttpContext http, CancellationToken cancellationToken)
    {
        var edition = await desk.SaveAsync(caller, service, slug, change, EntityTag.IfMatch(http.Request), cancellationToken);
        http.Response.Headers.ETag = EntityTag.Of(edition);
        return new DocumentSaved(service, slug, edition);
    }

    /// <summary>The end of a day that was asked for counts as that day: what began on it is in force.</summary>
    private static DateTimeOffset Instant(DateOnly? day, BusinessClock clock) => day is { } asked ? ChinaTime.EndOf(asked).AddTicks(-1) : clock.Now;

    internal static WorkflowException NotFound(string service, string slug) => new(ErrorCodes.NotFound, $"There is no document '{service}/{slug}' in force then. Read the list, or ask for an edition.", "没有该文件，或该文件当时未施行。");

    public const string SaveExample = """
        {"kind":"notice","titleZh":"关于开展2026年度政工职评申报工作的通知","titleEn":"Notice on filing for political-work titles in 2026","number":"示人才发〔2026〕8号","issuer":"示例市人才工作局",
        "from":"2026-03-01","to":"2026-12-31","bodyZh":"各有关单位：\n\n现就2026年度政工职评申报工作通知如下……","reason":"发布年度通知"}
        """;
}

/// <param name="Edition">The new edition's number, which is its ETag too.</param>
public sealed record DocumentSaved(string Service, string Slug, int Edition);
