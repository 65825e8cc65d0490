using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases.Forms;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Cases;

/// <summary>Cases and their forms: steps saved alone, previews, what stages don't see, and forms that change under way.</summary>
public sealed class FormCaseTests
{
    private const string Applicant = "applicant-li";
    private const string Employer = "emp-metro-reviewer-1";
    private const string Unit = "unit-assets-reviewer-1";

    [Fact]
    public async Task Step_WhenSavedAlone_ThenTheOthersStayAndTheAnswerSaysWhatItLacks_R_CASE_1()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.DraftAsync();
        var before = (await filed.Read()).Data["1"];

        var saved = await Save(desk, filed, "profile", """{ "birthDate": "1990-05-31", "workStart": "1989-01" }""");

        Assert.Equal(["workStart: wrong_order", "position: required", "professionalPost: required", "birthDate: rule"], saved.Errors.Select(e => $"{e.Path}: {e.Code}"));
        Assert.False(saved.Complete);
        var view = await filed.Read();
        Assert.Equal((saved.Version, saved.FormVersion), (view.Version, view.FormVersion));
        var after = view.Data["1"];
        Assert.Equal("1989-01", after.GetProperty("workStart").GetString());
        Assert.False(after.TryGetProperty("position", out _));
        foreach (var field in before.EnumerateObject().Where(f => desk.Content.Get(desk.Service).Form.StepOf(f.Name) != "profile"))
            Assert.True(JsonElement.DeepEquals(field.Value, after.GetProperty(field.Name)), field.Name);

        var whole = JsonSerializer.Serialize(desk.Content.Get(desk.Service).Form.Step("profile")!.Fields.Where(f => before.TryGetProperty(f.Key, out _)).ToDictionary(f => f.Key, f => before.GetProperty(f.Key)));
        Assert.True((await Save(desk, filed, "profile", whole)).Complete);
        await filed.Submit();
    }

    [Theory]
    [InlineData("""{ "name": "李示例" }""", "name: unknown_field")]
    [InlineData("""{ "nosuch": 1, "workStart": 7 }""", "nosuch: unknown_field")]
    [InlineData("""{ "workStart": 7 }""", "workStart: wrong_type")]
    [InlineData("""{ "position": "\ud800" }""", "position: bad_text")]
    [InlineData("""{ "position": "甲", "position": "乙" }""", "position: duplicate_field")]
    [InlineData("""[]""", ": not_an_object")]
    public async Task Step_WhenItHoldsWhatCannotBeKept_ThenItIsRefusedByFieldAndNothingIsSaved_R_CASE_1(string data, string error)
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.DraftAsync();
        var version = (await filed.Read()).Version;

        Assert.Equal([error], await Refused(() => Save(desk, filed, "profile", data)));
        Assert.Equal(["not_found"], await Refused(() => Save(desk, filed, "nosuch", "{}")));
        Assert.Equal(["forbidden"], await Refused(() => desk.Get<CaseCommands>().SaveStepAsync(desk.As("applicant-wang").Caller, filed.Id, "profile", FormText.Json("{}"), null, null, default)));
        Assert.Equal(["wrong_state"], await Refused(() => Save(desk, filed, "summary", "{}")));
        Assert.Equal(["precondition_failed"], await Refused(() => desk.Get<CaseCommands>().SaveStepAsync(desk.As(Applicant).Caller, filed.Id, "profile", FormText.Json("{}"), null, version + 5, default)));
        Assert.Equal(version, (await filed.Read()).Version);
    }

    [Fact]
    public async Task Steps_WhenManyTabsSaveDifferentOnesAtOnce_ThenNoneLosesAnothers_R_CASE_1()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.DraftAsync();
        string Reason(int i) => $$"""{ "examExempt": false, "applicationReason": "第{{i}}次填写的申请原因，不少于十个字" }""";
        string Profile(int i) => $$"""{ "birthDate": "1986-02-14", "workStart": "2010-07", "position": "职务{{i}}", "professionalPost": "无" }""";

        for (var round = 0; round < 5; round++)
        {
            var at = round;
            await Task.WhenAll(Again(() => Save(desk, filed, "profile", Profile(at))), Again(() => Save(desk, filed, "preview", Reason(at))), Again(() => Save(desk, filed, "requirements", """{ "titleApplied": "senior", "declarationConfirmed": true }""")));
            var data = (await filed.Read()).Data["1"];
            Assert.Equal(($"职务{at}", $"第{at}次填写的申请原因，不少于十个字", "李示例"), (data.GetProperty("position").GetString(), data.GetProperty("applicationReason").GetString(), data.GetProperty("name").GetString()));
        }

        // A client sends again what was overtaken too often.
        static async Task Again(Func<Task> save)
        {
            for (var attempt = 0; ; attempt++)
                try
                {
                    await save();
                    return;
                }
                catch (WorkflowException e) when (e.Code is ErrorCodes.PreconditionFailed or ErrorCodes.Busy && attempt < 20)
                {
                    continue;
                }
        }
    }

    [Fact]
    public async Task Preview_WhenReadByTheApplicant_ThenItSaysInWordsWhatIsThereAndWhatIsMissing_R_CASE_1()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.DraftAsync();
        await Save(desk, filed, "education", """{ "education": [ { "kind": "fullTime", "graduatedOn": "2008-07", "level": "30", "degree": "3" } ] }""");
        var reader = desk.Get<PreviewReader>();

        var preview = await reader.ReadAsync(desk.As(Applicant).Caller, filed.Id, null, default);

        Assert.Equal(["requirements", "basics", "profile", "education", "experience", "preview"], preview.Steps.Select(s => s.Key));
        Assert.Equal(new PreviewProgress(5, 6), preview.Progress);
        Assert.False(preview.FormChanged);
        var basics = preview.Steps[1].Fields.ToDictionary(f => f.Key);
        Assert.Equal(("汉族", "Han", "01"), (basics["ethnicity"].TextZh, basics["ethnicity"].TextEn, basics["ethnicity"].Value!.Value.GetString()));
        Assert.Equal(("choice", "民族"), (basics["ethnicity"].Type, basics["ethnicity"].Zh));
        var education = preview.Steps[3];
        Assert.Equal("partial", education.State);
        Assert.Equal(["education[0].school: 请填写“毕业院校”", "education[0].major: 请填写“所学专业”"], education.Missing.Select(e => $"{e.Path}: {e.Zh}"));
        Assert.Equal(["全日制教育", "2008年7月", "大学本科", "学士"], education.Fields.Single().Rows!.Single().Select(f => f.TextZh));
        Assert.Contains(preview.Materials, m => m is { Slot: "identity-card", Required: true, Files: 1, Errors: [] });
        await Assert.ThrowsAsync<WorkflowException>(() => reader.ReadAsync(desk.As(Employer).Caller, filed.Id, null, default));

        await Save(desk, filed, "education", """{ "education": [ { "kind": "fullTime", "graduatedOn": "2008-07", "school": "示例大学", "major": "哲学", "level": "30", "degree": "3" } ] }""");
        await filed.Submit();
        var shown = await reader.ReadAsync(desk.As(Employer).Caller, filed.Id, null, default);
        Assert.Null(shown.Progress);
        Assert.All(shown.Steps, s => Assert.Empty(s.Missing));
        // Nothing to do in it yet: masked, as the case itself is.
        var masked = await reader.ReadAsync(desk.As(Unit).Caller, filed.Id, null, default);
        var phone = masked.Steps.SelectMany(s => s.Fields).Single(f => f.Key == "phone");
        Assert.Contains('*', phone.TextZh!);
        Assert.DoesNotContain(filed.Sample.Phase1.GetProperty("phone").GetString()!, JsonSerializer.Serialize(masked), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Field_WhenHiddenFromAStage_ThenItsPeopleNeverGetItAndOthersDo_R_CASE_2()
    {
        await using var desk = await CaseDesk.OpenAsync(prepare: Changed(form =>
        {
            Field(form, "applicationReason")["hiddenFrom"] = new JsonArray("unit-review");
            Step(form, "experience")["hiddenFrom"] = new JsonArray("unit-review");
        }));
        var filed = await desk.SubmittedAsync();
        // Who decides in place of one of them, from another office.
        const string Delegate = "unit-health-reviewer-1";
        await desk.Get<DelegationCommands>().CreateAsync(desk.As(Unit).Caller, new NewDelegation { Delegate = Delegate, Until = desk.Now.AddDays(30) }, null, default);

        foreach (var decided in (bool[])[false, true])
        {
            Assert.True(Sees(await filed.Read(), "applicationReason") && Sees(await filed.Read(), "workExperience"));
            Assert.True(Sees(await filed.Read(desk.As(Employer)), "applicationReason"));
            foreach (var field in (string[])["applicationReason", "workExperience"])
            {
                Assert.False(Sees(await filed.Read(desk.As(Unit)), field));
                Assert.DoesNotContain((await desk.Get<PreviewReader>().ReadAsync(desk.As(Unit).Caller, filed.Id, null, default)).Steps.SelectMany(s => s.Fields), f => f.Key == field);
            }
            // The material that a hidden field names is hidden with it.
            Assert.Equal((true, false), (await Slot(Employer), await Slot(Unit)));
            if (!decided)
            {
                await desk.As(Employer).Approve(filed);
                var shown = await filed.Read(desk.As(Delegate));
                Assert.True(Sees(shown, "name") && !Sees(shown, "applicationReason") && !Sees(shown, "workExperience"));
                Assert.False(await Slot(Delegate));
                await desk.As(Unit).Approve(filed);
            }
        }

        static bool Sees(CaseView view, string field) => view.Data["1"].TryGetProperty(field, out _);
        async Task<bool> Slot(string user) => (await desk.Get<Approvals.Filings.FilingReader>().MaterialsAsync(desk.As(user).Caller, filed.Id, null, default)).View.Slots.Any(s => s.Slot == "experience-proof");
    }

    [Fact]
    public async Task Draft_WhenTheFormHasChanged_ThenItIsKeptAndRefusedUntilItIsSavedAgain_R_CASE_2()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.DraftAsync();
        foreach (var open in (await desk.Get<Approvals.Filings.FilingReader>().ConfirmationsAsync(desk.As(Applicant).Caller, filed.Id, default)).View)
            await desk.Get<Approvals.Filings.FilingCommands>().ConfirmAsync(desk.As(Applicant).Caller, filed.Id, open.Key, null, null, null, default);
        var old = (await filed.Read()).FormVersion!;
        using var node = await desk.AnotherAsync(folder => Changed(form =>
        {
            Remove(form, "academicBodies");
            Field(form, "position")["key"] = "post";
        })(Path.Combine(folder, desk.Service)));
        var (commands, reader) = (node.Services.GetRequiredService<CaseCommands>(), node.Services.GetRequiredService<CaseReader>());
        var now = node.Services.GetRequiredService<ApprovalContent>().Get(desk.Service).Form.Version;
        Assert.NotEqual(old, now);
        var caller = desk.As(Applicant).Caller;

        var refusal = await Assert.ThrowsAsync<WorkflowException>(() => commands.SubmitAsync(caller, filed.Id, null, null, default));

        Assert.Equal((ErrorCodes.FormChanged, (object)now), (refusal.Code, refusal.Facts["formVersion"]));
        Assert.Contains("表单已更新", refusal.MessageZh, StringComparison.Ordinal);
        Assert.Contains("post: required", Paths(refusal));
        Assert.Contains("position: unknown_field", Paths(refusal));
        var kept = await reader.ReadAsync(caller, filed.Id, default);
        Assert.Equal(("draft", old), (kept.Status.Code, kept.FormVersion));
        Assert.True(JsonElement.DeepEquals(filed.Sample.Phase1.GetProperty("position"), kept.Data["1"].GetProperty("position")));
        Assert.True((await node.Services.GetRequiredService<PreviewReader>().ReadAsync(caller, filed.Id, null, default)).FormChanged);

        // One step alone: only by who knows which form it is now.
        const string Profile = """{ "birthDate": "1986-02-14", "workStart": "2010-07", "post": "工会主席", "professionalPost": "无" }""";
        Assert.Contains("post: required", await Refused(() => commands.SaveStepAsync(caller, filed.Id, "profile", FormText.Json(Profile), null, null, default)));
        Assert.Contains("post: required", await Refused(() => commands.SaveStepAsync(caller, filed.Id, "profile", FormText.Json(Profile), old, null, default)));
        Assert.Equal(ErrorCodes.FormChanged, (await Assert.ThrowsAsync<WorkflowException>(() => commands.SaveAsync(caller, filed.Id, 1, filed.Sample.Phase1, null, default, old))).Code);
        Assert.True((await commands.SaveStepAsync(caller, filed.Id, "profile", FormText.Json(Profile), now, null, default)).Complete);
        await commands.SubmitAsync(caller, filed.Id, null, null, default);
        var submitted = await reader.ReadAsync(caller, filed.Id, default);
        Assert.Equal(("工会主席", now), (submitted.Data["1"].GetProperty("post").GetString(), submitted.FormVersion));
        Assert.False(submitted.Data["1"].TryGetProperty("position", out _));
    }

    [Fact]
    public async Task Case_WhenTheFormChangesAfterItWasFiled_ThenItIsCheckedAndShownByItsOwn_R_CASE_2()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        var old = (await filed.Read()).FormVersion!;
        await desk.As(Employer).Return(filed, "申请原因请写得更具体");
        // The phone isn't known to the new form, and a field is new: by that form it would be shown in clear, and the correction refused.
        using var node = await desk.AnotherAsync(folder => Changed(form =>
        {
            Remove(form, "phone");
            Field(form, "position")["key"] = "post";
            Field(form, "workSummary")["minLength"] = 2000;
        })(Path.Combine(folder, desk.Service)));
        var (commands, reader, caller) = (node.Services.GetRequiredService<CaseCommands>(), node.Services.GetRequiredService<CaseReader>(), desk.As(Applicant).Caller);

        Assert.Contains('*', (await reader.ReadAsync(desk.As(Unit).Caller, filed.Id, default)).Data["1"].GetProperty("phone").GetString()!);
        Assert.Equal(["applicationReason: too_short"], await Refused(() => commands.SupplementAsync(caller, filed.Id, FormText.Json("""{ "applicationReason": "短" }"""), null, null, null, default)));
        Assert.Equal(["post: unknown_field"], await Refused(() => commands.SaveStepAsync(caller, filed.Id, "profile", FormText.Json("""{ "post": "甲" }"""), null, null, default)));
        await commands.SupplementAsync(caller, filed.Id, FormText.Json("""{ "applicationReason": "任现职以来主持党建与宣传工作，成效明显" }"""), null, null, null, default);
        Assert.Equal(old, (await reader.ReadAsync(caller, filed.Id, default)).FormVersion);

        await desk.As(Employer).Approve(filed);
        await desk.As(Unit).Approve(filed);
        await commands.SupplementAsync(caller, filed.Id, filed.Sample.Phase2!.Value, null, null, null, default);
        Assert.Equal([old, old], await desk.Rows("select form_version from approvals.case_data order by phase", r => r.GetString(0)));
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from approvals.form_versions"));

        await desk.Execute("delete from approvals.form_versions");
        using var third = await desk.AnotherAsync(folder => Changed(form => Remove(form, "phone"))(Path.Combine(folder, desk.Service)));
        Assert.Equal(ErrorCodes.Unavailable, (await Assert.ThrowsAsync<WorkflowException>(() => third.Services.GetRequiredService<CaseReader>().ReadAsync(desk.As(Unit).Caller, filed.Id, default))).Code);
    }

    [Fact]
    public async Task Draft_WhenItHasACodeThatIsNoLongerOffered_ThenItIsStillHandedIn_R_CASE_2()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.DraftAsync();
        var data = JsonObject.Create(filed.Sample.Phase1)!;
        data["ethnicity"] = "99";
        Assert.Equal(["ethnicity: not_offered"], await Refused(() => desk.Get<CaseCommands>().SaveAsync(desk.As(Applicant).Caller, filed.Id, 1, JsonSerializer.SerializeToElement(data), null, default)));

        // As a draft of the time before has it: the field is sealed, so it is put where the row of an earlier release has it.
        await desk.Execute($$"""update approvals.case_data set data = data || '{"ethnicity":"99"}', form_version = null where case_id = '{{filed.Id}}'""");
        Assert.True((await Save(desk, filed, "basics", JsonSerializer.Serialize(desk.Content.Get(desk.Service).Form.Step("basics")!.Fields.Where(f => data.ContainsKey(f.Key)).ToDictionary(f => f.Key, f => data[f.Key])))).Complete);
        await filed.Submit();
    }

    private static Task<StepSaved> Save(CaseDesk desk, FiledCase filed, string step, string data) =>
        desk.Get<CaseCommands>().SaveStepAsync(desk.As(Applicant).Caller, filed.Id, step, FormText.Json(data), null, null, default);

    private static async Task<string[]> Refused(Func<Task> act) => Paths(await Assert.ThrowsAsync<WorkflowException>(act));

    private static string[] Paths(WorkflowException refusal) => refusal.Facts.GetValueOrDefault("errors") is IReadOnlyList<FormError> errors ? [.. errors.Select(e => $"{e.Path}: {e.Code}")] : [refusal.Code];

    /// <summary>Changes form.json in the folder of the service.</summary>
    private static Action<string> Changed(Action<JsonObject> change) => folder =>
    {
        var path = Path.Combine(folder, "form.json");
        var form = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(form);
        File.WriteAllText(path, form.ToJsonString());
    };

    private static JsonObject Step(JsonObject form, string key) => form["steps"]!.AsArray().Single(s => (string?)s!["key"] == key)!.AsObject();

    private static JsonObject Field(JsonObject form, string key) => form["steps"]!.AsArray().SelectMany(s => s!["fields"]!.AsArray()).Single(f => (string?)f!["key"] == key)!.AsObject();

    private static void Remove(JsonObject form, string key)
    {
        var field = Field(form, key);
        Assert.True(field.Parent!.AsArray().Remove(field));
    }
}
