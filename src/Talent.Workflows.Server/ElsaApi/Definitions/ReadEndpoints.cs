using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Runtime.Definitions;

namespace Talent.Workflows.Server.ElsaApi.Definitions;

/// <summary>Finding and reading definitions.</summary>
internal static class ReadEndpoints
{
    // A page that nobody limits: as much as a drop-down or a comparison can use.
    private const int Everything = 2000;

    public static void MapDefinitionReads(this IEndpointRouteBuilder api)
    {
        api.MapGet("/workflow-definitions", ListAsync);
        api.MapGet("/workflow-definitions/by-id/{id}", ByIdAsync);
        api.MapGet("/workflow-definitions/by-definition-id/{definitionId}", ByDefinitionIdAsync);
        api.MapGet("/workflow-definitions/{definitionId}", ByDefinitionIdAsync);
        api.MapGet("/workflow-definitions/many-by-id", ManyAsync);
        api.MapGet("/workflow-definitions/query/count", CountAsync);
        api.MapGet("/workflow-definitions/validation/is-name-unique", IsNameUniqueAsync);
        api.MapGet("/workflow-definitions/{definitionId}/versions", VersionsAsync);
        api.MapGet("/workflow-definitions/{definitionId}/consumers", ConsumersAsync);
    }

    private static async Task<IResult> ListAsync(string? versionOptions, string? searchTerm, bool? isSystem, string? materializer, string? orderBy, string? orderDirection, int? page, int? pageSize,
        string[]? definitionIds, string[]? ids, Caller caller, DefinitionStore store, CancellationToken cancellationToken)
    {
        var order = Word<DefinitionOrder>(orderBy, "orderBy") ?? DefinitionOrder.Name;
        var direction = Word<Direction>(orderDirection, "orderDirection") ?? (order == DefinitionOrder.Name ? Direction.Ascending : Direction.Descending);
        var size = Math.Clamp(pageSize ?? Everything, 1, Everything);
        var options = VersionOptions.Parse(versionOptions);
        // None of these is a system's, and all are JSON.
        var found = isSystem == true || materializer is { Length: > 0 } and not "Json" ? new DefinitionPage([], 0) : await store.QueryAsync(new DefinitionQuery
        {
            Versions = options.Filter, Version = options.Number, DefinitionIds = Given(definitionIds), Ids = Given(ids), Search = searchTerm,
            Order = order, Descending = direction == Direction.Descending, Skip = (int)Math.Min((long)Math.Max(page ?? 0, 0) * size, int.MaxValue), Take = size,
        }, cancellationToken);
        return ElsaJson.Node(new JsonObject { ["links"] = Links.OfList(caller), ["items"] = new JsonArray([.. found.Items.Select(r => DefinitionModel.Summary(r, caller))]), ["totalCount"] = found.Total });
    }

    private static async Task<IResult> ByIdAsync(string id, Caller caller, DefinitionStore store, DefinitionDesk desk, CancellationToken cancellationToken) =>
        ElsaJson.Node(await desk.ViewAsync(await store.FindAsync(id, cancellationToken) ?? throw DefinitionDesk.NotFound(id), caller, cancellationToken));

    private static async Task<IResult> ByDefinitionIdAsync(string definitionId, string? versionOptions, Caller caller, DefinitionStore store, DefinitionDesk desk, CancellationToken cancellationToken)
    {
        var options = VersionOptions.Parse(versionOptions, VersionFilter.Latest);
        var record = await store.FindAsync(definitionId, options.Filter, options.Number, cancellationToken) ?? throw DefinitionDesk.NotFound(definitionId);
        return ElsaJson.Node(await desk.ViewAsync(record, caller, cancellationToken));
    }

    private static async Task<IResult> ManyAsync(string[]? ids, Caller caller, DefinitionStore store, DefinitionDesk desk, CancellationToken cancellationToken)
    {
        var items = new JsonArray();
        foreach (var record in (await store.QueryAsync(new DefinitionQuery { Ids = ids ?? [], Order = DefinitionOrder.Name }, cancellationToken)).Items)
            items.Add(await desk.ViewAsync(record, caller, cancellationToken));
        return ElsaJson.Node(new JsonObject { ["items"] = items, ["count"] = items.Count });
    }

    private static async Task<IResult> CountAsync(string? versionOptions, DefinitionStore store, CancellationToken cancellationToken)
    {
        var options = VersionOptions.Parse(versionOptions, VersionFilter.Latest);
        return ElsaJson.Ok(new { count = await store.CountAsync(new DefinitionQuery { Versions = options.Filter, Version = options.Number }, cancellationToken) });
    }

    private static async Task<IResult> IsNameUniqueAsync(string? name, string? definitionId, DefinitionStore store, CancellationToken cancellationToken) =>
        ElsaJson.Ok(new { isUnique = await store.IsNameFreeAsync(name ?? "", definitionId, cancellationToken) });

    private static async Task<IResult> VersionsAsync(string definitionId, DefinitionStore store, CancellationToken cancellationToken)
    {
        var versions = new JsonArray();
        foreach (var record in (await store.ListVersionsAsync(definitionId, cancellationToken)).Take(100))
        {
            var document = StoredDocument.Parse(await store.ReadDocumentAsync(record.Id, cancellationToken) ?? throw DefinitionDesk.NotFound(record.Id));
            var version = new JsonObject { ["definitionId"] = record.DefinitionId, ["name"] = record.Name, ["description"] = record.Description };
            foreach (var name in (string[])["options", "variables", "inputs", "outputs", "outcomes", "customProperties"])
                version[name] = document.Remove(name, out var value) && value is not null ? value : name is "options" or "customProperties" ? new JsonObject() : new JsonArray();
            version["materializerName"] = "Json";
            version["stringData"] = document["root"] is { } root ? ElsaJson.Text(root) : "";
            (version["isReadonly"], version["isSystem"], version["createdAt"], version["version"]) = (false, false, record.CreatedAt, record.Version);
            (version["isLatest"], version["isPublished"], version["id"]) = (record.IsLatest, record.IsPublished, record.Id);
            versions.Add(version);
        }
        return versions.Count == 0 ? throw DefinitionDesk.NotFound(definitionId) : ElsaJson.Node(versions);
    }

    private static async Task<IResult> ConsumersAsync(string definitionId, DefinitionStore store, CancellationToken cancellationToken) =>
        ElsaJson.Ok(new { consumingWorkflowDefinitionIds = (await FindConsumersAsync(definitionId, store, cancellationToken)).Select(c => c.DefinitionId) });

    /// <summary>The latest versions with an activity that names the definition: those that dispatch it, or run it as an activity.</summary>
    public static async Task<IReadOnlyList<DefinitionRecord>> FindConsumersAsync(string definitionId, DefinitionStore store, CancellationToken cancellationToken) =>
        [.. (await store.MentioningAsync(definitionId, cancellationToken)).Where(m => m.Definition.DefinitionId != definitionId
            && DefinitionReader.Read(m.Document).Activities.Values.Any(a => a.Json.TryGetProperty("workflowDefinitionId", out var named)
                && (named.ValueKind == System.Text.Json.JsonValueKind.String ? named.GetString() : Engine.Execution.InputExpression.Read(named).Value.ToString()) == definitionId)).Select(m => m.Definition)];

    private static string[]? Given(string[]? list) => list is { Length: > 0 } ? list : null;

    private static T? Word<T>(string? text, string parameter) where T : struct, Enum =>
        string.IsNullOrWhiteSpace(text) ? null : Enum.TryParse<T>(text, ignoreCase: true, out var word) && Enum.IsDefined(word) ? word
            : throw new WorkflowException(ErrorCodes.InvalidRequest, $"'{parameter}' takes one of {string.Join(", ", Enum.GetNames<T>())}.", $"参数 {parameter} 有误，可用：{string.Join("、", Enum.GetNames<T>())}。");

    private enum Direction
    {
        Ascending,
        Descending,
    }
}
