using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Employers.Profiles;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.Materials.Samples;
using Talent.Workflows.Approvals.Submissions;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Standing;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>Handlers of employers who file for their people, and the district offices of the sample city.</summary>
internal static class IntakeDesk
{
    /// <summary>The sample city with its districts, whose employers are certified.</summary>
    /// <param name="permitted">The service for which all of them have the permission; null: none.</param>
    public static async Task<CaseDesk> WithDistrictsAsync(this Task<CaseDesk> opened, string? permitted)
    {
        var desk = await opened;
        await desk.Get<DirectoryImport>().ImportAsync(desk.Content.Directories.Single(d => d.File == "sample-districts.json"), CaseDesk.Importer, default);
        await desk.Execute("""
            insert into approvals.certifications (id, user_id, employer_id, way, certified_at)
            select gen_random_uuid(), r.user_id, r.organisation_id, 'recognised', now() from approvals.user_roles r where r.role = 'employer.handler'
            """);
        if (permitted is not null)
            await desk.Execute($"insert into approvals.permissions (employer_id, service, case_id, opened_at) select id, '{permitted}', gen_random_uuid(), now() from approvals.organisations where kind = 'employer'");
        return desk;
    }

    /// <summary>Employers of the sample city that are certified, have completed their profile and hold the permission for the desk's service.</summary>
    public static async Task<CaseDesk> WithReadyEmployersAsync(this Task<CaseDesk> opened, params string[] employers)
    {
        var desk = await opened;
        var licences = new List<SampleMaterial>();
        foreach (var employer in employers)
        {
            var handler = $"{employer}-handler";
            await desk.Execute($"""
                insert into approvals.certifications (id, user_id, employer_id, way, certified_at) values (gen_random_uuid(), '{handler}', '{employer}', 'recognised', now());
                insert into approvals.permissions (employer_id, service, case_id, opened_at) values ('{employer}', '{desk.Service}', gen_random_uuid(), now())
                """);
            foreach (var (step, data) in EmployerProfile)
                await desk.Get<EmployerCommands>().SaveStepAsync(desk.As(handler).Caller, employer, step, JsonDocument.Parse(data).RootElement, null, default);
            licences.Add(new SampleMaterial(Guid.NewGuid(), MaterialOwner.Employer, handler, "营业执照", FileKinds.Pdf, SampleContents.Pdf($"营业执照 {employer}")));
        }
        await SampleMaterials.RecordAsync(desk.Database, licences, licences.ToDictionary(m => m.Hash, m => $"rows/{m.Hash}"), desk.Get<BusinessClock>(), default);
        foreach (var employer in employers)
            await desk.Get<EmployerCommands>().SubmitAsync(desk.As($"{employer}-handler").Caller, employer, null, default);
        return desk;
    }

    private static readonly (string Step, string Data)[] EmployerProfile =
    [
        ("general", """{"unitType":"enterprise","officeAddress":"示例市城东区样板路八号","registeredDistrict":"119901","taxDistrict":"119902","industry":"public","legalRepresentative":"孔样板","foundedOn":"2008-05-12","employees":320}"""),
        ("qualifications", """{"highTech":false,"specialised":false,"regionalHeadquarters":false,"foreignInvested":false,"servicePackage":false}"""),
        ("contacts", """{"handlerDepartment":"人力资源部","emergencyContact":"严示例","emergencyPhone":"19900008811"}"""),
    ];

    /// <summary>新增申报: the handler of the person's employer begins a case with the sample's data. Who acts for the case from then on is the handler.</summary>
    public static async Task<FiledCase> DraftByHandlerAsync(this CaseDesk desk, string sample, string? handler = null)
    {
        var filed = desk.Sample(sample);
        handler ??= await desk.Scalar<string>($"select r.user_id from approvals.user_roles r join approvals.users u on u.organisation_id = r.organisation_id where u.id = '{filed.Applicant}' and r.role = 'employer.handler'");
        await desk.KeepMaterialsAsync(filed);
        var answer = await desk.Get<CaseCommands>().CreateAsync(desk.As(handler).Caller, new NewCase { Service = desk.Service, ApplicantId = filed.Applicant, Data = filed.Phase1 }, null, default);
        return new FiledCase(desk, answer.InstanceId, filed with { Applicant = handler });
    }

    public static async Task<FiledCase> FileByHandlerAsync(this CaseDesk desk, string sample)
    {
        var filed = await desk.DraftByHandlerAsync(sample);
        await filed.Submit();
        return filed;
    }

    /// <summary>A sealed list of these cases, which know of it.</summary>
    public static async Task<SubmissionSealed> ListAsync(this CaseDesk desk, string officer, params FiledCase[] cases)
    {
        var draft = await desk.Get<SubmissionDrafts>().CreateAsync(desk.As(officer).Caller, [.. cases.Select(c => c.Id)], null, default);
        var made = await desk.Get<SubmissionSealing>().SealAsync(desk.As(officer).Caller, draft.Id, draft.Version, null, default);
        await desk.Deliver();
        return made;
    }

    /// <summary>The city approves all of the list but who is named.</summary>
    public static async Task<SubmissionSettled> SettleAsync(this CaseDesk desk, string officer, Guid list, string document, params CaseDecision[] named)
    {
        var settled = await desk.Get<SubmissionSettlement>().SettleAsync(desk.As(officer).Caller, list,
            new SettleSubmission { DocumentNumber = document, DocumentDate = DateOnly.FromDateTime(desk.Now.ToOffset(Approvals.Calendars.ChinaTime.Offset).DateTime), Default = "approve", Cases = named }, null, default);
        await desk.Deliver();
        return settled;
    }
}
