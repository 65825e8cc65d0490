using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class NotFoundActivityTests
{
    [Fact]
    public void UnknownType_WhenRead_ThenTheDraftKeepsItVerbatimAndPublishingRefusesIt()
    {
        var unknown = Activity("x", "Acme.Scan", ("depth", Expression("CSharp", "1 + 1")), ("extra", new JsonObject { ["a"] = new JsonArray(1, null) }));
        var definition = new FlowBuilder().Definition(Sequence("root", unknown.DeepClone()));

        var written = JsonNode.Parse(DefinitionWriter.WriteFile(definition))!["root"]!["activities"]![0]!.AsObject();
        written.Remove("nodeId");
        Assert.True(JsonNode.DeepEquals(unknown, written));
        var message = Assert.Single(DefinitionValidator.Validate(definition, new ActivityCatalog(BuiltInActivities.All)));
        Assert.Equal(("x", ErrorCodes.UnknownActivity), (message.ActivityId, message.Code));
        Assert.Contains("Acme.Scan", message.MessageZh, StringComparison.Ordinal);
    }

    [Fact]
    public void NotFoundActivity_WhenPublishedOrReached_ThenItNamesTheMissingType()
    {
        var stand = Activity("x", "Elsa.NotFoundActivity", ("missingTypeName", "Acme.Scan"), ("missingTypeVersion", 1), ("originalActivityJson", "{}"));
        var definition = new FlowBuilder().Definition(Sequence("root", stand.DeepClone()));
        var instance = Run(Sequence("root", stand));

        Assert.Contains("Acme.Scan", Assert.Single(DefinitionValidator.Validate(definition, new ActivityCatalog(BuiltInActivities.All))).Message, StringComparison.Ordinal);
        var incident = Assert.Single(instance.State.Incidents);
        Assert.Equal(ErrorCodes.UnknownActivity, incident.Code);
        Assert.Contains("Acme.Scan", incident.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":"x","type":"Elsa.StateMachine","version":1,"initialState":"Draft","states":[{"name":"Draft","entry":{"id":"e","type":"Elsa.WriteLine"}},{"name":"Done"}],"transitions":[{"name":"t","from":"Draft","to":"Done","trigger":{"id":"tr","type":"Elsa.Event"}}],"connections":[{"source":"Draft","target":"Done"}]}""")]
    [InlineData("""{"id":"x","type":"Elsa.Bpmn","version":1,"connections":[{"from":1}],"activities":[{"id":"in","type":"Elsa.WriteLine","version":1}]}""")]
    [InlineData("""{"id":"x","type":"Acme.Net","version":2,"connections":[{"source":{"activity":"elsewhere"},"target":{"activity":"nowhere"}}]}""")]
    public void UnknownContainer_WhenItHasConnectionsOfItsOwnKind_ThenTheDraftKeepsThemAndPublishingRefusesIt(string unknown)
    {
        var definition = new FlowBuilder().Definition(JsonNode.Parse(unknown)!.AsObject());

        var written = JsonNode.Parse(DefinitionWriter.WriteFile(definition))!["root"]!.AsObject();
        Assert.Equal(JsonNode.Parse(unknown)!["connections"]!.ToJsonString(), written["connections"]!.ToJsonString());
        Assert.Equal(("x", ErrorCodes.UnknownActivity), DefinitionValidator.Validate(definition, new ActivityCatalog(BuiltInActivities.All)).Select(m => (m.ActivityId, m.Code)).Single());
    }
}
