using System.Text;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Messages.Templates;

/// <summary>Messages as files hold them: a <c>messages.json</c> and the templates beside it. Not checked yet.</summary>
public sealed class MessageSource
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);

    private MessageSource() { }

    public required MessageDefinitions Definitions { get; init; }

    /// <summary>File name under <c>templates/</c> → content.</summary>
    public required IReadOnlyDictionary<string, string> Templates { get; init; }

    /// <summary>What was read, by its path in the folder.</summary>
    public IReadOnlyDictionary<string, byte[]> Files => files;

    /// <summary>Whether a folder has messages of its own, complete or not.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, "messages.json")) || Directory.Exists(Path.Combine(folder, "templates"));

    /// <exception cref="ContentException">A file is missing, isn't JSON of this shape, or isn't UTF-8.</exception>
    public static MessageSource Read(string folder)
    {
        var bytes = ContentFile.Bytes(folder, "messages.json");
        var read = new Dictionary<string, (byte[] Bytes, string Text)>(StringComparer.Ordinal);
        var path = Path.Combine(folder, "templates");
        foreach (var file in Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.hbs") : [])
        {
            var name = Path.GetFileName(file);
            var content = File.ReadAllBytes(file);
            try
            {
                read[name] = (content, StrictUtf8.GetString(content));
            }
            catch (DecoderFallbackException)
            {
                throw new ContentException($"templates/{name}", "$", "the file isn't UTF-8; save it as UTF-8");
            }
        }
        var source = new MessageSource
        {
            Definitions = ContentFile.Parse<MessageDefinitions>("messages.json", bytes),
            Templates = read.ToDictionary(f => f.Key, f => f.Value.Text, StringComparer.Ordinal),
        };
        source.files["messages.json"] = bytes;
        foreach (var (name, content) in read)
            source.files[$"templates/{name}"] = content.Bytes;
        return source;
    }

    /// <summary>These messages with another's in the place of those of the same names: who sends, fields, events, templates.</summary>
    public MessageSource With(MessageSource own)
    {
        var merged = new MessageSource
        {
            Definitions = own.Definitions with
            {
                Fields = Merge(Definitions.Fields, own.Definitions.Fields),
                // In the order of what all have; an event that stands twice in one file stays so, for the check to find.
                Events = [.. Definitions.Events.Where(e => own.Definitions.Events.All(o => o.Event != e.Event)), .. own.Definitions.Events],
            },
            Templates = Merge(Templates, own.Templates),
        };
        foreach (var (name, bytes) in files)
            merged.files[$"shared/{name}"] = bytes;
        foreach (var (name, bytes) in own.files)
            merged.files[name] = bytes;
        return merged;
    }

    private static Dictionary<string, T> Merge<T>(IReadOnlyDictionary<string, T> shared, IReadOnlyDictionary<string, T> own)
    {
        var merged = new Dictionary<string, T>(shared, StringComparer.Ordinal);
        foreach (var (name, value) in own)
            merged[name] = value;
        return merged;
    }
}
