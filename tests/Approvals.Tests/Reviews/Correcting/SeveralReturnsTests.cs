using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Correcting;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Letters;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Reviews.Correcting;

/// <summary>补正 that several ask for: 会签, and branches side by side. Submitted on Monday 2026-09-21 at 09:00.</summary>
public sealed class SeveralReturnsTests
{
    private const string One = "emp-metro-reviewer-1", Two = "emp-metro-reviewer-2", Bureau = "bureau-reviewer-1";
    private static readonly Correction Phone = new("phone", null, "号码有误"), School = new("education[0].school", null, "请填写全称"), Post = new("workExperience[1].post", null, "与任职文件不符");

    [Fact]
    public async Task Countersigning_WhenSeveralReturn_ThenTheApplicantIsToldAllThatTheyNameWithEachOnesOpinion_R_REV_2_R_REV_3_R_REV_6()
    {
        await using var desk = await OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();

        var first = await Return(desk, One, "联系方式须更正", true, Phone, School);
        var second = await Return(desk, Two, "履历须更正", true, School with { Note = "校名不全" }, Post);

        var asked = (await filed.Read()).Corrections!;
        Assert.True(asked.OnlyThese);
        Assert.Equal([("phone", "号码有误", first), ("education[0].school", "请填写全称", first), ("education[0].school", "校名不全", second), ("workExperience[1].post", "与任职文件不符", second)],
            asked.Items.Select(i => (i.Field!, i.Note, i.TaskId)).OrderBy(i => i.TaskId == second));
        Assert.Equal([(first, "联审", "联系方式须更正"), (second, "联审", "履历须更正")], asked.Returns.Select(r => (r.TaskId, r.StageName, r.Opinion)).OrderBy(r => r.TaskId == second));
        await filed.Told();
        Assert.Contains(desk.Sent, m => m.Channel == "email" && ((string[])["联系方式须更正", "履历须更正", "“联系电话”：号码有误", "校名不全", "与任职文件不符"]).All(t => m.Text.Contains(t, StringComparison.Ordinal)));

        var letter = await filed.Html(await filed.Letter("correction"));
        Assert.All((string[])["联系方式须更正", "履历须更正", "“联系电话”：号码有误", "校名不全", "与任职文件不符"], t => Assert.Contains(t, letter, StringComparison.Ordinal));

        // What either of them names may be changed, and nothing else.
        var (education, work) = (Rows(filed, "education"), Rows(filed, "workExperience"));
        education[0]!["school"] = "示例城市学院（本科）";
        work[1]!["post"] = "副主任";
        work[0]!["post"] = "科员";
        Assert.Equal(["workExperience[0].post: not_asked", "homeAddress: not_asked"], await Refused(() => filed.Supplement(Json(new { phone = "19900000099", education, workExperience = work, homeAddress = "别处" }))));
        work[0]!["post"] = "干事";
        await filed.Supplement(Json(new { phone = "19900000099", education, workExperience = work }));
        Assert.Equal(["phone", "education[0].school", "workExperience[1].post"], (await Changes(desk, filed)).Fields.Select(f => f.Path));
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
    }

    [Fact]
    public async Task Countersigning_WhenOneOfThemNamesNothing_ThenEverythingMayBeChangedAndWhatTheOtherNamesIsStillSaid_R_REV_3()
    {
        await using var desk = await OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();

        await Return(desk, One, "联系方式须更正", true, Phone);
        await Return(desk, Two, "请全面核对", null);
        Assert.Contains("请全面核对", await filed.Html(await filed.Letter("correction")), StringComparison.Ordinal);

        var asked = (await filed.Read()).Corrections!;
        Assert.Equal((false, "phone"), (asked.OnlyThese, Assert.Single(asked.Items).Field));
        Assert.Equal(["联系方式须更正", "请全面核对"], asked.Returns.Select(r => r.Opinion).Order());
        await filed.Supplement(Json(new { homeAddress = "示例市示范区样板路2号院" }));
        Assert.Equal(["homeAddress"], (await Changes(desk, filed)).Fields.Select(f => f.Path));
    }

    [Fact]
    public async Task Countersigning_WhenOneApprovesOrTakesTheirReturnBack_ThenOnlyTheReturnsThatStandCount_R_REV_3_R_REV_7()
    {
        await using var desk = await OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();
        var first = await Return(desk, One, "联系方式须更正", false, Phone);
        await desk.Get<RecallCommands>().RecallAsync(desk.As(One).Caller, first, null, default);
        await Return(desk, One, "学历须更正", true, School);
        await desk.As(Two).Decide(await TaskOf(desk, Two), "approve", "材料可信");

        var asked = (await filed.Read()).Corrections!;
        Assert.Equal((true, "education[0].school"), (asked.OnlyThese, Assert.Single(asked.Items).Field));
        // Not the opinion of who decided last, but of who returned it.
        var letter = await filed.Html(await filed.Letter("correction"));
        Assert.Contains("学历须更正", letter, StringComparison.Ordinal);
        Assert.DoesNotContain("材料可信", letter, StringComparison.Ordinal);
        Assert.DoesNotContain("联系方式须更正", letter, StringComparison.Ordinal);

        // A later return by one alone asks for what that one names.
        var education = Rows(filed, "education");
        education[0]!["school"] = "示例城市学院（本科）";
        await filed.Supplement(Json(new { education }));
        await desk.Deliver();
        await Return(desk, One, "仍须更正", true, Post);
        await desk.As(Two).Decide(await TaskOf(desk, Two), "approve", "同意");
        Assert.Equal("workExperience[1].post", Assert.Single((await filed.Read()).Corrections!.Items).Field);
    }

    [Fact]
    public async Task Majority_WhenAMinoritysReturnIsOutvoted_ThenItsCorrectionsAreNoPartOfALaterReturn_R_REV_3_R_REV_6()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "vote"), ("members", "Object", $"""[{One2(One, 1)},{One2(Two, 3)}]"""), ("pass", "Literal", ">1/2")));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();
        await Return(desk, One, "联系方式须更正", true, Phone);
        await desk.As(Two).Decide(await TaskOf(desk, Two), "approve", "同意");
        Assert.Equal("市局审核", (await filed.Waiting()).Name);

        await desk.Get<TaskCommands>().DecideAsync(desk.As(Bureau).Caller, (await filed.Waiting()).TaskId, new DecideTask { Outcome = "return", Opinion = "学历须更正", Corrections = [School] }, null, null, default);

        var asked = (await filed.Read()).Corrections!;
        Assert.Equal((false, "education[0].school", "学历须更正"), (asked.OnlyThese, Assert.Single(asked.Items).Field, Assert.Single(asked.Returns).Opinion));

        static string One2(string user, int weight) => $$"""{"user":"{{user}}","weight":{{weight}}}""";
    }

    [Fact]
    public async Task Branches_WhenBothReturnAtTheSameTime_ThenTheUnionIsToldAndMayBeChangedUntilBothAreAnswered_R_REV_3()
    {
        await using var desk = await CaseDesk.OpenAsync(Branches(beforeFork: false));
        var filed = await desk.SubmittedAsync();
        var (left, right) = (await StageTask(desk, "left"), await StageTask(desk, "right"));
        await Decide(desk, One, left, "联系方式须更正", true, Phone);
        await Decide(desk, Bureau, right, "学历须更正", true, School);

        var asked = (await filed.Read()).Corrections!;
        Assert.True(asked.OnlyThese);
        Assert.Equal(["education[0].school", "phone"], asked.Items.Select(i => i.Field!).Order(StringComparer.Ordinal));
        foreach (var task in await desk.Rows($"select id from approvals.tasks where kind = 'supplement' and status = 0", r => r.GetGuid(0)))
            Assert.Single((await desk.Get<TaskReader>().ReadAsync(filed.Applicant.Caller, task, default)).Corrections!.Items);
        Assert.Equal(["homeAddress: not_asked"], await Refused(() => filed.Supplement(Json(new { homeAddress = "别处" }))));

        // Handed in once for each; each shows what was there at its return and at its hand-in.
        await filed.Supplement(Json(new { phone = "19900000099" }));
        Assert.Equal("待补正", await filed.Status());
        var one = await Changes(desk, filed);
        Assert.Equal(["phone"], one.Fields.Select(f => f.Path));
        var education = Rows(filed, "education");
        education[0]!["school"] = "示例城市学院（本科）";
        var remaining = Assert.Single((await filed.Read()).Corrections!.Items);
        await filed.Supplement(remaining.Field == "phone" ? Json(new { phone = "19900000077" }) : Json(new { education }));

        Assert.Equal(["phone"], (await Changes(desk, filed, one.TaskId)).Fields.Select(f => f.Path));
        Assert.Equal("\"199****0099\"", (await Changes(desk, filed, one.TaskId)).Fields[0].New!.Value.GetRawText());
        Assert.Contains("phone", (await Changes(desk, filed)).Fields.Select(f => f.Path));
        Assert.Null((await filed.Read()).Corrections);
    }

    [Fact]
    public async Task Branches_WhenOneReturnsTheCaseBeforeTheForkWhileTheOtherIsCorrected_ThenWhatThatAskedIsAskedStill_R_REV_3()
    {
        await using var desk = await CaseDesk.OpenAsync(Branches(beforeFork: true));
        var filed = await desk.SubmittedAsync();
        await Decide(desk, One, await StageTask(desk, "left"), "联系方式须更正", true, Phone);

        await Decide(desk, Bureau, await StageTask(desk, "right"), "学历须更正", true, School);

        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from approvals.tasks where kind = 'supplement' and status = 0"));
        Assert.Equal(["education[0].school", "phone"], (await filed.Read()).Corrections!.Items.Select(i => i.Field!).Order(StringComparer.Ordinal));
        await filed.Supplement(Json(new { phone = "19900000099" }));
        Assert.Equal(["phone"], (await Changes(desk, filed)).Fields.Select(f => f.Path));
    }

    [Fact]
    public async Task Rounds_WhenSeveralReturnTogether_ThenTheyAreOneAndNobodyCanReturnOnceTheyAreUsedUp_R_REV_3_R_REV_6()
    {
        await using var desk = await OpenAsync("""{ "corrections": { "rounds": 1 } }""");
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();
        await Return(desk, One, "联系方式须更正", null, Phone);
        await Return(desk, Two, "学历须更正", null, School);
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from approvals.tasks where kind = 'supplement'"));
        await filed.Supplement(Json(new { phone = "19900000099" }));
        await desk.Deliver();

        var again = await Assert.ThrowsAsync<WorkflowException>(() => Return(desk, One, "仍须更正", null, Phone));

        Assert.Equal((ErrorCodes.WrongState, "correction_rounds", 1, 1), (again.Code, again.Facts["reason"], again.Facts["returns"], again.Facts["allowed"]));
        await desk.As(One).Decide(await TaskOf(desk, One), "approve", "同意");
        await desk.As(Two).Decide(await TaskOf(desk, Two), "approve", "同意");
        Assert.Equal("市局审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task TimeToTell_WhenItEndsBetweenTheSigners_ThenWhoReturnedInTimeTakesItBackAndTheCaseIsDecided_R_REV_3_R_REV_6()
    {
        await using var desk = await OpenAsync("""{ "corrections": { "toldWithin": "5wd" } }""");
        var (told, late) = (await desk.SubmittedAsync(), await desk.SubmittedAsync());
        await desk.Deliver();
        await Decide(desk, One, await TaskOf(desk, One, told), "联系方式须更正", null, Phone);
        await Decide(desk, Two, await TaskOf(desk, Two, told), "学历须更正", null, School);
        var early = await TaskOf(desk, One, late);
        await Decide(desk, One, early, "联系方式须更正", null, Phone);
        Assert.Equal("待补正", await told.Status());

        await desk.AdvanceTo("2026-09-30 09:00");
        var refused = await Assert.ThrowsAsync<WorkflowException>(async () => await Decide(desk, Two, await TaskOf(desk, Two, late), "学历须更正", null, School));
        Assert.Equal((ErrorCodes.WrongState, "deemed_accepted"), (refused.Code, refused.Facts["reason"]));
        var held = await Assert.ThrowsAsync<WorkflowException>(async () => await desk.As(Two).Decide(await TaskOf(desk, Two, late), "approve", "同意"));
        Assert.Equal(("deemed_accepted", One), (held.Facts["reason"], Assert.Single((string[])held.Facts["returnedBy"]!)));
        Assert.Contains("撤回", held.MessageZh, StringComparison.Ordinal);

        await desk.Get<RecallCommands>().RecallAsync(desk.As(One).Caller, early, null, default);
        await desk.As(One).Decide(await TaskOf(desk, One, late), "approve", "同意");
        await desk.As(Two).Decide(await TaskOf(desk, Two, late), "approve", "同意");
        Assert.Equal("市局审核", (await late.Waiting()).Name);
    }

    /// <summary>A stage of two who are both waited for.</summary>
    private static Task<CaseDesk> OpenAsync(string? clock = null) =>
        CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "all"), ("waitForAll", "Literal", true), ("members", "Object", $"""["{One}","{Two}"]""")), folder =>
        {
            var letters = Path.Combine(folder, "letters.json");
            var list = JsonNode.Parse(File.ReadAllText(letters))!;
            Assert.True(list["letters"]!.AsArray().Single(l => (string?)l!["kind"] == "correction")!.AsObject().Remove("stages"));
            File.WriteAllText(letters, list.ToJsonString());
            if (clock is null)
                return;
            var path = Path.Combine(folder, "service.json");
            var service = JsonNode.Parse(File.ReadAllText(path))!;
            service["clock"] = JsonNode.Parse(clock);
            File.WriteAllText(path, service.ToJsonString());
        });

    /// <summary>Two reviews side by side, each with a correction of its own; or the right one's before the fork.</summary>
    private static string Branches(bool beforeFork)
    {
        var (activities, connections) = (new JsonArray(), new JsonArray());
        Add("start", "Elsa.Start");
        Add("pending", "Talent.SetStatus", ("status", "pending_review"));
        Add("fork", "Elsa.WriteLine", ("text", "fork"));
        Add("left", "Talent.ReviewStage", ("stageName", "左"), ("role", "employer.reviewer"));
        Add("right", "Talent.ReviewStage", ("stageName", "右"), ("role", "bureau.reviewer"));
        Add("join", "Elsa.FlowJoin", ("mode", "WaitAll"));
        Add("passed", "Talent.SetStatus", ("status", "completed"));
        foreach (var side in (string[])["left", "right"])
        {
            Add($"returned-{side}", "Talent.SetStatus", ("status", "supplement"));
            Add($"fix-{side}", "Talent.Supplement", ("stageName", "补正"), ("due", "10wd"));
            Connect("fork", "Done", side);
            Connect(side, "Approve", "join");
            Connect(side, "Return", $"returned-{side}");
            Connect($"returned-{side}", "Done", $"fix-{side}");
            Connect($"fix-{side}", "Done", beforeFork && side == "right" ? "pending" : side);
        }
        Connect("start", "Done", "pending");
        Connect("pending", "Done", "fork");
        Connect("join", "Done", "passed");
        return new JsonObject
        {
            ["definitionId"] = "political-work-title", ["name"] = "政工职评", ["version"] = 1, ["variables"] = new JsonArray(),
            ["inputs"] = new JsonArray(new JsonObject { ["name"] = "bureauPrecheck", ["type"] = "Boolean" }),
            ["root"] = new JsonObject { ["id"] = "chart", ["type"] = "Elsa.Flowchart", ["version"] = 1, ["activities"] = activities, ["connections"] = connections },
        }.ToJsonString();

        void Add(string id, string type, params (string Name, string Value)[] inputs)
        {
            var node = new JsonObject { ["id"] = id, ["type"] = type, ["version"] = 1 };
            foreach (var (name, value) in inputs)
                node[name] = new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value } };
            activities.Add(node);
        }

        void Connect(string from, string port, string to) => connections.Add(new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = from, ["port"] = port }, ["target"] = new JsonObject { ["activity"] = to, ["port"] = "In" },
        });
    }

    private static async Task<Guid> Return(CaseDesk desk, string user, string opinion, bool? only, params Correction[] items)
    {
        var task = await TaskOf(desk, user);
        await Decide(desk, user, task, opinion, only, items);
        return task;
    }

    private static Task<DecisionReceipt> Decide(CaseDesk desk, string user, Guid task, string opinion, bool? only, params Correction[] items) =>
        desk.Get<TaskCommands>().DecideAsync(desk.As(user).Caller, task, new DecideTask { Outcome = "return", Opinion = opinion, Corrections = items, OnlyCorrections = only }, null, null, default);

    private static async Task<Guid> TaskOf(CaseDesk desk, string user, FiledCase? filed = null) => Assert.Single(await desk.As(user).Inbox("mine"), t => filed is null || t.CaseId == filed.Id).Id;

    private static Task<Guid> StageTask(CaseDesk desk, string stage) => desk.Scalar<Guid>($"select id from approvals.tasks where stage = '{stage}' and status = 0");

    private static Task<CaseChanges> Changes(CaseDesk desk, FiledCase filed, Guid? task = null) => desk.Get<CaseChangeReader>().ReadAsync(filed.Applicant.Caller, filed.Id, task, default);

    private static JsonArray Rows(FiledCase filed, string group) => JsonNode.Parse(filed.Sample.Phase1.GetProperty(group).GetRawText())!.AsArray();

    private static JsonElement Json(object data) => JsonSerializer.SerializeToElement(data);

    private static async Task<string[]> Refused(Func<Task> act) =>
        [.. Assert.IsAssignableFrom<IReadOnlyList<FormError>>((await Assert.ThrowsAsync<WorkflowException>(act)).Facts["errors"]).Select(e => $"{e.Path}: {e.Code}").OrderByDescending(e => e, StringComparer.Ordinal)];
}
