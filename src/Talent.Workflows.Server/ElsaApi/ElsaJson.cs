using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Server.ElsaApi;

/// <summary>
/// How an Elsa server writes JSON, and reads it leniently: camelCase, enums by their C# name, keys of dictionaries as they
/// are, what has no value left out, properties that we don't know passed over.
/// </summary>
internal static class ElsaJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 64, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
        options.Converters.Add(new JsonStringEnumConverter());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    /// <summary>How JSON of definitions is read: as deep as definitions may be, and no property twice.</summary>
    public static JsonDocumentOptions DocumentOptions { get; } = new() { MaxDepth = DefinitionLimits.MaxJsonDepth, AllowDuplicateProperties = false };

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000 };

    /// <summary>JSON as it is sent or kept.</summary>
    public static byte[] Bytes(JsonNode node, bool indented = false)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, indented ? Compact with { Indented = true, IndentSize = 2 } : Compact))
            node.WriteTo(writer, Options);
        return buffer.ToArray();
    }

    /// <inheritdoc cref="Bytes"/>
    public static string Text(JsonNode node) => Encoding.UTF8.GetString(Bytes(node));

    /// <summary>An answer made of nodes.</summary>
    public static IResult Node(JsonNode node, int status = StatusCodes.Status200OK) => TypedResults.Text(Bytes(node), "application/json; charset=utf-8", status);

    /// <summary>An answer.</summary>
    public static IResult Ok<T>(T value) => TypedResults.Json(value, Options);

    /// <summary>Whether a request may have a body, whatever length it says of itself.</summary>
    public static bool HasBody(HttpContext context) => context.Request.ContentLength != 0 && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };

    /// <summary>The body of a request.</summary>
    /// <exception cref="BadHttpRequestException">It isn't the JSON that this endpoint takes.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context)
    {
        try
        {
            return await context.Request.ReadFromJsonAsync<T>(Options, context.RequestAborted) ?? throw new BadHttpRequestException("The body is null.");
        }
        catch (JsonException json)
        {
            throw new BadHttpRequestException("The body can't be read.", json);
        }
    }

    /// <summary>A body that was read before it was known what it is.</summary>
    /// <exception cref="BadHttpRequestException">It isn't the JSON that this endpoint takes.</exception>
    public static T Read<T>(JsonElement body)
    {
        try
        {
            return body.Deserialize<T>(Options) ?? throw new BadHttpRequestException("The body is null.");
        }
        catch (JsonException json)
        {
            throw new BadHttpRequestException("The body can't be read.", json);
        }
    }
}

/// <summary>A whole list, as Elsa sends short ones.</summary>
internal sealed record ElsaItems<T>(IReadOnlyList<T> Items)
{
    public int Count => Items.Count;
}

/// <summary>One page of a list.</summary>
internal sealed record ElsaPage<T>(IReadOnlyList<T> Items, long TotalCount);
