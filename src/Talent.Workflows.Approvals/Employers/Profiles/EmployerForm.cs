using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People.Profiles;

namespace Talent.Workflows.Approvals.Employers.Profiles;

/// <summary>
/// What an employer's profile consists of: its steps (<c>shared/employers/profile.json</c>), and the materials that its library has to
/// hold (<c>shared/employers/materials.json</c>), each asked for by what the profile says: who claims a qualification shows its certificate.
/// </summary>
/// <remarks>Source: R-EMP-1; Chaoyang 三.2.</remarks>
public sealed record EmployerForm(ProfileForm Profile, MaterialList Materials)
{
    public const string MaterialsFile = "materials.json";

    /// <summary>Steps of gaps that no step of the form has.</summary>
    public const string MaterialsStep = "materials";

    /// <inheritdoc cref="MaterialsStep"/>
    public const string DirectoryStep = "employer";

    /// <exception cref="ContentException">One of the two can't be used.</exception>
    public static EmployerForm Parse(ReadOnlySpan<byte> profile, ReadOnlySpan<byte> materials, IReadOnlyDictionary<string, TextCheck> checks, IReadOnlyDictionary<string, CodeTable>? tables = null)
    {
        var form = ProfileForm.Parse(profile, checks, tables);
        if (form.Step(MaterialsStep) is not null || form.Step(DirectoryStep) is not null)
            throw new ContentException(ProfileForm.FileName, "steps", $"the keys '{MaterialsStep}' and '{DirectoryStep}' are taken; give the step another");
        return new EmployerForm(form, MaterialList.Bind(ContentFile.Parse<MaterialRequirements>(MaterialsFile, materials), form.Form, MaterialsFile));
    }

    /// <summary>Of a folder; null: it has no profile.</summary>
    /// <exception cref="ContentException">It can't be used.</exception>
    public static EmployerForm? Load(string folder, IReadOnlyDictionary<string, TextCheck> checks, IReadOnlyDictionary<string, CodeTable>? tables = null) => !File.Exists(Path.Combine(folder, ProfileForm.FileName)) ? null
        : Parse(File.ReadAllBytes(Path.Combine(folder, ProfileForm.FileName)), ContentFile.Bytes(folder, MaterialsFile), checks, tables);
}
