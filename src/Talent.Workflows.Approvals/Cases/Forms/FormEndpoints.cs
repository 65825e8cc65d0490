using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>A shared code table in a list.</summary>
/// <param name="Codes">How many it has.</param>
public sealed record CodeTableSummary(string Name, string Zh, string En, string Source, int Codes);

/// <summary>A shared code table.</summary>
public sealed record CodeTableView(string Name, string Zh, string En, string Source, IReadOnlyList<CodeView> Codes);

/// <param name="Parent">The code of the line above it; null: none.</param>
/// <param name="Level">Of a region: province, city or district.</param>
/// <param name="Until">The last day on which it is offered; null: it still is.</param>
/// <param name="Offered">Whether it can be chosen today by who hasn't it yet.</param>
public sealed record CodeView(string Code, string Zh, string En, string? Parent, string? Level, DateOnly? Until, bool Offered);

/// <summary>The HTTP face of forms as data: <c>/api/v1/services/{service}/form</c> and <c>/api/v1/code-tables</c>. Anyone reads them (R-CASE-2).</summary>
public static class FormEndpoints
{
    private const string Json = "application/json";
    private const string SchemaJson = "application/schema+json";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEndpointRouteBuilder MapForms(this IEndpointRouteBuilder routes)
    {
        var forms = routes.MapGroup("/api/v1/services/{service}/form").WithTags("forms");
        forms.MapGet("/", FormAsync).WithName("ReadForm").WithSummary("申报表单 The form of a service as data").AllowAnonymous().Produces<JsonObject>(contentType: Json);
        forms.MapGet("/schema", SchemaAsync).WithName("ReadFormSchema").WithSummary("申报表单的 JSON Schema The form of a service as JSON Schema 2020-12").AllowAnonymous().Produces<JsonObject>(contentType: SchemaJson);
        var tables = routes.MapGroup("/api/v1/code-tables").WithTags("forms");
        tables.MapGet("/", (ApprovalContent content, HttpContext http) => Tagged(http, new Page<CodeTableSummary>([.. content.Shared.CodeTables.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => new CodeTableSummary(t.Key, t.Value.Zh, t.Value.En, t.Value.Source, t.Value.Entries.Count))], null)))
            .WithName("ListCodeTables").WithSummary("代码表 The code tables that forms share, with their standards").AllowAnonymous().Produces<Page<CodeTableSummary>>();
        tables.MapGet("/{name}", (string name, ApprovalContent content, BusinessClock clock, HttpContext http) => Tagged(http, Table(name, content, ChinaTime.DateOf(clock.Now))))
            .WithName("ReadCodeTable").WithSummary("代码表 One code table").AllowAnonymous().Produces<CodeTableView>();
        return routes;
    }

    /// <param name="version">Of a form that cases were filed with; the present one when it is left out.</param>
    private static async Task<IResult> FormAsync(string service, string? version, ServiceCatalogue services, FormVersions versions, HttpContext http, CancellationToken cancellationToken)
    {
        var form = (await FindAsync(service, version, services, versions, cancellationToken)).Form;
        if (IsKnown(http, $"\"{form.Version}\""))
            return Results.StatusCode(StatusCodes.Status304NotModified);
        var view = new JsonObject { ["service"] = service, ["version"] = form.Version };
        foreach (var (name, part) in JsonNode.Parse(ContentFile.Write(form.Definition))!.AsObject().ToArray())
            // What deciders fill in is no matter of who files.
            if (name != "decisions")
                view[name] = part?.DeepClone();
        return Results.Text(view.ToJsonString(Options), Json);
    }

    /// <param name="phase">1 = 资格审核, 2 = 完善材料 with the fields of both; 1 when it is left out.</param>
    /// <param name="version">Of a form that cases were filed with; the present one when it is left out.</param>
    private static async Task<IResult> SchemaAsync(string service, int? phase, string? version, ServiceCatalogue services, FormVersions versions, BusinessClock clock, HttpContext http, CancellationToken cancellationToken)
    {
        if (phase is not (null or 1 or 2))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Phase {phase} doesn't exist; it is 1 or 2.", "阶段只能是 1 或 2。");
        var package = await FindAsync(service, version, services, versions, cancellationToken);
        var today = ChinaTime.DateOf(clock.Now);
        var retired = package.Form.Definition.CodeTables.Values.Sum(t => t.Count(e => !e.IsOffered(today)));
        if (IsKnown(http, string.Create(CultureInfo.InvariantCulture, $"\"{package.Form.Version}-{phase ?? 1}-{retired}\"")))
            return Results.StatusCode(StatusCodes.Status304NotModified);
        return Results.Text(FormSchema.Of(package.Form, service, package.Service.Zh, package.Service.En, phase ?? 1, today).ToJsonString(Options), SchemaJson);
    }

    private static async Task<ServicePackage> FindAsync(string service, string? version, ServiceCatalogue services, FormVersions versions, CancellationToken cancellationToken)
    {
        var package = await services.GetAsync(service, cancellationToken);
        if (version is null)
            return package;
        return (version.Length == 64 && version.All(char.IsAsciiHexDigitLower) ? await versions.FindAsync(package, version, cancellationToken) : null)
            ?? throw new WorkflowException(ErrorCodes.NotFound, $"The service '{service}' has no form of that version. Leave version out for the present one.", "该事项没有此版本的表单。");
    }

    private static CodeTableView Table(string name, ApprovalContent content, DateOnly today)
    {
        if (!content.Shared.CodeTables.TryGetValue(name, out var table))
            throw new WorkflowException(ErrorCodes.NotFound, $"There is no code table '{(name.Length > 40 ? name[..40] : name)}'. Use one of {string.Join(", ", content.Shared.CodeTables.Keys.Order(StringComparer.Ordinal))}.", "没有该代码表。");
        return new CodeTableView(name, table.Zh, table.En, table.Source, [.. table.Entries.Select(e => new CodeView(e.Code, e.Zh, e.En, e.Parent, e.Level, e.Until, e.IsOffered(today)))]);
    }

    private static IResult Tagged<T>(HttpContext http, T view)
    {
        var text = JsonSerializer.Serialize(view, Options);
        return IsKnown(http, $"\"{Digest.Of(text)}\"") ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Text(text, Json);
    }

    /// <summary>Writes the caching headers; whether the client has just that already.</summary>
    private static bool IsKnown(HttpContext http, string tag)
    {
        http.Response.Headers.ETag = tag;
        http.Response.Headers.CacheControl = "public, no-cache";
        return http.Request.Headers.IfNoneMatch.SelectMany(t => (t ?? "").Split(',', StringSplitOptions.TrimEntries)).Any(t => t == "*" || (t.StartsWith("W/", StringComparison.Ordinal) ? t[2..] : t) == tag);
    }
}
