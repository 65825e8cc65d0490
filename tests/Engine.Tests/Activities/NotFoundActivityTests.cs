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
}
