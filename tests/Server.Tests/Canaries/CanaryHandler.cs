using System.Net;
using System.Text.RegularExpressions;

namespace Talent.Workflows.Server.Tests.Canaries;

/// <summary>Searches every answer that a test gets for numbers and addresses in full.</summary>
/// <param name="leaks">Where what was found is told.</param>
internal sealed partial class CanaryHandler(CanaryWatch leaks, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>What may answer with them when it succeeds, and why.</summary>
    private static readonly (Regex Request, string Why)[] InFull =
    [
        (Reveal(), "the reveal, with a reason, recorded"),
        (Profile(), "a case's profile read in full, with a reason, recorded"),
        (Case(), "a case for whom it is about, and recorded for who has it in hand; what its writes answer to who wrote it"),
        (Objections(), "how to reach who objected, for the clerks who handle it"),
        (Description(), "the description's examples"),
        (Development(), "recipients of captured messages, whose texts are searched in the database; stand-ins for services outside"),
    ];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        var asked = $"{request.Method} {request.RequestUri!.AbsolutePath}";
        var reads = $"{asked}{request.RequestUri.Query}";
        // A stream of events has no end to wait for: what it says is searched in the database.
        if (answer.Content.Headers.ContentType?.MediaType is not { } type || !(type.EndsWith("json", StringComparison.Ordinal) || type.EndsWith("xml", StringComparison.Ordinal) || type is "text/html" or "text/plain" or "text/csv")
            || answer.StatusCode < HttpStatusCode.BadRequest && InFull.Any(a => a.Request.IsMatch(asked) || a.Request.IsMatch(reads)))
            return answer;
        await answer.Content.LoadIntoBufferAsync(cancellationToken);
        leaks.Search($"{asked} {(int)answer.StatusCode}", await answer.Content.ReadAsStringAsync(cancellationToken));
        return answer;
    }

    [GeneratedRegex("^POST /api/v1/people/[^/]+/reveal$")]
    private static partial Regex Reveal();

    [GeneratedRegex("^GET /api/v1/cases/[^/]+/profile\\?full=true$")]
    private static partial Regex Profile();

    [GeneratedRegex("^(GET /api/v1/cases/[^/]+(/preview)?|POST /api/v1/cases|(PUT|PATCH|POST) /api/v1/cases/[^/]+/(data(/steps/[^/]+)?|submit|supplement|refile))$")]
    private static partial Regex Case();

    [GeneratedRegex("^GET /api/v1/notices/[^/]+/objections$")]
    private static partial Regex Objections();

    [GeneratedRegex("^GET /openapi/v1\\.json$")]
    private static partial Regex Description();

    [GeneratedRegex("^[A-Z]+ /dev/(messages$|simulators/)")]
    private static partial Regex Development();
}
