using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Eligibility;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Services;

namespace Talent.Workflows.Approvals.Tests.Eligibility;

/// <summary>A correction of what conditions look at is judged again when it is handed in (R-ELG-5).</summary>
public sealed class CorrectedAnswerTests : IAsyncLifetime
{
    private const string Window = "bureau-reviewer-1";

    private CaseDesk desk = null!;

    private ServiceSample Sample => desk.Content.Services.Single().Samples.Single(s => s.Name == "01-li-completed");

    public async Task InitializeAsync() => desk = await CaseDesk.OpenServiceAsync(ServiceFolders.All["in-service-settlement"]);

    public Task DisposeAsync() => desk.DisposeAsync().AsTask();

    [Fact]
    public async Task Correction_WhenItChangesWhatConditionsLookAt_ThenItIsJudgedAgainAndTheEarlierAnswerStays_R_ELG_5()
    {
        var filed = await desk.SubmittedAsync(Sample);
        var first = await ReadAsync(filed);
        Assert.Equal(("filed", "met", 0), (first.Kind, Degree(first.Answer).State, first.Earlier.Count));
        await desk.As(Window).Return(filed, "身份证号码填写有误，请更正。");
        // 40 on the day of filing, and 41 on that of the correction.
        var (born, corrected) = (new DateOnly(1985, 9, 22), new DateOnly(2026, 9, 22));
        await desk.AdvanceTo($"{corrected:yyyy-MM-dd} 10:00");

        await SupplementAsync(filed, new { residentId = ResidentId.Fictitious(born, 25).Value, birthDate = "1985-09-22" });

        var second = await ReadAsync(filed);
        Assert.Equal(("corrected", "A1", new DateOnly(2026, 9, 21), "met"), (second.Kind, second.Condition, second.Answer.Day, Degree(second.Answer).State));
        Assert.Equal("1985-09-22", Degree(second.Answer).Rule!.Facts.Single(f => f.Fact == "age").From.Single().Value!.ToString());
        var earlier = Assert.Single(second.Earlier);
        Assert.Equal(("filed", first.At), (earlier.Kind, earlier.At));
        Assert.Equal("1986-02-14", Degree(earlier.Answer).Rule!.Facts.Single(f => f.Fact == "age").From.Single().Value!.ToString());

        // Others see the earlier one masked too.
        var masked = await desk.Get<CaseEligibility>().ReadAsync(desk.As(Window).Caller, filed.Id, default);
        Assert.Equal(["1985-**-**", "1986-**-**"], new[] { masked.Answer, masked.Earlier[0].Answer }.Select(a => (string)Degree(a).Rule!.Facts.Single(f => f.Fact == "age").From.Single().Value!));
        var audit = (await filed.History()).Single(h => h.Action == "case.supplemented").Details!.Value.GetProperty("eligibility").GetProperty("sha256").GetString();
        Assert.Equal(audit, await desk.Scalar<string>("select sha256 from approvals.case_eligibility where kind = 'corrected'"));
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
    }

    [Fact]
    public async Task Correction_WhenTheConditionIsntMetAnyMore_ThenItSaysSoAndTheHandInGoesOn_R_ELG_5()
    {
        var filed = await desk.SubmittedAsync(Sample);
        await desk.As(Window).Return(filed, "身份证号码填写有误，请更正。");

        await SupplementAsync(filed, new { residentId = ResidentId.Fictitious(new DateOnly(1970, 1, 2), 25).Value, birthDate = "1970-01-02" });

        var answer = await ReadAsync(filed);
        Assert.Equal(("corrected", "not_met"), (answer.Kind, Degree(answer.Answer).State));
        await desk.As(Window).Approve(filed);
    }

    [Fact]
    public async Task Correction_WhenItChangesNothingThatConditionsLookAt_ThenTheAnswerOfTheFilingStays_R_ELG_5()
    {
        var filed = await desk.SubmittedAsync(Sample);
        await desk.As(Window).Return(filed, "请核对工作岗位。");

        await SupplementAsync(filed, new { position = "高级设备工程师" });

        var answer = await ReadAsync(filed);
        Assert.Equal(("filed", 0), (answer.Kind, answer.Earlier.Count));
    }

    [Fact]
    public async Task Correction_WhenTheRulesReadMoreThanAtTheFiling_ThenOnlyWhatItChangesIsJudgedAgain_R_ELG_5()
    {
        var (same, other) = (await desk.SubmittedAsync(Sample), await desk.SubmittedAsync(desk.Content.Services.Single().Samples.Single(s => s.Name == "02-wang-returned")));
        foreach (var filed in (FiledCase[])[same, other])
            await desk.As(Window).Return(filed, "请核对工作岗位。");
        // By the new rules each condition says something of the occupation's place.
        using var node = await desk.AnotherAsync(folder =>
        {
            var path = Path.Combine(folder, desk.Service, "conditions.json");
            var file = JsonNode.Parse(File.ReadAllText(path))!;
            var codes = file["facts"]!.AsArray().Single(f => (string?)f!["key"] == "worksInCity")!["fieldCodes"]!.AsObject();
            foreach (var condition in file["conditions"]!.AsArray().Select(c => (string)c!["id"]!))
                codes[condition] = true;
            File.WriteAllText(path, file.ToJsonString());
        });
        var commands = node.Services.GetRequiredService<CaseCommands>();

        await commands.SupplementAsync(same.Applicant.Caller, same.Id, JsonSerializer.SerializeToElement(new { position = "高级设备工程师" }), null, null, null, default);
        await commands.SupplementAsync(other.Applicant.Caller, other.Id, JsonSerializer.SerializeToElement(new { residentId = ResidentId.Fictitious(new DateOnly(1985, 9, 22), 26).Value, birthDate = "1985-09-22" }), null, null, null, default);

        Assert.Equal("filed", (await ReadAsync(same)).Kind);
        Assert.Equal("corrected", (await desk.Get<CaseEligibility>().ReadAsync(other.Applicant.Caller, other.Id, default)).Kind);
    }

    [Fact]
    public async Task Correction_WhenItWasSavedBeforeItIsHandedIn_ThenItIsComparedWithWhatWasHandedInBefore_R_ELG_5()
    {
        var filed = await desk.SubmittedAsync(Sample);
        await desk.As(Window).Return(filed, "身份证号码填写有误，请更正。");

        await desk.Get<CaseCommands>().SaveAsync(filed.Applicant.Caller, filed.Id, 1,
            FilingCase.Over(Sample.Phase1, JsonSerializer.SerializeToElement(new { residentId = ResidentId.Fictitious(new DateOnly(1985, 9, 22), 25).Value, birthDate = "1985-09-22" })), null, default);
        await SupplementAsync(filed, new { position = "高级设备工程师" });

        Assert.Equal("corrected", (await ReadAsync(filed)).Kind);
    }

    private static ConditionAnswer Degree(EligibilityAnswer answer) => answer.Conditions.Single(c => c.Id == "A1");

    private static Task SupplementAsync(FiledCase filed, object data) => filed.Supplement(JsonSerializer.SerializeToElement(data));

    private Task<CaseEligibilityView> ReadAsync(FiledCase filed) => desk.Get<CaseEligibility>().ReadAsync(desk.As(Sample.Applicant).Caller, filed.Id, default);
}
