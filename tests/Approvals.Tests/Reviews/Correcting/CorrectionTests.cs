using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Correcting;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Reviews.Correcting;

/// <summary>补正 with what to correct (R-REV-2, R-REV-3).</summary>
public sealed class CorrectionTests : IAsyncLifetime
{
    private const string First = "unit-assets-reviewer-1";
    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private CaseDesk desk = null!;

    public async Task InitializeAsync() => desk = await CaseDesk.OpenServiceAsync(ServiceFolders.All["intake-rounds"]);

    public async Task DisposeAsync() => await desk.DisposeAsync();

    [Fact]
    public async Task Return_WhenItSaysWhatToCorrect_ThenViewTaskAndMessageSayIt_R_REV_3()
    {
        var filed = await desk.SubmittedAsync();

        await ReturnAsync(filed, null, new("school", null, "请填写学校全称"), new("work[0].from", null, "与社保记录不符"), new(null, "certificate", "缺少学位证书"));

        var asked = (await filed.Read()).Corrections!;
        Assert.False(asked.OnlyThese);
        Assert.Equal([("school", null, "毕业院校", "请填写学校全称"), ("work[0].from", null, "工作经历第1条·起始年月", "与社保记录不符"), (null, "certificate", "学历学位证书", "缺少学位证书")],
            asked.Items.Select(i => (i.Field, i.Material, i.Zh, i.Note)));
        var task = await desk.Get<TaskReader>().ReadAsync(filed.Applicant.Caller, (await filed.Waiting()).TaskId, default);
        Assert.Equal(asked.Items, task.Corrections!.Items);
        await filed.Told();
        Assert.Contains(desk.Sent, m => m.Channel == "email" && m.Text.Contains("补正内容：“毕业院校”：请填写学校全称；“工作经历第1条·起始年月”：与社保记录不符", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Task_WhenTheFormHasChangedSinceTheCaseWasFiled_ThenWhatToCorrectIsNamedAsTheCasesOwnFormDoes_R_REV_3_R_CASE_2()
    {
        var filed = await desk.SubmittedAsync();
        await ReturnAsync(filed, null, new Correction("school", null, "请填写学校全称"));
        using var node = await desk.AnotherAsync(folder =>
        {
            var file = Path.Combine(folder, desk.Service, "form.json");
            File.WriteAllText(file, File.ReadAllText(file).Replace("毕业院校", "最高学历毕业院校", StringComparison.Ordinal));
        });
        var (shipped, reader) = (node.Services.GetRequiredService<ApprovalContent>().Get(desk.Service).Form, node.Services.GetRequiredService<TaskReader>());
        Assert.Equal("最高学历毕业院校", shipped.Field("school")!.Zh);

        var task = await reader.ReadAsync(filed.Applicant.Caller, (await filed.Waiting()).TaskId, default);
        var listed = (await reader.ListAsync(filed.Applicant.Caller, TaskScopes.Mine, null, 20, default)).Items;
        var inbox = (await reader.InboxAsync(filed.Applicant.Caller, TaskScopes.Mine, null, 20, default)).Items;

        Assert.Equal("毕业院校", Assert.Single(task.Corrections!.Items).Zh);
        Assert.All([listed, inbox], tasks => Assert.Equal("毕业院校", Assert.Single(Assert.Single(tasks).Corrections!.Items).Zh));
    }

    [Fact]
    public async Task Correction_WhenOnlyWhatIsNamedMayChange_ThenEverythingElseIsRefusedByName_R_REV_3()
    {
        var filed = await desk.SubmittedAsync();
        await ReturnAsync(filed, true, new("school", null, "请填写学校全称"), new(null, "certificate", "请换成清晰的"));
        var data = (await filed.Read()).Data["1"];
        var commands = desk.Get<CaseCommands>();

        var handedIn = await Assert.ThrowsAsync<WorkflowException>(() => filed.Supplement(Json(new { school = "示例城市学院（本科）", phone = "19900000099" })));
        var saved = await Assert.ThrowsAsync<WorkflowException>(() => commands.SaveAsync(filed.Applicant.Caller, filed.Id, 1, With(data, "post", "engineer"), null, default));
        var dropped = await Assert.ThrowsAsync<WorkflowException>(() => commands.SaveAsync(filed.Applicant.Caller, filed.Id, 1, Json(new { school = "x" }), null, default));
        var resume = await MaterialAsync(filed, "resume");
        var taken = await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<FilingCommands>().RemoveAsync(filed.Applicant.Caller, filed.Id, "resume", resume, null, default));

        Assert.Equal([("phone", FormErrorCodes.NotAsked, "“联系电话”不在本次补正内容之内，不能修改")], Errors(handedIn).Select(e => (e.Path, e.Code, e.Zh)));
        Assert.Equal(["post"], Errors(saved).Select(e => e.Path));
        Assert.Equal(["declarationConfirmed", "name", "phone", "post", "residentId", "work"], Errors(dropped).Select(e => e.Path).Order(StringComparer.Ordinal));
        Assert.Equal([("materials.resume", FormErrorCodes.NotAsked)], Errors(taken).Select(e => (e.Path, e.Code)));
        await desk.Get<FilingCommands>().RemoveAsync(filed.Applicant.Caller, filed.Id, "certificate", await MaterialAsync(filed, "certificate"), null, default);
        Assert.Equal(["materials.certificate"], Errors(await Assert.ThrowsAsync<WorkflowException>(() => filed.Supplement(Json(new { school = "示例城市学院（本科）" })))).Select(e => e.Path));
        await desk.Get<FilingCommands>().PutAsync(filed.Applicant.Caller, filed.Id, "certificate", await desk.Scalar<Guid>("select id from approvals.materials where name = '学历学位证书' limit 1"), null, null, default);
        await filed.Supplement(Json(new { school = "示例城市学院（本科）" }));
        Assert.Equal("待审核", await filed.Status());
        Assert.Null((await filed.Read()).Corrections);
    }

    [Fact]
    public async Task Correction_WhenHandedIn_ThenTheReviewerSeesWhatChangedMaskedWhereDataIs_R_REV_3()
    {
        var filed = await desk.SubmittedAsync();
        Assert.Null((await Changes(filed)).HandedInAt);
        await ReturnAsync(filed, false, new Correction("school", null, "请填写学校全称"));
        await desk.AdvanceTo("2026-09-22 10:00");
        var data = (await filed.Read()).Data["1"];
        // Saved on the way, and then something else: what counts is what it said when it was returned.
        await desk.Get<CaseCommands>().SaveAsync(filed.Applicant.Caller, filed.Id, 1, With(data, "school", "第一稿"), null, default);
        Assert.Null((await Changes(filed)).HandedInAt);

        await filed.Supplement(Json(new { school = "示例城市学院（本科）", phone = "19900000099", work = new object[] { new { employer = "示例市规划院", from = "2013-01" }, new { employer = "示例市设计院", from = "2015-03" } } }));

        var changes = await Changes(filed);
        Assert.Equal(CaseDesk.Local("2026-09-22 10:00"), changes.HandedInAt);
        Assert.Equal("毕业院校", Assert.Single(changes.Asked!.Items).Zh);
        Assert.Equal(
            [("phone", "\"199****0054\"", "\"199****0099\""), ("school", "\"示例城市学院\"", "\"示例城市学院（本科）\""), ("work[0].from", "\"2012-07\"", "\"2013-01\""), ("work[1]", null, """{"employer":"示例市设计院","from":"2015-03"}""")],
            changes.Fields.Select(f => (f.Path, Text(f.Old), Text(f.New))));
        // While the next correction is under way, the last one is what was handed in.
        await ReturnAsync(filed, false, new Correction("school", null, "仍不是全称"));
        await desk.AdvanceTo("2026-09-23 10:00");
        await desk.Get<CaseCommands>().SaveAsync(filed.Applicant.Caller, filed.Id, 1, With((await filed.Read()).Data["1"], "school", "草稿"), null, default);
        Assert.Equal("\"示例城市学院（本科）\"", Text((await Changes(filed)).Fields.Single(f => f.Path == "school").New));
        Assert.Equal("仍不是全称", Assert.Single((await filed.Read()).Corrections!.Items).Note);
        await filed.Supplement(Json(new { school = "示例城市学院本科部" }));
        Assert.Equal([("school", "\"示例城市学院（本科）\"", "\"示例城市学院本科部\"")], (await Changes(filed)).Fields.Select(f => (f.Path, Text(f.Old), Text(f.New))));
        // What was said before is personal too.
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.case_data_before where data::text like '%19900000054%'"));
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
    }

    [Fact]
    public async Task Return_WhenWhatItAsksForIsWrong_ThenItIsRefusedAndNothingIsDecided()
    {
        var filed = await desk.SubmittedAsync();
        async Task<WorkflowException> Refused(string outcome, bool? only, params Correction[] items) => await Assert.ThrowsAsync<WorkflowException>(() => DecideAsync(filed, outcome, only, items));

        Assert.Equal(["corrections[0].field", "corrections[1].material", "corrections[2]", "corrections[3]", "corrections[4].note", "corrections[5].field"], Errors(await Refused("return", null,
            new("no", null, "x"), new(null, "no", "x"), new(null, null, "x"), new("school", "certificate", "x"), new("phone", null, " "), new("work[0].no", null, "x"))).Select(e => e.Path));
        Assert.Equal(["corrections"], Errors(await Refused("return", null, new("school", null, "a"), new("school", null, "b"))).Select(e => e.Path));
        Assert.Equal(["corrections"], Errors(await Refused("return", null, [.. Enumerable.Range(0, 51).Select(i => new Correction($"work[{i}]", null, "x"))])).Select(e => e.Path));
        Assert.Equal(["corrections[0]"], Errors(await Refused("return", null, [null!])).Select(e => e.Path));
        Assert.Equal(ErrorCodes.InvalidRequest, (await Refused("approve", null, new Correction("school", null, "x"))).Code);
        Assert.Equal(ErrorCodes.InvalidRequest, (await Refused("return", true)).Code);
        Assert.Equal("待审核", await filed.Status());
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.corrections"));
    }

    [Fact]
    public async Task Stage_WhenItLetsOnlyWhatIsNamedChange_ThenAReturnNamesItUnlessTheReviewerSaysOtherwise_R_REV_3()
    {
        await using var strict = await CaseDesk.OpenAsync(prepare: folder =>
        {
            var path = Path.Combine(folder, "service.json");
            var service = JsonNode.Parse(File.ReadAllText(path))!;
            service["phases"]![0]!["stages"]![0]!["onlyCorrections"] = true;
            File.WriteAllText(path, service.ToJsonString());
        });
        var filed = await strict.SubmittedAsync();
        var (commands, reviewer) = (strict.Get<TaskCommands>(), strict.As("emp-metro-reviewer-1").Caller);
        var task = (await filed.Waiting()).TaskId;

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => commands.DecideAsync(reviewer, task, "return", "请补正", null, null, default));
        await commands.DecideAsync(reviewer, task, new DecideTask { Outcome = "return", Opinion = "请补正", Corrections = [new("phone", null, "号码有误")] }, null, null, default);

        Assert.Equal(ErrorCodes.InvalidRequest, refused.Code);
        Assert.True((await filed.Read()).Corrections!.OnlyThese);
        await strict.AdvanceTo("2026-09-22 10:00");
        await filed.Supplement();
        await commands.DecideAsync(reviewer, (await filed.Waiting()).TaskId, new DecideTask { Outcome = "return", Opinion = "请补正", OnlyCorrections = false }, null, null, default);
        Assert.Null((await filed.Read()).Corrections);
    }

    [Fact]
    public void Changes_WhateverTheDataIs_ThenThereAreNoneOnlyWhereItIsTheSame()
    {
        var form = desk.Content.Services.Single().Form;
        string[] values = ["null", "\"甲\"", "\"乙\"", "[]", """[{"employer":"甲"}]""", """[{"employer":"甲","from":"2012-07"}]""", """[{"employer":"乙"},{"employer":"丙"}]""", "[1]", "{}", "true", "\"19900000054\"", "\"19900010054\""];
        string[] names = ["name", "phone", "work", "school"];
        var one = FsCheck.Fluent.Gen.ArrayOf(FsCheck.Fluent.Gen.Choose(0, values.Length - 1), names.Length);

        Property.Holds(FsCheck.Fluent.Gen.Two(one), pair =>
        {
            var (before, after) = (Of(pair.Item1), Of(pair.Item2));
            var changes = CaseChangeReader.Of(form, before, after).ToArray();
            var different = names.Where(n => !JsonElement.DeepEquals(before.GetProperty(n), after.GetProperty(n))).ToHashSet();
            Assert.Equal(different, changes.Select(c => c.Path.Split('[')[0]).ToHashSet());
            Assert.Equal(changes.Select(c => c.Path).Distinct(), changes.Select(c => c.Path));
        });

        JsonElement Of(int[] picks) => JsonSerializer.Deserialize<JsonElement>($"{{{string.Join(',', names.Select((n, i) => $"\"{n}\":{values[picks[i]]}"))}}}");
    }

    private Task ReturnAsync(FiledCase filed, bool? only, params Correction[] items) => DecideAsync(filed, "return", only, items);

    private async Task DecideAsync(FiledCase filed, string outcome, bool? only, params Correction[] items) => await desk.Get<TaskCommands>().DecideAsync(desk.As(First).Caller, (await filed.Waiting()).TaskId,
        new DecideTask { Outcome = outcome, Opinion = "请按要求补正", Corrections = items, OnlyCorrections = only }, null, null, default);

    private Task<CaseChanges> Changes(FiledCase filed) => desk.Get<CaseChangeReader>().ReadAsync(desk.As(First).Caller, filed.Id, null, default);

    private Task<Guid> MaterialAsync(FiledCase filed, string slot) => desk.Scalar<Guid>($"select material_id from approvals.case_materials where case_id = '{filed.Id}' and slot = '{slot}' and removed_seq is null");

    private static IReadOnlyList<FormError> Errors(WorkflowException refused) => Assert.IsAssignableFrom<IReadOnlyList<FormError>>(refused.Facts["errors"]);

    private static JsonElement Json(object data) => JsonSerializer.SerializeToElement(data);

    private static JsonElement With(JsonElement data, string field, string value)
    {
        var fields = JsonObject.Create(data)!;
        fields[field] = value;
        return JsonSerializer.SerializeToElement(fields);
    }

    private static string? Text(JsonElement? value) => value is { } v ? JsonSerializer.Serialize(v, Plain) : null;
}
