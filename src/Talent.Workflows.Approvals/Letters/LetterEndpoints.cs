using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Letters.Printing;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>The HTTP face of letters 文书: under their case, and their verification for anyone (R-DOC-1).</summary>
public static class LetterEndpoints
{
    private const string Html = "text/html", Pdf = "application/pdf";

    public static IEndpointRouteBuilder MapLetters(this IEndpointRouteBuilder routes)
    {
        var letters = routes.MapGroup("/api/v1/cases/{id:guid}/letters").WithTags("letters");
        letters.MapGet("/", ListAsync).WithName("ListLetters").WithSummary("文书列表 The letters of a case, oldest first");
        letters.MapGet("/{letter:guid}", ReadAsync).WithName("ReadLetter").WithSummary("文书 A letter: number, date, hash, and what it says for those who may see whom it names");
        letters.MapGet("/{letter:guid}/content", ContentAsync).WithName("ReadLetterContent").WithSummary("文书内容 The letter to print: HTML, or PDF with Accept: application/pdf").Produces(StatusCodes.Status200OK, contentType: Html, additionalContentTypes: Pdf);
        letters.MapGet("/{letter:guid}/content.pdf", PdfAsync).WithName("ReadLetterPdf").WithSummary("文书PDF The letter as PDF").Produces(StatusCodes.Status200OK, contentType: Pdf);
        letters.MapPost("/{letter:guid}/reissue", ReissueAsync).WithName("ReissueLetter").WithSummary("重新出具 A letter issued again in the place of one that is wrong, by the office that issued it").Produces<LetterReissue>(StatusCodes.Status202Accepted);
        routes.MapGroup("/api/v1/letters").WithTags("letters").MapGet("/verify/{number}", VerifyAsync).WithName("VerifyLetter").WithSummary("文书核验 Whether there is a letter of this number and SHA-256, and whether it was replaced; for anyone").AllowAnonymous();
        return routes;
    }

    private static async Task<Page<LetterSummary>> ListAsync(Guid id, Caller caller, LetterReader reader, CancellationToken cancellationToken) => new(await reader.ListAsync(caller, id, cancellationToken), null);

    private static Task<LetterView> ReadAsync(Guid id, Guid letter, Caller caller, LetterReader reader, HttpContext http, CancellationToken cancellationToken) =>
        reader.ReadAsync(caller, id, letter, http.Request.Headers[ReadReason.Header], cancellationToken);

    private static async Task<IResult> ContentAsync(Guid id, Guid letter, Caller caller, LetterReader reader, LetterPrinter printer, HttpContext http, CancellationToken cancellationToken)
    {
        http.Response.Headers.Vary = HeaderNames.Accept;
        if (WantsPdf(http.Request))
            return await PdfAsync(id, letter, caller, reader, printer, http, cancellationToken);
        var content = await reader.ContentAsync(caller, id, letter, http.Request.Headers[ReadReason.Header], cancellationToken);
        http.Response.Headers.ContentSecurityPolicy = NoticePages.Policy;
        return TypedResults.File(content.Html, $"{Html}; charset=utf-8", entityTag: Tag(content));
    }

    private static async Task<FileContentHttpResult> PdfAsync(Guid id, Guid letter, Caller caller, LetterReader reader, LetterPrinter printer, HttpContext http, CancellationToken cancellationToken)
    {
        printer.RequireCommand();
        var content = await reader.ContentAsync(caller, id, letter, http.Request.Headers[ReadReason.Header], cancellationToken);
        return TypedResults.File(await printer.PrintAsync(content.Html, cancellationToken), Pdf, $"{content.FileName}.pdf");
    }

    private static async Task<IResult> ReissueAsync(Guid id, Guid letter, ReissueLetter? request, Caller caller, RequestIdempotency idempotency, LetterReissuing reissuing, CancellationToken cancellationToken)
    {
        var again = await reissuing.ReissueAsync(caller, id, letter, request?.Reason, idempotency.Value, cancellationToken);
        return TypedResults.Accepted(again.Letter, again);
    }

    private static Task<LetterVerification> VerifyAsync(string number, string? sha256, LetterReader reader, CancellationToken cancellationToken) => reader.VerifyAsync(number, sha256, cancellationToken);

    private static EntityTagHeaderValue Tag(LetterContent content) => new(string.Create(CultureInfo.InvariantCulture, $"\"{content.Sha256}\""));

    /// <summary>PDF when it is asked for, and HTML isn't asked for as much.</summary>
    private static bool WantsPdf(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        double Quality(string type) => accepted.Where(a => a.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)).Select(a => a.Quality ?? 1).DefaultIfEmpty(0).Max();
        return Quality(Pdf) > Quality(Html);
    }
}
