using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Eligibility;
using Talent.Workflows.Approvals.Tests.Cases;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>高层次人才认定: a service that consists of files alone, from the questionnaire to the end.</summary>
public sealed class HighLevelTalentScenarioTests() : ExampleScenarios("high-level-talent")
{
    private const string Bureau1 = "bureau-reviewer-1", Bureau2 = "bureau-reviewer-2", Unit1 = "unit-assets-reviewer-1", Unit2 = "unit-assets-reviewer-2";

    [Fact]
    public Task Case_WhenTheQuestionnaireLeadsToClassA_ThenItIsFiledPrefilledAndDecidedByTheCity_R_ELG_2_R_ELG_4_R_ELG_5() => Play(async desk =>
    {
        var (caller, tests) = (desk.As("applicant-li").Caller, desk.Get<EligibilityDesk>());
        var session = await tests.BeginAsync(caller, new NewEligibilitySession("high-level-talent"), null, default);
        await tests.AnswerAsync(caller, session, "award", "no", null, default);
        var told = await tests.AnswerAsync(caller, session, "title", "senior", null, default);
        Assert.Equal([("A2", "questionnaire")], told.Matching.Select(m => (m.Id, m.By)));

        var id = await tests.FileAsync(caller, session, null, null, default);

        var filed = new FiledCase(desk, id, desk.Li);
        var draft = (await filed.Read()).Data["1"];
        Assert.Equal(("A2", "A", "senior"), (draft.GetProperty("condition").GetString(), draft.GetProperty("talentClass").GetString(), draft.GetProperty("titleGrade").GetString()));
        await desk.KeepMaterialsAsync(desk.Li);
        await desk.Get<CaseCommands>().SaveAsync(caller, id, 1, desk.Li.Phase1, null, default);
        await filed.Submit();
        var answer = await desk.Get<CaseEligibility>().ReadAsync(caller, id, default);
        Assert.Equal(("filed", "A2"), (answer.Kind, answer.Condition));
        Assert.Equal(["A2"], answer.Answer.Met.Where(m => m[0] == 'A'));
        Assert.Equal(["否", "正高级，近五年代表性业绩不少于3项"], answer.Answers.Select(a => a.OptionZh));

        await Approve(filed, "emp-metro-reviewer-1", "emp-metro-reviewer-2");
        Assert.Equal("市级审核", await Stages(filed));
        await Approve(filed, Bureau1);
        await Approve(filed, Bureau2);

        Assert.Equal("已办结", await filed.Status());
    });

    [Fact]
    public Task Case_WhenItIsClassB_ThenTheDistrictDecidesAfterACorrection_R_REV_2() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync(Huang(desk));
        await Decide(filed, "return", "emp-water-reviewer-1", "emp-water-reviewer-2");
        await filed.Supplement(filed.Sample.Correction!.Data);
        await Approve(filed, "emp-water-reviewer-1", "emp-water-reviewer-2");
        Assert.Equal("区级认定", await Stages(filed));
        await Decide(filed, "return", Unit1, Unit2);
        await filed.Supplement();
        await Approve(filed, "emp-water-reviewer-1", "emp-water-reviewer-2");
        await Approve(filed, Unit1, Unit2);

        Assert.Equal("已办结", await filed.Status());
    });

    [Fact]
    public Task Case_WhenTheCityReturnsItTwice_ThenItComesBackAndMayBeRejected_R_REV_2_R_REV_3() => Play(async desk =>
    {
        var filed = await desk.SubmittedAsync();
        await Approve(filed, "emp-metro-reviewer-1", "emp-metro-reviewer-2");
        await Decide(filed, "return", Bureau1);
        await filed.Supplement();
        await Approve(filed, "emp-metro-reviewer-1", "emp-metro-reviewer-2");
        await Approve(filed, Bureau1);
        await Decide(filed, "return", Bureau2);
        await filed.Supplement();
        await Approve(filed, "emp-metro-reviewer-1", "emp-metro-reviewer-2");
        await Decide(filed, "reject", Bureau1);

        Assert.Equal("未通过", await filed.Status());
    });

    [Fact]
    public Task Case_WhenItIsRejectedOrNotCorrected_ThenItEndsWhereverItStands_R_REV_3() => Play(async desk =>
    {
        var atEmployer = await desk.SubmittedAsync();
        await Decide(atEmployer, "reject", "emp-metro-reviewer-1", "emp-metro-reviewer-2");
        var atCity = await desk.SubmittedAsync();
        await Approve(atCity, "emp-metro-reviewer-1", "emp-metro-reviewer-2");
        await Approve(atCity, Bureau1);
        await Decide(atCity, "reject", Bureau2);
        var atDistrict = await desk.SubmittedAsync(Huang(desk));
        await Approve(atDistrict, "emp-water-reviewer-1", "emp-water-reviewer-2");
        await Decide(atDistrict, "reject", Unit1, Unit2);
        Assert.Equal(("未通过", "未通过", "未通过"), (await atEmployer.Status(), await atCity.Status(), await atDistrict.Status()));

        var forgotten = await desk.SubmittedAsync();
        await Decide(forgotten, "return", "emp-metro-reviewer-1", "emp-metro-reviewer-2");
        await desk.AdvanceTo("2026-10-20 09:00");
        Assert.Equal("退案", await forgotten.Status());
    });

    private static ServiceSample Huang(CaseDesk desk) => desk.Content.Services.Single().Samples.Single(s => s.Applicant == "applicant-huang");
}
