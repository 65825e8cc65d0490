using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Definitions;

namespace Talent.Workflows.Server.ElsaApi.Definitions;

/// <summary>The same for several definitions at once. Each is done or not by itself; the answer says which.</summary>
internal static class BulkEndpoints
{
    private const int Most = 1000;

    public static void MapDefinitionBulks(this IEndpointRouteBuilder api)
    {
        api.MapPost("/bulk-actions/publish/workflow-definitions/by-definition-ids", PublishAsync);
        api.MapPost("/bulk-actions/retract/workflow-definitions/by-definition-ids", RetractAsync);
        // Studio says by-definition-id here; both names are taken everywhere.
        api.MapPost("/bulk-actions/publish/workflow-definitions/by-definition-id", PublishAsync);
        api.MapPost("/bulk-actions/retract/workflow-definitions/by-definition-id", RetractAsync);
        api.MapPost("/bulk-actions/delete/workflow-definitions/by-definition-id", DeleteAsync);
        api.MapPost("/bulk-actions/delete/workflow-definitions/by-definition-ids", DeleteAsync);
        api.MapPost("/bulk-actions/delete/workflow-definitions/by-id", DeleteVersionsAsync);
    }

    private static async Task<IResult> PublishAsync(HttpContext context, DefinitionStore store, CancellationToken cancellationToken)
    {
        var (published, already, missing, failed) = (new List<string>(), new List<string>(), new List<string>(), new List<string>());
        var warnings = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var id in await IdsAsync(context, ids => ids.DefinitionIds))
            try
            {
                var latest = await store.FindLatestAsync(id, cancellationToken);
                if (latest?.IsPublished == false)
                    await store.PublishAsync(id, cancellationToken);
                (latest is null ? missing : latest.IsPublished ? already : published).Add(id);
            }
            catch (WorkflowException refusal) when (refusal.Code == ErrorCodes.InvalidDefinition)
            {
                failed.Add(id);
                warnings[id] = [$"{refusal.MessageZh} {refusal.Message}"];
            }
        return ElsaJson.Ok(new { published, alreadyPublished = already, notFound = missing, skipped = Array.Empty<string>(), updatedConsumers = Array.Empty<string>(), failed, warnings });
    }

    private static async Task<IResult> RetractAsync(HttpContext context, DefinitionStore store, CancellationToken cancellationToken)
    {
        var (retracted, already, missing) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var id in await IdsAsync(context, ids => ids.DefinitionIds))
        {
            var published = await store.FindPublishedAsync(id, cancellationToken) is not null;
            if (published)
                await store.RetractAsync(id, cancellationToken);
            (published ? retracted : await store.FindLatestAsync(id, cancellationToken) is null ? missing : already).Add(id);
        }
        return ElsaJson.Ok(new { retracted, alreadyRetracted = already, notPublished = already, notFound = missing, skipped = Array.Empty<string>() });
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, DefinitionStore store, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var id in await IdsAsync(context, ids => ids.DefinitionIds))
            deleted += await store.DeleteAsync(id, cancellationToken) ? 1 : 0;
        return ElsaJson.Ok(new { deleted });
    }

    private static async Task<IResult> DeleteVersionsAsync(HttpContext context, DefinitionStore store, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var id in await IdsAsync(context, ids => ids.Ids))
            deleted += await store.DeleteVersionAsync(id, cancellationToken) ? 1 : 0;
        return ElsaJson.Ok(new { deleted });
    }

    private static async Task<IReadOnlyList<string>> IdsAsync(HttpContext context, Func<IdList, IReadOnlyList<string>?> which)
    {
        var ids = which(await ElsaJson.ReadAsync<IdList>(context)) ?? [];
        return ids.Count <= Most ? [.. ids.Distinct(StringComparer.Ordinal)] : throw new WorkflowException(ErrorCodes.InvalidRequest, $"At most {Most} at once.", $"一次最多 {Most} 个。");
    }

    internal sealed record IdList(IReadOnlyList<string>? DefinitionIds = null, IReadOnlyList<string>? Ids = null);
}
