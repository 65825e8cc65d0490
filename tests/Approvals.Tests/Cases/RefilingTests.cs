using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Approvals.Tests.Standing;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Cases;

/// <summary>重新申报 where it is asked for twice, in vain, and of what has changed meanwhile.</summary>
public sealed class RefilingTests
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task Refiling_WhenTwoAskAtOnce_ThenOneBeginsItAndTheOtherIsToldWhich_R_CASE_6()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await RejectedAsync(desk);

        var asked = await Task.WhenAll(Enumerable.Range(0, 6).Select(async i =>
        {
            try
            {
                return (object)(await RefileAsync(filed, $"refile-{i}")).Id;
            }
            catch (WorkflowException refused)
            {
                return refused;
            }
        }));

        var winner = Assert.Single(asked.OfType<Guid>());
        Assert.All(asked.OfType<WorkflowException>(), e => Assert.Equal((ErrorCodes.Conflict, winner), (e.Code, e.Facts["caseId"])));
        Assert.Equal(2L, await desk.Scalar<long>("select count(*) from approvals.cases"));
    }

    [Fact]
    public async Task Refiling_WhenRepeatedWithItsKey_ThenThereIsOneRound()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await RejectedAsync(desk);

        var first = await RefileAsync(filed, "again");
        var second = await RefileAsync(filed, "again");

        Assert.Equal(first.Id, second.Id);
        Assert.Equal(2L, await desk.Scalar<long>("select count(*) from approvals.cases"));
    }

    [Fact]
    public async Task Refiling_WhenTheDraftWasDropped_ThenItCanBeDoneAgain_R_CASE_6()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await RejectedAsync(desk);
        var dropped = await RefileAsync(filed);
        await dropped.Withdraw();
        Assert.Equal(ErrorCodes.WrongState, (await Assert.ThrowsAsync<WorkflowException>(() => RefileAsync(dropped))).Code);
        Assert.Contains("refile", (await filed.Read()).NextActions.Select(a => a.Action));

        var again = await RefileAsync(filed);

        Assert.Equal((filed.Id, again.Id), ((await again.Read()).PreviousCaseId, (await filed.Read()).NextCaseId));
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
    }

    [Fact]
    public async Task Refiling_WhenTheCaseRunsOrItsServiceHasNoNextRound_ThenItIsRefused_R_CASE_6()
    {
        await using var desk = await CaseDesk.OpenAsync(prepare: folder => Change(folder, service => service["refile"] = new JsonObject { ["after"] = new JsonArray("withdrawn") }));
        var running = await desk.SubmittedAsync();
        var rejected = await RejectedAsync(desk);

        foreach (var filed in (FiledCase[])[running, rejected])
            Assert.Equal(ErrorCodes.WrongState, (await Assert.ThrowsAsync<WorkflowException>(() => RefileAsync(filed))).Code);
        Assert.Empty((await rejected.Read()).NextActions);
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => RefileAsync(rejected with { Id = Guid.NewGuid() }))).Code);
    }

    [Fact]
    public async Task Refiling_WhenItsServiceExcludesItself_ThenTheEndedRoundIsNotInItsWayButAnotherCaseIs_R_CAT_1()
    {
        await using var desk = await CaseDesk.OpenAsync(prepare: folder => Change(folder, service => service["conditions"]!["excludes"] = new JsonArray("political-work-title")));
        var filed = await RejectedAsync(desk);
        var again = await RefileAsync(filed);
        await again.Submit();
        await desk.As("emp-metro-reviewer-1").Reject(again, "仍不符合");
        await desk.SubmittedAsync();

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => RefileAsync(again));

        Assert.Equal((ErrorCodes.FilingRefused, FilingReasonCodes.ExcludedByCase), (refused.Code, ((IReadOnlyList<FilingReason>)refused.Facts["reasons"]!).Single().Code));
    }

    [Fact]
    public async Task Refiling_WhenAMaterialIsNoLongerInTheLibrary_ThenItIsLeftOutAndNamed_R_CASE_6()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await RejectedAsync(desk);
        var gone = await desk.Scalar<Guid>($"select material_id from approvals.case_materials where case_id = '{filed.Id}' and slot = 'identity-card' limit 1");
        await desk.Execute($"update approvals.materials set deleted_at = now() where id = '{gone}'");

        var (answer, leftOut) = await desk.Get<Refiling>().RefileAsync(filed.Applicant.Caller, filed.Id, null, null, default);

        Assert.Equal("materials.identity-card", Assert.Single(leftOut).Path);
        Assert.Contains("身份证件", leftOut[0].Zh, StringComparison.Ordinal);
        Assert.Equal(0L, await desk.Scalar<long>($"select count(*) from approvals.case_materials where case_id = '{answer.InstanceId}' and material_id = '{gone}'"));
    }

    [Fact]
    public async Task Refiling_WhenTheSecondPhaseWasFilled_ThenItIsThereForTheApplicantAndForOthersOnceTheCaseComesToIt_R_CASE_6()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        await desk.As("unit-assets-reviewer-1").Approve(filed);
        await filed.Supplement(desk.Li.Phase2!.Value);
        await desk.As("emp-metro-reviewer-2").Reject(filed, "材料与资格不符");

        var again = await RefileAsync(filed);
        await again.Submit();

        var mine = await again.Read();
        Assert.True(JsonElement.DeepEquals((await filed.Read()).Data["2"], mine.Data["2"]));
        Assert.Equal(["1"], (await again.Read(desk.As("emp-metro-reviewer-1"))).Data.Keys);
        await desk.As("emp-metro-reviewer-1").Approve(again);
        await desk.As("unit-assets-reviewer-1").Approve(again);
        await again.Supplement();
        Assert.Equal(["1", "2"], (await again.Read(desk.As("emp-metro-reviewer-1"))).Data.Keys);
    }

    [Fact]
    public async Task Refiling_WhenTheCaseIsAnEmployers_ThenItIsTheNextOfItsRounds_S2_R_PRM_1()
    {
        await using var desk = await CaseDesk.OpenServiceAsync(ServiceFolders.All["returnee-permission"]);
        await desk.Execute("""
            insert into approvals.certifications (id, user_id, employer_id, way, certified_at)
            select gen_random_uuid(), r.user_id, r.organisation_id, 'recognised', now() from approvals.user_roles r where r.role = 'employer.handler'
            """);
        var filed = await desk.SubmittedAsync(desk.Sample("02-water-refused"));
        await desk.As("bureau-reviewer-1").Reject(filed, "企业资质证明与所填资质不符。");
        Assert.Equal([("refile", "重新申请")], (await filed.Read()).NextActions.Select(a => (a.Action, a.Zh)));

        var again = await RefileAsync(filed);

        Assert.Equal(((short)2, filed.Id), ((await again.Read()).Round, (await again.Read()).PreviousCaseId));
        Assert.True(JsonElement.DeepEquals((await filed.Read()).Data["1"], (await again.Read()).Data["1"]));
        // It is the same round that a new case of the employer would be.
        var refused = await Assert.ThrowsAsync<WorkflowException>(() => RefileAsync(filed));
        Assert.Equal((ErrorCodes.Conflict, again.Id), (refused.Code, refused.Facts["caseId"]));
        Assert.Equal(ErrorCodes.WrongState, (await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<CaseCommands>().CreateAsync(filed.Applicant.Caller, new NewCase { Service = desk.Service }, null, default))).Code);
    }

    [Fact]
    public async Task Data_WhenTheFormHasChanged_ThenWhatItStillTakesIsCarriedAndTheRestIsNamed_R_CASE_6()
    {
        await using var desk = await CaseDesk.OpenServiceAsync(ServiceFolders.All["intake-rounds"]);
        var form = desk.Content.Services.Single().Form;
        var before = JsonSerializer.Deserialize<JsonObject>(desk.Sample("01-li").Phase1)!;
        before["post"] = "gone";
        before["hobby"] = "围棋";
        before["school"] = new string('长', 81);
        before["work"] = new JsonArray(new JsonObject { ["employer"] = "甲", ["from"] = "2012-07" }, new JsonObject { ["employer"] = "乙", ["since"] = "2013-01" }, "丙");

        var (data, leftOut) = CarriedData.Of(form, 1, JsonSerializer.SerializeToElement(before), default, new DateOnly(2026, 9, 21));

        Assert.Equal(["declarationConfirmed", "name", "phone", "residentId", "work"], data.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal("""[{"employer":"甲","from":"2012-07"},{"employer":"乙"}]""", JsonSerializer.Serialize(data.GetProperty("work"), Plain));
        Assert.Equal(["hobby", "post", "school", "work[1].since", "work[2]"], leftOut.Select(e => e.Path).Order(StringComparer.Ordinal));
        Assert.Empty(form.Validate(data, 1, FormMode.Draft, new DateOnly(2026, 9, 21)));
    }

    [Fact]
    public async Task Data_WhenItIsAnyJsonAtAll_ThenWhatIsCarriedCanBeKept()
    {
        await using var desk = await CaseDesk.OpenServiceAsync(ServiceFolders.All["intake-rounds"]);
        var form = desk.Content.Services.Single().Form;
        string[] names = ["post", "name", "phone", "residentId", "school", "work", "declarationConfirmed", "other", new string('x', 60), "a[1].b"];
        string[] values = ["null", "1", "true", "\"\"", "\"engineer\"", "\"x\"", "[]", "[1]", "[{}]", "{}", """[{"employer":"甲"},{"from":"never"},{"nobody":1},2]""", """[{},{},{},{},{},{},{}]""", $"\"{new string('字', 200)}\""];
        var cases = FsCheck.Fluent.Gen.ListOf(FsCheck.Fluent.Gen.Two(FsCheck.Fluent.Gen.Choose(0, 12)), 6);

        Property.Holds(cases, picks =>
        {
            var fields = picks.DistinctBy(p => p.Item1 % names.Length).Select(p => $"{JsonSerializer.Serialize(names[p.Item1 % names.Length])}:{values[p.Item2]}");
            using var json = JsonDocument.Parse($"{{{string.Join(',', fields)}}}");
            var (data, leftOut) = CarriedData.Of(form, 1, json.RootElement, default, new DateOnly(2026, 9, 21));
            Assert.Empty(form.Validate(data, 1, FormMode.Draft, new DateOnly(2026, 9, 21)));
            Assert.True(leftOut.Count > 0 || JsonElement.DeepEquals(json.RootElement, data));
        });
    }

    private static void Change(string folder, Action<JsonObject> change)
    {
        var path = Path.Combine(folder, "service.json");
        var service = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(service);
        File.WriteAllText(path, service.ToJsonString());
    }

    private static async Task<FiledCase> RejectedAsync(CaseDesk desk)
    {
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Reject(filed, "不符合申报条件");
        return filed;
    }

    private static async Task<FiledCase> RefileAsync(FiledCase filed, string? key = null) =>
        filed with { Id = (await filed.Desk.Get<Refiling>().RefileAsync(filed.Applicant.Caller, filed.Id, null, key is null ? null : new Idempotency("key:test", key, [1]), default)).Answer.InstanceId };
}
