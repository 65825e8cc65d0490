using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Correcting;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Letters;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Tests.Reviews.Correcting;

/// <summary>What a correction has changed, who may touch it, and by which form it is read (R-REV-3, R-CASE-3, R-CASE-9). Two phases.</summary>
public sealed class CorrectionChangesTests : IAsyncLifetime
{
    private const string Employer = "emp-metro-reviewer-1", Unit = "unit-assets-reviewer-1", Card = "identity-card";
    private CaseDesk desk = null!;

    public async Task InitializeAsync() => desk = await CaseDesk.OpenAsync();

    public async Task DisposeAsync() => await desk.DisposeAsync();

    [Fact]
    public async Task Changes_WhenSomethingElseWasHandedInSince_ThenTheyAreStillThoseOfTheCorrection_R_REV_3_R_CASE_3()
    {
        var filed = await desk.SubmittedAsync();
        await ReturnAsync(filed, Employer);
        var (old, other) = (await MaterialAsync(filed, Card), await MaterialAsync(filed, "degree-certificate"));
        await desk.Get<FilingCommands>().PutAsync(filed.Applicant.Caller, filed.Id, Card, other.Id, old.Id, null, default);
        await filed.Supplement(Json(new { phone = "19900000099" }));
        await Check();

        // The materials of the second phase are handed in, and are no correction.
        await desk.As(Employer).Approve(filed);
        await desk.As(Unit).Approve(filed);
        await filed.Supplement(filed.Sample.Phase2!.Value);
        await Check();

        async Task Check()
        {
            var changes = await Changes(filed);
            Assert.Equal(["phone"], changes.Fields.Select(f => f.Path));
            var material = Assert.Single(changes.Materials);
            Assert.Equal((Card, other.Name, old.Name), (material.Slot, Assert.Single(material.Added), Assert.Single(material.Removed)));
        }
    }

    [Fact]
    public async Task Changes_WhenAskedOfAnEarlierCorrection_ThenTheyEndWithItsOwnHandIn_R_REV_3()
    {
        var filed = await desk.SubmittedAsync();
        var first = await ReturnAsync(filed, Employer, new Correction("phone", null, "号码有误"));
        await desk.Get<CaseCommands>().SaveAsync(filed.Applicant.Caller, filed.Id, 1, With(filed, "phone", "19900000011"), null, default);
        var opened = await Changes(filed, first);
        Assert.Equal((null, "phone", 0), (opened.HandedInAt, Assert.Single(opened.Asked!.Items).Field, opened.Fields.Count));
        Assert.Null((await Changes(filed)).TaskId);
        await filed.Supplement(Json(new { phone = "19900000022" }));
        var correction = (await Changes(filed)).TaskId!.Value;
        // A return that changes nothing, and one that changes it again, on the way too.
        await ReturnAsync(filed, Employer);
        await filed.Supplement();
        Assert.Empty((await Changes(filed)).Fields);
        await ReturnAsync(filed, Employer, new Correction("phone", null, "仍有误"));
        await desk.Get<CaseCommands>().SaveAsync(filed.Applicant.Caller, filed.Id, 1, With(filed, "phone", "19900000033"), null, default);
        Assert.Equal([("19900000054", "19900000022")], Own(await Changes(filed, first)));
        await filed.Supplement(Json(new { phone = "19900000044" }));

        Assert.Equal([("19900000022", "19900000044")], Own(await Changes(filed)));
        Assert.Equal([("19900000054", "19900000022")], Own(await Changes(filed, first)));
        Assert.Equal((correction, "号码有误"), await Changes(filed, correction) is var again ? (again.TaskId!.Value, Assert.Single(again.Asked!.Items).Note) : default);
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => Changes(filed, (Guid?)filed.Id))).Code);
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<CaseChangeReader>().ReadAsync(desk.As("applicant-wang").Caller, filed.Id, first, default))).Code);
        // What was said before stays sealed, under another key too.
        await desk.Get<DataKeys>().RotateAsync(default);
        await desk.Get<Reencryption>().RunAsync(default);
        Assert.Equal([("19900000054", "19900000022")], Own(await Changes(filed, first)));
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.case_data_before where data::text like '%1990000%'"));

        static IEnumerable<(string?, string?)> Own(CaseChanges changes) => changes.Fields.Select(f => (Full(f.Old), Full(f.New)));
        // Shown masked: 199****0054.
        static string? Full(JsonElement? shown) => shown?.GetString()?.Replace("****", "0000", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Form_WhenAStrangerSavesOrHandsIn_ThenTheyAreForbiddenBeforeAnythingIsChecked_R_CASE_9()
    {
        var commands = desk.Get<CaseCommands>();
        var draft = await desk.DraftAsync();
        var reviewed = await desk.SubmittedAsync();
        var returned = await desk.SubmittedAsync();
        await ReturnAsync(returned, Employer, new Correction("phone", null, "号码有误"));
        foreach (var filed in (FiledCase[])[draft, reviewed, returned])
            foreach (var user in (string[])["applicant-wang", "emp-water-handler", Unit, Employer])
            {
                var caller = desk.As(user).Caller;
                // Each of them would be told of the form, its version, its steps or the data, were they the applicant.
                foreach (var data in (string[])["""{ "phone": "1", "nosuch": true, "name": "别人" }""", "[]", "{}", """{ "phone": "\ud800" }"""])
                    foreach (var act in (Func<Task>[])[() => commands.SaveAsync(caller, filed.Id, 1, Parse(data), null, default, "0000"), () => commands.SaveAsync(caller, filed.Id, 2, Parse(data), null, default),
                        () => commands.SaveStepAsync(caller, filed.Id, "nosuch", Parse(data), "0000", null, default), () => commands.SaveStepAsync(caller, filed.Id, "basics", Parse(data), null, null, default),
                        () => commands.SupplementAsync(caller, filed.Id, Parse(data), null, null, null, default),
                        () => commands.SupplementAsync(caller, filed.Id, Parse(data), null, filed == returned ? new Idempotency("key:test", $"stranger-{user}", [1]) : null, null, default)])
                    {
                        var refused = await Assert.ThrowsAsync<WorkflowException>(act);
                        Assert.Equal(ErrorCodes.Forbidden, refused.Code);
                        Assert.DoesNotContain("errors", refused.Facts.Keys);
                    }
            }
        Assert.Equal("待补正", await returned.Status());
    }

    [Fact]
    public async Task Form_WhenItHasChangedSinceTheFiling_ThenChangesAndLettersSpeakByTheCasesOwn_R_CASE_9_R_DOC_1()
    {
        var filed = await desk.SubmittedAsync();
        await ReturnAsync(filed, Employer, new Correction("workExperience[1].post", null, "与任职文件不符"));
        var work = JsonNode.Parse(filed.Sample.Phase1.GetProperty("workExperience").GetRawText())!.AsArray();
        work[1]!["post"] = "副主任";
        await filed.Supplement(Json(new { workExperience = work, phone = "19900000099" }));
        await desk.As(Employer).Approve(filed);
        await desk.As(Unit).Approve(filed);
        using var node = await desk.AnotherAsync(folder =>
        {
            var path = Path.Combine(folder, desk.Service, "form.json");
            var form = JsonNode.Parse(File.ReadAllText(path))!;
            foreach (var title in form["codeTables"]!["titles"]!.AsArray())
                title!["zh"] = "已改名的职称";
            var fields = form["steps"]!.AsArray().SelectMany(s => s!["fields"]!.AsArray()).ToArray();
            fields.Single(f => (string?)f!["key"] == "workExperience")!["zh"] = "已改名的经历";
            // By the new form it would be shown in clear.
            var phone = fields.Single(f => (string?)f!["key"] == "phone")!;
            (phone["type"], phone["maxLength"]) = ("text", 20);
            File.WriteAllText(path, form.ToJsonString());
        });

        var changes = await node.Services.GetRequiredService<CaseChangeReader>().ReadAsync(desk.As(Unit).Caller, filed.Id, null, default);
        await node.Services.GetRequiredService<OutboxWorker>().DrainAsync(default);

        Assert.Equal([("phone", "联系电话", "199****0099"), ("workExperience[1].post", "专业工作主要经历第2条·工作职位", "副主任")], changes.Fields.Select(f => (f.Path, f.Zh, f.New!.Value.GetString()!)));
        Assert.Equal("专业工作主要经历第2条·工作职位", Assert.Single(changes.Asked!.Items).Zh);
        var letter = await filed.Html(await filed.Letter("qualification"));
        Assert.Contains("申报类型：政工师", letter, StringComparison.Ordinal);
        Assert.DoesNotContain("已改名", letter, StringComparison.Ordinal);
    }

    private async Task<Guid> ReturnAsync(FiledCase filed, string user, params Correction[] items)
    {
        var task = (await filed.Waiting()).TaskId;
        await desk.Get<TaskCommands>().DecideAsync(desk.As(user).Caller, task, new DecideTask { Outcome = "return", Opinion = "请补正", Corrections = items }, null, null, default);
        return task;
    }

    private Task<CaseChanges> Changes(FiledCase filed, Guid? task = null) => desk.Get<CaseChangeReader>().ReadAsync(filed.Applicant.Caller, filed.Id, task, default);

    private async Task<(Guid Id, string Name)> MaterialAsync(FiledCase filed, string slot) =>
        (await desk.Rows($"select material_id, name from approvals.case_materials where case_id = '{filed.Id}' and slot = '{slot}' and removed_seq is null", r => (r.GetGuid(0), r.GetString(1)))).First();

    private static JsonElement With(FiledCase filed, string field, string value)
    {
        var data = JsonObject.Create(filed.Sample.Phase1)!;
        data[field] = value;
        return JsonSerializer.SerializeToElement(data);
    }

    private static JsonElement Json(object data) => JsonSerializer.SerializeToElement(data);

    private static JsonElement Parse(string data) => JsonSerializer.Deserialize<JsonElement>(data);
}
