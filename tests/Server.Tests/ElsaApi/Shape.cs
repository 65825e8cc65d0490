using System.Text.Json;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>
/// Compares an answer with a shape written down by hand (<c>Shapes/*.json</c>): every property of the shape is there, with
/// that kind of value. <c>"text"</c>, <c>"number"</c>, <c>"bool"</c>, <c>"date"</c>, <c>"any"</c> (anything, null too);
/// <c>"a|b"</c>: one of these words; a question mark behind: may be null or absent; an array's one element: what every element is.
/// </summary>
internal static class Shape
{
    public static void Matches(string name, JsonElement answer) => Check(Load(name), answer, "$");

    private static JsonElement Load(string name) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "Server.Tests", "ElsaApi", "Shapes", $"{name}.json"))).RootElement;

    private static void Check(JsonElement shape, JsonElement value, string path)
    {
        switch (shape.ValueKind)
        {
            case JsonValueKind.Object:
                Assert.True(value.ValueKind == JsonValueKind.Object, $"{path} should be an object and is {value.ValueKind}");
                foreach (var property in shape.EnumerateObject())
                    if (value.TryGetProperty(property.Name, out var member))
                        Check(property.Value, member, $"{path}.{property.Name}");
                    else
                        Assert.True(property.Value.ValueKind == JsonValueKind.String && property.Value.GetString() is ['a', 'n', 'y'] or [.., '?'], $"{path}.{property.Name} is missing");
                break;
            case JsonValueKind.Array:
                Assert.True(value.ValueKind == JsonValueKind.Array, $"{path} should be an array and is {value.ValueKind}");
                foreach (var (item, i) in value.EnumerateArray().Select((item, i) => (item, i)))
                    Check(shape[0], item, $"{path}[{i}]");
                break;
            default:
                CheckWord(shape.GetString()!, value, path);
                break;
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
