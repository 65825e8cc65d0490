using System.IO.Compression;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Server.ElsaApi.Definitions;

/// <summary>Definitions in files: JSON, and ZIP archives of JSON. Nothing is ever written to a path that an archive names; what it says of sizes isn't believed.</summary>
internal static class DefinitionFiles
{
    public const int MostEntries = 500;

    /// <summary>Bytes that the archives of one request may have together, unpacked.</summary>
    public const int MostBytes = 32 << 20;

    private const string Schema = "https://elsaworkflows.io/schemas/workflow-definition";

    /// <summary>The definitions of a file.</summary>
    /// <exception cref="WorkflowException"><c>invalid_definition</c> with the name of what can't be read; <c>too_large</c>.</exception>
    public static List<JsonObject> Read(string name, byte[] file, Budget budget) => Unpack(name, file, ErrorCodes.InvalidDefinition, budget).ConvertAll(f => ReadOne(f.Name, f.Json));

    /// <summary>A JSON file as it is, or those of an archive, with their names.</summary>
    /// <param name="code">Of the refusal of an archive that can't be read.</param>
    /// <exception cref="WorkflowException">That code; <c>too_large</c>.</exception>
    public static List<(string Name, byte[] Json)> Unpack(string name, byte[] file, string code, Budget budget)
    {
        if (file is not [(byte)'P', (byte)'K', ..])
            return [(name, file)];
        var found = new List<(string, byte[])>();
        try
        {
            using var archive = new ZipArchive(new MemoryStream(file), ZipArchiveMode.Read);
            if (archive.Entries.Count > budget.Entries)
                throw TooMuch(name, $"{archive.Entries.Count} entries; {MostEntries} are possible in a request");
            budget.Entries -= archive.Entries.Count;
            foreach (var entry in archive.Entries)
            {
                if (entry.FullName.EndsWith('/'))
                    continue;
                if (Path.IsPathRooted(entry.FullName) || entry.FullName.Split('/', '\\').Contains(".."))
                    throw Invalid(code, name, $"the entry '{entry.FullName}' leads out of the archive", $"“{entry.FullName}”的路径越出压缩包");
                if (entry.Name.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
                    found.Add(($"{name}/{entry.FullName}", Unpack(name, entry, budget)));
            }
        }
        catch (InvalidDataException e)
        {
            throw Invalid(code, name, $"it isn't a ZIP archive: {e.Message}", "不是有效的 ZIP 压缩包");
        }
        return found.Count > 0 ? found : throw Invalid(code, name, "it has no JSON file in it", "压缩包中没有 JSON 文件");
    }

    /// <summary>What the archives of one request may still unpack to.</summary>
    public sealed class Budget
    {
        public int Bytes { get; set; } = MostBytes;
        public int Entries { get; set; } = MostEntries;
    }

    /// <summary>An archive of definitions.</summary>
    public static byte[] Pack(IEnumerable<(string Name, byte[] Content)> files)
    {
        using var buffer = new MemoryStream();
        using (var archive = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in files)
            {
                using var entry = archive.CreateEntry(name, CompressionLevel.Optimal).Open();
                entry.Write(content);
            }
        return buffer.ToArray();
    }

    /// <summary>The name of a definition's file: letters, digits, dots and dashes of its id.</summary>
    public static string NameOf(string id) => $"workflow-definition-{string.Concat(id.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'))}.json";

    private static byte[] Unpack(string name, ZipArchiveEntry entry, Budget budget)
    {
        using var stream = entry.Open();
        using var buffer = new MemoryStream();
        var most = Math.Min(budget.Bytes, DefinitionLimits.MaxBytes);
        var block = new byte[16 * 1024];
        for (int read; (read = stream.Read(block)) > 0;)
        {
            if (buffer.Length + read > most)
                throw TooMuch(name, $"'{entry.FullName}' and what is before it is larger than a definition, or {MostBytes} bytes together, may be");
            buffer.Write(block, 0, read);
        }
        budget.Bytes -= (int)buffer.Length;
        return buffer.ToArray();
    }

    private static JsonObject ReadOne(string name, byte[] json)
    {
        // With a byte order mark, as some editors write one.
        ReadOnlyMemory<byte> text = json is [0xEF, 0xBB, 0xBF, ..] ? json.AsMemory(3) : json;
        try
        {
            var definition = StoredDocument.Parse(text);
            if (NotFoundActivities.Text(definition, "$schema") is { Length: > 0 } schema && !schema.StartsWith(Schema, StringComparison.Ordinal))
                throw Invalid(ErrorCodes.InvalidDefinition, name, "its $schema isn't that of a workflow definition", "不是流程定义文件");
            return definition;
        }
        catch (WorkflowException wrong) when (!wrong.Message.StartsWith(name, StringComparison.Ordinal))
        {
            throw new WorkflowException(wrong.Code, $"{name}: {wrong.Message}", $"{name}：{wrong.MessageZh}", wrong);
        }
    }

    private static WorkflowException Invalid(string code, string name, string why, string whyZh) => new(code, $"{name}: {why}.", $"{name}：{whyZh}。");

    private static WorkflowException TooMuch(string name, string why) => new(ErrorCodes.TooLarge, $"{name}: {why}. Import less at once.", $"{name}：内容过多或过大，请分批导入。");
}
