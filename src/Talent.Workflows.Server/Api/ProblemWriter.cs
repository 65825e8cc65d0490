using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Server.ElsaApi;

namespace Talent.Workflows.Server.Api;

/// <summary>Answers with problem documents.</summary>
internal static class ProblemWriter
{
    private const string ErrorsFact = "errors";
    private const string RetryFact = "retryAfterSeconds";

    public static Task WriteAsync(HttpContext context, WorkflowException cause)
    {
        var kind = ProblemCatalogue.Of(cause.Code);
        var facts = cause.Facts.Where(fact => fact.Key != ErrorsFact).ToDictionary(StringComparer.Ordinal);
        if (kind.Status is 429 or 503 || cause.Code == ErrorCodes.IdempotencyInFlight)
        {
            var wait = cause.Facts.GetValueOrDefault(RetryFact) as int? ?? 1;
            facts[RetryFact] = wait;
            context.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
        }
        if (kind.Status == 401)
            context.Response.Headers.WWWAuthenticate = "ApiKey realm=\"talent-workflows\"";
        return WriteAsync(context, kind, cause.MessageZh, cause.Message, facts, Errors(cause.Facts.GetValueOrDefault(ErrorsFact)));
    }

    public static Task WriteAsync(HttpContext context, ProblemKind kind, string detailZh, string detailEn,
        Dictionary<string, object?>? facts = null, IReadOnlyList<ProblemError>? errors = null)
    {
        var problem = new Problem
        {
            Type = kind.Type,
            Title = kind.TitleZh,
            TitleEn = kind.TitleEn,
            Status = kind.Status,
            Code = kind.Code,
            // They may repeat what was sent.
            Detail = Masking.Said(detailZh),
            DetailEn = Masking.Said(detailEn),
            TraceId = TraceId(context),
            Errors = errors is null ? null : [.. errors.Select(e => e with { Path = Masking.Said(e.Path), Message = Masking.Said(e.Message), MessageEn = Masking.Said(e.MessageEn) })],
            Facts = facts?.ToDictionary(fact => fact.Key, fact => (object?)JsonSerializer.SerializeToElement(fact.Value, ApiJson.Options), StringComparer.Ordinal) ?? [],
        };
        context.Response.Headers.CacheControl = "no-store";
        if (context.Request.Path.StartsWithSegments(ElsaProblem.BasePath))
        {
            var elsa = ElsaProblem.Of(problem);
            context.Response.StatusCode = elsa.StatusCode;
            return context.Response.WriteAsJsonAsync(elsa, ElsaJson.Options, Problem.MediaType, context.RequestAborted);
        }
        context.Response.StatusCode = kind.Status;
        return context.Response.WriteAsJsonAsync(problem, ApiJson.Options, Problem.MediaType, context.RequestAborted);
    }

    public static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;

    private static IReadOnlyList<ProblemError>? Errors(object? fact) => fact switch
    {
        IEnumerable<ProblemError> own => [.. own],
        IEnumerable<ValidationMessage> messages => [.. messages.Select(Of)],
        IEnumerable<FormError> form => [.. form.Select(e => new ProblemError(e.Path, e.Code, e.Zh, e.En))],
        IEnumerable<InputFault> faults => [.. faults.Select(f => new ProblemError("", f.Code, f.Zh, f.En))],
        _ => null,
    };

    public static ProblemError Of(ValidationMessage message) => new(message.ActivityId ?? "", message.Code, message.MessageZh, message.Message);
}
