using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Eligibility;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Integrations.Face;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Integrations.Recognition;
using Talent.Workflows.Approvals.Integrations.Records;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Faces;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Filings;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Eligibility;

/// <summary>一键申报 of 在职人才引进入户 with its own form: what the test found out goes into the draft with its source (R-ELG-4, R-CASE-3).</summary>
public sealed class OneClickFilingTests : IAsyncLifetime
{
    private const string Li = "applicant-li", Diploma = "119900200805000123";

    private static readonly string[] Degree = ["diploma", "degree-certificate", "diploma-registration"];

    private readonly RecordsOffice office = new();
    private readonly Reader reader = new();
    private CaseDesk desk = null!;

    private Caller Applicant => desk.As(Li).Caller;
    private EligibilityDesk Desk => desk.Get<EligibilityDesk>();
    private ServiceSample Sample => desk.Content.Services.Single().Samples.Single(s => s.Name == "01-li-completed");

    public async Task InitializeAsync() => desk = await CaseDesk.OpenServiceAsync(ServiceFolders.All["in-service-settlement"], services => services
        .AddSingleton<IFaceVerification>(s => new FaceSimulator(new FaceOptions(), s.GetRequiredService<TimeProvider>())).AddSingleton<ISharedRecords>(office).AddSingleton<IDocumentRecognition>(reader));

    public Task DisposeAsync() => desk.DisposeAsync().AsTask();

    /// <summary>若系统有获取到申办人的学历学位信息，无需上传学历证书和证明材料。</summary>
    [Fact]
    public async Task Draft_WhenOpenedFromATest_ThenSourcesAreKeptAndMaterialsWaivedWithoutAnotherLookUp_R_ELG_4_R_ELG_5_R_CASE_3()
    {
        await RegisterAsync();
        var session = await LookedUpAsync(new CertificateNumbers(DiplomaNumber: Diploma));
        Assert.Equal([("degreeLevel", "bachelor"), ("degreeNumber", Diploma), ("graduatedOn", "2008-07-01"), ("school", "示例大学"), ("studyMode", "fullTime")],
            (await Desk.ReadAsync(Applicant, session, default)).Shared.Where(s => !s.Path.StartsWith("title", StringComparison.Ordinal)).Select(s => (s.Path, s.Value)));
        await desk.KeepMaterialsAsync(Sample with { Materials = [.. Sample.Materials.Where(m => !Degree.Contains(m.Key))] });

        var filed = new FiledCase(desk, await Desk.FileAsync(Applicant, session, "A1", null, default), Sample);

        var form = await FormAsync(filed);
        Assert.Equal(("A1", "domestic", "degree", Diploma, "示例大学", "bachelor", "2008-07"), (Of("condition"), Of("degreeOrigin"), Of("numbersGiven"), Of("degreeNumber"), Of("school"), Of("degreeLevel"), Of("graduatedOn")));
        // Nobody declares anything for the applicant.
        Assert.All(new[] { "noticeConfirmed", "fullTime", "integrityConfirmed" }, key => Assert.Null(form[key]));
        var sources = await SourcesAsync(filed);
        Assert.Equal(["degreeLevel", "degreeNumber", "degreeOrigin", "graduatedOn", "numbersGiven", "school", "studyMode"], sources.Where(s => s.Value == "shared").Select(s => s.Key).Order(StringComparer.Ordinal));
        Assert.Equal(("typed", "profile", "directory"), (sources["condition"], sources["residentId"], sources["employerName"]));

        foreach (var (key, value) in Sample.Phase1.EnumerateObject().Select(p => (p.Name, p.Value)))
            if (form[key] is null)
                form[key] = JsonNode.Parse(value.GetRawText());
        await SaveAsync(filed, form);
        await filed.Submit();

        Assert.Equal(1, office.Asked);
        var seen = (await desk.Get<FilingReader>().MaterialsAsync(desk.As("bureau-reviewer-1").Caller, filed.Id, null, default)).View.Slots;
        Assert.Equal(Degree, seen.Where(s => s.Waived is not null).Select(s => s.Slot));

        string? Of(string key) => form[key]?.GetValue<string>();
    }

    /// <summary>国内普通高校全日制大学本科学历并有学士学位: a degree by 自学考试 is none, and one whose mode of study nobody tells proves none.</summary>
    [Theory]
    [InlineData(926, "not_met", "selfTaught")]
    [InlineData(927, "unknown", "unknown")]
    public async Task Draft_WhenTheDegreeIsntKnownToBeByFullTimeStudy_ThenItMeetsNothingAndWaivesNothing_R_ELG_1_R_ELG_4_R_CASE_3(int sequence, string state, string mode)
    {
        await RegisterAsync(sequence);
        var session = await LookedUpAsync(new CertificateNumbers(DegreeNumber: Diploma));
        var view = await Desk.ReadAsync(Applicant, session, default);
        Assert.Equal(state, view.Answer.Conditions.Single(c => c.Id == "A1").State);
        Assert.DoesNotContain(view.Matching, m => m.Id == "A1");

        var filed = new FiledCase(desk, await Desk.FileAsync(Applicant, session, "A1", null, default), Sample);
        var form = await FormAsync(filed);
        form["degreeOrigin"] = "domestic";
        form["numbersGiven"] = "degree";
        form["degreeNumber"] = Diploma;
        await SaveAsync(filed, form);

        Assert.Equal(("示例大学", mode, "shared"), (form["school"]!.GetValue<string>(), form["studyMode"]!.GetValue<string>(), (await SourcesAsync(filed))["studyMode"]));
        Assert.Equal(Degree, await MissingAsync(filed));
        // Typed over, it is the applicant's word.
        form["studyMode"] = "fullTime";
        await SaveAsync(filed, form);
        Assert.Equal(Degree, await MissingAsync(filed));
    }

    /// <summary>学士 on a certificate doesn't say by which study, nor of which country.</summary>
    [Fact]
    public async Task Recognised_WhenADiplomaIsRead_ThenItProvesNoFullTimeDegree_R_ELG_5_R_CASE_5()
    {
        var picture = await KeepAsync("""{"name":"李示例","school":"示例大学","level":"学士"}""");
        var session = await Desk.BeginAsync(Applicant, new NewEligibilitySession(desk.Service), null, default);
        await SayAsync(session, """{ "birthDate": "1990-02-14" }""");

        var view = await RecogniseAsync(session, picture, slot: "degree-certificate");

        Assert.Equal("unknown", view.Answer.Conditions.Single(c => c.Id == "A1").State);
        Assert.DoesNotContain(view.Facts, f => f.Fact == "bachelorWithDegree");
    }

    [Fact]
    public async Task Draft_WhenWhatWasFoundIsOvertyped_ThenItIsTypedAndTheMaterialsAreAskedFor_R_ELG_4_R_CASE_3()
    {
        await RegisterAsync();
        var filed = new FiledCase(desk, await Desk.FileAsync(Applicant, await LookedUpAsync(new CertificateNumbers(DegreeNumber: Diploma)), "A1", null, default), Sample);
        Assert.Empty(await MissingAsync(filed));

        var form = await FormAsync(filed);
        form["school"] = "示例城市学院";
        await SaveAsync(filed, form);

        Assert.Equal(("typed", "shared"), ((await SourcesAsync(filed))["school"], (await SourcesAsync(filed))["degreeLevel"]));
        Assert.Equal(Degree, await MissingAsync(filed));
    }

    [Fact]
    public async Task Draft_WhenAnotherNameOrNumberWasLookedUp_ThenItProvesNothing_R_ELG_4_R_CASE_3()
    {
        var person = await RegisterAsync();
        var session = await LookedUpAsync(new CertificateNumbers(DegreeNumber: Diploma));
        await desk.Execute($"update approvals.people set identity_version = identity_version + 1 where id = '{person}'");

        var filed = new FiledCase(desk, await Desk.FileAsync(Applicant, session, "A1", null, default), Sample);

        Assert.Equal(("示例大学", "typed"), ((await FormAsync(filed))["school"]!.GetValue<string>(), (await SourcesAsync(filed))["school"]));
        Assert.Equal(Degree, await MissingAsync(filed));
    }

    [Fact]
    public async Task Draft_WhenTheDegreeIsFromAbroad_ThenItIsFiledByDegreeWithItsNumberAlone_R_ELG_1_R_ELG_4()
    {
        await RegisterAsync();
        var session = await LookedUpAsync(new CertificateNumbers(Abroad: true, DegreeNumber: Diploma));
        var degree = (await Desk.ReadAsync(Applicant, session, default)).Answer.Conditions.Single(c => c.Id == "A1");
        Assert.Equal(("met", 2, "shared_data"), (degree.State, degree.Rule!.Row, degree.Rule.Facts.Single(f => f.Fact == "foreignDegree").Source));

        var filed = new FiledCase(desk, await Desk.FileAsync(Applicant, session, "A1", null, default), Sample);

        var form = await FormAsync(filed);
        Assert.Equal(("overseas", Diploma, null), (form["degreeOrigin"]!.GetValue<string>(), form["degreeNumber"]!.GetValue<string>(), form["numbersGiven"]));
        Assert.Null(form["foreignCertified"]);
        // What the look-up found needs no certificate, and no certification either.
        var missing = (await FilingDesk.Refused(filed.Submit)).Where(e => e.EndsWith(": material_missing", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(missing);
        Assert.DoesNotContain(missing, m => m.Contains("degree", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Draft_WhenOpenedByTitle_ThenTheTitleIsFilledInAndWaived_R_ELG_4_R_CASE_3()
    {
        await RegisterAsync();

        var filed = new FiledCase(desk, await Desk.FileAsync(Applicant, await LookedUpAsync(new CertificateNumbers(Skip: true)), null, null, default), Sample);

        var form = await FormAsync(filed);
        Assert.Equal(("B2", "工程师", "ZC2018000456", "2018-12-01"), (form["condition"]!.GetValue<string>(), form["titleName"]!.GetValue<string>(), form["titleCertificateNumber"]!.GetValue<string>(), form["titleAwardedOn"]!.GetValue<string>()));
        Assert.Null(form["school"]);
        Assert.DoesNotContain(await MissingAsync(filed), m => m.StartsWith("title", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Draft_WhenTheApplicantSaidSomething_ThenThatIsTheirWord_R_ELG_4_R_ELG_5()
    {
        var session = await Desk.BeginAsync(Applicant, new NewEligibilitySession(desk.Service), null, default);
        await Desk.SayAsync(Applicant, session, new SayFacts(JsonSerializer.Deserialize<Dictionary<string, JsonElement>>("""{ "occupation": "6-31-01-03", "qualifiedOn": "2024-05-20", "insuredMonthsSaid": 14, "worksInCity": true }""")!), null, default);

        var filed = new FiledCase(desk, await Desk.FileAsync(Applicant, session, "C3", null, default), Sample);

        var form = await FormAsync(filed);
        Assert.Equal(("6-31-01-03", "2024-05-20", 14), (form["occupation"]!.GetValue<string>(), form["skillCertificateDate"]!.GetValue<string>(), form["insuredMonths"]!.GetValue<int>()));
        Assert.Equal(["typed"], (await SourcesAsync(filed)).Where(s => s.Key is "occupation" or "skillCertificateDate" or "insuredMonths").Select(s => s.Value).Distinct());
    }

    [Fact]
    public async Task LookUp_WhenNothingIsFound_ThenWhatWasSaidBeforeStays_R_ELG_1_R_ELG_5()
    {
        await RegisterAsync(921);
        var session = await Desk.BeginAsync(Applicant, new NewEligibilitySession(desk.Service), null, default);
        await Desk.SayAsync(Applicant, session, new SayFacts(JsonSerializer.Deserialize<Dictionary<string, JsonElement>>("""{ "titleGrade": "intermediate" }""")!), null, default);

        await LookUpAsync(session, new CertificateNumbers(DegreeNumber: Diploma));

        var grade = (await Desk.ReadAsync(Applicant, session, default)).Answer.Conditions.Single(c => c.Id == "B2").Rule!.Facts.Single(f => f.Fact == "titleGrade");
        Assert.Equal(("intermediate", "applicant"), (grade.Value, grade.Source));
    }

    [Fact]
    public async Task Recognised_WhenACertificateIsRead_ThenItsFactsAndFieldsAreNamedAsThat_R_ELG_5_R_CASE_5()
    {
        var picture = await KeepAsync("""{"name":"李示例","title":"高级工程师","certificateNumber":"ZC2020000777","grade":"副高级"}""");
        var session = await Desk.BeginAsync(Applicant, new NewEligibilitySession(desk.Service), null, default);
        await SayAsync(session, """{ "birthDate": "1986-02-14" }""");

        var view = await RecogniseAsync(session, picture);

        Assert.Equal(("senior", "recognition"), Grade(view));
        Assert.Equal(["B1 rules"], view.Matching.Select(m => $"{m.Id} {m.By}"));
        var filed = new FiledCase(desk, await Desk.FileAsync(Applicant, session, null, null, default), Sample);
        var form = await FormAsync(filed);
        Assert.Equal(("B1", "高级工程师", "ZC2020000777"), (form["condition"]!.GetValue<string>(), form["titleName"]!.GetValue<string>(), form["titleCertificateNumber"]!.GetValue<string>()));
        var source = (await desk.Get<FilingReader>().SourcesAsync(Applicant, filed.Id, null, default)).View.Fields.Single(f => f.Path == "titleName");
        Assert.Equal(("recognition", "title-certificate", (Guid?)picture), (source.Source.Code, source.Slot, source.Material));
        // What was read on a picture proves nothing.
        Assert.Equal(["title-certificate", "title-verification"], await MissingAsync(filed));
        var kept = await desk.Get<CaseEligibility>().ReadAsync(Applicant, filed.Id, default);
        Assert.Equal("recognition", kept.Answer.Conditions.Single(c => c.Id == "B1").Rule!.Facts.Single(f => f.Fact == "titleGrade").Source);
    }

    [Fact]
    public async Task Recognised_WhenTheApplicantSaysOtherwiseOrAnOfficeKnows_ThenThatCounts_R_ELG_5_R_CASE_5()
    {
        await RegisterAsync();
        var picture = await KeepAsync("""{"grade":"高级"}""");
        var session = await Desk.BeginAsync(Applicant, new NewEligibilitySession(desk.Service), null, default);

        await SayAsync(session, """{ "titleGrade": "junior" }""");
        Assert.Equal(("junior", "applicant"), Grade(await RecogniseAsync(session, picture)));
        Assert.Equal(("senior", "recognition"), Grade(await SayAsync(session, """{ "titleGrade": null }""")));
        foreach (var (question, option) in new[] { ("insurance", "yes"), ("degree", "none"), ("title", "intermediate") })
            await Desk.AnswerAsync(Applicant, session, question, option, null, default);
        Assert.Equal(("intermediate", "applicant"), Grade(await RecogniseAsync(session, picture)));
        await Desk.ResetAsync(Applicant, session, null, default);
        await LookUpAsync(session, new CertificateNumbers(Skip: true));
        Assert.Equal(("intermediate", "shared_data"), Grade(await Desk.ReadAsync(Applicant, session, default)));
        Assert.Equal(("intermediate", "shared_data"), Grade(await RecogniseAsync(session, picture)));
    }

    [Fact]
    public async Task Recognised_WhenItCantBe_ThenItIsRefusedAndNothingIsLost_R_ELG_5_R_INT_4()
    {
        var session = await Desk.BeginAsync(Applicant, new NewEligibilitySession(desk.Service), null, default);
        await SayAsync(session, """{ "titleGrade": "junior" }""");
        var picture = await KeepAsync("""{"grade":"高级"}""");
        var other = await KeepAsync("""{"name":"王样本","grade":"高级"}""");

        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => RecogniseAsync(session, picture, slot: "household-first-page")));
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => RecogniseAsync(session, Guid.NewGuid())));
        Assert.Equal([ErrorCodes.InvalidRequest], await FilingDesk.Refused(() => RecogniseAsync(session, picture, rotate: 45)));
        Assert.Equal([ErrorCodes.InvalidRequest], await FilingDesk.Refused(() => RecogniseAsync(session, other)));
        Assert.Equal([ErrorCodes.PreconditionFailed], await FilingDesk.Refused(() => RecogniseAsync(session, picture, ifVersion: 1)));
        var asked = reader.Asked;
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(async () => await Desk.RecogniseAsync(desk.As("applicant-wang").Caller, session, new AskRecognition("title-certificate", picture), null, default)));
        Assert.Equal(asked, reader.Asked);
        reader.Down = true;
        Assert.Equal([ErrorCodes.Unavailable], await FilingDesk.Refused(() => RecogniseAsync(session, picture)));
        Assert.Equal(("junior", "applicant"), Grade(await Desk.ReadAsync(Applicant, session, default)));
        Assert.Equal([ErrorCodes.RateLimited], await FilingDesk.Refused(async () =>
        {
            reader.Down = false;
            for (var i = 0; i < 31; i++)
                await RecogniseAsync(session, picture);
        }));
    }

    [Fact]
    public async Task Face_WhenTheSessionHasMovedOn_ThenItIsntUsedUp_R_ELG_1_R_ACC_4()
    {
        await RegisterAsync();
        var session = await Desk.BeginAsync(Applicant, new NewEligibilitySession(desk.Service), null, default);
        await Desk.ConfirmNoticeAsync(Applicant, session, null, null, default);
        var face = await FaceAsync();

        Assert.Equal([ErrorCodes.PreconditionFailed], await FilingDesk.Refused(() => Desk.UseFaceAsync(Applicant, session, face, 1, default)));

        Assert.Equal("certificates", (await Desk.UseFaceAsync(Applicant, session, face, 2, default)).Step);
    }

    private async Task<EligibilitySessionView> SayAsync(Guid session, string json) => await Desk.SayAsync(Applicant, session, new SayFacts(JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!), null, default);

    private Task<EligibilitySessionView> RecogniseAsync(Guid session, Guid picture, string slot = "title-certificate", int rotate = 0, long? ifVersion = null) =>
        Desk.RecogniseAsync(Applicant, session, new AskRecognition(slot, picture, rotate), ifVersion, default);

    private static (object? Value, string? Source) Grade(EligibilitySessionView view) => view.Facts.Where(f => f.Fact == "titleGrade").Select(f => (f.Value, (string?)f.Source)).SingleOrDefault();

    /// <summary>A picture in the library on which this is written.</summary>
    private async Task<Guid> KeepAsync(string written) => (await desk.Get<MaterialLibrary>().UploadAsync(Applicant, new MaterialOwner(MaterialOwner.Person, Li), "手机拍摄照片",
        new MemoryStream(SampleFiles.Jpeg(after: Encoding.UTF8.GetBytes(RecognitionSimulator.Mark + written))), null, null, _ => Task.CompletedTask, default)).Material.Id;

    private Task<Guid> RegisterAsync(int sequence = 25) =>
        desk.Get<PersonCommands>().RegisterAsync(Applicant, new NewPerson("李示例", ResidentId.Fictitious(new DateOnly(1986, 2, 14), sequence).Value, "19900000054", null), null, default);

    private async Task<Guid> LookedUpAsync(CertificateNumbers numbers)
    {
        var session = await Desk.BeginAsync(Applicant, new NewEligibilitySession(desk.Service), null, default);
        await LookUpAsync(session, numbers);
        return session;
    }

    private async Task LookUpAsync(Guid session, CertificateNumbers numbers)
    {
        await Desk.ConfirmNoticeAsync(Applicant, session, null, null, default);
        await Desk.UseFaceAsync(Applicant, session, await FaceAsync(), null, default);
        await Desk.LookUpAsync(Applicant, session, numbers, null, default);
    }

    /// <summary>A face check, and the time that a person takes.</summary>
    private async Task<Guid> FaceAsync()
    {
        var person = (await desk.Get<PersonReader>().ReadOwnAsync(Applicant, default)).Id;
        var check = await desk.Get<FaceChecks>().BeginAsync(Applicant, person, new NewFaceCheck(), null, default);
        desk.Time.SetTo(desk.Time.GetUtcNow() + FaceSimulator.Takes);
        await desk.Get<FaceChecks>().ReadAsync(Applicant, person, check, default);
        return check;
    }

    private async Task<string[]> MissingAsync(FiledCase filed) =>
        [.. (await FilingDesk.Refused(filed.Submit)).Where(e => e.EndsWith(": material_missing", StringComparison.Ordinal)).Select(e => e.Split(':')[0].Replace("materials.", "", StringComparison.Ordinal)).Where(s => Degree.Contains(s) || s.StartsWith("title", StringComparison.Ordinal))];

    private async Task<Dictionary<string, string>> SourcesAsync(FiledCase filed) => (await desk.Get<FilingReader>().SourcesAsync(Applicant, filed.Id, null, default)).View.Fields.ToDictionary(f => f.Path, f => f.Source.Code);

    private async Task<JsonObject> FormAsync(FiledCase filed) => JsonNode.Parse((await FilingCase.LoadAsync(desk.Database, desk.Get<CaseVault>(), filed.Id, default)).Data(1).GetRawText())!.AsObject();

    private Task<StepAnswer> SaveAsync(FiledCase filed, JsonObject form) => desk.Get<CaseCommands>().SaveAsync(Applicant, filed.Id, 1, JsonSerializer.SerializeToElement(form), null, default);

    /// <summary>The simulator, with a count.</summary>
    private sealed class RecordsOffice : ISharedRecords
    {
        private readonly RecordsSimulator simulator = new();

        public int Asked { get; private set; }

        public Task<OutsideAnswer<SharedRecords>> FindAsync(string requestId, RecordQuestion question, CancellationToken cancellationToken)
        {
            Asked++;
            return simulator.FindAsync(requestId, question, cancellationToken);
        }
    }

    /// <summary>The simulator, which may be out of reach.</summary>
    private sealed class Reader : IDocumentRecognition
    {
        private readonly RecognitionSimulator simulator = new();

        public bool Down { get; set; }
        public int Asked { get; private set; }

        public Task<OutsideAnswer<RecognisedDocument>> RecogniseAsync(string requestId, string kind, byte[] image, string mediaType, int rotation, CancellationToken cancellationToken)
        {
            Asked++;
            return Down ? Task.FromResult<OutsideAnswer<RecognisedDocument>>(new OutsideAnswer<RecognisedDocument>.Unavailable("down")) : simulator.RecogniseAsync(requestId, kind, image, mediaType, rotation, cancellationToken);
        }
    }
}
