using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Filings.Sources;

/// <summary>The sources of a form's values by their paths, as form errors have them: <c>name</c>, <c>companions[0].memberName</c>. Holds no values. Pure.</summary>
internal sealed class SourceMap
{
    public static readonly SourceMap Empty = new(new Dictionary<string, ValueSource>());

    private readonly SortedDictionary<string, ValueSource> sources;

    private SourceMap(IDictionary<string, ValueSource> sources) => this.sources = new SortedDictionary<string, ValueSource>(sources, StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, ValueSource>> All => sources;

    /// <summary>The source of a value; null: nobody knows, because it was there before sources were kept.</summary>
    public ValueSource? Of(string path) => sources.GetValueOrDefault(path);

    public static SourceMap Parse(string? json) => json is null ? Empty : new SourceMap(JsonSerializer.Deserialize<Dictionary<string, ValueSource>>(json, JsonSerializerOptions.Web)!);

    public SourceWrite Write()
    {
        var json = JsonSerializer.Serialize(sources, JsonSerializerOptions.Web);
        return new SourceWrite(json, Digest.Of(json));
    }

    /// <summary>The same with another source at some paths.</summary>
    public SourceMap With(IEnumerable<string> paths, ValueSource source)
    {
        var next = new Dictionary<string, ValueSource>(sources, StringComparer.Ordinal);
        foreach (var path in paths)
            next[path] = source;
        return new SourceMap(next);
    }

    /// <summary>The sources after data was changed: what is as it was keeps its source, also in a row that only moved.</summary>
    /// <param name="given">The source of a value at a path that is new or another than before.</param>
    public SourceMap After(JsonElement before, JsonElement after, Func<string, ValueSource> given)
    {
        var (old, now, moved) = (Values(before), Values(after), Moved(before, after));
        var next = new Dictionary<string, ValueSource>(StringComparer.Ordinal);
        foreach (var (path, value) in now)
        {
            var at = path.IndexOf('.', StringComparison.Ordinal) is var dot and > 0 && moved.TryGetValue(path[..dot], out var from) ? from + path[dot..] : path;
            if (!old.TryGetValue(at, out var was) || !JsonElement.DeepEquals(was, value))
                next[path] = given(path);
            else if (Of(at) is { } kept)
                next[path] = kept;
        }
        return new SourceMap(next);
    }

    /// <summary>Every filled-in value that isn't a row or a list of rows, by its path.</summary>
    public static Dictionary<string, JsonElement> Values(JsonElement data)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var field in Fields(data))
            if (field.Value.ValueKind != JsonValueKind.Array)
                values[field.Name] = field.Value;
            else
                foreach (var (row, index) in field.Value.EnumerateArray().Select((row, index) => (row, index)))
                    foreach (var inner in Fields(row))
                        values[$"{Row(field.Name, index)}.{inner.Name}"] = inner.Value;
        return values;
    }

    private static string Row(string group, int index) => string.Create(CultureInfo.InvariantCulture, $"{group}[{index}]");

    /// <summary>Rows that stand as they were at another place: where they are → where they were.</summary>
    private static Dictionary<string, string> Moved(JsonElement before, JsonElement after)
    {
        var moved = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var group in Fields(after).Where(f => f.Value.ValueKind == JsonValueKind.Array))
        {
            if (before.ValueKind != JsonValueKind.Object || !before.TryGetProperty(group.Name, out var old) || old.ValueKind != JsonValueKind.Array)
                continue;
            var places = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var (row, index) in old.EnumerateArray().Select((row, index) => (row, index)))
                places.TryAdd(CanonicalJson.Of(row.GetRawText()), index);
            foreach (var (row, index) in group.Value.EnumerateArray().Select((row, index) => (row, index)))
                if (places.TryGetValue(CanonicalJson.Of(row.GetRawText()), out var place) && place != index)
                    moved[Row(group.Name, index)] = Row(group.Name, place);
        }
        return moved;
    }

    private static IEnumerable<JsonProperty> Fields(JsonElement data) =>
        data.ValueKind == JsonValueKind.Object ? data.EnumerateObject().Where(f => !Cases.Forms.FormData.IsEmpty(f.Value)) : [];
}

/// <summary>The sources as a row will hold them.</summary>
internal sealed record SourceWrite(string Json, string Sha256);
