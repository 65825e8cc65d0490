using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.Tests.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.Materials;

public sealed class MaterialListTests : IDisposable
{
    private readonly ShippedContent _content = new();

    public void Dispose() => _content.Dispose();

    [Fact]
    public void Missing_WhenNothingIsSupplied_ThenRequiredOnesAreNamedAndEachRowItsOwn_R_CASE_3()
    {
        ServicePackage package = _content.Load();

        IReadOnlyList<MissingMaterial> missing = package.Materials.Missing(package.Samples[0].Phase1, [], 1);

        Assert.Equal(
            [("identity-card", null), ("education-certificate", null), ("degree-certificate", null), ("title-certificate", null), ("experience-proof", 0), ("experience-proof", 1)],
            missing.Select(m => (m.Key, m.Row)));
        Assert.Equal("“专业工作主要经历”第2条缺少“工作经历证明”", missing[^1].Zh);
        Assert.Equal("缺少材料“身份证件”", missing[0].Zh);
    }

    [Fact]
    public void Missing_WhenARowNamesAFileThatWasNotUploaded_ThenItIsMissing_R_CASE_3()
    {
        ServicePackage package = _content.Load();
        ServiceSample sample = package.Samples[0];

        SuppliedMaterial[] without = [.. sample.Materials.Where(m => m.FileId != sample.Phase1.GetProperty("workExperience")[0].GetProperty("proofFile").GetString())];

        Assert.Equal([("experience-proof", (int?)0)], package.Materials.Missing(sample.Phase1, without, 1).Select(m => (m.Key, m.Row)));
        Assert.Empty(package.Materials.Missing(sample.Phase1, [.. sample.Materials], 1));
    }

    [Theory]
    [InlineData("""{ "examExempt": true }""", "exemption-proof", true)]
    [InlineData("""{ "examExempt": false }""", "exemption-proof", false)]
    [InlineData("""{ "highestDegree": "0" }""", "degree-certificate", false)]
    [InlineData("""{}""", "title-certificate", false)]
    [InlineData("""[]""", "identity-card", true)]
    public void Applying_WhenAMaterialDependsOnTheCase_ThenItIsAskedForOnlyThen_R_CASE_3(string data, string key, bool asked)
    {
        using JsonDocument document = JsonDocument.Parse(data);

        Assert.Equal(asked, _content.Load().Materials.Applying(document.RootElement, 1).Any(m => m.Key == key));
    }

    [Fact]
    public void Slots_WhenTheFormHasFileFieldsThatTheListDoesntSpeakOf_ThenEachIsOne_R_CASE_2()
    {
        FormField File(string key) => new() { Key = key, Type = FieldType.File, Zh = "附件", En = "File" };
        FormField rows = new() { Key = "rows", Type = FieldType.Group, Zh = "经历", En = "Rows", MaxRows = 3, Fields = [File("proof"), File("other")] };
        Form form = Form.Bind(new FormDefinition { CodeTables = new Dictionary<string, IReadOnlyList<CodeEntry>>(), Steps = [new FormStep { Key = "one", Zh = "一", En = "One", Phase = 2, Fields = [File("photo"), rows] }] }, ShippedContent.Checks);
        MaterialRequirement proof = new() { Key = "proof", Zh = "证明", En = "Proof", Phase = 2, AllowedTypes = ["pdf"], PerRowOf = "rows", RowField = "proof" };

        MaterialList list = MaterialList.Bind(new MaterialRequirements { WarningZh = "请勿上传涉密材料。", WarningEn = "Nothing classified.", Items = [proof] }, form);

        Assert.Equal(["proof", "form.photo", "form.rows.other"], list.Slots.Select(s => s.Key));
        Assert.Equal([3, 1, 3], list.Slots.Select(s => s.MostFiles));
        using JsonDocument data = JsonDocument.Parse("""{ "photo": "a", "rows": [{ "proof": "b" }, 7, { "other": "0a8b9c5e-0000-4000-8000-000000000000", "proof": "" }] }""");
        Assert.Equal(["rows[0].proof b", "photo a", "rows[2].other 0a8b9c5e-0000-4000-8000-000000000000"], list.References(data.RootElement).Select(r => $"{r.Path} {r.Text}"));
        Assert.Equal([false, false, true], list.References(data.RootElement).Select(r => r.Material is not null));
        Assert.Empty(list.References(JsonDocument.Parse("[]").RootElement));
    }
}
