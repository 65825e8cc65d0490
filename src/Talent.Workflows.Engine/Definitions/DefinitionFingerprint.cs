using System.Security.Cryptography;
using System.Text.Json;

namespace Talent.Workflows.Engine.Definitions;

/// <summary>
/// What a definition says, whatever server keeps it: the same for documents that differ only in what servers give (ids and numbers
/// of versions, flags, dates, node ids) and in the order of properties.
/// </summary>
public static class DefinitionFingerprint
{
    private static readonly HashSet<string> Given = new(StringComparer.Ordinal) { "$schema", "id", "version", "createdAt", "isLatest", "isPublished", "links" };

    /// <summary>SHA-256 in lower-case hexadecimal.</summary>
    /// <param name="document">Elsa 3 definition JSON, UTF-8.</param>
    public static string Of(ReadOnlyMemory<byte> document)
    {
        using var json = JsonDocument.Parse(document, new JsonDocumentOptions { MaxDepth = DefinitionLimits.MaxJsonDepth });
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = DefinitionLimits.MaxJsonDepth + 1 }))
            Write(writer, json.RootElement, name => Given.Contains(name));
        return Convert.ToHexStringLower(SHA256.HashData(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    private static void Write(Utf8JsonWriter writer, JsonElement json, Func<string, bool> leavesOut)
    {
        if (json.ValueKind == JsonValueKind.Object)
        {
            writer.WriteStartObject();
            foreach (var property in json.EnumerateObject().Where(p => !leavesOut(p.Name)).OrderBy(p => p.Name, StringComparer.Ordinal))
            {
                writer.WritePropertyName(property.Name);
                Write(writer, property.Value, IsNodeId);
            }
            writer.WriteEndObject();
        }
        else if (json.ValueKind == JsonValueKind.Array)
        {
            writer.WriteStartArray();
            foreach (var item in json.EnumerateArray())
                Write(writer, item, IsNodeId);
            writer.WriteEndArray();
        }
        else
            json.WriteTo(writer);
    }

    private static bool IsNodeId(string name) => name == "nodeId";
}
