using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Letters;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Notices;
using Talent.Workflows.Approvals.Tests.Panels;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Tests.Letters;

/// <summary>Every kind of letter, in the services that issue it.</summary>
public sealed class LetterScenarioTests
{
    private const string Employer = "emp-metro-reviewer-1", Unit = "unit-assets-reviewer-1", Bureau = "bureau-reviewer-1";

    [Fact]
    public async Task Flagship_WhenACaseGoesItsWholeWay_ThenItHasItsLettersInOrder_R_DOC_1_S1()
    {
        await using var notice = await NoticeDesk.OpenAsync();
        var (desk, filed) = (notice.Desk, notice.Filed);
        var opened = await notice.NoticeAsync();
        await desk.AdvanceTo("2026-10-20 09:00");
        Assert.Equal("已办结", await filed.Status());

        var letters = await filed.Letters();

        Assert.Equal([("qualification", "示国资资审字〔2026〕1号", "unit-assets"), ("notice", opened.Number, "bureau"), ("completion", "示人才办字〔2026〕1号", "bureau")], letters.Select(l => (l.Kind, l.Number, l.Issuer.Id)));
        var qualification = await filed.Html(letters[0]);
        Assert.Contains("<h1>资格审核结果通知书</h1>", qualification, StringComparison.Ordinal);
        Assert.Contains("<p class=\"to\">李示例：</p>", qualification, StringComparison.Ordinal);
        Assert.Contains("申报类型：政工师", qualification, StringComparison.Ordinal);
        // The public text is masked as the notice is, and addressed to nobody.
        var text = await filed.Html(letters[1]);
        Assert.Contains("<h3>政工职评评审结果公示</h3>", text, StringComparison.Ordinal);
        Assert.Contains("共5个工作日", text, StringComparison.Ordinal);
        Assert.DoesNotContain("李示例", text, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"to\"", text, StringComparison.Ordinal);
        Assert.Contains("政工师任职资格评审通过", await filed.Html(letters[2]), StringComparison.Ordinal);
        // A letter changes nothing of the case, and none of them names anybody where no name belongs.
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from engine.outbox"));
    }

    [Fact]
    public async Task Flagship_WhenItIsReturnedAndRejected_ThenOnlyTheFormalReviewsSayWhatToCorrect_R_DOC_1_S1()
    {
        await using var desk = await CaseDesk.OpenAsync(PanelDesk.ShippedDefinition);
        var filed = await desk.SubmittedAsync();
        await desk.As(Employer).Return(filed, "请核对姓名。");
        Assert.Empty(await filed.Letters());
        await filed.Supplement();
        await desk.As(Employer).Approve(filed);

        await desk.As(Unit).Return(filed, "请补盖单位公章。");
        var correction = await filed.Letter("correction");
        Assert.Contains("请于2026年10月12日（含当日）前登录平台完成补正并重新提交，补正期限为10个工作日。", await filed.Html(correction), StringComparison.Ordinal);
        await filed.Supplement(filed.Sample.Correction!.Data);
        await desk.As(Unit).Reject(filed, "不符合申报条件。");

        var dismissal = await filed.Letter("dismissal");
        var html = await filed.Html(dismissal);
        Assert.Equal(("示国资退字〔2026〕1号", Unit), (dismissal.Number, dismissal.IssuedBy!.Id));
        Assert.Contains("理由如下：不符合申报条件。", html, StringComparison.Ordinal);
        Assert.Contains("书面申请复核", html, StringComparison.Ordinal);
        Assert.DoesNotContain("行政诉讼", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flagship_WhenNothingIsCorrectedInTime_ThenTheBureauDismissesItAndSaysWhy_R_DOC_1_R_REV_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.As(Employer).Return(filed, "证明不清晰");

        await desk.AdvanceTo("2026-10-20 09:00");

        var dismissal = await filed.Letter("dismissal");
        Assert.Equal(("bureau", (string?)null), (dismissal.Issuer.Id, dismissal.IssuedBy?.Id));
        Assert.Contains("理由如下：逾期未补正或未完善材料", await filed.Html(dismissal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Acceptance_WhenTheOfficeAcceptsOrLetsTheTimePass_ThenThereIsOneLetterThatSaysWhich_R_DOC_1_R_REV_3()
    {
        await using var desk = await CaseDesk.OpenServiceAsync(ServiceFolders.All["clocked-approval"]);
        var (accepted, lapsed) = (await desk.SubmittedAsync(), await desk.SubmittedAsync());
        await desk.As(Unit).Approve(accepted);
        var letter = Assert.Single(await accepted.Letters());
        Assert.Equal(("acceptance", "示国资受字〔2026〕1号", "case.accepted"), (letter.Kind, letter.Number, letter.Event));
        var html = await accepted.Html(letter);
        Assert.Contains("经审查，申报材料齐全，符合规定形式，决定予以受理。", html, StringComparison.Ordinal);
        Assert.Contains("承诺于2026年10月26日前办结", html, StringComparison.Ordinal);

        // Five working days, and nobody has said anything.
        await desk.AdvanceTo("2026-09-30 09:00");
        await desk.Get<ClockWatch>().RunDueAsync(default);
        Assert.Contains("自收到申报材料之日起即为受理", await lapsed.Html(Assert.Single(await lapsed.Letters())), StringComparison.Ordinal);
        // What counts as accepted isn't accepted once more.
        await desk.As(Unit).Approve(lapsed);
        Assert.Equal(["acceptance"], (await lapsed.Letters()).Select(l => l.Kind));
    }

    [Fact]
    public async Task Refusal_WhenTheWindowRefusesACase_ThenTheDecisionSaysWhyAndHowItIsReviewed_R_DOC_1_R_REV_2()
    {
        await using var desk = await CaseDesk.OpenServiceAsync(ServiceFolders.All["clocked-approval"]);
        var filed = await desk.SubmittedAsync();

        await desk.As(Unit).Decide(filed, "refuse", "申报事项不属于本单位职权范围。");

        var refusal = Assert.Single(await filed.Letters());
        Assert.Equal(("refusal", "示国资不受字〔2026〕1号", "不予受理决定书"), (refusal.Kind, refusal.Number, refusal.TitleZh));
        var html = await filed.Html(refusal);
        Assert.Contains("理由如下：申报事项不属于本单位职权范围。", html, StringComparison.Ordinal);
        Assert.Contains("申请行政复议", html, StringComparison.Ordinal);
        Assert.Contains("提起行政诉讼", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Letter_WhenTheFormHasChangedSinceTheCaseWasFiled_ThenItIsWordedByTheCasesOwn_R_DOC_1_R_CASE_2()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.As(Employer).Approve(filed);
        await desk.As(Unit).Approve(filed);
        // The release that makes the letter calls the title something else.
        using var node = await desk.AnotherAsync(folder =>
        {
            var file = Path.Combine(folder, desk.Service, "form.json");
            File.WriteAllText(file, File.ReadAllText(file).Replace("\"政工师\"", "\"思想政治工作师\"", StringComparison.Ordinal));
        });
        Assert.NotEqual((await filed.Read()).FormVersion, node.Services.GetRequiredService<Approvals.Cases.ApprovalContent>().Get(desk.Service).Form.Version);
        var issuing = node.Services.GetRequiredService<IEnumerable<IOutboxHandler>>().OfType<LetterIssuing>().Single();

        Assert.Same(OutboxResult.Ok, await issuing.DeliverAsync(Assert.Single(await desk.Orders()), default));

        var html = await filed.Html(await filed.Letter("qualification"));
        Assert.Contains("申报类型：政工师）", html, StringComparison.Ordinal);
        Assert.DoesNotContain("思想政治工作师", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Employers_WhenTheCaseIsAboutOne_ThenTheLetterIsToTheEmployer_R_DOC_1_S2()
    {
        await using var desk = await CaseDesk.OpenServiceAsync(ServiceFolders.All["returnee-permission"]);
        await desk.Execute("""
            insert into approvals.certifications (id, user_id, employer_id, way, certified_at)
            select gen_random_uuid(), r.user_id, r.organisation_id, 'recognised', now() from approvals.user_roles r where r.role = 'employer.handler'
            """);
        var samples = desk.Content.Services.Single().Samples;
        var (opened, refused) = (await desk.SubmittedAsync(samples.Single(s => s.Applicant == "emp-metro-handler")), await desk.SubmittedAsync(samples.Single(s => s.Applicant == "emp-water-handler")));
        await desk.As(Bureau).Decide((await desk.As(Bureau).Inbox("candidates")).Single(t => t.CaseId == opened.Id).Id, "approve", "资料齐全");
        await desk.As(Bureau).Decide((await desk.As(Bureau).Inbox("candidates")).Single(t => t.CaseId == refused.Id).Id, "reject", "企业资质证明与所填资质不符。");

        var (open, dismissal) = (Assert.Single(await opened.Letters()), Assert.Single(await refused.Letters()));

        Assert.Equal(("业务权限开通通知书", "示人才办字〔2026〕1号"), (open.TitleZh, open.Number));
        Assert.Contains("<p class=\"to\">示例市城市运行集团有限公司：</p>", await opened.Html(open), StringComparison.Ordinal);
        Assert.Equal("业务权限审核不通过通知书", dismissal.TitleZh);
        Assert.Contains("理由如下：企业资质证明与所填资质不符。", await refused.Html(dismissal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Activity_WhenItIssuesALetterAndCorrectsIt_ThenTheSecondReplacesTheFirst_R_DOC_1()
    {
        var definition = JsonNode.Parse(ReviewFlow.Definition())!;
        Insert(definition, "letter-1", "refusal", false, after: "passed");
        Insert(definition, "letter-2", "refusal", true, after: "letter-1");
        await using var desk = await CaseDesk.OpenAsync(definition.ToJsonString(), folder => File.WriteAllText(Path.Combine(folder, "letters.json"), """{ "letters": [ { "kind": "refusal", "on": "" }, { "kind": "qualification", "zh": "通知", "en": "Notice", "number": "{issuer}{year}-{serial}", "issuer": "employer", "addressee": "employer", "fields": ["you", "caseNumber", "serviceName", "submittedOn", "titleName", "dueDate?", "dueDays?", "hotline", "hotlineHours", "address?"] }, { "kind": "completion", "on": "", "fields": ["you", "caseNumber", "serviceName", "submittedOn", "issuedOn", "titleName", "employerName", "hotline", "hotlineHours", "address?"] } ] }"""));
        var filed = await desk.SubmittedAsync();
        await desk.As(Employer).Approve(filed);
        await desk.As(Unit).Approve(filed);
        await filed.Supplement(filed.Sample.Phase2!.Value);
        await desk.As(Employer).Approve(filed);
        await desk.As(Unit).Approve(filed);
        await desk.As(Bureau).Approve(filed);

        var letters = await filed.Letters();

        Assert.Equal(["示人才不受字〔2026〕1号", "示人才不受字〔2026〕2号"], letters.Select(l => l.Number));
        Assert.Equal((letters[1].Id, letters[0].Id), (letters[0].SupersededBy!.Id, letters[1].Supersedes!.Id));
        Assert.Contains("本文书更正并取代示人才不受字〔2026〕1号文书。", await filed.Html(letters[1]), StringComparison.Ordinal);
        Assert.Contains(letters[0].Id.ToString(), await desk.Scalar<string>($"select details from approvals.audit where case_id = '{filed.Id}' order by seq desc limit 1"), StringComparison.Ordinal);
    }

    /// <summary>Puts the activity where a connection leads on from another.</summary>
    private static void Insert(JsonNode definition, string id, string kind, bool corrects, string after)
    {
        var root = definition["root"]!;
        JsonObject Literal(string type, JsonNode value) => new() { ["typeName"] = type, ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value } };
        root["activities"]!.AsArray().Add(new JsonObject
        {
            ["id"] = id, ["nodeId"] = $"Workflow1:flow:{id}", ["name"] = id, ["type"] = IssueLetter.TypeName, ["version"] = 1, ["letter"] = Literal("String", kind), ["corrects"] = Literal("Boolean", corrects),
            ["metadata"] = new JsonObject { ["displayText"] = "出具文书" },
        });
        var way = root["connections"]!.AsArray().Single(c => (string?)c!["source"]!["activity"] == after)!;
        var onward = way["target"]!.DeepClone();
        way["target"] = new JsonObject { ["activity"] = id, ["port"] = "In" };
        root["connections"]!.AsArray().Add(new JsonObject { ["source"] = new JsonObject { ["activity"] = id, ["port"] = "Done" }, ["target"] = onward });
    }
}
