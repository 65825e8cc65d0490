using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.Materials.Contents;
using Talent.Workflows.Approvals.Materials.Samples;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Panels;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Filings;

/// <summary>Materials from the libraries in cases: carried in, changed, checked, frozen, read and fetched.</summary>
public sealed class CaseMaterialTests
{
    private const string Identity = "identity-card";
    private const string Reviewer = "emp-metro-reviewer-1";

    [Fact]
    public async Task Draft_WhenBegun_ThenWhatTheLibraryHasIsInItAndWhatWasTakenOutDoesntComeBack_R_CASE_4_S1()
    {
        await using var desk = await FilingDesk.OpenAsync();
        var filed = await desk.Desk.DraftAsync();
        var view = await desk.Materials(filed);

        Assert.Empty(view.Missing);
        Assert.All((string[])[Identity, "education-certificate", "degree-certificate", "title-certificate", "declaration", "photo", "signed-summary", "exam-certificate"],
            slot => Assert.True(Assert.Single(view.Slots.Single(s => s.Slot == slot).Materials).Carried));
        Assert.Equal(["0", "1"], view.Slots.Single(s => s.Slot == "experience-proof").Materials.Select(m => string.Join(',', m.Rows!)).Order());
        Assert.True(view.Slots.Single(s => s.Slot == "exemption-proof") is { Applies: false, Required: false, Materials: [] });
        Assert.Empty(view.Slots.Single(s => s.Slot == "work-proof").Materials);
        Assert.Contains("涉密", view.WarningZh, StringComparison.Ordinal);

        var card = Assert.Single(await desk.In(filed, Identity));
        await desk.Remove(filed, Identity, card);
        await desk.Remove(filed, Identity, card);
        await desk.Desk.Get<CaseCommands>().SaveAsync(desk.As("applicant-li"), filed.Id, 1, filed.Sample.Phase1, null, default);
        Assert.Empty(await desk.In(filed, Identity));
        Assert.Equal(["materials.identity-card: material_missing"], await FilingDesk.Refused(filed.Submit));

        await desk.Put(filed, Identity, card);
        await desk.Put(filed, Identity, card);
        await filed.Submit();
        Assert.Equal("用人单位审核", (await filed.Waiting()).Name);
        Assert.Equal([(1, 1)], (await desk.Materials(filed)).HandIns.Select(h => (h.Number, h.Phase)));
    }

    [Fact]
    public async Task Draft_WhenTheFormIsFilledInStepByStep_ThenWhatItAsksForComesInThen_R_CASE_4()
    {
        await using var desk = await FilingDesk.OpenAsync();
        await desk.Desk.KeepMaterialsAsync(desk.Li);
        var answer = await desk.Desk.Get<CaseCommands>().CreateAsync(desk.As("applicant-li"), new NewCase { Service = desk.Desk.Service }, null, default);
        var filed = new FiledCase(desk.Desk, answer.InstanceId, desk.Li);
        Assert.Single(await desk.In(filed, Identity));
        Assert.Empty(await desk.In(filed, "degree-certificate"));
        Assert.Empty(await desk.In(filed, "experience-proof"));

        await desk.Desk.Get<CaseCommands>().SaveAsync(desk.As("applicant-li"), filed.Id, 1, filed.Sample.Phase1, null, default);

        Assert.Single(await desk.In(filed, "degree-certificate"));
        Assert.Equal(2, (await desk.In(filed, "experience-proof")).Length);
        await filed.Submit();
    }

    [Fact]
    public async Task Draft_WhenTheHandlerFiles_ThenTheEmployersMaterialsComeInToo_R_CASE_4_R_CASE_7()
    {
        await using var desk = await FilingDesk.OpenAsync(folder =>
        {
            var path = Path.Combine(folder, "service.json");
            var service = JsonNode.Parse(File.ReadAllText(path))!;
            service["filedBy"] = new JsonArray("applicant", "employer");
            File.WriteAllText(path, service.ToJsonString());
        });
        var forms = await desk.Keep("emp-metro-handler", "近三年年度考核表", SampleFiles.Pdf("forms"), new MaterialOwner(MaterialOwner.Employer, "emp-metro"));
        await desk.Keep("emp-water-handler", "近三年年度考核表", SampleFiles.Pdf("others"), new MaterialOwner(MaterialOwner.Employer, "emp-water"));

        Assert.Equal([forms], await BegunBy("emp-metro-handler"));
        Assert.Empty(await BegunBy("applicant-li"));

        async Task<Guid[]> BegunBy(string user)
        {
            var begun = await desk.Desk.Get<CaseCommands>().CreateAsync(desk.As(user), new NewCase { Service = desk.Desk.Service, ApplicantId = "applicant-li", Data = desk.Li.Phase1 }, null, default);
            var (_, view) = await desk.Reader.MaterialsAsync(desk.As(user), begun.InstanceId, null, default);
            return [.. view.Slots.Single(s => s.Slot == "assessment-forms").Materials.Select(m => m.Id)];
        }
    }

    [Fact]
    public async Task Material_WhenDeletedFromTheLibraryAfterwards_ThenTheFiledCaseStillHasItUnderItsOfficialName_R_CASE_4_R_CASE_3()
    {
        await using var desk = await FilingDesk.OpenAsync();
        var content = SampleFiles.Pdf("card");
        var card = await desk.Keep("applicant-li", "身份证件", content);
        var filed = await desk.Desk.DraftAsync();
        foreach (var other in (await desk.In(filed, Identity)).Where(id => id != card))
            await desk.Remove(filed, Identity, other);
        await filed.Submit();

        await desk.Desk.Get<MaterialLibrary>().DeleteAsync(desk.As("applicant-li"), card, default);
        desk.Desk.Time.SetTo(desk.Desk.Time.GetUtcNow().AddDays(60));
        for (var round = 0; round < 16; round++)
            await desk.Desk.Get<MaterialCleanup>().RunAsync(round, default);

        Assert.Equal(0L, await desk.Desk.Scalar<long>($"select count(*) from approvals.materials where id = '{card}'"));
        Assert.Equal([card], await desk.In(filed, Identity, Reviewer));
        var (name, fetched) = await desk.Fetch(filed, Reviewer, Identity, card);
        Assert.Equal("示例市城市运行集团有限公司-李示例-身份证件.pdf", name);
        Assert.Equal(content, fetched);
        await desk.Fetch(filed, "applicant-li", Identity, card);
        // Theirs isn't recorded; the reviewer's is, with the case.
        Assert.Equal([(Reviewer, filed.Id)], await desk.Desk.Rows("select user_id, case_id from approvals.material_reads", r => (r.GetString(0), r.GetGuid(1))));
    }

    [Fact]
    public async Task Material_WhenItIsSomebodyElsesOrDoesntFit_ThenItIsRefused_R_CASE_4()
    {
        await using var desk = await FilingDesk.OpenAsync();
        var wangs = await desk.Keep("applicant-wang", "身份证件", SampleFiles.Pdf("wang"));
        var mine = await desk.Keep("applicant-li", "其他文件", SampleFiles.Pdf("mine"));
        var filed = await desk.Desk.DraftAsync();
        var before = JsonSerializer.Serialize((await desk.Materials(filed)).Slots);

        foreach (var material in (Guid[])[wangs, Guid.NewGuid(), Guid.Empty])
            Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => desk.Put(filed, Identity, material)));
        foreach (var slot in (string[])["", "../../etc/passwd", "'; drop table approvals.cases; --", new string('x', 5000), "form.proofFile"])
            Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => desk.Put(filed, slot, mine)));
        Assert.Equal([ErrorCodes.InvalidForm], await FilingDesk.Refused(() => desk.Put(filed, "photo", mine)));
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => desk.Put(filed, Identity, mine, replaces: wangs)));
        Assert.Equal([ErrorCodes.Forbidden], await FilingDesk.Refused(() => desk.Put(filed, Identity, wangs, user: "applicant-wang")));
        Assert.Equal([ErrorCodes.Forbidden], await FilingDesk.Refused(() => desk.Put(filed, Identity, mine, user: Reviewer)));
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => desk.Remove(filed, Identity, wangs)));
        Assert.Equal(before, JsonSerializer.Serialize((await desk.Materials(filed)).Slots));
        await desk.Put(filed, Identity, mine);
        Assert.Equal([ErrorCodes.Conflict], await FilingDesk.Refused(() => desk.Put(filed, Identity, Guid.Parse(filed.Sample.Phase1.GetProperty("workExperience")[0].GetProperty("proofFile").GetString()!))));
    }

    [Theory]
    [InlineData("wang")]
    [InlineData("unknown")]
    [InlineData("text")]
    public async Task Form_WhenARowNamesWhatIsntTheCases_ThenItIsntHandedIn_R_CASE_4_R_CASE_2(string whose)
    {
        await using var desk = await FilingDesk.OpenAsync();
        var named = whose switch { "wang" => (await desk.Keep("applicant-wang", "工作经历证明", SampleFiles.Pdf("wang"))).ToString(), "unknown" => "0a8b9c5e-0000-4000-8000-000000000000", _ => "file-1" };
        var data = JsonNode.Parse(desk.Li.Phase1.GetRawText())!;
        data["workExperience"]![0]!["proofFile"] = named;
        var filed = await desk.Desk.DraftAsync(desk.Li with { Phase1 = JsonSerializer.SerializeToElement(data) });

        Assert.Equal(["workExperience[0].proofFile: material_not_in_case"], await FilingDesk.Refused(filed.Submit));
        Assert.Single(await desk.In(filed, "experience-proof"));
    }

    [Fact]
    public async Task Materials_WhenOthersLook_ThenTheySeeWhatWasFiledAndOnlyWhileTheyHaveToDoWithIt_R_CASE_4_R_AUD_2()
    {
        await using var desk = await FilingDesk.OpenAsync();
        var card = await desk.Keep("applicant-li", "身份证件", SampleFiles.Pdf("card"));
        var filed = await desk.Desk.DraftAsync();
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => desk.Materials(filed, Reviewer)));
        await filed.Submit();
        var other = await desk.Desk.DraftAsync();

        Assert.Contains(card, await desk.In(filed, Identity, Reviewer));
        // What is asked for in the second phase is there already, and is no matter of the first.
        Assert.NotEmpty(await desk.In(filed, "photo"));
        Assert.Empty(await desk.In(filed, "photo", Reviewer));
        var photo = (await desk.In(filed, "photo"))[0];
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => desk.Fetch(filed, Reviewer, "photo", photo)));
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => desk.Materials(filed, "emp-water-reviewer-1")));
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => desk.Fetch(filed, "applicant-wang", Identity, card)));
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => desk.Fetch(other, Reviewer, Identity, card)));
        Assert.Equal([ErrorCodes.WrongState], await FilingDesk.Refused(() => desk.Remove(filed, Identity, card)));
        await desk.Fetch(filed, Reviewer, Identity, card);

        await desk.Desk.As(Reviewer).Approve(filed);
        Assert.Contains(card, await desk.In(filed, Identity, Reviewer));
        Assert.Equal([ErrorCodes.Forbidden], await FilingDesk.Refused(() => desk.Fetch(filed, Reviewer, Identity, card)));
        await desk.Fetch(filed, "unit-assets-reviewer-1", Identity, card);
    }

    [Fact]
    public async Task Correction_WhenMaterialsChange_ThenEachHandInKeepsItsOwn_R_CASE_4_S1()
    {
        await using var desk = await FilingDesk.OpenAsync();
        var filed = await desk.Desk.SubmittedAsync();
        var first = Assert.Single(await desk.In(filed, Identity));
        await desk.Desk.As(Reviewer).Return(filed, "身份证件不清晰，请重新上传。");
        var clear = await desk.Keep("applicant-li", "身份证件（清晰）", SampleFiles.Pdf("clear"));

        await desk.Put(filed, Identity, clear, replaces: first);
        Assert.Equal([clear], await desk.In(filed, Identity));
        Assert.Equal([first], await desk.In(filed, Identity, Reviewer));
        await filed.Supplement(note: "已更换");

        Assert.Equal([clear], await desk.In(filed, Identity, Reviewer));
        Assert.Equal([first], await desk.In(filed, Identity, Reviewer, handIn: 1));
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => desk.Materials(filed, Reviewer, handIn: 3)));
        var handIns = (await desk.Materials(filed, Reviewer)).HandIns;
        Assert.Equal([1, 2], handIns.Select(h => h.Number));
        Assert.NotEqual(handIns[0].Sha256, handIns[1].Sha256);
        var audit = await desk.Desk.Rows($"select details from approvals.audit where case_id = '{filed.Id}' and action in ('case.submitted', 'case.supplemented') order by seq", r => r.GetString(0));
        Assert.All(audit.Zip(handIns), a => Assert.Contains(a.Second.Sha256, a.First, StringComparison.Ordinal));

        await desk.Desk.As(Reviewer).Approve(filed);
        await desk.Desk.As("unit-assets-reviewer-1").Approve(filed);
        // What was reviewed in the first phase stays.
        Assert.Equal([ErrorCodes.WrongState], await FilingDesk.Refused(() => desk.Put(filed, Identity, first)));
        var photo = (await desk.In(filed, "photo"))[0];
        await desk.Remove(filed, "photo", photo);
        Assert.Equal(["materials.photo: material_missing"], await FilingDesk.Refused(() => filed.Supplement(filed.Sample.Phase2!.Value)));
        await desk.Put(filed, "photo", photo);
        await filed.Supplement(filed.Sample.Phase2!.Value);
        Assert.Equal(2, (await desk.In(filed, "work-proof", Reviewer)).Length);
        Assert.Equal([photo], await desk.In(filed, "photo", Reviewer));
    }

    [Fact]
    public async Task Correction_WhenARowNamesAnotherFile_ThenTheFormerIsntFiledAnyMore_R_CASE_3_S1()
    {
        await using var desk = await FilingDesk.OpenAsync();
        var filed = await desk.Desk.SubmittedAsync();
        var before = await desk.In(filed, "experience-proof");
        await desk.Desk.As(Reviewer).Return(filed, "请补盖公章。");

        await filed.Supplement(filed.Sample.Correction!.Data);

        var sealedProof = filed.Sample.Correction.Data.GetProperty("workExperience")[0].GetProperty("proofFile").GetGuid();
        var after = await desk.In(filed, "experience-proof", Reviewer);
        Assert.Equal(2, after.Length);
        Assert.Contains(sealedProof, after);
        Assert.Single(after.Intersect(before));
        Assert.Equal(before.Order(), (await desk.In(filed, "experience-proof", Reviewer, handIn: 1)).Order());
    }

    [Fact]
    public async Task Material_WhenItIsFoundInfectedLater_ThenNobodyGetsItAndItIsReplacedBeforeTheNextHandIn_R_CASE_4()
    {
        await using var desk = await FilingDesk.OpenAsync();
        var card = await desk.Keep("applicant-li", "身份证件", SampleFiles.Pdf("infected"));
        var filed = await desk.Desk.DraftAsync();
        foreach (var other in (await desk.In(filed, Identity)).Where(id => id != card))
            await desk.Remove(filed, Identity, other);
        await filed.Submit();
        await desk.Scanned(card, "found");

        foreach (var user in (string[])[Reviewer, "applicant-li"])
        {
            Assert.Equal([ErrorCodes.WrongState], await FilingDesk.Refused(() => desk.Fetch(filed, user, Identity, card)));
            Assert.Equal("found", Assert.Single((await desk.Materials(filed, user)).Slots.Single(s => s.Slot == Identity).Materials).Problem!.Code);
        }
        await desk.Desk.As(Reviewer).Return(filed, "身份证件未通过病毒扫描，请更换。");
        Assert.Equal(["materials.identity-card: material_found"], await FilingDesk.Refused(() => filed.Supplement()));
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => desk.Put(filed, "declaration", card)));
        await desk.Put(filed, Identity, await desk.Keep("applicant-li", "身份证件（新）", SampleFiles.Pdf("clean")), replaces: card);
        await filed.Supplement();
        Assert.Equal("用人单位审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Submit_WhenAMaterialIsntScanned_ThenItSaysSoAndGoesOnceItIsClean_R_CASE_4()
    {
        await using var desk = await FilingDesk.OpenAsync(scanner: true);
        await desk.Desk.KeepMaterialsAsync(desk.Li);
        await desk.Desk.Execute("update approvals.material_contents set scan = 'clean'");
        var filed = await desk.Desk.DraftAsync();
        var card = await desk.Keep("applicant-li", "身份证件（新）", SampleFiles.Pdf("new"));
        await desk.Put(filed, Identity, card);

        Assert.Equal("unscanned", (await desk.Materials(filed)).Slots.Single(s => s.Slot == Identity).Materials.Single(m => m.Id == card).Problem!.Code);
        Assert.Equal(["materials.identity-card: material_unscanned"], await FilingDesk.Refused(filed.Submit));
        await desk.Fetch(filed, "applicant-li", Identity, card);
        await desk.Scanned(card, "clean");
        await filed.Submit();
        await desk.Fetch(filed, Reviewer, Identity, card);
    }

    /// <summary>What was right when the hand-in was prepared isn't when it commits: the step's own gates see it.</summary>
    [Fact]
    public async Task Submit_WhenSomethingIsFoundOrDeletedAtTheInstantOfTheCommit_ThenTheStepIsRefused_R_CASE_4()
    {
        await using var desk = await FilingDesk.OpenAsync();
        var card = await desk.Keep("applicant-li", "身份证件", SampleFiles.Pdf("card"));
        var late = await desk.Keep("applicant-li", "工作总结", SampleFiles.Pdf("late"));
        var filed = await desk.Desk.DraftAsync();
        var current = await FilingCase.LoadAsync(desk.Desk.Database, desk.Desk.Get<CaseVault>(), filed.Id, default);
        var package = desk.Desk.Content.Services.Single();
        var (write, _) = await desk.Desk.Get<CaseFiling>().HandInAsync(desk.As("applicant-li"), package, current, 1, current.Data(1), changed: false, default);
        var files = await desk.Desk.Get<MaterialCarrier>().FindAsync(desk.As("applicant-li"), "applicant-li", "emp-metro", [late], default);
        Task<StepAnswer> Apply(FilingWrite filing) => desk.Desk.Get<WorkflowRuntime>().ApplyAsync(new StepRequest
        {
            InstanceId = filed.Id, Actor = desk.As("applicant-li").Actor, IfVersion = current.Version,
            Domain = new CaseSubmitted { User = "applicant-li", NumberCode = "ZGZP", Region = "119900", Year = 2026, Filing = filing },
        }, default);

        await desk.Scanned(card, "found");
        Assert.Equal(FilingPart.CleanGate, (await Apply(write)).GateFailed);
        await desk.Scanned(card, "clean");
        await desk.Desk.Get<MaterialLibrary>().DeleteAsync(desk.As("applicant-li"), late, default);
        Assert.Equal(FilingPart.TakenGate, (await Apply(write with { Taken = [new TakenMaterial("other", late, true, files[late])] })).GateFailed);
        Assert.Equal(0L, await desk.Desk.Scalar<long>("select count(*) from approvals.case_handins"));
        // What is in the case stays in it, whatever the library does.
        await desk.Desk.Get<MaterialLibrary>().DeleteAsync(desk.As("applicant-li"), card, default);
        await filed.Submit();
        Assert.Contains(card, await desk.In(filed, Identity, Reviewer));
    }

    [Fact]
    public async Task Submit_WhenTheLibraryIsEmptiedAtTheSameMoment_ThenEachMaterialIsFiledOrTheRefusalSaysWhatIsMissing_R_CASE_4()
    {
        await using var desk = await FilingDesk.OpenAsync();
        for (var turn = 0; turn < 6; turn++)
        {
            var proof = await desk.Keep("applicant-li", $"其他材料 {turn}", SampleFiles.Pdf($"turn {turn}"));
            var filed = await desk.Desk.DraftAsync();
            var put = turn % 2 == 0;
            var changing = put ? Task.Run(() => desk.Put(filed, "honour-certificates", proof)) : Task.Run(filed.Submit);
            await Task.WhenAll(Task.Run(() => desk.Desk.Get<MaterialLibrary>().DeleteAsync(desk.As("applicant-li"), proof, default)), changing.ContinueWith(_ => { }, TaskScheduler.Default));

            var there = await desk.In(filed, "honour-certificates");
            if (!put)
                await changing;
            else if (changing.IsFaulted)
                Assert.Contains(Assert.IsType<WorkflowException>(changing.Exception!.InnerException).Code, (string[])[ErrorCodes.NotFound, ErrorCodes.Conflict]);
            Assert.Equal(put && changing.IsCompletedSuccessfully, there.Contains(proof));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Expert_WhenThePanelIsBlind_ThenOnlyWhatTheServiceShowsThemIsThereAndNamesNobody_R_PAN_3(bool shown)
    {
        await using var panel = await PanelDesk.OpenAsync(PanelDesk.With(("blind", "Boolean", "true")), folder =>
        {
            var path = Path.Combine(folder, "materials.json");
            var list = JsonNode.Parse(File.ReadAllText(path))!;
            list["items"]!.AsArray().Single(i => (string?)i!["key"] == "signed-summary")!["blind"] = shown;
            // Its rows are a personal group: a mark doesn't open it.
            list["items"]!.AsArray().Single(i => (string?)i!["key"] == "experience-proof")!["blind"] = shown;
            File.WriteAllText(path, list.ToJsonString());
        });
        var expert = (await panel.PanelAsync()).Experts![0].Id;
        var reader = panel.Desk.Get<FilingReader>();

        var view = (await reader.MaterialsAsync(panel.Desk.As(expert).Caller, panel.Filed.Id, null, default)).View;

        Assert.Equal((string[])(shown ? ["signed-summary"] : []), view.Slots.Select(s => s.Slot));
        Assert.Equal(shown, view.Slots.Any(s => s.Materials.Count > 0));
        Assert.All(view.Slots.SelectMany(s => s.Materials), m => Assert.Equal("专业工作总结（签字盖章）", m.Name));
        Assert.DoesNotContain("李示例", JsonSerializer.Serialize(view, SerializerOptions), StringComparison.Ordinal);
        var card = (await panel.Desk.Rows($"select material_id from approvals.case_materials where case_id = '{panel.Filed.Id}' and slot = '{Identity}'", r => r.GetGuid(0)))[0];
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => reader.DownloadAsync(panel.Desk.As(expert).Caller, panel.Filed.Id, Identity, card, null, default)));
    }

    [Fact]
    public void Samples_WhenTheirFilesAreMade_ThenEachIsWholeByItsKindAndNoTwoOfAPersonAreAlike_R_CASE_4()
    {
        using var shipped = new Cases.Packages.ShippedContent();
        var package = shipped.Load();

        foreach (var sample in package.Samples)
        {
            var materials = SampleMaterials.Of(package, sample);
            Assert.Equal(sample.Materials.Count, materials.Select(m => m.Hash).Distinct().Count());
            Assert.All(materials, m => Assert.Null(ContentCheck.Of(new MemoryStream(m.Content), new MaterialOptions()).Fault));
        }
    }

    private static readonly JsonSerializerOptions SerializerOptions = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
