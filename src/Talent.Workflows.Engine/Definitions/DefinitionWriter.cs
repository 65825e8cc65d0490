using System.Text.Json;

namespace Talent.Workflows.Engine.Definitions;

/// <summary>
/// Writes a definition as it was read, with what the server owns set anew: ids, version, flags and derived node ids.
/// Every other property, known or not, is written as it stood.
/// </summary>
public static class DefinitionWriter
{
    public const string Schema = "https://elsaworkflows.io/schemas/workflow-definition/v3.0.0/schema.json";

    /// <summary>The document as an importable file.</summary>
    public static byte[] WriteFile(WorkflowDefinition definition, DefinitionStamp? stamp = null)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, IndentSize = 2, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 512 }))
            Write(writer, definition.Document, stamp);
        return buffer.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonElement document, DefinitionStamp? stamp)
    {
        var owned = new Dictionary<string, Action>(StringComparer.Ordinal) { ["$schema"] = () => writer.WriteString("$schema", Schema) };
        if (stamp is not null)
        {
            owned["id"] = () => writer.WriteString("id", stamp.Id);
            owned["definitionId"] = () => writer.WriteString("definitionId", stamp.DefinitionId);
            owned["version"] = () => writer.WriteNumber("version", stamp.Version);
            owned["isLatest"] = () => writer.WriteBoolean("isLatest", stamp.IsLatest);
            owned["isPublished"] = () => writer.WriteBoolean("isPublished", stamp.IsPublished);
        }
        writer.WriteStartObject();
        if (!document.TryGetProperty("$schema", out _))
            owned["$schema"]();
        foreach (var property in document.EnumerateObject())
            if (owned.Remove(property.Name, out var write))
                write();
            else if (property.Name == "root" && property.Value.ValueKind == JsonValueKind.Object)
            {
                writer.WritePropertyName("root");
                WriteActivity(writer, property.Value, "Workflow1");
            }
            else
                property.WriteTo(writer);
        owned.Remove("$schema");
        foreach (var write in owned.Values)
            write();
        writer.WriteEndObject();
    }

    private static void WriteActivity(Utf8JsonWriter writer, JsonElement json, string parentPath)
    {
        var nodeId = $"{parentPath}:{DefinitionReader.Text(json, "id")}";
        writer.WriteStartObject();
        var nodeIdWritten = false;
        foreach (var property in json.EnumerateObject())
        {
            if (property.Name == "nodeId")
            {
                writer.WriteString("nodeId", nodeId);
                nodeIdWritten = true;
            }
            else if (property is { Name: "activities", Value.ValueKind: JsonValueKind.Array })
                WriteArray(writer, property, child => WriteActivity(writer, child, nodeId));
            else if (ActivityTreeReader.IsPort(property))
            {
                writer.WritePropertyName(property.Name);
                WriteActivity(writer, property.Value, nodeId);
            }
            else if (property is { Name: "branches", Value.ValueKind: JsonValueKind.Array })
                WriteArray(writer, property, branch => WriteBranch(writer, branch, nodeId));
            else if (property is { Name: "cases", Value.ValueKind: JsonValueKind.Array })
                WriteArray(writer, property, item => WriteCase(writer, item, nodeId));
            else
                property.WriteTo(writer);
        }
        if (!nodeIdWritten)
            writer.WriteString("nodeId", nodeId);
        writer.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter writer, JsonProperty property, Action<JsonElement> write)
    {
        writer.WriteStartArray(property.Name);
        foreach (var item in property.Value.EnumerateArray())
            write(item);
        writer.WriteEndArray();
    }

    private static void WriteBranch(Utf8JsonWriter writer, JsonElement branch, string nodeId)
    {
        if (ActivityTreeReader.IsActivity(branch))
            WriteActivity(writer, branch, nodeId);
        else
            branch.WriteTo(writer);
    }

    private static void WriteCase(Utf8JsonWriter writer, JsonElement item, string nodeId)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("activity", out var activity) || !ActivityTreeReader.IsActivity(activity))
        {
            item.WriteTo(writer);
            return;
        }
        writer.WriteStartObject();
        foreach (var property in item.EnumerateObject())
            if (property.Name == "activity")
            {
                writer.WritePropertyName("activity");
                WriteActivity(writer, activity, nodeId);
            }
            else
                property.WriteTo(writer);
        writer.WriteEndObject();
    }
}

/// <summary>What the server owns of a definition version.</summary>
public sealed record DefinitionStamp(string Id, string DefinitionId, int Version, bool IsLatest, bool IsPublished);
