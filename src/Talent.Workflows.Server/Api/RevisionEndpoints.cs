using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Server.Security.Staff;

namespace Talent.Workflows.Server.Api;

/// <summary>Every save of a definition, the newest 200: look at one, or make it the draft again. They outlive the definition's deletion.</summary>
internal static class RevisionEndpoints
{
    private const string List = "revisions";

    public static IEndpointRouteBuilder MapRevisions(this IEndpointRouteBuilder api)
    {
        var revisions = api.MapGroup("/workflows/definitions/{definitionId}/revisions").WithTags("definitions").WithMetadata(new StaffAllowed());
        revisions.MapGet("/", ListAsync).WithSummary("流程定义的保存记录 List the saves of a definition").Produces<Page<DefinitionRevision>>();
        revisions.MapGet("/{revision:int}", ReadAsync).WithSummary("查看某次保存的内容 The definition as it was saved").Produces<JsonElement>();
        revisions.MapPost("/{revision:int}/restore", RestoreAsync).WithSummary("恢复为草稿 Make it the draft again").Produces<SavedDraft>();
        return api;
    }

    private static async Task<Page<DefinitionRevision>> ListAsync(string definitionId, string? cursor, int? limit, DefinitionStore store, Cursors cursors, CancellationToken cancellationToken)
    {
        var list = $"{List}|{definitionId}";
        var size = PageSize.Of(limit);
        var revisions = await store.ListRevisionsAsync(definitionId, cursors.Read(list, cursor) is { } before ? int.Parse(before, CultureInfo.InvariantCulture) : null, size, cancellationToken);
        if (revisions.Count == 0 && cursor is null && await store.FindLatestAsync(definitionId, cancellationToken) is null)
            throw new WorkflowException(ErrorCodes.NotFound, $"There is no definition '{definitionId}', and none was ever saved. Check the id.", "流程定义不存在。");
        return new Page<DefinitionRevision>(revisions, cursors.Write(list, revisions.Count == size ? revisions[^1].Revision.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static async Task<IResult> ReadAsync(string definitionId, int revision, DefinitionStore store, CancellationToken cancellationToken) =>
        TypedResults.Bytes(await DocumentAsync(definitionId, revision, store, cancellationToken), "application/json");

    private static async Task<SavedDraft> RestoreAsync(string definitionId, int revision, Caller caller, DefinitionStore store, CancellationToken cancellationToken) =>
        await store.SaveAsync(new DraftSave { Document = await DocumentAsync(definitionId, revision, store, cancellationToken), Actor = caller.Actor }, cancellationToken);

    private static async Task<byte[]> DocumentAsync(string definitionId, int revision, DefinitionStore store, CancellationToken cancellationToken) =>
        await store.ReadRevisionAsync(definitionId, revision, cancellationToken) ?? throw new WorkflowException(ErrorCodes.NotFound,
            $"There is no revision {revision} of '{definitionId}'; the newest {Revisions.Kept} are kept.", $"没有第 {revision} 次保存的内容，仅保留最近 {Revisions.Kept} 次。");
}
