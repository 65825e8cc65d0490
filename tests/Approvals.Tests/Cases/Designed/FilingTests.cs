using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Approvals.Tests.Cases.Designed;

public sealed class FilingTests
{
    private const string Field = """[{"key":"reason","type":"text","zh":"申请理由","en":"Reason","required":true,"maxLength":200}]""";

    [Fact]
    public void Filing_WhenItIsComplete_ThenTheDefinitionCanBePublished() => Assert.Empty(Problems(Definition(new())));

    [Theory]
    [InlineData("numberCode", "zd", "two to six capital letters")]
    [InlineData("numberCode", "", "numberCode")]
    [InlineData("serviceName", "", "serviceName")]
    [InlineData("filedBy", """["nobody"]""", "filedBy")]
    [InlineData("form", """[{"key":"Reason","type":"text","zh":"理由","en":"Reason"}]""", "lower camel case")]
    [InlineData("form", """[{"key":"reason","type":"telex","zh":"理由","en":"Reason"}]""", "type")]
    [InlineData("form", """[{"key":"reason","type":"boolean","zh":"同意","en":"Agreed","hiddenFrom":["review"]}]""", "hiddenFrom")]
    [InlineData("form", """[{"key":"id","type":"text","zh":"证号","en":"Id","check":"nosuch"}]""", "nosuch")]
    public void Filing_WhenSomethingIsWrong_ThenPublishingSaysWhat(string input, string value, string message)
    {
        var problems = Problems(Definition(new() { [input] = value }));

        Assert.Contains(problems, p => p.Contains(message, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Filing_WhenAnInputIsComputed_ThenPublishingRefusesIt()
    {
        var definition = Definition(new());
        definition["root"]!["activities"]![0]!["serviceName"]!["expression"]!["type"] = "JavaScript";

        Assert.Contains(Problems(definition), p => p.Contains("read before there is a case", StringComparison.Ordinal));
    }

    [Fact]
    public void Service_WhenItComesFromADefinition_ThenHasItsNameFormAndTheMessagesOfAll()
    {
        var definition = DefinitionReader.Read(JsonSerializer.SerializeToUtf8Bytes(Definition(new() { ["filedBy"] = """["employer"]""" })));
        var filing = new Filing(ShippedContent.Checks);

        var package = ServicePackage.Designed(definition, filing.Terms(definition.Activities["filed"]), ShippedContent.Shared);

        Assert.Equal(("allowance", "ZFBT", "住房补贴", "住房补贴"), (package.Service.Id, package.Service.NumberCode, package.Service.Zh, package.Service.En));
        Assert.Equal(["employer"], package.Service.FiledBy);
        Assert.True(package.Form.Field("reason")!.Required);
        Assert.Empty(package.Materials.Requirements.Items);
        Assert.Contains("0199-0000-8300", package.Messages.Preview("case.completed", MessageChannels.Email, MessageLanguages.Chinese).Text, StringComparison.Ordinal);
        Assert.Equal(64, package.Version.Length);
    }

    

    private static List<string> Problems(JsonObject definition) =>
        [.. DefinitionValidator.Validate(DefinitionReader.Read(JsonSerializer.SerializeToUtf8Bytes(definition)), PoliticalWorkTitleDefinitionTests.Catalog).Select(m => m.Message)];

    private static JsonObject Definition(Dictionary<string, string> inputs)
    {
        var filing = new JsonObject { ["id"] = "filed", ["type"] = Filing.TypeName, ["version"] = 1 };
        Dictionary<string, string> given = new() { ["serviceName"] = "住房补贴", ["numberCode"] = "ZFBT", ["phone"] = "0199-0000-8300", ["form"] = Field };
        foreach (var (name, value) in given.Concat(inputs).GroupBy(i => i.Key, (k, all) => (k, all.Last().Value)))
            filing[name] = new JsonObject { ["typeName"] = "String", ["expression"] = new JsonObject { ["type"] = name is "filedBy" ? "Object" : "Literal", ["value"] = value } };
        return new JsonObject
        {
            ["id"] = "allowance-1", ["definitionId"] = "allowance", ["name"] = "住房补贴", ["version"] = 1,
            ["root"] = new JsonObject { ["id"] = "flow", ["type"] = "Elsa.Flowchart", ["version"] = 1, ["activities"] = new JsonArray(filing), ["connections"] = new JsonArray() },
        };
    }
}
