using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Eligibility;
using Talent.Workflows.Approvals.Integrations.Face;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Integrations.Records;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Faces;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Approvals.Tests.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Eligibility;

/// <summary>一键测试, 问答测试 and 一键申报 with the conditions of 在职人才引进入户, on a service whose form has the choice of the condition.</summary>
public sealed class EligibilityDeskTests
{
    private const string Li = "applicant-li", Service = "political-work-title";

    private static readonly CertificateNumbers Numbers = new(DiplomaNumber: "119900200805000123");

    [Theory]
    [InlineData(921, "neither", "", false)]
    [InlineData(922, "degree", "A1", false)]
    [InlineData(923, "title", "B2", false)]
    [InlineData(25, "both", "A1 B2", false)]
    [InlineData(25, "title", "B2", true)]
    public async Task Test_WhenSharedDataIsLookedUp_ThenThereIsOneOfFourResultsAndEveryConditionIsExplained_R_ELG_1(int sequence, string found, string matching, bool skip)
    {
        await using var node = await Node.OpenAsync();
        var session = await node.UpToLookUpAsync(sequence);

        var view = await node.Desk.LookUpAsync(node.Caller, session, skip ? new CertificateNumbers(Skip: true) : Numbers, null, default);

        Assert.Equal(("found", found, matching), (view.Step, view.Found!.Code, string.Join(' ', view.Matching.Select(m => m.Id))));
        Assert.Equal(Settlement.Rules.File.Conditions.Count, view.Answer.Conditions.Count);
        Assert.All(view.Answer.Conditions, c => Assert.NotEmpty(c.ReasonZh));
        var degree = view.Answer.Conditions.Single(c => c.Id == "A1").Rule!.Facts.Single(f => f.Fact == "bachelorWithDegree");
        Assert.Equal(skip ? "skipped" : "shared_data", degree.Source);
        Assert.Equal(!skip, node.Office.Asked.Single().Degrees);
        Assert.True(node.Office.Asked.Single().Titles);
        Assert.Contains(view.NextActions, a => a is { Action: "choose", Zh: "自主选择入户条件申报" });
        Assert.Equal(matching.Length > 0, view.NextActions.Any(a => a.Action == "file"));
        Assert.Equal("1986-02-14", view.Facts.Single(f => f.Fact == "birthDate").Value);
    }

    [Fact]
    public async Task Test_WhenNoticeAndFaceDontComeFirst_ThenNothingIsLookedUpAndTheQuestionnaireIsOffered_R_ELG_1_R_ACC_4()
    {
        await using var node = await Node.OpenAsync();
        await node.People.Register(Li, "李示例", PersonDesk.NumberOf(911));
        var session = await node.Desk.BeginAsync(node.Caller, new NewEligibilitySession(Service), null, default);
        var face = await node.FaceAsync();

        Assert.Equal("notice_required", await ReasonOf(() => node.Desk.UseFaceAsync(node.Caller, session, face, null, default)));
        Assert.Equal(ErrorCodes.Conflict, (await Assert.ThrowsAsync<WorkflowException>(() => node.Desk.ConfirmNoticeAsync(node.Caller, session, "another text", null, default))).Code);
        var confirmed = await node.Desk.ConfirmNoticeAsync(node.Caller, session, (await node.Desk.ServiceAsync(Service, default)).NoticeSha256, null, default);
        Assert.Equal("face", confirmed.Step);
        var refusal = await Assert.ThrowsAsync<WorkflowException>(() => node.Desk.UseFaceAsync(node.Caller, session, face, null, default));
        Assert.Equal(("face_required", "questionnaire"), (refusal.Facts["reason"], ((FaceAlternative)refusal.Facts["alternative"]!).Way));
        Assert.Equal("face_required", await ReasonOf(() => node.Desk.LookUpAsync(node.Caller, session, Numbers, null, default)));

        Assert.Empty(node.Office.Asked);
        Assert.Equal("no", (await node.Desk.AnswerAsync(node.Caller, session, "insurance", "no", null, default)).Questionnaire!.Answers.Single().Option);
    }

    [Fact]
    public async Task Test_WhenTheOfficeIsDown_ThenItIsSaidAndNothingIsLost_R_ELG_1_R_INT_3()
    {
        await using var node = await Node.OpenAsync();
        var session = await node.UpToLookUpAsync(25);
        node.Office.Down = true;
        await node.Desk.AnswerAsync(node.Caller, session, "insurance", "yes", null, default);

        var down = await node.Desk.LookUpAsync(node.Caller, session, Numbers, null, default);

        Assert.Equal(("unavailable", null), (down.Step, down.Found?.Code));
        Assert.Contains("转问答测试", down.StepZh, StringComparison.Ordinal);
        Assert.Superset(new HashSet<string> { "look_up", "answer", "choose" }, down.NextActions.Select(a => a.Action).ToHashSet());
        Assert.Equal("yes", down.Questionnaire!.Answers.Single().Option);

        node.Office.Down = false;
        Assert.Equal("both", (await node.Desk.LookUpAsync(node.Caller, session, Numbers, null, default)).Found!.Code);
    }

    [Fact]
    public async Task Test_WhenNothingWasFound_ThenTheApplicantsWordCountsAndIsNamedAsThat_R_ELG_1_R_ELG_2_R_ELG_5()
    {
        await using var node = await Node.OpenAsync();
        var session = await node.UpToLookUpAsync(921);
        Assert.Empty((await node.Desk.LookUpAsync(node.Caller, session, Numbers, null, default)).Matching);

        foreach (var (question, option) in new[] { ("insurance", "yes"), ("degree", "none"), ("title", "intermediate") })
            await node.Desk.AnswerAsync(node.Caller, session, question, option, null, default);
        var view = await node.Desk.SayAsync(node.Caller, session, Say("""{ "bachelorWithDegree": true }"""), null, default);

        Assert.Equal(["A1 rules", "B2 rules"], view.Matching.Select(m => $"{m.Id} {m.By}"));
        var grade = view.Answer.Conditions.Single(c => c.Id == "B2").Rule!.Facts.Single(f => f.Fact == "titleGrade");
        Assert.Equal(("intermediate", "applicant"), (grade.Value, grade.Source));
    }

    [Theory]
    [InlineData(false, false, null, null, "$.diplomaNumber")]
    [InlineData(false, true, null, null, "$.degreeNumber")]
    [InlineData(false, true, "119900200805000123", "1199042008000123", "$.diplomaNumber")]
    [InlineData(true, false, "119900200805000123", null, "$.skip")]
    [InlineData(false, false, "'; drop table", null, "$.diplomaNumber")]
    [InlineData(false, false, "119900200805000123", null, null)]
    [InlineData(false, false, null, "1199042008000123", null)]
    [InlineData(false, true, null, "1199042008000123", null)]
    [InlineData(true, false, null, null, null)]
    public void Numbers_WhenTheyAreGiven_ThenAtHomeEitherAndFromAbroadTheDegreesIsAsked_R_ELG_1(bool skip, bool abroad, string? diploma, string? degree, string? wrong) =>
        Assert.Equal(wrong is null ? [] : [wrong], new CertificateNumbers(skip, abroad, diploma, degree).Errors().Select(e => e.Path));

    [Fact]
    public async Task Questionnaire_WhenAnswered_ThenItResumesGoesBackAndIsReset_R_ELG_2()
    {
        await using var node = await Node.OpenAsync();
        var session = await node.Desk.BeginAsync(node.Caller, new NewEligibilitySession(Service), null, default);
        foreach (var (question, option) in new[] { ("insurance", "no"), ("degree", "none"), ("title", "intermediate") })
            await node.Desk.AnswerAsync(node.Caller, session, question, option, null, default);

        var resumed = await node.Desk.ReadAsync(node.Caller, session, default);
        Assert.Equal(["1 否", "2 以上均不是", "3 中级职称，年龄在40周岁及以下"], resumed.Questionnaire!.Answers.Select(a => $"{a.Number} {a.OptionZh}"));
        Assert.Equal(["B2"], resumed.Questionnaire.Result!.Conditions);
        Assert.Equal(["B2 questionnaire"], resumed.Matching.Select(m => $"{m.Id} {m.By}"));

        var back = await node.Desk.BackAsync(node.Caller, session, "title", null, default);
        Assert.Equal(("title", 2), (back.Questionnaire!.Open!.Question, back.Questionnaire.Answers.Count));
        Assert.Equal(ErrorCodes.WrongState, (await Assert.ThrowsAsync<WorkflowException>(() => node.Desk.AnswerAsync(node.Caller, session, "skill", "none", null, default))).Code);
        Assert.Equal(ErrorCodes.InvalidRequest, (await Assert.ThrowsAsync<WorkflowException>(() => node.Desk.AnswerAsync(node.Caller, session, "title", "anything", null, default))).Code);
        // An earlier one again takes back what came after it.
        var again = await node.Desk.AnswerAsync(node.Caller, session, "insurance", "yes", null, default);
        Assert.Equal(("degree", "yes"), (again.Questionnaire!.Open!.Question, again.Questionnaire.Answers.Single().Option));
        Assert.Empty((await node.Desk.ResetAsync(node.Caller, session, null, default)).Questionnaire!.Answers);
        Assert.Equal(ErrorCodes.PreconditionFailed, (await Assert.ThrowsAsync<WorkflowException>(() => node.Desk.AnswerAsync(node.Caller, session, "insurance", "yes", 1, default))).Code);
    }

    [Fact]
    public async Task Facts_WhenTheApplicantTellsWhatIsMissing_ThenConditionsAreMetByTheirWordAndLookedUpFactsStay_R_ELG_5()
    {
        await using var node = await Node.OpenAsync();
        var session = await node.UpToLookUpAsync(25);
        await node.Desk.LookUpAsync(node.Caller, session, Numbers, null, default);

        var told = await node.Desk.SayAsync(node.Caller, session, Say("""{ "occupation": "6-31-01-03", "skillQualification": "technician", "qualifiedOn": "2024-05-20", "worksInCity": true }"""), null, default);

        var skill = told.Answer.Conditions.Single(c => c.Id == "C3");
        Assert.Equal("met", skill.State);
        Assert.Equal(["applicant", "applicant", "applicant"], skill.Rule!.Facts.Take(3).Select(f => f.Source));
        Assert.Equal([("insurance", "shared_data"), ("qualifiedOn", "applicant")], skill.Rule.Facts.Single(f => f.Fact == "insuredMonths").From.Select(f => (f.Fact, f.Source!)));
        foreach (var wrong in new[] { """{ "titleGrade": "senior" }""", """{ "nothing": 1 }""", """{ "qualifiedOn": "soon" }""", """{ "occupation": "0-0" }""" })
            Assert.Equal(ErrorCodes.InvalidRequest, (await Assert.ThrowsAsync<WorkflowException>(() => node.Desk.SayAsync(node.Caller, session, Say(wrong), null, default))).Code);
        Assert.Equal("unknown", (await node.Desk.SayAsync(node.Caller, session, Say("""{ "worksInCity": null }"""), null, default)).Answer.Conditions.Single(c => c.Id == "C3").State);
    }

    [Fact]
    public async Task Filing_WhenOneSeveralOrNoneMatch_ThenItIsOpenedOrTheyAreListedAndAnyMayBeChosen_R_ELG_4()
    {
        await using var node = await Node.OpenAsync(profiles: true);
        var session = await node.UpToLookUpAsync(null);
        var none = await Assert.ThrowsAsync<WorkflowException>(() => node.Desk.FileAsync(node.Caller, session, null, null, default));
        Assert.Equal(("choose", 0), (none.Facts["reason"], ((IReadOnlyList<MatchView>)none.Facts["matching"]!).Count));
        await node.Desk.LookUpAsync(node.Caller, session, Numbers, null, default);

        var several = await Assert.ThrowsAsync<WorkflowException>(() => node.Desk.FileAsync(node.Caller, session, null, null, default));
        Assert.Equal(["A1", "B2"], ((IReadOnlyList<MatchView>)several.Facts["matching"]!).Select(m => m.Id));
        Assert.Equal(5, ((IReadOnlyList<ConditionCategoryView>)several.Facts["categories"]!).Count);
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => node.Desk.FileAsync(node.Caller, session, "Z9", null, default))).Code);

        // 自主选择: also one that isn't met.
        var key = new Idempotency("key:test", "file-1", new byte[32]);
        var chosen = await node.Desk.FileAsync(node.Caller, session, "B1", key, default);
        Assert.Equal(chosen, await node.Desk.FileAsync(node.Caller, session, "B1", key, default));
        await node.Desk.LookUpAsync(node.Caller, session, new CertificateNumbers(Skip: true), null, default);
        var only = await node.Desk.FileAsync(node.Caller, session, null, null, default);

        Assert.Equal(("B1", "B2"), (await node.ConditionOf(chosen), await node.ConditionOf(only)));
    }

    [Fact]
    public async Task Answer_WhenTheCaseIsFiled_ThenItIsKeptJudgedAnewAndShownMaskedAndBlocksNobody_R_ELG_5_R_AUD_2()
    {
        await using var node = await Node.OpenAsync(profiles: true);
        var session = await node.UpToLookUpAsync(null);
        await node.Desk.LookUpAsync(node.Caller, session, Numbers, null, default);
        var id = await node.Desk.FileAsync(node.Caller, session, "B1", null, default);
        var reader = node.Case.Get<CaseEligibility>();
        var begun = await reader.ReadAsync(node.Caller, id, default);
        Assert.Equal(("begun", "B1", "not_met"), (begun.Kind, begun.Condition, begun.Answer.Conditions.Single(c => c.Id == "B1").State));

        var filed = new FiledCase(node.Case, id, node.Case.Li);
        await node.Case.KeepMaterialsAsync(node.Case.Li);
        var data = JsonNode.Parse(node.Case.Li.Phase1.GetRawText())!.AsObject();
        data["condition"] = "B2";
        await node.Case.Get<CaseCommands>().SaveAsync(node.Caller, id, 1, JsonSerializer.SerializeToElement(data), null, default);
        await filed.Submit();

        var own = await reader.ReadAsync(node.Caller, id, default);
        Assert.Equal(("filed", "B2", new DateOnly(2026, 9, 21)), (own.Kind, own.Condition, own.Answer.Day));
        var age = own.Answer.Conditions.Single(c => c.Id == "B2").Rule!.Facts.Single(f => f.Fact == "age");
        Assert.Equal("1986-02-14", age.From.Single().Value!.ToString());
        var masked = await reader.ReadAsync(node.Case.As("emp-metro-reviewer-1").Caller, id, default);
        var shown = masked.Answer.Conditions.Single(c => c.Id == "B2");
        Assert.Equal(("met", "***", "1986-**-**"), (shown.State, shown.Rule!.Facts.Single(f => f.Fact == "age").Value, shown.Rule.Facts.Single(f => f.Fact == "age").From.Single().Value));
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => reader.ReadAsync(node.Case.As("applicant-wang").Caller, id, default))).Code);
        Assert.Equal(2L, await node.Case.Scalar<long>("select count(*) from approvals.case_eligibility"));
        Assert.NotNull((await filed.Read()).Number);
        var audit = (await filed.History()).Single(h => h.Action == "case.submitted").Details!.Value.GetProperty("eligibility").GetProperty("sha256").GetString();
        Assert.Equal(audit, await node.Case.Scalar<string>("select sha256 from approvals.case_eligibility where kind = 'filed'"));
    }

    [Fact]
    public async Task Answer_WhenACaseIsFiledWithoutATest_ThenTheFormAloneIsJudged_R_ELG_5()
    {
        await using var node = await Node.OpenAsync(profiles: true);

        var filed = await node.Case.SubmittedAsync();

        var answer = await node.Case.Get<CaseEligibility>().ReadAsync(node.Caller, filed.Id, default);
        Assert.Equal(("filed", null, 0), (answer.Kind, answer.Condition, answer.Answer.Met.Count()));
    }

    [Fact]
    public async Task Session_WhenItIsKept_ThenItIsSealedBoundedOnesOwnAndOverInTheEnd_R_ELG_1_R_AUD_2()
    {
        await using var node = await Node.OpenAsync();
        var session = await node.UpToLookUpAsync(25);
        await node.Desk.LookUpAsync(node.Caller, session, Numbers, null, default);
        var key = new Idempotency("key:test", "begin-1", new byte[32]);
        var again = await node.Desk.BeginAsync(node.Caller, new NewEligibilitySession(Service), key, default);

        Assert.Equal(again, await node.Desk.BeginAsync(node.Caller, new NewEligibilitySession(Service), key, default));
        Assert.Equal(ErrorCodes.IdempotencyKeyReused, (await Assert.ThrowsAsync<WorkflowException>(() => node.Desk.BeginAsync(node.Caller, new NewEligibilitySession(Service), key with { RequestHash = [1] }, default))).Code);
        var dump = (await node.People.DumpAsync())["approvals.eligibility_sessions"];
        Assert.All(new[] { "示例大学", "119900200805000123", "1986-02-14", "工程师" }.SelectMany(PersonDesk.Spellings), word => Assert.DoesNotContain(word, dump, StringComparison.Ordinal));
        foreach (var stranger in new[] { node.Case.As("applicant-wang").Caller, node.Caller with { Services = new HashSet<string> { "another" } }, node.Caller with { Roles = new HashSet<string> { "bureau.reviewer" } } })
            Assert.Contains((await Assert.ThrowsAsync<WorkflowException>(() => node.Desk.ReadAsync(stranger, session, default))).Code, (string[])[ErrorCodes.NotFound, ErrorCodes.Forbidden]);

        for (var i = 2; i < 30; i++)
            await node.Desk.BeginAsync(node.Caller, new NewEligibilitySession(Service), null, default);
        Assert.Equal(ErrorCodes.RateLimited, (await Assert.ThrowsAsync<WorkflowException>(() => node.Desk.BeginAsync(node.Caller, new NewEligibilitySession(Service), null, default))).Code);
        for (var i = 1; i < 10; i++)
            await node.Desk.LookUpAsync(node.Caller, session, Numbers, null, default);
        Assert.Equal(ErrorCodes.RateLimited, (await Assert.ThrowsAsync<WorkflowException>(() => node.Desk.LookUpAsync(node.Caller, session, Numbers, null, default))).Code);

        Assert.Equal("", string.Join(' ', (await node.Case.Get<Reencryption>().RunAsync(default)).Unreadable));
        node.Case.Time.SetTo(node.Case.Time.GetUtcNow() + TimeSpan.FromHours(73));
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => node.Desk.ReadAsync(node.Caller, session, default))).Code);
        await node.Desk.BeginAsync(node.Caller, new NewEligibilitySession(Service), null, default);
        Assert.Equal(1L, await node.Case.Scalar<long>("select count(*) from approvals.eligibility_sessions"));
    }

    [Fact]
    public async Task Session_WhenTwoRequestsChangeItAtOnce_ThenNeitherIsLost_R_ELG_2()
    {
        await using var node = await Node.OpenAsync();
        var session = await node.Desk.BeginAsync(node.Caller, new NewEligibilitySession(Service), null, default);

        await Task.WhenAll(
            Task.Run(() => node.Desk.AnswerAsync(node.Caller, session, "insurance", "yes", null, default)),
            Task.Run(() => node.Desk.SayAsync(node.Caller, session, Say("""{ "titleGrade": "senior" }"""), null, default)));

        var view = await node.Desk.ReadAsync(node.Caller, session, default);
        Assert.Equal((1, "senior", 3L), (view.Questionnaire!.Answers.Count, view.Facts.Single(f => f.Fact == "titleGrade").Value, view.Version));
    }

    private static SayFacts Say(string json) => new(JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!);

    private static async Task<object?> ReasonOf(Func<Task> act) => (await Assert.ThrowsAsync<WorkflowException>(act)).Facts["reason"];

    /// <summary>A node whose offices answer within the process.</summary>
    [Fact]
    public async Task Session_WhenTheBusinessClockIsAhead_ThenItsDayAndItsEndAreBothByIt_R_ELG_1()
    {
        await using var node = await Node.OpenAsync();
        await node.Case.AdvanceTo("2027-03-30 10:00");
        var session = await node.Desk.BeginAsync(node.Caller, new NewEligibilitySession(Service), null, default);

        var view = await node.Desk.ReadAsync(node.Caller, session, default);

        Assert.Equal((new DateOnly(2027, 3, 30), CaseDesk.Local("2027-04-02 10:00")), (view.Answer.Day, view.ExpiresAt));
        await node.Case.AdvanceTo("2027-04-02 09:59");
        Assert.Equal(new DateOnly(2027, 4, 2), (await node.Desk.ReadAsync(node.Caller, session, default)).Answer.Day);
        await node.Case.AdvanceTo("2027-04-02 10:00");
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => node.Desk.ReadAsync(node.Caller, session, default))).Code);
    }

    private sealed class Node(CaseDesk desk, RecordsOffice office) : IAsyncDisposable
    {
        public CaseDesk Case => desk;
        public RecordsOffice Office => office;
        public PersonDesk People => PersonDesk.On(desk);
        public EligibilityDesk Desk => desk.Get<EligibilityDesk>();
        public Caller Caller => desk.As(Li).Caller;

        public static async Task<Node> OpenAsync(bool profiles = false)
        {
            var office = new RecordsOffice();
            return new Node(await CaseDesk.OpenAsync(prepare: Settle, profiles: profiles, more: services =>
            {
                services.AddSingleton<IFaceVerification>(s => new FaceSimulator(new FaceOptions(), s.GetRequiredService<TimeProvider>()));
                services.AddSingleton<ISharedRecords>(office);
            }), office);
        }

        /// <summary>Gives the service the conditions of 在职人才引进入户, and its form the choice among them, which is the one field of theirs that it has.</summary>
        private static void Settle(string folder)
        {
            foreach (var file in (string[])["conditions.json", "questionnaire.json"])
                File.Copy(Path.Combine(ShippedContent.Workflows, "in-service-settlement", file), Path.Combine(folder, file));
            var conditions = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "conditions.json")))!;
            foreach (var fact in conditions["facts"]!.AsArray().Where(f => (string?)f!["field"] != "condition"))
                foreach (var name in (string[])["field", "fieldAs", "fieldCodes"])
                    fact!.AsObject().Remove(name);
            File.WriteAllText(Path.Combine(folder, "conditions.json"), conditions.ToJsonString());
            var path = Path.Combine(folder, "form.json");
            var form = JsonNode.Parse(File.ReadAllText(path))!;
            form["codeTables"]!["settlement"] = new JsonArray([.. Settlement.Rules.File.Conditions.Select(c => new JsonObject { ["code"] = c.Id, ["zh"] = c.Zh, ["en"] = c.En })]);
            form["steps"]![0]!["fields"]!.AsArray().Add(new JsonObject { ["key"] = "condition", ["type"] = "choice", ["zh"] = "申报条件", ["en"] = "Condition", ["codeTable"] = "settlement" });
            File.WriteAllText(path, form.ToJsonString());
        }

        /// <param name="sequence">Of the number of whoever registers; null: they have a profile.</param>
        public async Task<Guid> UpToLookUpAsync(int? sequence)
        {
            if (sequence is { } number)
                await People.Register(Li, "李示例", PersonDesk.NumberOf(number));
            var session = await Desk.BeginAsync(Caller, new NewEligibilitySession(Service), null, default);
            await Desk.ConfirmNoticeAsync(Caller, session, null, null, default);
            var view = await Desk.UseFaceAsync(Caller, session, await FaceAsync(), null, default);
            Assert.Equal("certificates", view.Step);
            return session;
        }

        /// <summary>A face check, and the time that a person takes.</summary>
        public async Task<Guid> FaceAsync()
        {
            var person = (await desk.Get<PersonReader>().ReadOwnAsync(Caller, default)).Id;
            var check = await desk.Get<FaceChecks>().BeginAsync(Caller, person, new NewFaceCheck(), null, default);
            desk.Time.SetTo(desk.Time.GetUtcNow() + FaceSimulator.Takes);
            await desk.Get<FaceChecks>().ReadAsync(Caller, person, check, default);
            return check;
        }

        public async Task<string?> ConditionOf(Guid id) => (await desk.Get<CaseReader>().ReadAsync(Caller, id, default)).Data["1"].GetProperty("condition").GetString();

        public ValueTask DisposeAsync() => desk.DisposeAsync();
    }

    /// <summary>The simulator, which may be out of reach.</summary>
    private sealed class RecordsOffice : ISharedRecords
    {
        private readonly RecordsSimulator simulator = new();

        public bool Down { get; set; }
        public List<RecordQuestion> Asked { get; } = [];

        public Task<OutsideAnswer<SharedRecords>> FindAsync(string requestId, RecordQuestion question, CancellationToken cancellationToken)
        {
            Asked.Add(question);
            return Down ? Task.FromResult<OutsideAnswer<SharedRecords>>(new OutsideAnswer<SharedRecords>.Unavailable("down")) : simulator.FindAsync(requestId, question, cancellationToken);
        }
    }
}
