using System.Text.Json;
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
        Assert.Equal("第2条经历缺少“工作经历证明”", missing[^1].Zh);
        Assert.Equal("缺少材料“身份证件”", missing[0].Zh);
    }

    [Fact]
    public void Missing_WhenARowNamesAFileThatWasNotUploaded_ThenItIsMissing_R_CASE_3()
    {
        ServicePackage package = _content.Load();
        ServiceSample sample = package.Samples[0];

        SuppliedMaterial[] without = [.. sample.Materials.Where(m => m.FileId != "file-li-work-1")];

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
}
