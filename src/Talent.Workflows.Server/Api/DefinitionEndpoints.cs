using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Runtime.Definitions;

namespace Talent.Workflows.Server.Api;

/// <summary>Workflow definitions: Elsa 3 JSON in and out, drafts and published versions.</summary>
internal static class DefinitionEndpoints
{
    public static IEndpointRouteBuilder MapDefinitions(this IEndpointRouteBuilder api)
    {
        var definitions = api.MapGroup("/workflows/definitions").WithTags("definitions");
        definitions.MapGet("/", ListAsync).WithSummary("流程定义列表 List definitions").Produces<Page<DefinitionRecord>>();
        definitions.MapPost("/", ImportAsync).WithSummary("导入流程定义（草稿，publish=true 同时发布） Import Elsa 3 JSON as a draft, or publish it at once").Produces<DefinitionView>()
            .WithExample("""{"definitionId":"hello","name":"Hello","root":{"id":"flow","type":"Elsa.Flowchart","version":1,"activities":[],"connections":[]}}""");
        definitions.MapGet("/{definitionId}", ReadAsync).WithSummary("流程定义最新版本 The latest version").Produces<DefinitionView>();
        definitions.MapGet("/{definitionId}/document", DocumentAsync).WithSummary("导出流程定义 Export as Elsa 3 JSON").Produces<JsonElement>();
        definitions.MapPost("/{definitionId}/publish", PublishAsync).WithSummary("发布流程定义 Publish the latest version").Produces<DefinitionView>();
        definitions.MapPost("/{definitionId}/retract", RetractAsync).WithSummary("撤回发布，不再启动新流程，在办流程不受影响 Take a definition out of use; what runs goes on").Produces<DefinitionView>();
        return api;
    }

    private static async Task<Page<DefinitionRecord>> ListAsync(string? cursor, int? limit, DefinitionStore store, Cursors cursors, CancellationToken cancellationToken)
    {
        const string list = "definitions";
        var size = PageSize.Of(limit);
        var records = await store.ListAsync(cursors.Read(list, cursor), size, cancellationToken);
        return new Page<DefinitionRecord>(records, cursors.Write(list, records.Count == size ? records[^1].DefinitionId : null));
    }

    private static async Task<DefinitionView> ImportAsync(JsonElement document, bool? publish, Caller caller, DefinitionStore store, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(document);
        var record = await store.ImportAsync(bytes, publish ?? false, caller.Actor, cancellationToken);
        return await ViewAsync(store, record, bytes, cancellationToken);
    }

    private static async Task<DefinitionView> ReadAsync(string definitionId, DefinitionStore store, CancellationToken cancellationToken)
    {
        var record = await store.FindLatestAsync(definitionId, cancellationToken) ?? throw NoDefinition(definitionId);
        return await ViewAsync(store, record, await store.ReadDocumentAsync(record.Id, cancellationToken) ?? throw NoDefinition(definitionId), cancellationToken);
    }

    private static async Task<IResult> DocumentAsync(string definitionId, DefinitionStore store, CancellationToken cancellationToken)
    {
        var record = await store.FindLatestAsync(definitionId, cancellationToken) ?? throw NoDefinition(definitionId);
        return TypedResults.Bytes(await store.ReadDocumentAsync(record.Id, cancellationToken) ?? throw NoDefinition(definitionId), "application/json");
    }

    private static async Task<DefinitionView> PublishAsync(string definitionId, DefinitionStore store, CancellationToken cancellationToken)
    {
        var record = await store.PublishAsync(definitionId, cancellationToken);
        return await ViewAsync(store, record, await store.ReadDocumentAsync(record.Id, cancellationToken) ?? throw NoDefinition(definitionId), cancellationToken);
    }

    private static async Task<DefinitionView> RetractAsync(string definitionId, DefinitionStore store, CancellationToken cancellationToken)
    {
        await store.RetractAsync(definitionId, cancellationToken);
        return await ReadAsync(definitionId, store, cancellationToken);
    }

    private static async Task<DefinitionView> ViewAsync(DefinitionStore store, DefinitionRecord record, byte[] document, CancellationToken cancellationToken) =>
        new(record, [.. (await store.ValidateAsync(DefinitionReader.Read(document), cancellationToken)).Select(ProblemWriter.Of)]);

    private static WorkflowException NoDefinition(string id) => new(ErrorCodes.NotFound, $"There is no definition '{id}'. Check the id, or import it.", "流程定义不存在。");

    /// <summary>A definition; <see cref="Errors"/> is what keeps it from being published.</summary>
    internal sealed record DefinitionView(DefinitionRecord Definition, IReadOnlyList<ProblemError> Errors);
}
