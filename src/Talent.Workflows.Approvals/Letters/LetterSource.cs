using System.Text;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>Letters as files hold them: a <c>letters.json</c> and the texts in <c>letters/</c> beside it. Not checked yet.</summary>
public sealed class LetterSource
{
    internal const string File = "letters.json", Folder = "letters";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private LetterSource()
    {
    }

    public required LetterDefinitions Definitions { get; init; }

    /// <summary>File name under <c>letters/</c> → content.</summary>
    public required IReadOnlyDictionary<string, string> Texts { get; init; }

    /// <summary>What was read, by its path in the folder.</summary>
    public required IReadOnlyDictionary<string, byte[]> Files { get; init; }

    /// <summary>Whether a folder says of its letters anything, complete or not.</summary>
    public static bool IsIn(string folder) => System.IO.File.Exists(Path.Combine(folder, File)) || Directory.Exists(Path.Combine(folder, Folder));

    /// <summary>No letters, and nothing that a service could leave out of its own.</summary>
    public static LetterSource Empty { get; } = new() { Definitions = new LetterDefinitions { Letters = [] }, Texts = new Dictionary<string, string>(), Files = new Dictionary<string, byte[]>() };

    /// <summary>A service's letters: <c>letters.json</c>, and texts in <c>letters/</c>.</summary>
    /// <exception cref="ContentException">A file is missing, isn't JSON of this shape, or isn't UTF-8.</exception>
    public static LetterSource Read(string folder) => Read(folder, Path.Combine(folder, Folder));

    /// <summary>The letters of all services, in a folder with all their files; <see cref="Empty"/>: there is none.</summary>
    /// <exception cref="ContentException">A file is missing, isn't JSON of this shape, or isn't UTF-8.</exception>
    public static LetterSource ReadShared(string folder) => Directory.Exists(folder) ? Read(folder, folder) : Empty;

    private static LetterSource Read(string folder, string path)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal) { [File] = ContentFile.Bytes(folder, File) };
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.md") : [])
        {
            var name = Path.GetFileName(file);
            var content = files[$"{Folder}/{name}"] = System.IO.File.ReadAllBytes(file);
            try
            {
                texts[name] = StrictUtf8.GetString(content).TrimStart('\uFEFF');
            }
            catch (DecoderFallbackException)
            {
                throw new ContentException($"{Folder}/{name}", "$", "the file isn't UTF-8; save it as UTF-8");
            }
        }
        return new LetterSource { Definitions = ContentFile.Parse<LetterDefinitions>(File, files[File]), Texts = texts, Files = files };
    }
}
