using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Filings.Recognitions;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Correcting;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.People.Profiles;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Filings;

/// <summary>Where values of a form come from: typed, the profile, or read on a material by a service over HTTP (R-CASE-5).</summary>
public sealed class CaseRecognitionTests : FilledInCases
{
    [Fact]
    public async Task Certificate_WhenRecognised_ThenItFillsEmptyFieldsAndNeverWhatWasTyped_R_CASE_5()
    {
        var (filed, picture) = await DraftWithAsync(Degree, """{"school":"识别大学","certificateNumber":"1199000012345678"}""", "degreeNumber");

        await RecogniseAsync(filed, Degree, picture);
        Assert.Equal(("pending", 0), await OnlyAsync(filed, r => (r.State.Code, r.Suggestions.Count)));
        await desk.Deliver();

        var recognition = await OnlyAsync(filed, r => r);
        Assert.Equal(("read", false), (recognition.State.Code, recognition.Replaces));
        Assert.Equal([("degreeNumber", "1199000012345678", true), ("school", "识别大学", false)], recognition.Suggestions.Select(s => (s.Path, s.Value, s.Filled)));
        var form = await FormAsync(filed);
        Assert.Equal(("1199000012345678", "示例城市学院"), (form["degreeNumber"]!.GetValue<string>(), form["school"]!.GetValue<string>()));
        var sources = await SourcesAsync(filed);
        Assert.Equal(("recognition", Degree, "学位证书", (Guid?)picture, "学位证书编号"), (sources["degreeNumber"].Source.Code, sources["degreeNumber"].Slot, sources["degreeNumber"].SlotZh, sources["degreeNumber"].Material, sources["degreeNumber"].Zh));
        Assert.Equal(("typed", Li), (sources["school"].Source.Code, sources["school"].By));
        Assert.Equal("directory", sources["employerName"].Source.Code);

        // Overtyped, it is typed; the rest keeps its source.
        form["degreeNumber"] = "1199000087654321";
        await SaveAsync(filed, form);
        Assert.Equal("typed", (await SourcesAsync(filed))["degreeNumber"].Source.Code);
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
    }

    [Fact]
    public async Task Certificate_WhenReacquired_ThenItReplacesWhatWasTypedAndKeepsIt_R_CASE_5()
    {
        var (filed, picture) = await DraftWithAsync(Degree, """{"school":"识别大学","certificateNumber":"1199000012345678"}""");
        await RecogniseAsync(filed, Degree, picture);
        await desk.Deliver();
        var first = await OnlyAsync(filed, r => r);
        Assert.All(first.Suggestions, s => Assert.False(s.Filled));

        await desk.Get<FilingCommands>().ReacquireAsync(Applicant, filed.Id, first.Id, null, null, default);
        await desk.Deliver();

        var second = (await RecognitionsAsync(filed))[1];
        Assert.Equal([("degreeNumber", true, "1199042008001234"), ("school", true, "示例城市学院")], second.Suggestions.Select(s => (s.Path, s.Filled, s.Replaced)));
        Assert.Equal("识别大学", (await FormAsync(filed))["school"]!.GetValue<string>());
        Assert.Equal(["recognition"], (await SourcesAsync(filed)).Where(s => s.Key is "school" or "degreeNumber").Select(s => s.Value.Source.Code).Distinct());
    }

    [Fact]
    public async Task Recognition_WhenCancelled_ThenWhatItFilledInGoesOutAndPendingAnswersChangeNothing_R_CASE_5()
    {
        var (filed, picture) = await DraftWithAsync(Degree, """{"certificateNumber":"1199000012345678"}""", "degreeNumber");
        await RecogniseAsync(filed, Degree, picture);
        await desk.Deliver();
        var read = await OnlyAsync(filed, r => r);

        await CancelAsync(filed, read.Id);
        await CancelAsync(filed, read.Id);
        Assert.Equal(("cancelled", 0), await OnlyAsync(filed, r => (r.State.Code, r.Suggestions.Count)));
        Assert.Null((await FormAsync(filed))["degreeNumber"]);
        Assert.DoesNotContain("degreeNumber", (await SourcesAsync(filed)).Keys);

        await RecogniseAsync(filed, Degree, picture);
        await CancelAsync(filed, (await RecognitionsAsync(filed))[1].Id);
        await desk.Deliver();
        Assert.Equal(["cancelled", "cancelled"], (await RecognitionsAsync(filed)).Select(r => r.State.Code));
        Assert.Null((await FormAsync(filed))["degreeNumber"]);
        Assert.Single(office.Answered);
    }

    [Fact]
    public async Task Service_WhenItIsDown_ThenTypingGoesOnAndTheAnswerFillsWhatIsStillEmpty_R_CASE_5_R_INT_4()
    {
        office.IsUp = false;
        var (filed, picture) = await DraftWithAsync(Degree, """{"school":"识别大学","certificateNumber":"1199000012345678"}""", "degreeNumber", "school");
        await RecogniseAsync(filed, Degree, picture);
        await desk.Deliver();
        Assert.Equal("pending", await OnlyAsync(filed, r => r.State.Code));
        var form = await FormAsync(filed);
        form["school"] = "示例城市学院";
        await SaveAsync(filed, form);

        office.IsUp = true;
        desk.Time.SetTo(desk.Time.GetUtcNow().AddHours(1));
        await desk.Deliver();

        Assert.Equal("read", await OnlyAsync(filed, r => r.State.Code));
        form = await FormAsync(filed);
        Assert.Equal(("示例城市学院", "1199000012345678"), (form["school"]!.GetValue<string>(), form["degreeNumber"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Service_WhenItAnswersAfterTheHandIn_ThenNothingOfItIsUsed_R_CASE_5()
    {
        office.IsUp = false;
        var (filed, picture) = await DraftWithAsync(Degree, """{"school":"识别大学"}""");
        await RecogniseAsync(filed, Degree, picture);
        await filed.Submit();

        office.IsUp = true;
        await desk.Deliver();

        Assert.Equal("lapsed", await OnlyAsync(filed, r => r.State.Code));
        Assert.Empty(office.Answered);
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from engine.outbox_failed where kind = '" + RecognitionCalls.WorkKind + "'"));
    }

    [Fact]
    public async Task Service_WhenTheDraftWasDropped_ThenNothingIsSent_R_CASE_5_R_AUD_2()
    {
        var (filed, picture) = await DraftWithAsync(Degree, """{"school":"识别大学"}""");
        await RecogniseAsync(filed, Degree, picture);
        await filed.Withdraw();

        await desk.Deliver();

        Assert.Empty(office.Answered);
        Assert.Equal("", await desk.Scalar<string>("select coalesce(string_agg(kind || ': ' || last_error, ' '), '') from engine.outbox_failed"));
        Assert.Equal("lapsed", await desk.Scalar<string>("select state from approvals.case_readings"));
    }

    [Fact]
    public async Task Picture_WhenItLies_ThenItIsReadTurnedAndTheTurnIsKept_R_CASE_5()
    {
        var (filed, picture) = await DraftWithAsync(Degree, """{"upright":"270","certificateNumber":"1199000012345678"}""", "degreeNumber");
        await RecogniseAsync(filed, Degree, picture);
        await desk.Deliver();
        Assert.Equal("nothing", await OnlyAsync(filed, r => r.State.Code));

        await RecogniseAsync(filed, Degree, picture, 270);
        await desk.Deliver();

        Assert.Equal(("read", 270), ((await RecognitionsAsync(filed))[1].State.Code, (await RecognitionsAsync(filed))[1].Rotation));
        var slot = (await desk.Get<FilingReader>().MaterialsAsync(Applicant, filed.Id, null, default)).View.Slots.Single(s => s.Slot == Degree);
        Assert.Equal(270, Assert.Single(slot.Materials).Rotation);
    }

    [Fact]
    public async Task Card_WhenItIsARowsOwn_ThenItFillsThatRowAndAMisreadNumberIsNoSuggestion_R_CASE_3_R_CASE_5()
    {
        var picture = await KeepAsync("配偶证件照片", """{"name":"陈样例","idNumber":"110199199009090280"}""");
        var filed = await desk.DraftAsync(Sample);
        var form = await FormAsync(filed);
        form["hasCompanions"] = true;
        form["companions"] = new JsonArray(new JsonObject { ["relation"] = "daughter", ["memberName"] = "李小样" }, new JsonObject { ["relation"] = "wife", ["identityFile"] = picture.ToString() });
        await SaveAsync(filed, form);

        await RecogniseAsync(filed, Companion, picture);
        await desk.Deliver();

        // The last digit was read wrong: GB 11643 says so, and the form stays empty there.
        Assert.Equal(["companions[1].memberName"], (await OnlyAsync(filed, r => r)).Suggestions.Select(s => s.Path));
        Assert.Equal("陈样例", (await FormAsync(filed))["companions"]![1]!["memberName"]!.GetValue<string>());
        Assert.Equal("recognition", (await SourcesAsync(filed))["companions[1].memberName"].Source.Code);

        // A row that moves takes its sources along; one that changes doesn't.
        form = await FormAsync(filed);
        form["companions"]!.AsArray().RemoveAt(0);
        await SaveAsync(filed, form);
        var sources = await SourcesAsync(filed);
        Assert.Equal("recognition", sources["companions[0].memberName"].Source.Code);
        Assert.DoesNotContain("companions[1].memberName", sources.Keys);
        var named = await desk.Get<FilingReader>().DownloadAsync(Applicant, filed.Id, Companion, picture, null, default);
        await using var content = named.Content;
        Assert.Equal("示例市城市运行集团有限公司-李示例-随迁配偶身份证（妻子 陈样例）.jpg", named.FileName);
    }

    /// <summary>入户信息证明材料上传，落户材料以房产证为例：系统自动识别图片的文字内容。</summary>
    [Fact]
    public async Task Sources_WhenHandedIn_ThenTheyAreFrozenAndReviewersSeeThem_R_CASE_5_R_AUD_1()
    {
        var (filed, picture) = await DraftWithAsync(Degree, """{"certificateNumber":"1199000012345678"}""", "degreeNumber");
        await RecogniseAsync(filed, Degree, picture);
        await desk.Deliver();
        await filed.Submit();
        await desk.As("bureau-reviewer-1").Return(filed, "请核对毕业院校。");
        await filed.Supplement(JsonSerializer.SerializeToElement(new { degreeNumber = "1199000087654321" }));

        Assert.Equal(["recognition", "typed"], [await Seen(1), await Seen(2)]);
        Assert.Equal("typed", await Seen(null));
        var refusal = await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<FilingReader>().RecognitionsAsync(desk.As("bureau-reviewer-1").Caller, filed.Id, default));
        Assert.Equal(ErrorCodes.Forbidden, refusal.Code);
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => desk.Get<FilingReader>().SourcesAsync(desk.As("emp-water-handler").Caller, filed.Id, null, default)));
        // Nothing that was read stands in clear, and the audit has its digest.
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.case_readings r where r::text like '%1199000012345678%'"));
        Assert.True(await desk.Scalar<bool>("select a.details::text like '%' || r.sha256 || '%' from approvals.case_readings r join approvals.audit a on a.case_id = r.case_id and a.action = 'case.recognised'"));
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);

        async Task<string> Seen(int? handIn) => (await desk.Get<FilingReader>().SourcesAsync(desk.As("bureau-reviewer-1").Caller, filed.Id, handIn, default)).View.Fields.Single(f => f.Path == "degreeNumber").Source.Code;
    }

    [Fact]
    public async Task Draft_WhenBegun_ThenTheProfileFillsItInAndWhatWasSentStays_R_CASE_5_R_PER_1()
    {
        var people = desk.Get<PersonCommands>();
        var number = ResidentId.Fictitious(new DateOnly(1986, 2, 14), 26).Value;
        var person = await people.RegisterAsync(Applicant, new NewPerson("李示例", number, "19900000054", null), null, default);
        await people.SaveStepAsync(Applicant, person, "general", Profile.Of("general"), null, default);

        var answer = await desk.Get<CaseCommands>().CreateAsync(Applicant, new NewCase { Service = desk.Service, Data = JsonSerializer.SerializeToElement(new { condition = "A1", maritalStatus = "10" }) }, null, default);
        var filed = new FiledCase(desk, answer.InstanceId, Sample);

        var form = await FormAsync(filed);
        Assert.Equal(("李示例", number, "female", "10"), (Of("name"), Of("residentId"), Of("gender"), Of("maritalStatus")));
        var sources = await SourcesAsync(filed);
        Assert.Equal(("profile", "typed", "profile"), (sources["residentId"].Source.Code, sources["maritalStatus"].Source.Code, sources["homeAddress"].Source.Code));

        string Of(string key) => form[key]!.GetValue<string>();
    }

    [Fact]
    public async Task Correction_WhenOnlyWhatIsNamedMayChange_ThenReadingsSharedDataAndTheProfileDontChangeTheRest_R_CASE_5_R_REV_3()
    {
        var person = await desk.Get<PersonCommands>().RegisterAsync(Applicant, new NewPerson("李示例", ResidentId.Fictitious(new DateOnly(1986, 2, 14), 25).Value, "19900000054", null), null, default);
        var (filed, picture) = await DraftWithAsync(Degree, """{"school":"识别大学","certificateNumber":"1199000012345678"}""");
        await RecogniseAsync(filed, Degree, picture);
        await desk.Deliver();
        var read = await OnlyAsync(filed, r => r.Id);
        await filed.Submit();
        await ReturnAsync(filed, true, new Correction("homeAddress", null, "请填写门牌号"));
        var before = (await FormAsync(filed)).ToJsonString();
        var (face, materials) = (await PassedAsync(person), desk.Get<FilingCommands>());

        Assert.Equal([$"materials.{Degree}: not_asked"], await FilingDesk.Refused(() => RecogniseAsync(filed, Degree, picture)));
        Assert.Equal([$"materials.{Degree}: not_asked"], await FilingDesk.Refused(() => materials.ReacquireAsync(Applicant, filed.Id, read, null, null, default)));
        foreach (var act in (Func<Task>[])[() => LookUpAsync(filed, face), () => CancelAsync(filed, read), () => materials.ConfirmProfileAsync(Applicant, filed.Id, null, null, null, default)])
            Assert.Equal((ErrorCodes.WrongState, "only_corrections"), await Assert.ThrowsAsync<WorkflowException>(act) is var refused ? (refused.Code, refused.Facts["reason"]) : default);
        await desk.Deliver();
        Assert.Equal(before, (await FormAsync(filed)).ToJsonString());
        Assert.Equal("read", await OnlyAsync(filed, r => r.State.Code));
        // A look-up that is refused doesn't use up the face check.
        Assert.Equal(1L, await desk.Scalar<long>($"select count(*) from approvals.face_checks where id = '{face}' and state = 'passed' and used_for is null"));

        // Where the material is named it may be read again; the form's own fields aren't changed by it.
        await filed.Supplement(JsonSerializer.SerializeToElement(new { homeAddress = "示例市示范区样板路1号院2门" }));
        await ReturnAsync(filed, true, new Correction(null, Degree, "请换成清晰的"));
        before = (await FormAsync(filed)).ToJsonString();
        await materials.ReacquireAsync(Applicant, filed.Id, read, null, null, default);
        await desk.Deliver();
        Assert.Equal(before, (await FormAsync(filed)).ToJsonString());
    }

    [Fact]
    public async Task Correction_WhenAReadingIsCancelledInIt_ThenTheChangesStillBeginWithWhatWasReturned_R_REV_3_R_CASE_5()
    {
        var (filed, picture) = await DraftWithAsync(Degree, """{"school":"识别大学","certificateNumber":"1199000012345678"}""");
        await RecogniseAsync(filed, Degree, picture);
        await desk.Deliver();
        await desk.Get<FilingCommands>().ReacquireAsync(Applicant, filed.Id, await OnlyAsync(filed, r => r.Id), null, null, default);
        await desk.Deliver();
        await filed.Submit();
        await ReturnAsync(filed, null);

        await CancelAsync(filed, (await RecognitionsAsync(filed))[1].Id);
        Assert.Null((await FormAsync(filed))["school"]);
        await filed.Supplement(JsonSerializer.SerializeToElement(new { school = "示例城市学院", degreeNumber = "1199000012345678" }));

        var changes = await desk.Get<CaseChangeReader>().ReadAsync(Applicant, filed.Id, null, default);
        var changed = Assert.Single(changes.Fields);
        Assert.Equal(("school", "识别大学", "示例城市学院"), (changed.Path, changed.Old!.Value.GetString(), changed.New!.Value.GetString()));
    }

    /// <summary>若系统有获取到申办人的学历学位信息，无需上传学历证书和证明材料。</summary>
    [Fact]
    public async Task Recognition_WhenItCantBe_ThenItIsRefused_R_CASE_5()
    {
        var (filed, picture) = await DraftWithAsync(Degree, "{}");
        var pdf = Assert.Single((await desk.Get<FilingReader>().MaterialsAsync(Applicant, filed.Id, null, default)).View.Slots.Single(s => s.Slot == "identity-card").Materials).Id;
        var household = Assert.Single((await desk.Get<FilingReader>().MaterialsAsync(Applicant, filed.Id, null, default)).View.Slots.Single(s => s.Slot == "household-own-page").Materials).Id;

        Assert.Equal([ErrorCodes.InvalidRequest], await FilingDesk.Refused(() => RecogniseAsync(filed, Degree, picture, 45)));
        Assert.Equal([ErrorCodes.InvalidRequest], await FilingDesk.Refused(() => RecogniseAsync(filed, "identity-card", pdf)));
        Assert.Equal([ErrorCodes.InvalidRequest], await FilingDesk.Refused(() => RecogniseAsync(filed, "household-own-page", household)));
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => RecogniseAsync(filed, Degree, Guid.NewGuid())));
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => RecogniseAsync(filed, "'; drop table approvals.cases; --", picture)));
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => CancelAsync(filed, Guid.NewGuid())));
        Assert.Equal([ErrorCodes.Forbidden], await FilingDesk.Refused(() => desk.Get<FilingCommands>().RecogniseAsync(desk.As("applicant-wang").Caller, filed.Id, new AskRecognition(Degree, picture), null, null, default)));
        await filed.Submit();
        Assert.Equal([ErrorCodes.WrongState], await FilingDesk.Refused(() => RecogniseAsync(filed, Degree, picture)));
        Assert.Empty(await RecognitionsAsync(filed));
        Assert.Equal(0, office.Requests);
    }
}
