using System.Text.Json.Nodes;

namespace Talent.Workflows.Engine.Tests.Definitions;

/// <summary>A random definition as JSON: known and unknown activities inside each other, every syntax of expressions, and unknown properties anywhere.</summary>
internal sealed class RandomDocument(int seed)
{
    public static readonly string[] PortNames = ["then", "else", "body", "default", "root", "childCompleted"];

    private static readonly string[] Types =
    [
        "Elsa.WriteLine", "Elsa.Event", "Elsa.SetVariable", "Elsa.RunJavaScript", "Elsa.RunTask", "Elsa.Delay", "Elsa.FlowDecision", "Elsa.FlowJoin", "Elsa.NotFoundActivity", "Acme.Unknown", "Talent.ReviewStage",
    ];

    private static readonly string[] Syntaxes = ["Literal", "Object", "JavaScript", "Variable", "Input", "Template", "Liquid", "CSharp", "Python", "Acme"];
    private static readonly string[] Texts = ["", "x", "中文 “引号”", "a\"b\\c", "\u0000\u001f\u2028", "😀", "{{ 1 }}", "return 1 +", "3.00:00:00", "True", "null", "{\"a\":[1]}"];
    private readonly Random random = new(seed);

    /// <summary>Ids of all activities made.</summary>
    public List<string> Ids { get; } = [];

    public JsonObject Definition()
    {
        var document = new JsonObject { ["id"] = Text(), ["definitionId"] = "d", ["name"] = Text(), ["version"] = random.Next(9) };
        if (Chance(2))
            document["$schema"] = "https://elsaworkflows.io/schemas/workflow-definition/v3.0.0/schema.json";
        foreach (var list in new[] { "variables", "inputs", "outputs" })
            if (Chance(2))
                document[list] = Many(3, Declared);
        document["options"] = Chance(2) ? null : Free(2);
        document["outcomes"] = Many(2, () => Text());
        Strange(document);
        document["root"] = Activity(3);
        return document;
    }

    private JsonObject Activity(int depth)
    {
        var id = $"{Text().Replace("\0", "", StringComparison.Ordinal)}{Ids.Count}";
        Ids.Add(id);
        var json = new JsonObject { ["id"] = id, ["type"] = Pick(Types), ["version"] = 1 };
        if (Chance(2))
            json["nodeId"] = Text();
        if (Chance(2))
            json["name"] = Text();
        json["metadata"] = Chance(3) ? null : Free(2);
        json["customProperties"] = Free(2);
        foreach (var input in new[] { "text", "condition", "value", "eventName", "script", "mode" })
            if (Chance(3))
                json[input] = Input();
        if (Chance(3))
            json["result"] = new JsonObject { ["typeName"] = Text(), ["memoryReference"] = Chance(2) ? null : new JsonObject { ["id"] = Text() } };
        Strange(json);
        if (depth > 0)
            Contain(json, depth - 1);
        return json;
    }

    private void Contain(JsonObject json, int depth)
    {
        switch (random.Next(6))
        {
            case 0:
                json["type"] = Pick("Elsa.Flowchart", "Acme.Container");
                var children = Children(depth);
                json["activities"] = new JsonArray([.. children]);
                json["connections"] = children.Count == 0 ? [] : Many(4, () => Connection(Pick([.. children]), Pick([.. children])));
                json["variables"] = Many(2, Declared);
                break;
            case 1:
                json["type"] = Pick("Elsa.Sequence", "Elsa.Parallel");
                json["activities"] = new JsonArray([.. Children(depth)]);
                break;
            case 2:
                json["type"] = "Elsa.Fork";
                json["branches"] = new JsonArray([.. Children(depth)]);
                break;
            case 3:
                json["type"] = "Elsa.Switch";
                json["cases"] = Many(3, () => Case(depth));
                break;
            case 4:
                json["type"] = Pick("Elsa.If", "Elsa.While", "Acme.Unknown", "Elsa.Workflow");
                foreach (var port in PortNames.Where(_ => Chance(3)))
                    json[port] = Chance(4) ? null : Activity(depth);
                break;
        }
    }

    private List<JsonObject> Children(int depth) => [.. Enumerable.Range(0, random.Next(4)).Select(_ => Activity(depth))];

    private JsonObject Case(int depth)
    {
        var json = new JsonObject { ["label"] = Text(), ["condition"] = Expression() };
        if (Chance(4))
            json["activity"] = null;
        else if (!Chance(4))
            json["activity"] = Activity(depth);
        Strange(json);
        return json;
    }

    private JsonObject Connection(JsonObject from, JsonObject to)
    {
        if (Chance(3))
            return new JsonObject { ["source"] = (string)from["id"]!, ["target"] = (string)to["id"]!, ["sourcePort"] = Text() };
        var json = new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = (string)from["id"]!, ["port"] = Chance(3) ? null : Text() },
            ["target"] = new JsonObject { ["activity"] = (string)to["id"]!, ["port"] = "In" },
            ["vertices"] = Many(2, () => new JsonObject { ["x"] = random.NextDouble(), ["y"] = -1.50m }),
        };
        Strange(json);
        return json;
    }

    private JsonObject Declared()
    {
        var json = new JsonObject { ["id"] = Text(), ["name"] = Text(), ["typeName"] = Text(), ["isArray"] = Chance(2), ["value"] = Chance(2) ? null : Text() };
        Strange(json);
        return json;
    }

    private JsonNode? Input() => random.Next(5) switch
    {
        0 => null,
        1 => JsonValue.Create(Text()),
        2 => JsonValue.Create(random.Next()),
        _ => new JsonObject { ["typeName"] = Chance(2) ? null : Text(), ["expression"] = Chance(9) ? null : Expression(), ["memoryReference"] = null, [$"later{random.Next(9)}"] = Free(1) },
    };

    private JsonObject Expression() => new() { ["type"] = Pick(Syntaxes), ["value"] = Chance(3) ? Free(2) : JsonValue.Create(Text()) };

    /// <summary>Properties that no version of anything knows. None of them can be taken for an activity.</summary>
    private void Strange(JsonObject json)
    {
        for (var i = random.Next(3); i > 0; i--)
            json[$"{Pick("future", "x-", "未来", "_type", "$id")}{random.Next(99)}"] = Free(3);
    }

    private JsonNode? Free(int depth) => random.Next(depth == 0 ? 6 : 8) switch
    {
        0 => null,
        1 => JsonValue.Create(Chance(2)),
        2 => JsonValue.Create(random.Next(int.MinValue, int.MaxValue)),
        3 => JsonNode.Parse(Pick("1.50", "1e300", "-0.0", "12345678901234567890123", "1E+2")),
        4 or 5 => JsonValue.Create(Text()),
        6 => Many(3, () => Free(depth - 1)),
        _ => new JsonObject([.. Enumerable.Range(0, random.Next(3)).Select(i => KeyValuePair.Create($"{Pick("k", "类型", " ")}{i}", Free(depth - 1)))]),
    };

    private JsonArray Many(int most, Func<JsonNode?> make) => [.. Enumerable.Range(0, random.Next(most + 1)).Select(_ => make())];

    private string Text() => Pick(Texts);

    private bool Chance(int of) => random.Next(of) == 0;

    private T Pick<T>(params T[] choices) => choices[random.Next(choices.Length)];
}
