using System.Text;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Employers.Directory;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Employers;

public sealed class DirectoryImportTests
{
    private static readonly string File = System.IO.File.ReadAllText(Path.Combine(ShippedContent.Workflows, "shared", "organisations", "sample-city.json"));

    [Fact]
    public async Task Directory_WhenImportedAgain_ThenOnlyWhatDiffersIsChangedAndNoted_R_ADM_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var import = desk.Get<DirectoryImport>();

        Assert.Equal(0, await import.ImportAsync(Parse(File), CaseDesk.Importer, default));
        var changed = File.Replace("\"roles\": [\"unit.superior\"], \"phone\": \"19900000008\"", "\"roles\": [\"unit.reviewer\"], \"phone\": \"19900000099\"", StringComparison.Ordinal);
        Assert.Equal(1, await import.ImportAsync(Parse(changed), CaseDesk.Importer, default));

        Assert.Equal("unit-assets-superior changed phone,roles", await desk.Scalar<string>("select subject_id || ' ' || change || ' ' || array_to_string(fields, ',') from approvals.directory_changes order by id desc limit 1"));
        Assert.Equal("unit.reviewer", await desk.Scalar<string>("select string_agg(role, ',') from approvals.user_roles where user_id = 'unit-assets-superior'"));
    }

    [Fact]
    public async Task Directory_WhenTheFileSaysNothingOfActive_ThenItStaysAndAWordChangesIt_R_ADM_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var import = desk.Get<DirectoryImport>();
        const string user = "\"id\": \"unit-assets-superior\", ", active = "select active from approvals.users where id = 'unit-assets-superior'";
        await desk.Execute("update approvals.users set active = false where id = 'unit-assets-superior'; update approvals.organisations set active = false where id = 'emp-press'");

        Assert.Equal(0, await import.ImportAsync(Parse(File), CaseDesk.Importer, default));
        Assert.False(await desk.Scalar<bool>(active));
        Assert.False(await desk.Scalar<bool>("select active from approvals.organisations where id = 'emp-press'"));

        Assert.Equal(1, await import.ImportAsync(Parse(File.Replace(user, user + "\"active\": true, ", StringComparison.Ordinal)), CaseDesk.Importer, default));
        Assert.True(await desk.Scalar<bool>(active));

        Assert.Equal(1, await import.ImportAsync(Parse(File.Replace(user, user + "\"active\": false, ", StringComparison.Ordinal)), CaseDesk.Importer, default));
        Assert.False(await desk.Scalar<bool>(active));
    }

    [Fact]
    public async Task Directory_WhenAnOrganisationHasAResponsibleUnitThatTheFileIsSilentOn_ThenThatStaysAndNoChangeIsNoted_R_ADM_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        // It was an employer once.
        await desk.Execute("insert into approvals.responsibilities (employer_id, unit_id) values ('unit-assets', 'unit-culture')");

        Assert.Equal(0, await desk.Get<DirectoryImport>().ImportAsync(Parse(File), CaseDesk.Importer, default));

        Assert.Equal("unit-culture", await desk.Scalar<string>("select unit_id from approvals.responsibilities where employer_id = 'unit-assets'"));
    }

    [Fact]
    public async Task Directory_WhenAnApplicantIsAtAnotherEmployer_ThenTheirAssociationEndsAndAnotherBegins_R_EMP_4()
    {
        await using var desk = await CaseDesk.OpenAsync();
        const string associations = "select string_agg(employer_id || case when ended_at is null then '' else ' ' || end_reason end, ', ' order by began_at, ended_at) from approvals.associations where user_id = 'applicant-li'";
        var before = File.Split('\n').Single(l => l.Contains("\"id\": \"applicant-li\"", StringComparison.Ordinal));
        Assert.Contains("\"organisation\": \"emp-metro\"", before, StringComparison.Ordinal);
        Assert.Equal("emp-metro", await desk.Scalar<string>(associations));

        var moved = File.Replace(before, before.Replace("emp-metro", "emp-water", StringComparison.Ordinal), StringComparison.Ordinal);
        await desk.Get<DirectoryImport>().ImportAsync(Parse(moved), CaseDesk.Importer, default);

        Assert.Equal("emp-metro directory, emp-water", await desk.Scalar<string>(associations));
    }

    [Fact]
    public async Task Directory_WhenAUserLosesARoleInAnotherOrganisation_ThenThatIsNoted_R_ADM_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        await desk.Execute("insert into approvals.user_roles (user_id, role, organisation_id) values ('unit-assets-superior', 'unit.superior', 'unit-culture')");

        Assert.Equal(1, await desk.Get<DirectoryImport>().ImportAsync(Parse(File), CaseDesk.Importer, default));

        Assert.Equal("unit-assets-superior changed roles", await desk.Scalar<string>("select subject_id || ' ' || change || ' ' || array_to_string(fields, ',') from approvals.directory_changes order by id desc limit 1"));
        Assert.Equal("unit-assets", await desk.Scalar<string>("select string_agg(organisation_id, ',') from approvals.user_roles where user_id = 'unit-assets-superior'"));
    }

    [Fact]
    public async Task Route_WhenAnEmployerIsKnown_ThenUnitAndBureauFollow()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var reader = desk.Get<DirectoryReader>();

        Assert.Equal(new CaseRoute("emp-press", "unit-culture", "bureau", "119900"), await reader.RouteAsync("emp-press", default));
        Assert.Equal(ErrorCodes.InvalidRequest, (await Assert.ThrowsAsync<WorkflowException>(() => reader.RouteAsync("bureau", default))).Code);
    }

    private static OrganisationDirectory Parse(string text) => OrganisationDirectory.Load(Encoding.UTF8.GetBytes(text));
}
