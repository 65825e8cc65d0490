using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Services;

namespace Talent.Workflows.Approvals.Tests.Materials;

/// <summary>What a list of materials and a form say of rows, recognition, prefill and shared data has to fit together (R-CASE-3, R-CASE-5).</summary>
public sealed class SettlementListTests
{
    [Theory]
    [InlineData("materials.json", """{"rowNames":{"companions":["memberId"]}}""", "rowNames.companions")]
    [InlineData("materials.json", """{"rowNames":{"nobody":["name"]}}""", "rowNames.nobody")]
    [InlineData("materials.json", """{"items":{"companion-birth":{"when":{"field":"relationship","equals":"son"}}}}""", "items[companion-birth]")]
    [InlineData("materials.json", """{"items":{"diploma":{"recognise":{"kind":"passport","fields":{"school":"school"}}}}}""", "items[diploma]")]
    [InlineData("materials.json", """{"items":{"diploma":{"recognise":{"kind":"diploma","fields":{"fullTime":"school"}}}}}""", "items[diploma]")]
    [InlineData("materials.json", """{"items":{"companion-identity":{"recognise":{"kind":"resident-card","fields":{"name":"name"}}}}}""", "items[companion-identity]")]
    [InlineData("materials.json", """{"items":{"diploma":{"waivedBy":"shared.car"}}}""", "items[diploma]")]
    [InlineData("materials.json", """{"items":{"companion-birth":{"waivedBy":"shared.degree"}}}""", "items[companion-birth]")]
    public void List_WhenItDoesntFitTheForm_ThenItIsRefusedByItsPlace(string file, string change, string path)
    {
        using var folder = new TemporaryFolder();
        var copy = Path.Combine(folder.Path, "in-service-settlement");
        TemporaryFolder.Copy(ServiceFolders.All["in-service-settlement"], copy);
        var list = JsonNode.Parse(File.ReadAllText(Path.Combine(copy, file)))!.AsObject();
        var changes = JsonNode.Parse(change)!.AsObject();
        if (changes["rowNames"] is { } names)
            list["rowNames"] = names.DeepClone();
        foreach (var (key, fields) in changes["items"]?.AsObject() ?? [])
            foreach (var (name, value) in fields!.AsObject())
                list["items"]!.AsArray().Single(i => (string?)i!["key"] == key)![name] = value!.DeepClone();
        File.WriteAllText(Path.Combine(copy, file), list.ToJsonString());

        var errors = Assert.Throws<ContentException>(() => ServicePackage.Load(copy, ShippedContent.Shared)).Errors;

        Assert.Equal((file, path), (Assert.Single(errors).File, errors[0].Path));
    }

    [Theory]
    [InlineData("school", "shared", "degree.colour")]
    [InlineData("fullTime", "shared", "degree.level")]
    [InlineData("employerName", "prefill", "profile.identity.name")]
    [InlineData("name", "prefill", "people.identity.name")]
    public void Form_WhenAFieldIsFilledFromNowhere_ThenItIsRefusedByItsPlace(string field, string property, string value)
    {
        using var folder = new TemporaryFolder();
        var copy = Path.Combine(folder.Path, "in-service-settlement");
        TemporaryFolder.Copy(ServiceFolders.All["in-service-settlement"], copy);
        var form = JsonNode.Parse(File.ReadAllText(Path.Combine(copy, "form.json")))!;
        form["steps"]!.AsArray().SelectMany(s => s!["fields"]!.AsArray()).Single(f => (string?)f!["key"] == field)![property] = value;
        File.WriteAllText(Path.Combine(copy, "form.json"), form.ToJsonString());

        var errors = Assert.Throws<ContentException>(() => ServicePackage.Load(copy, ShippedContent.Shared)).Errors;

        Assert.Contains(property, Assert.Single(errors, e => e.Path.EndsWith($".{field}", StringComparison.Ordinal)).Message, StringComparison.Ordinal);
    }
}
