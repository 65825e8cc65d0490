using System.Globalization;
using System.Text.Json.Nodes;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>Definitions as no designer would draw them: nested containers, types that nobody has, properties that nobody knows. The same seed makes the same one.</summary>
internal sealed class RandomDefinition(int seed)
{
    private static readonly string[] Types = ["Elsa.Sequence", "Elsa.Flowchart", "Elsa.If", "Elsa.While", "Elsa.WriteLine", "Elsa.Event", "Talent.ReviewStage", "Acme.Unknown", "Acme.Box"];
    private static readonly string[] Words = ["审核", "a b", "", "\"quoted\"", "line\nbreak", "<script>", "é", "😀", "null", "${x}"];
    private static readonly string[] Numbers = ["0", "-1", "1.10", "1e5", "9007199254740993", "0.1000"];

    private readonly Random random = new(seed);
    private int ids;

    public JsonObject Make()
    {
        var definition = new JsonObject
        {
            ["definitionId"] = $"random-{seed.ToString(CultureInfo.InvariantCulture)}", ["name"] = $"Random {seed.ToString(CultureInfo.InvariantCulture)}", ["toolVersion"] = "3.8.0.0",
            ["variables"] = new JsonArray(new JsonObject { ["id"] = "v", ["name"] = "x", ["typeName"] = "String", ["isArray"] = false, ["value"] = Value(2), ["storageDriverTypeName"] = null }),
            ["inputs"] = new JsonArray(), ["outputs"] = new JsonArray(), ["outcomes"] = new JsonArray("Done"),
            ["customProperties"] = new JsonObject { ["own"] = Value(3) }, ["options"] = new JsonObject { ["usableAsActivity"] = false, ["future"] = Value(2) },
            ["root"] = Activity(0),
        };
        for (var i = random.Next(3); i > 0; i--)
            definition[$"x-{i.ToString(CultureInfo.InvariantCulture)}"] = Value(3);
        return definition;
    }

    private JsonObject Activity(int depth)
    {
        var type = Types[random.Next(Types.Length)];
        var activity = new JsonObject { ["id"] = $"a{(++ids).ToString(CultureInfo.InvariantCulture)}", ["type"] = type, ["version"] = random.Next(1, 4), ["metadata"] = new JsonObject { ["designer"] = Value(2) }, ["customProperties"] = new JsonObject { ["own"] = Value(1) } };
        if (random.Next(2) == 0)
            activity["name"] = Words[random.Next(Words.Length)];
        for (var i = random.Next(3); i > 0; i--)
            activity[$"input{i.ToString(CultureInfo.InvariantCulture)}"] = new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = random.Next(2) == 0 ? "Liquid" : "JavaScript", ["value"] = Value(1) }, ["memoryReference"] = null };
        if (depth < 5 && type is "Elsa.Sequence" or "Elsa.Flowchart" or "Acme.Box")
            activity["activities"] = new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Activity(depth + 1))]);
        if (depth < 5 && type is "Elsa.If" or "Elsa.While" or "Acme.Unknown")
            activity[type == "Elsa.If" ? "then" : "body"] = random.Next(3) == 0 ? null : Activity(depth + 1);
        return activity;
    }

    private JsonNode? Value(int depth) => random.Next(depth > 0 ? 6 : 4) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => JsonNode.Parse(Numbers[random.Next(Numbers.Length)]),
        3 => Words[random.Next(Words.Length)],
        4 => new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => Value(depth - 1))]),
        _ => new JsonObject([.. Enumerable.Range(0, random.Next(3)).Select(i => KeyValuePair.Create($"k{i.ToString(CultureInfo.InvariantCulture)}", Value(depth - 1)))]),
    };
}
