using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>An objection from anyone: a mobile number or an e-mail address, and what there is to say.</summary>
public sealed record ObjectionRequest(string? Name = null, string? Contact = null, string? Text = null, IReadOnlyList<EvidenceRequest?>? Evidence = null)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => nameof(ObjectionRequest);

    internal Objection ToObjection()
    {
        var contact = string.IsNullOrWhiteSpace(Contact) ? null : Contact.Trim();
        var isMail = contact?.Contains('@', StringComparison.Ordinal) == true;
        return new Objection
        {
            ContactName = string.IsNullOrWhiteSpace(Name) ? null : Name.Trim(),
            Email = isMail ? contact : null,
            Phone = isMail ? null : contact,
            Statement = Text?.Trim() ?? "",
            Evidence = [.. (Evidence ?? []).Select(e => new Evidence(e?.Content ?? []))],
        };
    }
}

/// <summary>A file in base64: PDF, JPEG or PNG.</summary>
public sealed record EvidenceRequest(byte[]? Content = null);

/// <summary>A correction: another title, or lines by their labels.</summary>
public sealed record CorrectNotice
{
    /// <summary>Public.</summary>
    public required string Reason { get; init; }
    public string? Title { get; init; }
    public IReadOnlyList<LineCorrection?>? Lines { get; init; }
}

/// <summary>Some working days more.</summary>
public sealed record ExtendNoticeBy
{
    public required int Workdays { get; init; }

    /// <summary>Public.</summary>
    public required string Reason { get; init; }
}

/// <summary>Asks what became of an objection. The receipt is in the body: addresses end up in logs.</summary>
public sealed record ProgressRequest(string? Receipt = null);

/// <summary>The HTTP face of notices: JSON under <c>/api/v1/notices</c>, and pages for people. Reading and objecting need no sign-in (R-NOT-1).</summary>
public static class NoticeEndpoints
{
    public static IEndpointRouteBuilder MapNotices(this IEndpointRouteBuilder routes)
    {
        var notices = routes.MapGroup("/api/v1/notices").WithTags("notices");
        notices.MapGet("/", ListAsync).WithName("ListNotices").WithSummary("公示列表 Public notices").AllowAnonymous();
        notices.MapGet("/{id:guid}", ReadAsync).WithName("ReadNotice").WithSummary("公示 One public notice").AllowAnonymous();
        notices.MapGet("/lists/{id:guid}", ReadListAsync).WithName("ReadNoticeList").WithSummary("公示名单 The notices of one list").AllowAnonymous();
        notices.MapPost("/{id:guid}/corrections", CorrectAsync).WithName("CorrectNotice").WithSummary("更正公示 Correct an open notice");
        notices.MapPost("/{id:guid}/extensions", ExtendAsync).WithName("ExtendNotice").WithSummary("延长公示 Extend an open notice");
        notices.MapPost("/{id:guid}/objections", ObjectAsync).WithName("ObjectToNotice").WithSummary("提出异议 Object to a notice").AllowAnonymous()
            .WithMetadata(new BodyLimit(Evidence.LargestRequest));
        notices.MapPost("/objections/progress", ProgressAsync).WithName("ReadObjectionProgress").WithSummary("查询异议 What became of an objection, by its receipt").AllowAnonymous();
        notices.MapGet("/{id:guid}/objections", ObjectionsAsync).WithName("ListObjections").WithSummary("异议列表 The objections to a notice");
        notices.MapGet("/{id:guid}/objections/{objection:guid}/evidence/{place:int}", EvidenceAsync).WithName("ReadEvidence").WithSummary("异议证明材料 A file that came with an objection")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream");
        return routes;
    }

    private static async Task<Results<Ok<Page<NoticeView>>, StatusCodeHttpResult>> ListAsync(string? cursor, int? limit, HttpContext http, NoticeReader reader, BusinessClock clock, CancellationToken cancellationToken)
    {
        var page = await reader.ListAsync(cursor, limit, cancellationToken);
        return PublicAnswer.IsKnown(http, PublicAnswer.Of(page), clock.Now, page.Items) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(page);
    }

    private static Task<NoticeView> ReadAsync(Guid id, DateTimeOffset? at, HttpContext http, NoticeReader reader, CancellationToken cancellationToken) =>
        reader.ReadAsync(id, at, http.Features.Get<Caller>(), cancellationToken);

    private static Task<NoticeListView> ReadListAsync(Guid id, DateTimeOffset? at, HttpContext http, NoticeLists lists, CancellationToken cancellationToken) =>
        lists.ReadAsync(id, at, http.Features.Get<Caller>(), cancellationToken);

    private static async Task<NoticeView> CorrectAsync(Guid id, CorrectNotice request, Caller caller, RequestIdempotency idempotency, NoticeClerk clerk, NoticeReader reader, CancellationToken cancellationToken)
    {
        await clerk.CorrectAsync(caller, id, request.Reason, request.Title, request.Lines ?? [], idempotency.Value, cancellationToken);
        return await reader.ReadAsync(id, null, null, cancellationToken);
    }

    private static async Task<NoticeView> ExtendAsync(Guid id, ExtendNoticeBy request, Caller caller, RequestIdempotency idempotency, NoticeClerk clerk, NoticeReader reader, CancellationToken cancellationToken)
    {
        await clerk.ExtendAsync(caller, id, request.Reason, request.Workdays, idempotency.Value, cancellationToken);
        return await reader.ReadAsync(id, null, null, cancellationToken);
    }

    private static async Task<Created<ObjectionReceipt>> ObjectAsync(Guid id, ObjectionRequest objection, HttpContext http, NoticeCommands commands, CancellationToken cancellationToken) =>
        TypedResults.Created((string?)null, await commands.ObjectAsync(id, objection.ToObjection(), http.Connection.RemoteIpAddress, cancellationToken));

    private static Task<ObjectionProgress> ProgressAsync(ProgressRequest request, NoticeReader reader, CancellationToken cancellationToken) => reader.ProgressAsync(request.Receipt, cancellationToken);

    private static Task<Page<ObjectionView>> ObjectionsAsync(Guid id, string? cursor, int? limit, Caller caller, NoticeReader reader, CancellationToken cancellationToken) =>
        reader.ObjectionsAsync(id, cursor, limit, caller, cancellationToken);

    private static async Task<FileContentHttpResult> EvidenceAsync(Guid id, Guid objection, int place, Caller caller, NoticeReader reader, CancellationToken cancellationToken)
    {
        var file = await reader.EvidenceAsync(id, objection, place, caller, cancellationToken);
        return TypedResults.File(file.Content, file.MediaType, file.Name);
    }
}
