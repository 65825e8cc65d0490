using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Employers.Profiles;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.Tests.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.Employers.Profiles;

public sealed class EmployerGapsTests
{
    private static readonly DateOnly Today = new(2026, 9, 21);
    private static readonly EmployerForm Form = EmployerForm.Load(Path.Combine(ShippedContent.Workflows, "shared", "employers"), ApprovalContent.Checks(TimeProvider.System))!;

    private static readonly (string Field, string Material, string[] More)[] Claims =
    [
        ("highTech", "highTechCertificate", ["\"highTechNumber\":\"GR1\"", "\"highTechUntil\":\"2027-01-01\""]), ("specialised", "specialisedCertificate", ["\"specialisedUntil\":\"2027-01-01\""]),
        ("regionalHeadquarters", "headquartersCertificate", []), ("foreignInvested", "foreignInvestmentProof", []), ("servicePackage", "servicePackageProof", []),
    ];

    /// <summary>Whatever is claimed and whatever the library has: a gap for each claimed certificate that isn't there and clean, and for nothing else.</summary>
    [Fact]
    public void Gaps_WhenQualificationsAreClaimed_ThenEachNeedsItsCertificateAndNothingElseDoes_R_EMP_1() =>
        Property.Holds(
            from claimed in Gen.ArrayOf(Gen.Elements(true, false), Claims.Length)
            from states in Gen.ArrayOf(Gen.Elements(Enum.GetValues<EmployerMaterialState>()), Claims.Length + 1)
            select (Claimed: claimed, States: states),
            c =>
            {
                var materials = new Dictionary<string, MaterialView>(StringComparer.Ordinal);
                foreach (var (key, state) in Claims.Select(q => q.Material).Append("businessLicence").Zip(c.States))
                    if (state != EmployerMaterialState.Missing)
                        materials[key] = Material(key, state);

                var (progress, asked) = EmployerGaps.Of(Form, Facts(materials, c.Claimed), Today);

                string[] wanted = ["businessLicence", .. Claims.Where((_, i) => c.Claimed[i]).Select(q => q.Material)];
                Assert.Equal(wanted, asked.Select(a => a.Requirement.Key));
                Assert.Equal(wanted.Where(key => materials.GetValueOrDefault(key)?.Usable != true), progress.Gaps.Select(g => g.Field));
                Assert.All(progress.Gaps, g => Assert.Equal(EmployerForm.MaterialsStep, g.Step));
                Assert.All(progress.Gaps, g => Assert.NotEqual(g.Zh, g.En));
                Assert.Equal(progress.IsComplete, progress.Done == progress.Steps.Count);
            });

    [Fact]
    public void Form_WhenAStepHasAKeyThatIsTakenOrAMaterialAsksForNoField_ThenItIsRefused_R_EMP_1()
    {
        var profile = File.ReadAllText(Path.Combine(ShippedContent.Workflows, "shared", "employers", "profile.json"));
        var materials = File.ReadAllText(Path.Combine(ShippedContent.Workflows, "shared", "employers", "materials.json"));

        Assert.Throws<ContentException>(() => Parse(profile.Replace("\"key\": \"contacts\"", "\"key\": \"materials\"", StringComparison.Ordinal), materials));
        Assert.Throws<ContentException>(() => Parse(profile, materials.Replace("\"field\": \"highTech\"", "\"field\": \"hightech\"", StringComparison.Ordinal)));
        Assert.NotNull(Parse(profile, materials));

        static EmployerForm Parse(string profile, string materials) => EmployerForm.Parse(Encoding.UTF8.GetBytes(profile), Encoding.UTF8.GetBytes(materials), ApprovalContent.Checks(TimeProvider.System));
    }

    private static EmployerFacts Facts(Dictionary<string, MaterialView> materials, bool[] claimed)
    {
        var fields = Claims.SelectMany((q, i) => claimed[i] ? [$"\"{q.Field}\":true", .. q.More] : (string[])[$"\"{q.Field}\":false"]);
        return new EmployerFacts
        {
            Uscc = "91119900MA0000218L", HasHandler = true, HandlersHavePhones = true, Materials = materials,
            Saved = EmployerDesk.Steps.ToDictionary(s => s, s => s == "qualifications" ? JsonDocument.Parse($"{{{string.Join(',', fields)}}}").RootElement : EmployerDesk.Of(s)),
        };
    }

    private static MaterialView Material(string key, EmployerMaterialState state) => new()
    {
        Id = Guid.NewGuid(), Owner = new MaterialOwner(MaterialOwner.Employer, "emp-metro"), Name = key, Kind = "pdf", Size = 1, Sha256 = "", Rotation = 0, UploadedAt = default, UploadedBy = "emp-metro-handler",
        Scan = state switch { EmployerMaterialState.There => "clean", EmployerMaterialState.Found => "found", _ => "unscanned" }, Usable = state == EmployerMaterialState.There,
    };
}
