using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Filings;

/// <summary>不动产权证书: what of it fills in where somebody moves to, and when it suggests nothing.</summary>
public sealed class PropertyCertificateTests : FilledInCases
{
    /// <summary>What stands on a certificate of a house.</summary>
    private const string House = """{"owner":"李示例、陈样例","ownership":"共同共有","location":"示例市城东区和平路6号4栋1202房","certificateNumber":"示（2025）示例市不动产权第0009876号","use":"住宅"}""";

    [Fact]
    public async Task PropertyCertificate_WhenRecognised_ThenTheSettlementIsFilledInAndWhatWasTypedStays_S4_R_CASE_3_R_CASE_5_R_INT_4()
    {
        var (filed, picture) = await DraftWithAsync(Property, House, "settlementAddress", "propertyNumber", "propertyHolders", "coOwnership");

        await RecogniseAsync(filed, Property, picture);
        await desk.Deliver();

        var recognition = await OnlyAsync(filed, r => r);
        Assert.Equal([("coOwnership", "joint", true), ("propertyHolders", "李示例、陈样例", true), ("propertyNumber", "示（2025）示例市不动产权第0009876号", true), ("propertyUse", "住宅", false),
            ("settlementAddress", "示例市城东区和平路6号4栋1202房", true)], recognition.Suggestions.Select(s => (s.Path, s.Value, s.Filled)));
        var form = await FormAsync(filed);
        Assert.Equal("示例市城东区和平路6号4栋1202房", form["settlementAddress"]!.GetValue<string>());
        // Who of the family owns it isn't said on it: that stays as it was chosen.
        Assert.Equal("self", form["propertyOwner"]!.GetValue<string>());
        var sources = await SourcesAsync(filed);
        Assert.Equal(["recognition", "typed"], [sources["settlementAddress"].Source.Code, sources["propertyUse"].Source.Code]);
        await filed.Submit();
        Assert.Equal("待受理", await filed.Status());
    }

    [Fact]
    public async Task PropertyCertificate_WhenTheAddressIsOfAnotherKindMeanwhile_ThenItSuggestsNothing_S4_R_CASE_3_R_CASE_5()
    {
        string[] property = ["propertyOwner", "propertyNumber", "propertyHolders", "coOwnership", "propertyUse"];
        var (filed, picture) = await DraftWithAsync(Property, House, "settlementAddress");
        await RecogniseAsync(filed, Property, picture);
        var form = await FormAsync(filed);
        form["addressType"] = "employer-collective";
        foreach (var key in property)
            form.Remove(key);
        await SaveAsync(filed, form);

        await desk.Deliver();

        Assert.Equal(("nothing", 0), await OnlyAsync(filed, r => (r.State.Code, r.Suggestions.Count)));
        Assert.Null((await FormAsync(filed))["settlementAddress"]);
    }

    [Fact]
    public async Task PropertyCertificate_WhenItIsARelatives_ThenItGivesTheAddressAlone_S4_R_CASE_3_R_CASE_5()
    {
        var filed = await desk.DraftAsync(Sample);
        var form = await FormAsync(filed);
        foreach (var key in (string[])["settlementAddress", "propertyOwner", "propertyNumber", "propertyHolders", "coOwnership", "propertyUse"])
            form.Remove(key);
        form["addressType"] = "relative";
        await SaveAsync(filed, form);
        var picture = await KeepAsync("父母房产证照片", House);
        await desk.Get<FilingCommands>().PutAsync(Applicant, filed.Id, RelativesProperty, picture, null, null, default);

        await RecogniseAsync(filed, RelativesProperty, picture);
        await desk.Deliver();

        Assert.Equal(["settlementAddress"], await OnlyAsync(filed, r => r.Suggestions.Select(s => s.Path)));
        form = await FormAsync(filed);
        Assert.Equal("示例市城东区和平路6号4栋1202房", form["settlementAddress"]!.GetValue<string>());
        Assert.Null(form["propertyNumber"]);
    }
}
