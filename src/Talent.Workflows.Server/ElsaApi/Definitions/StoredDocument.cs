using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Server.ElsaApi.Definitions;

/// <summary>
/// Makes of what Studio sends the document that is kept. What the server owns is left out, activities that were shown as not
/// found become what they were, and what Studio doesn't know of the document that it opened is kept.
/// </summary>
internal static class StoredDocument
{
    /// <summary>Carries the revision that Studio shows, in <c>customProperties</c>; never kept, never exported.</summary>
    public const string RevisionProperty = "TalentRevision";

    private static readonly string[] Owned = ["links", "id", "version", "createdAt", "isLatest", "isPublished"];

    // Studio writes all of these, so that one which is missing was removed; anything else is none of its business.
    private static readonly HashSet<string> Elsas = new(StringComparer.Ordinal)
    {
        "$schema", "id", "definitionId", "tenantId", "name", "description", "createdAt", "version", "toolVersion", "variables", "inputs", "outputs", "outcomes", "customProperties",
        "isReadonly", "isSystem", "isLatest", "isPublished", "options", "usableAsActivity", "root", "links",
    };

    private static readonly string[] Collections = ["variables", "inputs", "outputs", "outcomes", "customProperties", "options"];

    /// <summary>The document to keep, and the revision it is based on.</summary>
    /// <param name="model">Changed and used up.</param>
    /// <param name="latest">The document that is kept now; null: there is none, or none of it is to be carried over.</param>
    /// <exception cref="WorkflowException"><c>invalid_definition</c>: it isn't a definition at all.</exception>
    public static (byte[] Document, int? BasedOn) Of(JsonObject model, JsonObject? latest)
    {
        foreach (var name in Owned)
            model.Remove(name);
        foreach (var name in Collections)
            if (model.TryGetPropertyValue(name, out var value) && value is null)
                model.Remove(name);
        int? basedOn = null;
        if (model["customProperties"] is JsonObject custom && custom.Remove(RevisionProperty, out var revision))
            basedOn = revision is JsonValue number && int.TryParse(number.ToString(), out var known) ? known : null;
        if (model["root"] is not JsonObject root)
            throw new WorkflowException(ErrorCodes.InvalidDefinition, "The definition has no root activity. Add a `root` object, normally an Elsa.Flowchart.", "流程定义没有根活动（root），通常应为 Elsa.Flowchart。");
        model["root"] = NotFoundActivities.Restore(root, 0);
        foreach (var (name, value) in latest ?? [])
            if (!Elsas.Contains(name) && !model.ContainsKey(name))
                model[name] = value?.DeepClone();
        return (ElsaJson.Bytes(model), basedOn);
    }

    /// <summary>Reads a definition that somebody sends.</summary>
    /// <exception cref="WorkflowException"><c>invalid_definition</c>.</exception>
    public static JsonObject Parse(ReadOnlyMemory<byte> json)
    {
        if (json.Length > DefinitionLimits.MaxBytes * 2)
            throw new WorkflowException(ErrorCodes.InvalidDefinition, $"The definition is larger than {DefinitionLimits.MaxBytes} bytes. Split it into smaller workflows.", "流程定义过大，请拆分。");
        try
        {
            return JsonNode.Parse(json.Span, documentOptions: ElsaJson.DocumentOptions) as JsonObject
                ?? throw new WorkflowException(ErrorCodes.InvalidDefinition, "The definition must be a JSON object.", "流程定义须为 JSON 对象。");
        }
        catch (JsonException e)
        {
            throw new WorkflowException(ErrorCodes.InvalidDefinition, $"The definition is not valid JSON: {e.Message}", "流程定义不是有效的 JSON。", e);
        }
    }
}
