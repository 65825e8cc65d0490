using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>Cases to put on a list: all of them, or none when one can't be.</summary>
public sealed record ListCases
{
    public required IReadOnlyList<Guid> Cases { get; init; }
}

/// <summary>A case to send back.</summary>
public sealed record ReturnCase
{
    public required Guid CaseId { get; init; }
    public required string Reason { get; init; }
}

/// <summary>The HTTP face of lists that go to the city, under <c>/api/v1/submissions</c>: for the holders of the role that forms them.</summary>
public static class SubmissionEndpoints
{
    public static IEndpointRouteBuilder MapSubmissions(this IEndpointRouteBuilder routes)
    {
        var submissions = routes.MapGroup("/api/v1/submissions").WithTags("submissions");
        submissions.MapGet("/candidates", CandidatesAsync).WithName("ListSubmissionCandidates").WithSummary("待报送业务 The cases that wait to be put on a list");
        submissions.MapPost("/", CreateAsync).WithName("CreateSubmission").WithSummary("新建名单 Begin a list");
        submissions.MapGet("/", ListAsync).WithName("ListSubmissions").WithSummary("名单列表 The lists of the acting user's offices");
        submissions.MapPost("/returns", ReturnAsync).WithName("ReturnSubmittedCase").WithSummary("退回 Send a case back that waits or is listed");
        submissions.MapGet("/{id:guid}", ReadAsync).WithName("ReadSubmission").WithSummary("名单 One list");
        submissions.MapGet("/{id:guid}/cases", CasesAsync).WithName("ListSubmissionCases").WithSummary("名单内业务 The cases of a list");
        submissions.MapPost("/{id:guid}/cases", AddAsync).WithName("AddToSubmission").WithSummary("列入名单 Put cases on a draft");
        submissions.MapDelete("/{id:guid}/cases/{caseId:guid}", RemoveAsync).WithName("RemoveFromSubmission").WithSummary("移出名单 Take a case off a draft");
        submissions.MapPost("/{id:guid}/seal", SealAsync).WithName("SealSubmission").WithSummary("封存名单 Seal a list: number, checksum, nothing changes any more");
        submissions.MapGet("/{id:guid}/export", ExportAsync).WithName("ExportSubmission").WithSummary("导出名单 A sealed list as a file, json or xlsx")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream");
        submissions.MapPost("/{id:guid}/settlements", SettleAsync).WithName("SettleSubmission").WithSummary("登记批复 Enter the city's decision on all or some of a list");
        return routes;
    }

    private static Task<Page<SubmissionCandidate>> CandidatesAsync(string? service, string? office, string? cursor, int? limit, Caller caller, SubmissionReader reader, CancellationToken cancellationToken) =>
        reader.CandidatesAsync(caller, service, office, cursor, limit, cancellationToken);

    private static Task<Page<SubmissionView>> ListAsync(string? service, string? office, string? state, string? cursor, int? limit, Caller caller, SubmissionReader reader, CancellationToken cancellationToken) =>
        reader.ListAsync(caller, service, office, state, cursor, limit, cancellationToken);

    private static async Task<Created<SubmissionView>> CreateAsync(ListCases request, Caller caller, RequestIdempotency idempotency, SubmissionDrafts drafts, SubmissionReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        var changed = await drafts.CreateAsync(caller, request.Cases, idempotency.Value, cancellationToken);
        return TypedResults.Created($"/api/v1/submissions/{changed.Id}", await ViewAsync(reader, caller, changed.Id, http, cancellationToken));
    }

    private static Task<SubmissionView> ReadAsync(Guid id, Caller caller, SubmissionReader reader, HttpContext http, CancellationToken cancellationToken) => ViewAsync(reader, caller, id, http, cancellationToken);

    private static Task<Page<SubmissionCaseView>> CasesAsync(Guid id, string? cursor, int? limit, Caller caller, SubmissionReader reader, CancellationToken cancellationToken) =>
        reader.CasesAsync(caller, id, cursor, limit, cancellationToken);

    private static async Task<SubmissionView> AddAsync(Guid id, ListCases request, Caller caller, RequestIdempotency idempotency, SubmissionDrafts drafts, SubmissionReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await drafts.AddAsync(caller, id, request.Cases, EntityTag.IfMatch(http.Request), idempotency.Value, cancellationToken);
        return await ViewAsync(reader, caller, id, http, cancellationToken);
    }

    private static async Task<SubmissionView> RemoveAsync(Guid id, Guid caseId, Caller caller, RequestIdempotency idempotency, SubmissionDrafts drafts, SubmissionReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await drafts.RemoveAsync(caller, id, caseId, EntityTag.IfMatch(http.Request), idempotency.Value, cancellationToken);
        return await ViewAsync(reader, caller, id, http, cancellationToken);
    }

    private static async Task<SubmissionView> SealAsync(Guid id, Caller caller, RequestIdempotency idempotency, SubmissionSealing sealing, SubmissionReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await sealing.SealAsync(caller, id, EntityTag.IfMatch(http.Request), idempotency.Value, cancellationToken);
        return await ViewAsync(reader, caller, id, http, cancellationToken);
    }

    private static async Task<FileContentHttpResult> ExportAsync(Guid id, string? format, bool? full, Caller caller, SubmissionExport export, HttpContext http, CancellationToken cancellationToken)
    {
        var file = await export.ReadAsync(caller, id, format ?? "json", full == true, http.Request.Headers[ReadReason.Header], cancellationToken);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.File(file.Content, file.MediaType, file.Name);
    }

    private static Task<SubmissionSettled> SettleAsync(Guid id, SettleSubmission request, Caller caller, RequestIdempotency idempotency, SubmissionSettlement settlement, CancellationToken cancellationToken) =>
        settlement.SettleAsync(caller, id, request, idempotency.Value, cancellationToken);

    private static Task<SubmissionReturned> ReturnAsync(ReturnCase request, Caller caller, RequestIdempotency idempotency, SubmissionReturns returns, CancellationToken cancellationToken) =>
        returns.ReturnAsync(caller, request.CaseId, request.Reason, idempotency.Value, cancellationToken);

    private static async Task<SubmissionView> ViewAsync(SubmissionReader reader, Caller caller, Guid id, HttpContext http, CancellationToken cancellationToken)
    {
        var view = await reader.ReadAsync(caller, id, cancellationToken);
        http.Response.Headers.ETag = EntityTag.Of(view.Version);
        return view;
    }
}
