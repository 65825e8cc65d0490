using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>An objection from anyone: a mobile number or an e-mail address, and what there is to say.</summary>
public sealed record ObjectionRequest(string? Name, string? Contact, string? Text)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => nameof(ObjectionRequest);

    internal Objection ToObjection()
    {
        var contact = Contact?.Trim();
        var isMail = contact?.Contains('@', StringComparison.Ordinal) == true;
        return new Objection
        {
            // Who objects may stay unnamed, but not out of reach.
            ContactName = string.IsNullOrWhiteSpace(Name) ? "（未留姓名）" : Name.Trim(),
            Email = isMail ? contact : null,
            Phone = isMail ? null : contact,
            Statement = Text?.Trim() ?? "",
        };
    }
}

/// <summary>The HTTP face of notices: JSON under <c>/api/v1/notices</c>, and pages for people. Reading and objecting need no sign-in (R-NOT-1).</summary>
public static class NoticeEndpoints
{
    public static IEndpointRouteBuilder MapNotices(this IEndpointRouteBuilder routes)
    {
        var notices = routes.MapGroup("/api/v1/notices").WithTags("notices");
        notices.MapGet("/", ListAsync).WithName("ListNotices").WithSummary("公示列表 Public notices").AllowAnonymous();
        notices.MapGet("/{id:guid}", ReadAsync).WithName("ReadNotice").WithSummary("公示 One public notice").AllowAnonymous();
        notices.MapPost("/{id:guid}/objections", ObjectAsync).WithName("ObjectToNotice").WithSummary("提出异议 Object to a notice").AllowAnonymous();
        notices.MapGet("/{id:guid}/objections", ObjectionsAsync).WithName("ListObjections").WithSummary("异议列表 The objections to a notice");
        return routes;
    }

    public sealed record ObjectionList(IReadOnlyList<ObjectionView> Items);

    private static Task<Page<NoticeView>> ListAsync(string? cursor, int? limit, NoticeReader reader, CancellationToken cancellationToken) => reader.ListAsync(cursor, limit, cancellationToken);

    private static Task<NoticeView> ReadAsync(Guid id, DateTimeOffset? at, HttpContext http, NoticeReader reader, CancellationToken cancellationToken) =>
        reader.ReadAsync(id, at, http.Features.Get<Caller>(), cancellationToken);

    private static async Task<IResult> ObjectAsync(Guid id, ObjectionRequest objection, HttpContext http, NoticeCommands commands, CancellationToken cancellationToken) =>
        TypedResults.Created((string?)null, await commands.ObjectAsync(id, objection.ToObjection(), http.Connection.RemoteIpAddress, cancellationToken));

    private static async Task<ObjectionList> ObjectionsAsync(Guid id, Caller caller, NoticeReader reader, CancellationToken cancellationToken) =>
        new(await reader.ObjectionsAsync(id, caller, cancellationToken));
}
