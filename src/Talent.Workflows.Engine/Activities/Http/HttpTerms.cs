using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Http;

/// <summary>Who may call an endpoint, how, and with what. What a wait keeps of it leaves out what isn't set.</summary>
/// <param name="Methods">Methods that it takes, in capitals.</param>
/// <param name="Authorize">Whether it asks for a service key.</param>
public sealed record HttpTerms(IReadOnlyList<string> Methods, bool Authorize)
{
    public const string RequestTooLarge = "Request too large";
    public const string FileTooLarge = "File too large";
    public const string WrongExtension = "Invalid file extension";
    public const string WrongMediaType = "Invalid file MIME type";

    /// <summary>A policy by which somebody meant callers to be judged, which nothing here can: nobody is let in.</summary>
    public string? Policy { get; init; }

    /// <summary>Bytes of the body; null: as many as the server takes.</summary>
    public long? RequestSizeLimit { get; init; }

    /// <summary>Bytes of each file.</summary>
    public long? FileSizeLimit { get; init; }

    public IReadOnlyList<string>? AllowedExtensions { get; init; }
    public IReadOnlyList<string>? BlockedExtensions { get; init; }
    public IReadOnlyList<string>? AllowedMediaTypes { get; init; }

    /// <summary>Refusals that the workflow follows by an outcome of that name, instead of the caller getting them.</summary>
    public IReadOnlyList<string>? Outcomes { get; init; }

    public JsonElement Write() => JsonSerializer.SerializeToElement(this, EngineJson.Default.HttpTerms);

    public static HttpTerms? Read(JsonElement payload) => payload.ValueKind == JsonValueKind.Object ? payload.Deserialize(EngineJson.Default.HttpTerms) : null;

    public bool Takes(string method) => Methods.Contains(method, StringComparer.OrdinalIgnoreCase);

    /// <summary>True when the workflow itself goes on from a refusal.</summary>
    public bool Follows(HttpRefusal refusal) => Outcomes?.Contains(refusal.Outcome, StringComparer.Ordinal) == true;

    /// <summary>Why a body is too large for the endpoint; null when it isn't.</summary>
    public HttpRefusal? Judge(long bytes) => bytes > RequestSizeLimit
        ? new(RequestTooLarge, ErrorCodes.TooLarge, Text($"The body has {bytes} bytes; this endpoint takes {RequestSizeLimit}."), Text($"请求内容为 {bytes} 字节，此地址最多接收 {RequestSizeLimit} 字节。"))
        : null;

    /// <summary>Why the files of a form aren't taken, in Elsa's order: size, extension, media type; null when they are.</summary>
    public HttpRefusal? Judge(IReadOnlyList<HttpFile> files)
    {
        if (files.FirstOrDefault(f => f.Length > FileSizeLimit) is { } large)
            return new(FileTooLarge, ErrorCodes.TooLarge, Text($"A file has {large.Length} bytes; this endpoint takes {FileSizeLimit} for each."), Text($"有文件为 {large.Length} 字节，此地址每个文件最多 {FileSizeLimit} 字节。"));
        if (AllowedExtensions is { Count: > 0 } allowed && files.Any(f => !Names(allowed, f.Extension)))
            return new(WrongExtension, ErrorCodes.UnsupportedMediaType, $"This endpoint takes files with these extensions only: {string.Join(", ", allowed)}.", $"此地址只接收以下扩展名的文件：{string.Join("、", allowed)}。");
        if (BlockedExtensions is { Count: > 0 } blocked && files.Any(f => Names(blocked, f.Extension)))
            return new(WrongExtension, ErrorCodes.UnsupportedMediaType, $"This endpoint takes no files with these extensions: {string.Join(", ", blocked)}.", $"此地址不接收以下扩展名的文件：{string.Join("、", blocked)}。");
        if (AllowedMediaTypes is { Count: > 0 } types && files.Any(f => !types.Contains(f.MediaType, StringComparer.OrdinalIgnoreCase)))
            return new(WrongMediaType, ErrorCodes.UnsupportedMediaType, $"This endpoint takes files of these media types only: {string.Join(", ", types)}.", $"此地址只接收以下媒体类型的文件：{string.Join("、", types)}。");
        return null;
    }

    // People write "pdf" as well as ".pdf".
    private static bool Names(IReadOnlyList<string> extensions, string extension) =>
        extensions.Any(e => string.Equals(e.Trim().TrimStart('.'), extension, StringComparison.OrdinalIgnoreCase));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Why an endpoint doesn't take a request.</summary>
/// <param name="Outcome">The outcome that a workflow may follow instead.</param>
/// <param name="Code">What the caller is answered otherwise.</param>
public sealed record HttpRefusal(string Outcome, string Code, string Message, string MessageZh);
