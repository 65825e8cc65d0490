using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Server.ElsaApi.Descriptors;

namespace Talent.Workflows.Server.ElsaApi.Definitions;

/// <summary>Saving, publishing, retracting, reverting and deleting one definition.</summary>
internal static class WriteEndpoints
{
    public static void MapDefinitionWrites(this IEndpointRouteBuilder api)
    {
        api.MapPost("/workflow-definitions", SaveAsync);
        api.MapPost("/workflow-definitions/{definitionId}/publish", PublishAsync);
        api.MapPost("/workflow-definitions/{definitionId}/retract", RetractAsync);
        api.MapPost("/workflow-definitions/{definitionId}/revert/{version:int}", RevertAsync);
        api.MapPost("/workflow-definitions/{definitionId}/update-references", UpdateReferencesAsync);
        api.MapDelete("/workflow-definitions/{definitionId}", DeleteAsync);
        api.MapDelete("/workflow-definitions/{definitionId}/version/{version:int}", DeleteNumberAsync);
        api.MapDelete("/workflow-definition-versions/{id}", DeleteVersionAsync);
    }

    /// <summary><c>{"model": …, "publish": true|false|null}</c>.</summary>
    private static async Task<IResult> SaveAsync(HttpContext context, Caller caller, DefinitionDesk desk, CancellationToken cancellationToken)
    {
        var body = await BodyAsync(context);
        if (!body.Remove("model", out var sent) || sent is not JsonObject model)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "The body has no 'model'. Send {\"model\": …, \"publish\": false}.", "请求内容缺少 model。");
        var publish = body["publish"] is JsonValue wish && wish.TryGetValue<bool>(out var yes) && yes;
        var saved = await desk.SaveAsync(model, publish, caller, cancellationToken);
        return await AnswerAsync(saved.Definition, saved.AlreadyPublished, context, caller, desk, cancellationToken);
    }

    private static async Task<IResult> PublishAsync(string definitionId, HttpContext context, Caller caller, DefinitionStore store, DefinitionDesk desk, CancellationToken cancellationToken)
    {
        var latest = await store.FindLatestAsync(definitionId, cancellationToken) ?? throw DefinitionDesk.NotFound(definitionId);
        var record = latest.IsPublished ? latest : await store.PublishAsync(definitionId, cancellationToken);
        return await AnswerAsync(record, latest.IsPublished, context, caller, desk, cancellationToken);
    }

    private static async Task<IResult> RetractAsync(string definitionId, Caller caller, DefinitionStore store, DefinitionDesk desk, CancellationToken cancellationToken)
    {
        if (await store.FindPublishedAsync(definitionId, cancellationToken) is null)
            throw await store.FindLatestAsync(definitionId, cancellationToken) is null ? DefinitionDesk.NotFound(definitionId)
                : new WorkflowException(ErrorCodes.NotPublished, $"Definition '{definitionId}' isn't published.", "该流程尚未发布，无须取消发布。");
        await store.RetractAsync(definitionId, cancellationToken);
        return ElsaJson.Node(await desk.ViewAsync(await store.FindLatestAsync(definitionId, cancellationToken) ?? throw DefinitionDesk.NotFound(definitionId), caller, cancellationToken));
    }

    /// <summary>The content of an older version becomes the draft.</summary>
    private static async Task<IResult> RevertAsync(string definitionId, int version, HttpContext context, Caller caller, DefinitionStore store, DefinitionDesk desk, CancellationToken cancellationToken)
    {
        var older = await store.FindAsync(definitionId, VersionFilter.Number, version, cancellationToken) ?? throw DefinitionDesk.NotFound($"{definitionId} {version}");
        var document = await store.ReadDocumentAsync(older.Id, cancellationToken) ?? throw DefinitionDesk.NotFound(older.Id);
        var saved = await desk.SaveAsync(new DraftSave { Document = StoredDocument.Of(StoredDocument.Parse(document), null).Document, Actor = caller.Actor }, cancellationToken);
        context.Response.Headers.Location = $"{ElsaProblem.BasePath}/workflow-definitions/by-id/{Uri.EscapeDataString(saved.Definition.Id)}";
        return ElsaJson.Node(DefinitionModel.Summary(saved.Definition, caller), StatusCodes.Status201Created);
    }

    /// <summary>Makes the consumers that pin an older version of this one use its published version, each as a new draft.</summary>
    private static async Task<IResult> UpdateReferencesAsync(string definitionId, Caller caller, DefinitionStore store, DefinitionDesk desk, CancellationToken cancellationToken)
    {
        var published = await store.FindPublishedAsync(definitionId, cancellationToken) ?? throw DefinitionStoreErrors(await store.FindLatestAsync(definitionId, cancellationToken), definitionId);
        var affected = new List<string>();
        foreach (var consumer in await ReadEndpoints.FindConsumersAsync(definitionId, store, cancellationToken))
        {
            var document = StoredDocument.Parse(await store.ReadDocumentAsync(consumer.Id, cancellationToken) ?? throw DefinitionDesk.NotFound(consumer.Id));
            if (!Repin((JsonObject)document["root"]!, definitionId, published))
                continue;
            await desk.SaveAsync(new DraftSave { Document = StoredDocument.Of(document, null).Document, Actor = caller.Actor }, cancellationToken);
            affected.Add(consumer.DefinitionId);
        }
        return ElsaJson.Ok(new { affectedWorkflows = affected });
    }

    private static async Task<IResult> DeleteAsync(string definitionId, DefinitionStore store, CancellationToken cancellationToken) =>
        await store.DeleteAsync(definitionId, cancellationToken) ? TypedResults.NoContent() : throw DefinitionDesk.NotFound(definitionId);

    private static async Task<IResult> DeleteVersionAsync(string id, DefinitionStore store, CancellationToken cancellationToken) =>
        await store.DeleteVersionAsync(id, cancellationToken) ? TypedResults.NoContent() : throw DefinitionDesk.NotFound(id);

    private static async Task<IResult> DeleteNumberAsync(string definitionId, int version, DefinitionStore store, CancellationToken cancellationToken) =>
        await DeleteVersionAsync((await store.FindAsync(definitionId, VersionFilter.Number, version, cancellationToken) ?? throw DefinitionDesk.NotFound($"{definitionId} {version}")).Id, store, cancellationToken);

    /// <summary>The body as JSON, as deep as a definition may be.</summary>
    public static async Task<JsonObject> BodyAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        return buffer.Length == 0 ? [] : StoredDocument.Parse(buffer.ToArray());
    }

    private static async Task<IResult> AnswerAsync(DefinitionRecord record, bool alreadyPublished, HttpContext context, Caller caller, DefinitionDesk desk, CancellationToken cancellationToken) => ElsaJson.Node(new JsonObject
    {
        ["workflowDefinition"] = await desk.ViewAsync(record, caller, cancellationToken),
        ["alreadyPublished"] = alreadyPublished,
        ["consumingWorkflowCount"] = 0,
        ["validationErrors"] = record.IsPublished ? [] : await desk.ProblemsAsync(record, DescriptorTexts.For(context.Request) == DescriptorTexts.Chinese, cancellationToken),
    });

    private static WorkflowException DefinitionStoreErrors(DefinitionRecord? latest, string definitionId) => latest is null ? DefinitionDesk.NotFound(definitionId)
        : new WorkflowException(ErrorCodes.NotPublished, $"Definition '{definitionId}' has no published version. Publish it first.", "该流程尚未发布。");

    private static bool Repin(JsonObject activity, string definitionId, DefinitionRecord published)
    {
        var changed = false;
        if (NotFoundActivities.Text(activity, "workflowDefinitionId") == definitionId && NotFoundActivities.Text(activity, "workflowDefinitionVersionId") is { Length: > 0 } pinned && pinned != published.Id)
        {
            (activity["workflowDefinitionVersionId"], activity["version"]) = (published.Id, published.Version);
            if (activity.ContainsKey("latestAvailablePublishedVersionId"))
                (activity["latestAvailablePublishedVersionId"], activity["latestAvailablePublishedVersion"]) = (published.Id, published.Version);
            changed = true;
        }
        foreach (var (_, _, child) in NotFoundActivities.Children(activity).ToList())
            changed |= Repin(child, definitionId, published);
        return changed;
    }
}
