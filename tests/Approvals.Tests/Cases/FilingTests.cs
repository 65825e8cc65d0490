using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Cases;

public sealed class FilingTests : IAsyncLifetime
{
    private CaseDesk desk = null!;

    public async Task InitializeAsync() => desk = await CaseDesk.OpenAsync();

    public async Task DisposeAsync() => await desk.DisposeAsync();

    [Fact]
    public async Task Draft_WhenSavedInSteps_ThenNothingIsLostAndTheVersionIsChecked_R_CASE_1()
    {
        var filed = await desk.DraftAsync();
        var version = (await filed.Read()).Version;
        var data = JsonSerializer.SerializeToElement(new { name = "李示例" });
        var commands = desk.Get<CaseCommands>();

        await commands.SaveAsync(filed.Applicant.Caller, filed.Id, 1, data, version, default);
        var stale = await Assert.ThrowsAsync<WorkflowException>(() => commands.SaveAsync(filed.Applicant.Caller, filed.Id, 1, data, version, default));

        Assert.Equal(ErrorCodes.PreconditionFailed, stale.Code);
        var view = await filed.Read();
        Assert.Equal((version + 1, "李示例"), (view.Version, view.Data["1"].GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Submission_WhenTheFormIsIncomplete_ThenEveryErrorNamesItsField_R_CASE_2()
    {
        var filed = await desk.DraftAsync();
        await desk.Get<CaseCommands>().SaveAsync(filed.Applicant.Caller, filed.Id, 1, JsonSerializer.SerializeToElement(new { name = "李示例" }), null, default);

        var refused = await Assert.ThrowsAsync<WorkflowException>(filed.Submit);

        Assert.Equal(ErrorCodes.InvalidForm, refused.Code);
        var errors = Assert.IsAssignableFrom<IReadOnlyList<FormError>>(refused.Facts["errors"]);
        Assert.Contains(errors, e => e.Path == "phone" && e.Zh.Contains("请填写", StringComparison.Ordinal));
        Assert.Equal("草稿", await filed.Status());
    }

    [Fact]
    public async Task Submission_WhenRepeated_ThenTheSecondIsRefusedAndTheNumberStays()
    {
        var filed = await desk.SubmittedAsync();
        var number = (await filed.Read()).Number;

        var refused = await Assert.ThrowsAsync<WorkflowException>(filed.Submit);

        Assert.Equal(ErrorCodes.WrongState, refused.Code);
        Assert.Equal(number, (await filed.Read()).Number);
    }

    [Fact]
    public async Task Numbers_WhenManyCasesAreSubmitted_ThenSerialsFollowAndCheckDigitsHold_R_CASE_10()
    {
        var drafts = new List<FiledCase>();
        for (var i = 0; i < 12; i++)
            drafts.Add(await desk.DraftAsync());

        await Task.WhenAll(drafts.Select(d => d.Submit()));

        var serials = new List<long>();
        foreach (var draft in drafts)
        {
            Assert.True(CaseNumber.TryParse((await draft.Read()).Number, out var number, out _));
            serials.Add(number.Serial);
        }
        Assert.Equal(Enumerable.Range(1, 12).Select(i => (long)i), serials.Order());
    }

    [Fact]
    public async Task Case_WhenFiledForSomebodyElse_ThenTheServiceDecidesWhoMay_R_CASE_7()
    {
        var request = new NewCase { Service = "political-work-title", ApplicantId = "applicant-li", Data = desk.Li.Phase1 };

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<CaseCommands>().CreateAsync(desk.As("emp-metro-handler").Caller, request, null, default));
        var stranger = await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<CaseCommands>().CreateAsync(desk.As("emp-metro-reviewer-1").Caller, request, null, default));

        Assert.Equal(ErrorCodes.FilingRefused, refused.Code);
        Assert.Equal([FilingReasonCodes.WrongFiler], Assert.IsAssignableFrom<IReadOnlyList<FilingReason>>(refused.Facts["reasons"]).Select(r => r.Code));
        Assert.Equal(ErrorCodes.Forbidden, stranger.Code);
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.cases"));
    }

    [Fact]
    public async Task Case_WhenAnotherEmployerIsNamed_ThenItIsRefusedNamingBoth_R_CASE_7()
    {
        var request = new NewCase { Service = "political-work-title", EmployerId = "emp-water", Data = desk.Li.Phase1 };

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<CaseCommands>().CreateAsync(desk.As("applicant-li").Caller, request, null, default));

        Assert.Equal(ErrorCodes.InvalidRequest, refused.Code);
        Assert.Contains("'emp-metro'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'emp-water'", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.cases"));
    }

    [Fact]
    public async Task Creation_WhenRepeatedWithItsKey_ThenThereIsOneCase()
    {
        var key = new Idempotency("key:test", "create-1", [7]);
        var request = new NewCase { Service = "political-work-title", Data = desk.Li.Phase1 };
        var create = () => desk.Get<CaseCommands>().CreateAsync(desk.As("applicant-li").Caller, request, key, default);

        Assert.Equal((await create()).InstanceId, (await create()).InstanceId);
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from approvals.cases"));
    }

    [Fact]
    public async Task Withdrawal_WhenBeforeAcceptance_ThenTasksCloseAndTheApplicantIsTold_R_CASE_6()
    {
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        var task = (await filed.Waiting()).TaskId;

        await filed.Withdraw("改变计划");

        var view = await filed.Read();
        Assert.Equal(("已撤回", "改变计划"), (view.Status.Zh, view.EndReason));
        Assert.Empty(view.Stages);
        Assert.Contains("case.withdrawn → applicant-li", await filed.Told());
        var late = await Assert.ThrowsAsync<WorkflowException>(() => desk.As("unit-assets-reviewer-1").Decide(task, "approve", "同意"));
        Assert.Equal((ErrorCodes.TaskClosed, "cancelled"), (late.Code, late.Facts["taskStatus"]));
    }

    [Fact]
    public async Task Withdrawal_WhenThePhaseTwoReviewHasDecided_ThenItIsTooLate_R_CASE_6()
    {
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        await desk.As("unit-assets-reviewer-1").Approve(filed);
        await filed.Supplement(filed.Sample.Phase2!.Value);
        await desk.As("emp-metro-reviewer-1").Approve(filed);

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => filed.Withdraw());

        Assert.Equal(ErrorCodes.WrongState, refused.Code);
        Assert.DoesNotContain((await filed.Read()).NextActions, a => a.Action == "withdraw");
    }

    [Fact]
    public async Task Withdrawal_WhenTheUnitsReviewWasHandedToTheBureau_ThenItIsntAcceptedYet_R_CASE_6()
    {
        await desk.Execute("delete from approvals.user_roles where role = 'unit.superior' and organisation_id = 'unit-assets'; insert into approvals.user_roles values ('bureau-superior', 'unit.superior', 'bureau')");
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        await desk.AdvanceTo("2026-10-09 09:01");
        Assert.Equal("bureau", Assert.Single(await desk.As("bureau-superior").Inbox("candidates")).OrganisationId);
        await desk.As("bureau-superior").Approve(filed);

        await filed.Withdraw();

        Assert.Equal("已撤回", await filed.Status());
    }

    [Fact]
    public async Task Withdrawal_WhenTheBureausReviewWasHandedToItsSuperior_ThenDecidingItIsAcceptance_R_CASE_6()
    {
        await using var own = await CaseDesk.OpenAsync(ReviewFlow.Definition().Replace("BureauId", "UnitId", StringComparison.Ordinal).Replace("unit.reviewer", "bureau.reviewer", StringComparison.Ordinal));
        await own.Execute("""
            insert into approvals.organisations (id, kind, name_zh, name_en, region) values ('province', 'bureau', '省局', 'Province', '110000');
            update approvals.organisations set parent_id = 'province' where id = 'unit-assets';
            insert into approvals.user_roles values ('unit-assets-reviewer-1', 'bureau.reviewer', 'unit-assets'), ('unit-assets-superior', 'bureau.superior', 'province');
            """);
        var filed = await own.SubmittedAsync();
        await own.As("emp-metro-reviewer-1").Approve(filed);
        await own.AdvanceTo("2026-10-09 09:01");
        Assert.Equal("province", Assert.Single(await own.As("unit-assets-superior").Inbox("candidates")).OrganisationId);
        await own.As("unit-assets-superior").Approve(filed);

        Assert.Equal(ErrorCodes.WrongState, (await Assert.ThrowsAsync<WorkflowException>(() => filed.Withdraw())).Code);
    }

    [Fact]
    public async Task Withdrawal_WhenAskedBySomebodyElse_ThenItIsRefused()
    {
        var filed = await desk.SubmittedAsync();

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<CaseCommands>().WithdrawAsync(desk.As("emp-metro-reviewer-1").Caller, filed.Id, null, null, null, default));

        Assert.Equal(ErrorCodes.Forbidden, refused.Code);
    }

    [Fact]
    public async Task Materials_WhenIncomplete_ThenTaskAndDataStayAsTheyWere_R_CASE_2()
    {
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        await desk.As("unit-assets-reviewer-1").Approve(filed);

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => filed.Supplement(JsonSerializer.SerializeToElement(new { trainingHours = 96 })));

        Assert.Equal(ErrorCodes.InvalidForm, refused.Code);
        Assert.Equal("完善材料", (await filed.Waiting()).Name);
        Assert.False((await filed.Read()).Data.ContainsKey("2"));
    }

    [Fact]
    public async Task Materials_WhenTheirTaskIsDecidedLikeAReview_ThenItIsRefusedAndStaysOpen_R_CASE_2_R_REV_3()
    {
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        await desk.As("unit-assets-reviewer-1").Approve(filed);
        var task = (await filed.Waiting()).TaskId;

        foreach (var outcome in (string[])["submit", "approve"])
        {
            var refused = await Assert.ThrowsAsync<WorkflowException>(() => filed.Applicant.Decide(task, outcome, "已完善"));
            Assert.Equal(ErrorCodes.InvalidRequest, refused.Code);
            Assert.Contains($"/cases/{filed.Id}/supplement", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(task, (await filed.Waiting()).TaskId);
        Assert.Equal("完善材料", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task List_WhenPaged_ThenEachCaseComesOnceAndOnlyToThoseItConcerns_R_CASE_9()
    {
        for (var i = 0; i < 5; i++)
            await desk.SubmittedAsync();
        var reader = desk.Get<CaseReader>();
        var seen = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await reader.ListAsync(desk.As("bureau-reviewer-1").Caller, new CaseFilter("political-work-title", null, "emp-metro", "applicant-li", cursor, 2), default);
            seen.AddRange(page.Items.Select(c => c.Id));
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal(5, seen.Distinct().Count());
        Assert.Equal(5, seen.Count);
        Assert.Empty((await reader.ListAsync(desk.As("emp-water-reviewer-1").Caller, new CaseFilter(null, null, null, null, null, 50), default)).Items);
    }

    [Fact]
    public async Task Inbox_WhenPaged_ThenEachTaskComesOnceAndACursorFitsItsOwnListAlone_R_CASE_9()
    {
        var reviewer = desk.As("emp-metro-reviewer-1");
        for (var i = 0; i < 6; i++)
        {
            var filed = await desk.SubmittedAsync();
            if (i < 3)
                await reviewer.Approve(filed);
        }
        foreach (var scope in (string[])["candidates", "done"])
        {
            var seen = new List<Guid>();
            string? cursor = null;
            do
            {
                var page = await desk.Get<TaskReader>().ListAsync(reviewer.Caller, scope, cursor, 2, default);
                seen.AddRange(page.Items.Select(t => t.Id));
                cursor = page.Next;
                if (cursor is not null)
                    Assert.Equal(ErrorCodes.InvalidRequest, (await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<TaskReader>().ListAsync(reviewer.Caller, "mine", cursor, 2, default))).Code);
            }
            while (cursor is not null);

            Assert.Equal((3, 3), (seen.Count, seen.Distinct().Count()));
        }
    }

    [Fact]
    public async Task Submission_WhenWhatIsMissingWasSavedForTheSecondPhase_ThenIsRefused_R_CASE_2()
    {
        var filed = await desk.DraftAsync();
        var commands = desk.Get<CaseCommands>();
        await commands.SaveAsync(filed.Applicant.Caller, filed.Id, 1, JsonSerializer.SerializeToElement(new { name = "李示例" }), null, default);

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => commands.SaveAsync(filed.Applicant.Caller, filed.Id, 2, filed.Sample.Phase1, null, default));
        await Assert.ThrowsAsync<WorkflowException>(filed.Submit);

        Assert.Contains(refused.Code, (string[])[ErrorCodes.WrongState, ErrorCodes.InvalidForm]);
        Assert.Equal("草稿", await filed.Status());
    }

    [Fact]
    public async Task Draft_WhenAnOfficerLooks_ThenItIsTheFilersAlone_R_CASE_1()
    {
        var filed = await desk.DraftAsync();
        var officer = desk.As("emp-metro-reviewer-1");
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => filed.Read(officer))).Code);
        Assert.Empty((await desk.Get<CaseReader>().ListAsync(officer.Caller, new CaseFilter(null, null, null, null, null, 50), default)).Items);

        await filed.Submit();

        Assert.Equal(filed.Id, (await filed.Read(officer)).Id);
    }
}
