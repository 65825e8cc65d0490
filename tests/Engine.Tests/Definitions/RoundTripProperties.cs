using System.Text;
using System.Text.Json.Nodes;
using FsCheck.Fluent;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Testing;

namespace Talent.Workflows.Engine.Tests.Definitions;

/// <summary>Random definitions with properties nobody knows at every level: what is read and written again says the same.</summary>
public sealed class RoundTripProperties
{
    private static readonly FsCheck.Gen<int> Seeds = Gen.Choose(0, int.MaxValue - 1);

    [Fact]
    public void AnyDefinition_WhenReadAndWritten_SaysTheSame() => Property.Holds(Seeds, seed =>
    {
        var document = new RandomDocument(seed).Definition();
        var definition = DefinitionReader.Read(document.ToJsonString());

        var written = Encoding.UTF8.GetString(DefinitionWriter.WriteFile(definition));

        var expected = document.DeepClone();
        Derive(expected["root"]!.AsObject(), "Workflow1");
        expected["$schema"] = DefinitionWriter.Schema;
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(written)), $"{expected.ToJsonString()}\n{written}");
        // And the second time not a byte changes.
        Assert.Equal(written, Encoding.UTF8.GetString(DefinitionWriter.WriteFile(DefinitionReader.Read(written))));
    });

    [Fact]
    public void AnyDefinition_WhenReadAndChecked_IsUnderstoodToTheLastActivity() => Property.Holds(Seeds, seed =>
    {
        var random = new RandomDocument(seed);
        var definition = DefinitionReader.Read(random.Definition().ToJsonString());

        Assert.Equal(random.Ids.Order(StringComparer.Ordinal), definition.Activities.Keys.Order(StringComparer.Ordinal));
        Assert.All(definition.Activities.Values, a => Assert.Equal($"{a.Parent?.NodeId ?? "Workflow1"}:{a.Id}", a.NodeId));
        Assert.All(DefinitionValidator.Validate(definition, new ActivityCatalog(BuiltInActivities.All)), m => Assert.True(m.Message.Length > 0 && m.MessageZh.Length > 0));
    });

    /// <summary>Node ids are the server's: whatever a file says, they follow from where an activity lies.</summary>
    private static void Derive(JsonObject activity, string path)
    {
        var nodeId = $"{path}:{(string)activity["id"]!}";
        activity["nodeId"] = nodeId;
        foreach (var (name, value) in activity.ToList())
            switch (value)
            {
                case JsonObject child when RandomDocument.PortNames.Contains(name):
                    Derive(child, nodeId);
                    break;
                case JsonArray array when name is "activities" or "branches":
                    foreach (var item in array)
                        Derive(item!.AsObject(), nodeId);
                    break;
                case JsonArray array when name == "cases":
                    foreach (var inner in array.Select(c => c!["activity"]).OfType<JsonObject>())
                        Derive(inner, nodeId);
                    break;
            }
    }
}
