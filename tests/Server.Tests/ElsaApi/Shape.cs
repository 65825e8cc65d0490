using System.Text.Json;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>
/// Compares an answer with a shape written down by hand (<c>Shapes/*.json</c>): it has every property of the shape, with that
/// kind of value, and no other. <c>"text"</c>, <c>"number"</c>, <c>"bool"</c>, <c>"date"</c>, <c>"object"</c>, <c>"any"</c>
/// (anything, null too); <c>"a|b"</c>: one of these words; a question mark behind: may be null or absent; a property
/// <c>"*"</c>: what all others are. Of an array, what its elements are: <c>[x]</c>, and at this place there is one at least;
/// <c>[x, "?"]</c>: there may be none; <c>[]</c>: there is none.
/// </summary>
internal sealed class Shape
{
    private readonly Dictionary<string, bool> filled = new(StringComparer.Ordinal);

    /// <summary>The answer has this shape, and something in each of its lists.</summary>
    public static void Matches(string name, JsonElement answer)
    {
        var shape = new Shape();
        shape.Check(Load(name), answer, "$", "$");
        foreach (var (place, any) in shape.filled)
            Assert.True(any, $"{place} of {name} is empty: nothing was compared.");
    }

    /// <summary>The answer has this shape; lists may be empty.</summary>
    public static void Allows(string name, JsonElement answer) => new Shape().Check(Load(name), answer, "$", "$");

    private static JsonElement Load(string name) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "Server.Tests", "ElsaApi", "Shapes", $"{name}.json"))).RootElement;

    /// <param name="place">The path in the shape, where all elements of a list are one.</param>
    private void Check(JsonElement shape, JsonElement value, string path, string place)
    {
        switch (shape.ValueKind)
        {
            case JsonValueKind.Object:
                CheckObject(shape, value, path, place);
                break;
            case JsonValueKind.Array:
                Assert.True(value.ValueKind == JsonValueKind.Array, $"{path} should be an array and is {value.ValueKind}");
                Assert.True(shape.GetArrayLength() > 0 || value.GetArrayLength() == 0, $"{path} should be empty");
                if (shape.GetArrayLength() == 1)
                    filled[place] = filled.GetValueOrDefault(place) || value.GetArrayLength() > 0;
                foreach (var (i, item) in value.EnumerateArray().Index())
                    Check(shape[0], item, $"{path}[{i}]", $"{place}[]");
                break;
            default:
                CheckWord(shape.GetString()!, value, path);
                break;
        }
    }

    private void CheckObject(JsonElement shape, JsonElement value, string path, string place)
    {
        Assert.True(value.ValueKind == JsonValueKind.Object, $"{path} should be an object and is {value.ValueKind}");
        foreach (var property in shape.EnumerateObject().Where(p => p.Name != "*"))
            if (value.TryGetProperty(property.Name, out var member))
                Check(property.Value, member, $"{path}.{property.Name}", $"{place}.{property.Name}");
            else
                Assert.True(property.Value.ValueKind == JsonValueKind.String && property.Value.GetString() is "any" or [.., '?'], $"{path}.{property.Name} is missing");
        foreach (var member in value.EnumerateObject().Where(m => !shape.TryGetProperty(m.Name, out _)))
        {
            Assert.True(shape.TryGetProperty("*", out var other), $"{path}.{member.Name} isn't in the shape");
            Check(other, member.Value, $"{path}.{member.Name}", $"{place}.*");
        }
    }

    private static void CheckWord(string word, JsonElement value, string path)
    {
        if (word == "any" || (word.EndsWith('?') && value.ValueKind == JsonValueKind.Null))
            return;
        var fits = word.TrimEnd('?') switch
        {
            "text" => value.ValueKind == JsonValueKind.String,
            "number" => value.ValueKind == JsonValueKind.Number,
            "bool" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "object" => value.ValueKind == JsonValueKind.Object,
            "date" => value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out _),
            var words => value.ValueKind == JsonValueKind.String && words.Split('|').Contains(value.GetString()),
        };
        Assert.True(fits, $"{path} should be {word} and is {value.GetRawText()}");
    }
}
