using System.Text.Json;

namespace Talent.Workflows.Engine.Execution;

/// <summary>
/// A request that came in for <c>Elsa.HttpEndpoint</c>. Waits and triggers are found by a name made of its path, in
/// which every route parameter is <c>{}</c>; so one look into an index finds them.
/// </summary>
public sealed record HttpArrival
{
    /// <summary>Segments that a path may have; each may be a parameter, and all combinations are looked up.</summary>
    public const int MaxSegments = 8;

    /// <summary>What every such name begins with.</summary>
    internal const string Prefix = "http:";

    public required string Method { get; init; }

    /// <summary>Without the slash in front.</summary>
    public required string Path { get; init; }

    public IReadOnlyDictionary<string, string> Query { get; init; } = new Dictionary<string, string>();
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The body: JSON as it is, a form as an object, other text as text.</summary>
    public JsonElement Content { get; init; }

    /// <summary>The files of a form, without what is in them.</summary>
    public IReadOnlyList<HttpFile>? Files { get; init; }

    /// <summary>The outcome by which the workflow follows that the request isn't taken; null: it is.</summary>
    public string? Refusal { get; init; }

    public JsonElement Write() => JsonSerializer.SerializeToElement(this, EngineJson.Default.HttpArrival);

    public static HttpArrival Read(JsonElement payload) => (payload.ValueKind == JsonValueKind.Object ? payload.Deserialize(EngineJson.Default.HttpArrival) : null)
        ?? throw new WorkflowException(ErrorCodes.InvalidInput, "This isn't an HTTP request.", "内容不是 HTTP 请求。");

    /// <summary>The name under which an endpoint with this path waits.</summary>
    public static string NameOf(string path) =>
        $"{Prefix}{string.Join('/', Segments(path).Select(s => IsParameter(s) ? "{}" : s))}";

    /// <summary>Every name that a request to this path may be waited for under, the most literal first.</summary>
    public static IReadOnlyList<string> NamesFor(string path)
    {
        var segments = Segments(path);
        if (segments.Length > MaxSegments)
            return [];
        var names = new List<string>(1 << segments.Length);
        for (var mask = 0; mask < 1 << segments.Length; mask++)
            names.Add(NameOf(string.Join('/', segments.Select((s, i) => (mask >> i & 1) == 1 ? "{}" : s))));
        return [.. names.OrderBy(n => n.Split("{}").Length)];
    }

    /// <summary>The values of the route parameters of an endpoint's path.</summary>
    public IReadOnlyDictionary<string, string> RouteData(string template)
    {
        var (names, values) = (Segments(template), Segments(Path));
        var data = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < Math.Min(names.Length, values.Length); i++)
            if (IsParameter(names[i]))
                data[names[i][1..^1].Split(':')[0].TrimEnd('?')] = Uri.UnescapeDataString(values[i]);
        return data;
    }

    private static bool IsParameter(string segment) => segment is ['{', .., '}'];

    private static string[] Segments(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>A file that came with a form.</summary>
/// <param name="Name">The form's field.</param>
/// <param name="Length">Bytes.</param>
public sealed record HttpFile(string Name, string FileName, string ContentType, long Length)
{
    /// <summary>Without the dot; empty when there is none. What file systems drop at the end of a name doesn't hide it.</summary>
    internal string Extension => System.IO.Path.GetExtension(FileName.TrimEnd('.', ' ')).TrimStart('.');

    /// <summary>The type without parameters.</summary>
    internal string MediaType => ContentType.Split(';')[0].Trim();
}

/// <summary>What <c>Elsa.WriteHttpResponse</c> answers to the request that led to this step, after its commit.</summary>
public sealed record HttpAnswerEffect(Guid Id, int StatusCode, string? ContentType, string? Content, IReadOnlyDictionary<string, string> Headers) : Effect(Id);
