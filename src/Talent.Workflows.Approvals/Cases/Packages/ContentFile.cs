using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Cases.Packages;

/// <summary>
/// Reads one JSON content file into a record. Strict on purpose: a misspelt property in a form or a directory
/// is an error with its path, never silently without effect.
/// </summary>
public static class ContentFile
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        PropertyNameCaseInsensitive = false,
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        MaxDepth = 32,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    // What is as if it weren't said isn't written, so that a property which a later release adds changes no text of before.
    private static readonly JsonSerializerOptions Writing = new(Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The content as a text that <see cref="Parse"/> reads.</summary>
    internal static string Write<T>(T content) => JsonSerializer.Serialize(content, Writing);

    /// <param name="file">The name to show in errors.</param>
    /// <exception cref="ContentException">The bytes aren't JSON of this shape; the error carries path and line.</exception>
    public static T Parse<T>(string file, ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(WithoutMark(utf8), Options)
                ?? throw new ContentException(file, "$", "the file holds null; write an object");
        }
        catch (JsonException e)
        {
            throw new ContentException(file, e.Path ?? "$", $"{Reason(e)} (line {(e.LineNumber ?? 0) + 1})");
        }
    }

    /// <summary>Reads and parses; a missing file is an error that says which one to write.</summary>
    /// <exception cref="ContentException">Missing or unusable.</exception>
    public static T Read<T>(string folder, string file) => Parse<T>(file, Bytes(folder, file));

    internal static byte[] Bytes(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        return File.Exists(path)
            ? File.ReadAllBytes(path)
            : throw new ContentException(file, "$", $"the file is missing; a service needs it beside its service.json");
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> utf8) =>
        utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;

    // The serializer appends its own path and position, which the error already carries.
    private static string Reason(JsonException e)
    {
        int tail = e.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        return tail < 0 ? e.Message : e.Message[..tail];
    }
}
