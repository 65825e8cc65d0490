using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Server.ElsaApi.Descriptors;
using Talent.Workflows.Server.Security.Staff;

namespace Talent.Workflows.Server.ElsaApi.Definitions;

/// <summary>Definitions between Studio and the store: what Studio sends becomes a document, what is kept becomes what Studio reads.</summary>
internal sealed class DefinitionDesk(DefinitionStore store, ActivityCatalog catalog, UsableWorkflows workflows, StaffStore staff)
{
    private const int LongestId = 200;

    /// <summary>A version as Studio reads it.</summary>
    public async Task<JsonObject> ViewAsync(DefinitionRecord record, Caller caller, CancellationToken cancellationToken)
    {
        var document = await store.ReadDocumentAsync(record.Id, cancellationToken) ?? throw NotFound(record.Id);
        var usable = (await workflows.ReadAsync(cancellationToken)).Select(w => (w.Descriptor.Type, w.Descriptor.Version)).ToHashSet();
        return DefinitionModel.Of(record, StoredDocument.Parse(document), await store.CurrentRevisionAsync(record.DefinitionId, cancellationToken), caller,
            (type, version) => catalog.Find(type) is not null || usable.Contains((type, version)));
    }

    /// <summary>Saves what the editor sends. A definition without an id is a new one and gets one.</summary>
    /// <exception cref="WorkflowException"><c>invalid_definition</c>; <c>conflict</c>: somebody else saved since it was opened.</exception>
    public async Task<SavedDraft> SaveAsync(JsonObject model, bool publish, Caller caller, CancellationToken cancellationToken)
    {
        var definitionId = CheckId(model);
        var latest = definitionId is null ? null : await store.FindLatestAsync(definitionId, cancellationToken);
        var carried = latest is null ? null : await store.ReadDocumentAsync(latest.Id, cancellationToken);
        var (document, basedOn) = StoredDocument.Of(model, carried is null ? null : StoredDocument.Parse(carried));
        return await SaveAsync(new DraftSave { Document = document, Publish = publish, Actor = caller.Actor, BasedOn = basedOn }, cancellationToken);
    }

    /// <summary>Takes a whole definition in as a draft, whatever was there.</summary>
    /// <exception cref="WorkflowException"><c>invalid_definition</c>.</exception>
    public async Task<SavedDraft> ImportAsync(JsonObject model, Caller caller, CancellationToken cancellationToken) =>
        await SaveAsync(new DraftSave { Document = Importable(model), Actor = caller.Actor }, cancellationToken);

    /// <summary>The document of a definition that comes from elsewhere, checked as far as a draft has to be right.</summary>
    /// <exception cref="WorkflowException"><c>invalid_definition</c>.</exception>
    public static byte[] Importable(JsonObject model)
    {
        CheckId(model);
        var document = StoredDocument.Of(model, latest: null).Document;
        DefinitionReader.Read(document);
        return document;
    }

    /// <summary>Every reason why a version can't be published, as Elsa lists them.</summary>
    public async Task<JsonArray> ProblemsAsync(DefinitionRecord record, bool chinese, CancellationToken cancellationToken)
    {
        var document = await store.ReadDocumentAsync(record.Id, cancellationToken) ?? throw NotFound(record.Id);
        return [.. (await store.ValidateAsync(DefinitionReader.Read(document), cancellationToken)).Select(m => new JsonObject { ["message"] = chinese ? m.MessageZh : m.Message, ["activityId"] = m.ActivityId })];
    }

    public static WorkflowException NotFound(string id) => new(ErrorCodes.NotFound, $"There is no definition '{id}'. It may have been deleted.", "流程定义不存在，可能已被删除。");

    /// <summary>Saves, and says who was faster by name.</summary>
    public async Task<SavedDraft> SaveAsync(DraftSave save, CancellationToken cancellationToken)
    {
        try
        {
            return await store.SaveAsync(save, cancellationToken);
        }
        catch (WorkflowException late) when (late.Code == ErrorCodes.Conflict && late.Facts.TryGetValue("savedBy", out var by) && by is string who && who.StartsWith(StaffMember.CredentialPrefix, StringComparison.Ordinal)
            && late.Facts["savedAt"] is DateTimeOffset at)
        {
            var id = who[StaffMember.CredentialPrefix.Length..];
            var member = await staff.FindAsync(id, cancellationToken);
            throw Revisions.Overtaken(member is null ? id : $"{member.Name} ({id})", at);
        }
    }

    private static string? CheckId(JsonObject model)
    {
        var id = NotFoundActivities.Text(model, "definitionId");
        if (id.Length == 0)
        {
            model["definitionId"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
            return null;
        }
        return id.Length <= LongestId && !id.Any(c => char.IsControl(c) || c is '/' or '\\' or '?' or '#' or '%') ? id
            : throw new WorkflowException(ErrorCodes.InvalidDefinition, $"The definitionId takes up to {LongestId} characters, and none of / \\ ? # %.", $"definitionId 最多 {LongestId} 个字符，且不能含有 / \\ ? # %。");
    }
}
