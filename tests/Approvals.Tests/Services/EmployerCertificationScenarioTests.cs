using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Integrations.Recognition;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Standing;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Standing;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>单位认证 (S5), as the manual of Chaoyang has it: 一、注册、认证, figures 3 and 4.</summary>
public sealed class EmployerCertificationScenarioTests() : ExampleScenarios("employer-certification")
{
    private const string Bureau = "bureau-reviewer-1", Metro = "emp-metro-handler", Water = "emp-water-handler", Press = "emp-press-handler";
    private const string MetroName = "示例市城市运行集团有限公司", MetroCode = "91119900MA0000218L", WaterName = "示例市水务集团有限公司", WaterCode = "91119900MA0000226F";

    private protected override void AddServices(IServiceCollection services) => services.AddSingleton<IDocumentRecognition>(new RecognitionSimulator());

    [Fact]
    public Task Certification_WhenTheRecognisedLicenceIsConfirmedUnchanged_ThenItPassesByItself_Figure3And4_S5_R_EMP_2() => Play(async desk =>
    {
        var filed = await desk.FileAsync(desk.Sample("01-metro-unchanged"), await desk.LicenceAsync(Metro, MetroName, MetroCode));
        Assert.Equal("待核对", await filed.Status());
        var read = await desk.Get<LicenceRecognitions>().ReadAsync(desk.As(Metro).Caller, filed.Id, default);
        Assert.Equal((MetroName, MetroCode, (string?)null), (read.UnitName, read.CreditCode, read.Fault));

        await filed.ConfirmAsync();

        Assert.Equal("已通过", await filed.Status());
        var standing = await desk.StandingAsync(Metro, "emp-metro");
        Assert.Equal((CertificationWays.Recognised, filed.Id), (standing.Certification!.Way, standing.Certification.CaseId));
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.tasks where kind = 'review'"));
        Assert.Equal($"{MetroName} {MetroCode}", await desk.DirectoryAsync("emp-metro"));
        Assert.Equal(["case.completed → emp-metro-handler", "case.submitted → emp-metro-handler", "phase2.opened → emp-metro-handler"], (await filed.Told()).Order(StringComparer.Ordinal));
        // What was read and confirmed is nowhere in the workflow.
        Assert.Equal(0L, await desk.Scalar<long>($"select count(*) from engine.instances where encode(state, 'escape') like '%{MetroCode}%'"));
        Assert.Contains("employer certified: recognised", await desk.Scalar<string>($"select string_agg(details, ' ') from approvals.audit where case_id = '{filed.Id}'"));
    });

    [Fact]
    public Task Certification_WhenTheHandlerCorrectsWhatWasRead_ThenItIsReviewedAndTheDirectorySaysSoOnlyThen_S5_R_EMP_2() => Play(async desk =>
    {
        var licence = await desk.LicenceAsync(Water, WaterName, WaterCode);
        var first = await desk.FileAsync(desk.Sample("02-water-corrected"), licence);
        await first.ConfirmAsync(new { unitName = WaterName });
        Assert.Equal("已通过", await first.Status());

        // 重新认证: the next round begins with the licence of the one before; the certification holds until it is decided.
        var again = new FiledCase(desk, (await desk.Get<CaseCommands>().CreateAsync(desk.As(Water).Caller, new NewCase { Service = desk.Service }, null, default)).InstanceId, first.Sample);
        Assert.Equal(licence, (await again.Read()).Data["1"].GetProperty("licence").GetGuid());
        Assert.Equal($"2 {first.Id}", await desk.Scalar<string>($"select round || ' ' || previous_id from approvals.cases where id = '{again.Id}'"));
        await again.Submit();
        await desk.Deliver();
        await again.ConfirmAsync();
        Assert.Equal("待审核", await again.Status());
        Assert.Equal(first.Id, (await desk.StandingAsync(Bureau, "emp-water")).Certification!.CaseId);
        Assert.Equal($"{WaterName} {WaterCode}", await desk.DirectoryAsync("emp-water"));

        await Approve(again, Bureau);

        Assert.Equal("已通过", await again.Status());
        var standing = await desk.StandingAsync(Water, "emp-water");
        Assert.Equal((CertificationWays.Reviewed, again.Id), (standing.Certification!.Way, standing.Certification.CaseId));
        Assert.Equal($"示例市水务环境集团有限公司 {WaterCode}", await desk.DirectoryAsync("emp-water"));
        Assert.Equal(2L, await desk.Scalar<long>("select count(*) from approvals.certifications where employer_id = 'emp-water'"));
        Assert.Equal("nameZh", await desk.Scalar<string>("select array_to_string(fields, ',') from approvals.directory_changes where change = 'certified'"));
        Assert.Contains("employer certified: reviewed", await desk.Scalar<string>($"select string_agg(details, ' ') from approvals.audit where case_id = '{again.Id}'"));
    });

    [Fact]
    public Task Certification_WhenTheCodeIsAnothers_ThenItCantBeApprovedAndIsRefusedWithAReason_S5_R_EMP_2() => Play(async desk =>
    {
        var filed = await desk.FileAsync(desk.Sample("03-press-refused"), await desk.LicenceAsync(Press, "示例出版传媒有限公司", "91119900MA0000269W"));
        await filed.ConfirmAsync();
        var task = (await TaskOf(filed, Bureau))!;

        Assert.Equal(ErrorCodes.Conflict, (await Assert.ThrowsAsync<WorkflowException>(() => desk.As(Bureau).Decide(task.Id, "approve", "同意"))).Code);
        await desk.As(Bureau).Decide(task.Id, "reject", "所填代码与营业执照不符。");

        Assert.Equal("未通过", await filed.Status());
        var standing = await desk.StandingAsync(Press, "emp-press");
        Assert.Null(standing.Certification);
        Assert.Equal("所填代码与营业执照不符。", Assert.Single(standing.Cases).Reason);
        Assert.Contains("case.rejected → emp-press-handler", await filed.Told());
        // 重新认证, with the right code.
        var again = await desk.FileAsync(desk.Sample("03-press-refused"), await desk.LicenceAsync(Press, "示例出版传媒有限公司", "91119900MA0000269W"));
        await again.ConfirmAsync(new { creditCode = "91119900MA0000269W" });
        Assert.Equal("已通过", await again.Status());
    });

    [Fact]
    public Task Certification_WhenTheLicenceCantBeRead_ThenItIsReviewedAndReturnedForAnother_S5() => Play(async desk =>
    {
        var sample = desk.Sample("01-metro-unchanged");
        var filed = await desk.FileAsync(sample, await desk.KeepAsync(Metro, SampleFiles.Pdf()));
        Assert.Equal(LicenceFaults.NoImage, (await desk.Get<LicenceRecognitions>().ReadAsync(desk.As(Metro).Caller, filed.Id, default)).Fault);
        await filed.ConfirmAsync();
        Assert.Equal("待审核", await filed.Status());

        await Decide(filed, "return", Bureau);

        Assert.Equal("待补正", await filed.Status());
        // Another employer's picture isn't of this library.
        var others = Licences.Json(new { licence = await desk.LicenceAsync(Water, MetroName, MetroCode) });
        Assert.Equal(ErrorCodes.InvalidForm, (await Assert.ThrowsAsync<WorkflowException>(() => filed.Supplement(others))).Code);
        await filed.Supplement(Licences.Json(new { licence = await desk.LicenceAsync(Metro, MetroName, MetroCode) }));
        await desk.Deliver();
        await filed.ConfirmAsync();
        Assert.Equal("已通过", await filed.Status());
        Assert.Contains("case.returned → emp-metro-handler", await filed.Told());
    });

    [Fact]
    public Task Certification_WhenAnotherEmployersLicenceIsConfirmedUnchanged_ThenItDoesntPassByItself_S5_R_EMP_2() => Play(async desk =>
    {
        var filed = await desk.FileAsync(desk.Sample("01-metro-unchanged"), await desk.LicenceAsync(Metro, WaterName, WaterCode));

        await filed.ConfirmAsync(new { unitName = WaterName, creditCode = WaterCode });

        Assert.Equal("待审核", await filed.Status());
        Assert.Equal($"{MetroName} {MetroCode}", await desk.DirectoryAsync("emp-metro"));
    });

    [Fact]
    public Task Confirmation_WhenEmailOrCodeIsWrong_ThenItIsRefusedAndNothingHappens_S5_R_EMP_2() => Play(async desk =>
    {
        var filed = await desk.FileAsync(desk.Sample("01-metro-unchanged"), await desk.LicenceAsync(Metro, MetroName, MetroCode));

        foreach (var (changed, path, code) in ((object, string, string)[])[(new { email = "" }, "email", FormErrorCodes.Required), (new { email = "hr" }, "email", FormErrorCodes.BadFormat), (new { creditCode = "91119900MA0000218X" }, "creditCode", FormErrorCodes.CheckFailed)])
        {
            var refused = await Assert.ThrowsAsync<WorkflowException>(() => filed.ConfirmAsync(changed));
            Assert.Equal((path, code), Assert.IsAssignableFrom<IReadOnlyList<FormError>>(refused.Facts["errors"]).Select(e => (e.Path, e.Code)).Single());
        }
        Assert.Equal("待核对", await filed.Status());
        await filed.Withdraw();
        Assert.Equal("已撤回", await filed.Status());
    });

    [Fact]
    public Task Certification_WhenNobodyConfirmsInTime_ThenItEndsAndCanBeginAgain_S5() => Play(async desk =>
    {
        var licence = await desk.LicenceAsync(Metro, MetroName, MetroCode);
        var sample = desk.Sample("01-metro-unchanged");
        var confirming = await desk.FileAsync(sample, licence);
        await desk.AdvanceTo("2026-10-30 09:00");
        Assert.Equal("未通过", await confirming.Status());
        Assert.Contains("supplement.due_soon → emp-metro-handler", await confirming.Told());

        var returned = await desk.FileAsync(sample, licence);
        await returned.ConfirmAsync(new { unitName = "另一名称有限公司" });
        await Decide(returned, "return", Bureau);
        await desk.AdvanceTo("2026-11-30 09:00");
        Assert.Equal("未通过", await returned.Status());
        Assert.Equal("逾期未补正或未完善材料", (await returned.Read()).EndReason);
    });

    [Fact]
    public Task Review_WhenNobodyDecidesInTime_ThenItGoesToTheSuperior_S5() => Play(async desk =>
    {
        var filed = await desk.FileAsync(desk.Sample("02-water-corrected"), await desk.LicenceAsync(Water, WaterName, WaterCode));
        await filed.ConfirmAsync();

        await desk.AdvanceTo("2026-10-20 09:00");

        Assert.Null(await TaskOf(filed, Bureau));
        Assert.Superset(new HashSet<string> { "task.reminder → bureau-reviewer-1", "task.escalated → bureau-superior" }, (await filed.Told()).ToHashSet());
        await Approve(filed, "bureau-superior");
        Assert.Equal("已通过", await filed.Status());
    });

    [Fact]
    public Task Handler_WhenReplacedWhileTheCaseWaits_ThenTheNewOneGoesOnAndTheOldOneHasNoAccess_S5_R_EMP_3() => Play(async desk =>
    {
        const string New = "emp-metro-reviewer-2";
        var filed = await desk.FileAsync(desk.Sample("01-metro-unchanged"), await desk.LicenceAsync(Metro, MetroName, MetroCode));
        var task = (await filed.Waiting()).TaskId;
        Assert.Equal(ErrorCodes.InvalidRequest, (await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<TaskCommands>().ClaimAsync(desk.As(Metro).Caller, task, null, default))).Code);

        await desk.ReplaceHandlerAsync(Metro, New);

        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => filed.Read())).Code);
        await Assert.ThrowsAsync<WorkflowException>(() => filed.ConfirmAsync());
        await Assert.ThrowsAsync<WorkflowException>(() => filed.Withdraw());
        var taken = filed with { Sample = filed.Sample with { Applicant = New } };
        Assert.Contains((await taken.Read()).NextActions, a => a.Action == "supplement");
        await taken.ConfirmAsync();
        Assert.Equal("已通过", await taken.Status());
        Assert.Contains($"case.completed → {New}", await taken.Told());
        Assert.DoesNotContain($"case.completed → {Metro}", await taken.Told());
    });

    [Fact]
    public Task Review_WhenItsReviewerIsOrWasTheHandler_ThenSomebodyElseDecides_S5_R_REV_9() => Play(async desk =>
    {
        var filed = await desk.FileAsync(desk.Sample("02-water-corrected"), await desk.LicenceAsync(Water, WaterName, WaterCode));
        await filed.ConfirmAsync();
        var task = (await TaskOf(filed, Bureau))!;
        await desk.Execute($"""
            insert into approvals.user_roles values ('{Bureau}', 'employer.handler', 'emp-water');
            delete from approvals.user_roles where user_id = '{Water}';
            insert into approvals.user_roles values ('{Water}', 'bureau.reviewer', 'bureau');
            """);

        foreach (var user in (string[])[Bureau, Water])
            Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => desk.As(user).Decide(task.Id, "approve", "同意"))).Code);
        await desk.As("bureau-reviewer-2").Decide(task.Id, "approve", "同意");
    });

    [Fact]
    public Task Case_WhenTwoBeginAtOnceOrOneIsUnderWay_ThenTheEmployerHasOne_S5() => Play(async desk =>
    {
        var commands = desk.Get<CaseCommands>();
        Task<Runtime.Instances.StepAnswer> Begin(string user) => commands.CreateAsync(desk.As(user).Caller, new NewCase { Service = desk.Service }, null, default);

        var attempts = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            try
            {
                return (await Begin(Metro)).InstanceId.ToString();
            }
            catch (WorkflowException e)
            {
                return e.Code;
            }
        }));

        var one = Assert.Single(attempts, a => a != ErrorCodes.WrongState);
        Assert.Equal(ErrorCodes.WrongState, (await Assert.ThrowsAsync<WorkflowException>(() => Begin(Metro))).Code);
        await Begin(Water);
        await commands.WithdrawAsync(desk.As(Metro).Caller, Guid.Parse(one), null, null, null, default);
        await Begin(Metro);
        foreach (var stranger in (string[])["applicant-li", "emp-metro-reviewer-1"])
            Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => Begin(stranger))).Code);
    });
}
