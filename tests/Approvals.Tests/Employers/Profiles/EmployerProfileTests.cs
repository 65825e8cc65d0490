using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Employers.Profiles;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Approvals.Tests.Materials;
using Talent.Workflows.Approvals.Tests.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Tests.Employers.Profiles;

public sealed class EmployerProfileTests
{
    [Fact]
    public async Task Profile_WhenItIsFilledInWithItsCertificates_ThenItIsCompleteAndSubmittedOnce_R_EMP_1()
    {
        await using var desk = await EmployerDesk.OpenAsync();
        Assert.Equal(["//no_profile"], await desk.Gaps());
        var before = await desk.Read();
        Assert.Equal((0L, 0, 4, "卫样例", "199****0018"), (before.Version, before.Progress.Done, before.Progress.Total, before.Handlers.Single().Name, before.Handlers.Single().Phone));
        Assert.Equal(ErrorCodes.InvalidForm, (await EmployerDesk.Refused(() => desk.Commands.SubmitAsync(desk.Handler, EmployerDesk.Metro, null, default))).Code);

        await desk.FillAsync();
        Assert.Equal(["//not_submitted"], await desk.Gaps());
        Assert.Contains((await desk.Read()).NextActions, a => a.Action == "submit");
        await desk.Commands.SubmitAsync(desk.Handler, EmployerDesk.Metro, null, default);
        var submitted = await desk.Read();
        await desk.Commands.SubmitAsync(desk.Handler, EmployerDesk.Metro, submitted.Version, default);

        Assert.Empty(await desk.Gaps());
        var after = await desk.Read();
        Assert.Equal((4L, 4, true), (after.Version, after.Progress.Done, after.Progress.Complete));
        Assert.NotNull(after.SubmittedAt);
        Assert.Equal("91119900MA0000218L", after.Uscc);
        Assert.Equal(["businessLicence", "highTechCertificate"], after.Materials.Select(m => m.Key));

        // Changed afterwards: it is to be submitted again.
        await desk.Save("contacts");
        Assert.Equal(["//not_submitted"], await desk.Gaps());
    }

    [Fact]
    public async Task Gaps_WhenTheyAreAsked_ThenItTakesOneRoundTrip_R_EMP_1()
    {
        await using var desk = await EmployerDesk.OpenAsync();
        await desk.FillAsync();
        await desk.Gaps();

        Assert.Equal(1, await RoundTrips.OfAsync(desk.Gaps));
    }

    [Fact]
    public async Task Qualification_WhenItsCertificateIsntThereCleanAndOfItsName_ThenTheGapSaysSo_R_EMP_1()
    {
        await using var desk = await EmployerDesk.OpenAsync(scanner: "true");
        foreach (var step in EmployerDesk.Steps)
            await desk.Save(step);
        var licence = "materials/businessLicence/material_missing";
        Assert.Equal([licence, "materials/highTechCertificate/material_missing"], await desk.Gaps());

        await desk.Files.Keep(desk.Handler, "荣誉证书", SampleFiles.Pdf("honour"), MaterialDesk.Metro);
        Assert.Equal([licence, "materials/highTechCertificate/material_missing"], await desk.Gaps());
        var certificate = await desk.Files.Keep(desk.Handler, "高新技术企业证书", SampleFiles.Pdf("high-tech"), MaterialDesk.Metro);
        // Somebody's own file of that name is no certificate of the employer.
        await desk.Files.Keep(desk.Handler, "营业执照", SampleFiles.Pdf("own"));
        Assert.Equal([licence, "materials/highTechCertificate/material_unscanned"], await desk.Gaps());
        await Scan(desk, certificate.Sha256, "found");
        Assert.Equal([licence, "materials/highTechCertificate/material_found"], await desk.Gaps());
        var another = await desk.Files.Keep(desk.Handler, "高新技术企业证书（补发）", SampleFiles.Pdf("another"), MaterialDesk.Metro);
        Assert.Equal([licence, "materials/highTechCertificate/material_unscanned"], await desk.Gaps());
        await Scan(desk, another.Sha256, "clean");
        Assert.Equal([licence], await desk.Gaps());
        Assert.Equal((another.Id, EmployerMaterialState.There), (await desk.Read()).Materials.Where(m => m.Key == "highTechCertificate").Select(m => (m.MaterialId!.Value, m.State)).Single());
        await desk.Files.Library.DeleteAsync(desk.Handler, another.Id, default);
        Assert.Equal([licence, "materials/highTechCertificate/material_found"], await desk.Gaps());

        // Who claims nothing needs none.
        var none = JsonNode.Parse(EmployerDesk.Of("qualifications").GetRawText())!.AsObject();
        none["highTech"] = false;
        none.Remove("highTechNumber");
        none.Remove("highTechUntil");
        await desk.Save("qualifications", JsonSerializer.SerializeToElement(none));
        Assert.Equal([licence], await desk.Gaps());

        static Task Scan(EmployerDesk desk, string hash, string result) => desk.Desk.Execute($"update approvals.material_contents set scan = '{result}' where hash = '{hash}'");
    }

    [Fact]
    public async Task Completeness_WhenACertificateRunsOut_ThenNothingOfItWasStored_R_EMP_1()
    {
        await using var desk = await EmployerDesk.OpenAsync();
        await desk.FillAsync();
        await desk.Commands.SubmitAsync(desk.Handler, EmployerDesk.Metro, null, default);
        Assert.Empty(await desk.Gaps());

        desk.Desk.Time.SetTo(Cases.CaseDesk.Local("2027-01-01 09:00"));

        Assert.Equal(["qualifications/highTechUntil/wrong_order"], await desk.Gaps());
    }

    [Fact]
    public async Task Profile_WhenOthersAskForIt_ThenItsOfficersAndThoseAboveReadAndItsHandlersWrite_R_EMP_1()
    {
        await using var desk = await EmployerDesk.OpenAsync();
        await desk.Save("general");

        foreach (var reader in (string[])["emp-metro-handler", "emp-metro-reviewer-1", "unit-assets-reviewer-1", "bureau-reviewer-1"])
            Assert.Equal(1L, (await desk.Read(desk.As(reader))).Version);
        foreach (var other in (string[])["emp-water-handler", "unit-health-reviewer-1", "applicant-li", "expert-12"])
            Assert.Equal(ErrorCodes.NotFound, (await EmployerDesk.Refused(() => desk.Read(desk.As(other)))).Code);
        foreach (var reader in (string[])["emp-metro-reviewer-1", "unit-assets-reviewer-1", "bureau-reviewer-1"])
        {
            Assert.Equal(ErrorCodes.Forbidden, (await EmployerDesk.Refused(() => desk.Save("general", caller: desk.As(reader)))).Code);
            Assert.Equal(ErrorCodes.Forbidden, (await EmployerDesk.Refused(() => desk.Commands.SubmitAsync(desk.As(reader), EmployerDesk.Metro, null, default))).Code);
        }
        Assert.Equal(ErrorCodes.NotFound, (await EmployerDesk.Refused(() => desk.Save("general", caller: desk.Handler with { Organisations = new HashSet<string> { "emp-water" } }))).Code);
        Assert.Equal(ErrorCodes.NotFound, (await EmployerDesk.Refused(() => desk.Save("general", caller: desk.Handler with { Roles = new HashSet<string> { "employer.reviewer" } }))).Code);
        await desk.Save("general", caller: desk.Handler with { Organisations = new HashSet<string> { "emp-metro" }, Roles = new HashSet<string> { "employer.handler" } });
        Assert.Equal(2L, (await desk.Read()).Version);
    }

    [Fact]
    public async Task Step_WhenItIsSavedOnAnotherVersionOrWrong_ThenItIsRefusedAndNothingChanges_R_EMP_1()
    {
        await using var desk = await EmployerDesk.OpenAsync();
        await desk.Save("general", ifVersion: 0);

        Assert.Equal(ErrorCodes.PreconditionFailed, (await EmployerDesk.Refused(() => desk.Save("contacts", ifVersion: 0))).Code);
        Assert.Equal(ErrorCodes.NotFound, (await EmployerDesk.Refused(() => desk.Save("materials", JsonSerializer.SerializeToElement(new { })))).Code);
        var wrong = await EmployerDesk.Refused(() => desk.Save("contacts", EmployerDesk.Of("general")));
        Assert.Equal(ErrorCodes.InvalidForm, wrong.Code);
        Assert.Equal(1L, (await desk.Read()).Version);

        // Two at once, on no version: both are kept, one after the other.
        await Task.WhenAll(desk.Save("contacts"), desk.Save("qualifications"));
        Assert.Equal(3L, (await desk.Read()).Version);
    }

    [Fact]
    public async Task Contacts_WhenTheyAreKept_ThenTheyAreSealedShownMaskedAndKeptWhenTheMaskComesBack_R_EMP_1()
    {
        await using var desk = await EmployerDesk.OpenAsync();
        await desk.FillAsync();
        var step = (await desk.Read()).Steps.Single(s => s.Key == "contacts");

        Assert.Equal("199****8811", step.Data!.Value.GetProperty("emergencyPhone").GetString());
        await desk.Save("contacts", step.Data);
        var row = await desk.Desk.Scalar<string>("select string_agg(s::text, ' ') from approvals.employer_steps s");
        foreach (var word in (string[])[EmployerDesk.EmergencyPhone, EmployerDesk.Representative, "严示例"])
            foreach (var spelling in PersonDesk.Spellings(word))
                Assert.DoesNotContain(spelling, row, StringComparison.Ordinal);

        // Under another data key it is readable as before.
        await desk.Desk.Get<DataKeys>().RotateAsync(default);
        await desk.Desk.Get<Reencryption>().RunAsync(default);
        Assert.Equal(0L, await desk.Desk.Get<Reencryption>().LeftAsync(default));
        Assert.Equal(["//not_submitted"], await desk.Gaps());
    }

    [Fact]
    public async Task Uscc_WhenItsCheckCharacterIsWrong_ThenItIsAGapByItsName_R_EMP_2()
    {
        await using var desk = await EmployerDesk.OpenAsync();
        await desk.FillAsync();

        await desk.Desk.Execute("update approvals.organisations set uscc = '91119900MA0000218M' where id = 'emp-metro'");
        Assert.Equal(["employer/uscc/uscc_check"], await desk.Gaps());
        await desk.Desk.Execute("update approvals.organisations set uscc = null where id = 'emp-metro'");
        Assert.Equal(["employer/uscc/no_uscc"], await desk.Gaps());
    }

    [Fact]
    public async Task Handler_WhenThereIsNoneOrNoPhone_ThenItIsAGap_R_EMP_1()
    {
        await using var desk = await EmployerDesk.OpenAsync();
        await desk.FillAsync();

        await desk.Desk.Execute("update approvals.users set phone = null, phone_sealed = null where id = 'emp-metro-handler'");
        Assert.Equal(["employer/handler.phone/no_handler_phone"], await desk.Gaps());
        await desk.Desk.Execute("update approvals.users set active = false where id = 'emp-metro-handler'");
        Assert.Equal(["employer/handler/no_handler"], await desk.Gaps());
    }

    [Fact]
    public async Task Step_WhenTheRoleIsLostMeanwhile_ThenItIsNotWritten_R_EMP_3()
    {
        await using var desk = await EmployerDesk.OpenAsync();
        await desk.Save("general");
        var form = desk.Reader.Form.Profile;
        var keeper = new ProfileKeeper(desk.Desk.Database, desk.Desk.Get<DataKeys>(), desk.Desk.Get<BusinessClock>(), ProfileTables.Employers);
        var id = await desk.Desk.Scalar<Guid>("select id from approvals.employer_profiles");

        // The right is asked for again by the statement that writes.
        var refused = await EmployerDesk.Refused(() => keeper.SaveStepAsync(form, new ProfileName("单位信息", "It"), () => Task.FromResult(new KeptProfile(id, 1, null, [])),
            new ProfileGate(first => $"${first} = 'somebody'", "nobody"), "contacts", EmployerDesk.Of("contacts"), null, "key:test", default));

        Assert.Equal(ErrorCodes.Busy, refused.Code);
        Assert.Equal(1L, (await desk.Read()).Version);
    }
}
