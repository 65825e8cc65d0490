using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Runtime.Definitions;

namespace Talent.Workflows.Server.ElsaApi.Definitions;

/// <summary>A definition as Studio reads it: the document that is kept, with what the server owns, what may be left out filled in, and what the caller may do with it.</summary>
internal static class DefinitionModel
{
    private static readonly string[] Lists = ["variables", "inputs", "outputs", "outcomes"];

    public static JsonObject Of(DefinitionRecord record, JsonObject document, int revision, Caller caller, Func<string, int, bool> isKnown)
    {
        var model = new JsonObject { ["links"] = Links.Of(record.DefinitionId, caller), ["id"] = record.Id, ["definitionId"] = record.DefinitionId };
        Move("tenantId");
        model["name"] = record.Name;
        Move("description");
        model["createdAt"] = record.CreatedAt;
        model["version"] = record.Version;
        Move("toolVersion");
        // Studio can't open a definition with a version that isn't one of .NET's.
        if (model["toolVersion"] is { } tool && !(tool is JsonValue text && text.TryGetValue<string>(out var version) && Version.TryParse(version, out _)))
            model.Remove("toolVersion");
        foreach (var list in Lists)
            model[list] = document.Remove(list, out var items) && items is JsonArray ? items : new JsonArray();
        model["customProperties"] = document.Remove("customProperties", out var custom) && custom is JsonObject ? custom : new JsonObject();
        model["customProperties"]![StoredDocument.RevisionProperty] = revision;
        model["isReadonly"] = false;
        model["isSystem"] = false;
        model["isLatest"] = record.IsLatest;
        model["isPublished"] = record.IsPublished;
        model["options"] = document.Remove("options", out var options) && options is JsonObject ? options : new JsonObject { ["autoUpdateConsumingWorkflows"] = false };
        document.Remove("root", out var root);
        model["root"] = NotFoundActivities.Show((JsonObject)root!, "Workflow1", isKnown);
        document.Remove("$schema");
        foreach (var (name, _) in document.ToList())
            if (!model.ContainsKey(name))
                Move(name);
        return model;

        void Move(string name)
        {
            if (document.Remove(name, out var value))
                model[name] = value;
        }
    }

    /// <summary>A line of a list.</summary>
    public static JsonObject Summary(DefinitionRecord record, Caller caller)
    {
        var line = new JsonObject { ["links"] = Links.Of(record.DefinitionId, caller), ["id"] = record.Id, ["definitionId"] = record.DefinitionId, ["name"] = record.Name };
        if (record.Description is not null)
            line["description"] = record.Description;
        (line["version"], line["isLatest"], line["isPublished"], line["materializerName"]) = (record.Version, record.IsLatest, record.IsPublished, "Json");
        (line["isMaterializerAvailable"], line["isReadonly"], line["createdAt"]) = (true, false, record.CreatedAt);
        return line;
    }

    /// <summary>The document as an importable file.</summary>
    public static byte[] File(DefinitionRecord record, byte[] document)
    {
        var file = StoredDocument.Parse(DefinitionWriter.WriteFile(DefinitionReader.Read(document), new DefinitionStamp(record.Id, record.DefinitionId, record.Version, record.IsLatest, record.IsPublished)));
        file["createdAt"] ??= record.CreatedAt;
        return ElsaJson.Bytes(file, indented: true);
    }
}
