using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Employers.Associations;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Employers.Associations;
using Talent.Workflows.Engine;
using static Talent.Workflows.Approvals.Tests.Employers.Associations.EmploymentDesk;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>解除关联, as figure 20 of the employer's manual shows it: what stands against it is named, else it ends at once.</summary>
public sealed class DissociationScenarioTests() : ExampleScenarios("dissociation")
{
    private const string Li = "applicant-li";

    private protected override Task<CaseDesk> OpenAsync() => EmploymentDesk.OpenAsync();

    [Fact]
    public Task Handler_WhenTheyEndAnAssociation_ThenItIsOverAtOnceBothAreToldOnceAndHistoryStays_R_EMP_4_S6() => Play(async desk =>
    {
        var title = await desk.DraftTitleAsync(Li);
        await title.Submit();
        await title.Withdraw();
        var left = await desk.DraftTitleAsync(Li);
        Assert.True((await desk.PreviewAsync(Li, Handler)).Possible);

        var filed = await desk.LeavingAsync(Li, Handler);
        await filed.Submit();

        Assert.Equal(("已办结", ""), (await filed.Status(), await desk.EmployerOfAsync(Li)));
        Assert.Equal([$"association.ended → {Li}", $"association.left → {Handler}"], (await filed.Told()).Order(StringComparer.Ordinal));
        var gone = Assert.Single((await desk.EmployeesAsync(new EmployeeSearch("left"))).Items);
        Assert.Equal((Li, new DateOnly(2026, 9, 18), "resigned"), (gone.UserId, gone.LeftOn, gone.EndReason));
        Assert.DoesNotContain((await desk.EmployeesAsync(new EmployeeSearch())).Items, e => e.UserId == Li);
        Assert.Equal("已撤回", await title.Status());
        // What was begun there isn't sent from anywhere else.
        Assert.Equal((ErrorCodes.FilingRefused, (object)"not_associated"), await RefusedAsync(left.Submit));
        Assert.Equal((ErrorCodes.FilingRefused, (object)"not_associated"), await RefusedAsync(() => desk.DraftTitleAsync(Li)));

        await desk.ConfirmAsync(await desk.AskAsync(Li));
        Assert.Equal(2L, await desk.Scalar<long>($"select count(*) from approvals.associations where user_id = '{Li}'"));
    });

    [Fact]
    public Task Person_WhenTheyLeave_ThenTheyEndItThemselvesAndNobodyElseDoes_S6() => Play(async desk =>
    {
        Assert.Equal((ErrorCodes.FilingRefused, (object)"not_associated_with_applicant"), await RefusedAsync(() => desk.LeavingAsync(Li, "emp-water-handler")));
        Assert.Equal(ErrorCodes.Forbidden, (await RefusedAsync(() => desk.PreviewAsync(Li, "applicant-wang"))).Code);

        var filed = await desk.LeavingAsync(Li);
        await filed.Submit();

        Assert.Equal("", await desk.EmployerOfAsync(Li));
        Assert.Equal([$"association.ended → {Li}", $"association.left → {Handler}"], (await filed.Told()).Order(StringComparer.Ordinal));
        Assert.Equal(0L, await desk.Scalar<long>($"select count(*) from approvals.user_roles where user_id = '{Li}'"));
        Assert.Equal((ErrorCodes.FilingRefused, (object)"not_associated"), await RefusedAsync(() => desk.LeavingAsync(Li)));
    });

    [Fact]
    public Task Conditions_WhenOneIsntMet_ThenPreviewAndSubmissionNameTheSame_R_EMP_4_S6() => Play(async desk =>
    {
        var title = await desk.DraftTitleAsync(Li);
        await title.Submit();
        var leaving = await desk.LeavingAsync(Li, Handler);
        await Both(LeavingRules.CaseInProgress, (await title.Read()).Number!);
        await title.Withdraw();

        await desk.Execute($"insert into approvals.user_roles values ('{Li}', 'employer.reviewer', '{Employer}')");
        await Both(LeavingRules.OfficeHeld, "employer.reviewer");
        await desk.Execute($"delete from approvals.user_roles where user_id = '{Li}' and role = 'employer.reviewer'");

        var wang = await desk.DraftTitleAsync("applicant-wang");
        await wang.Submit();
        await desk.Execute($"update approvals.tasks set organisation_id = '{Employer}', claimed_by = '{Li}', status = 1 where case_id = '{wang.Id}'");
        await Both(LeavingRules.TaskOpen, null);
        await wang.Withdraw();

        await desk.Execute($"update approvals.associations set contract_from = '2026-10-01' where user_id = '{Li}'");
        await Both(LeavingRules.BeforeContract, "2026-10-01");
        Assert.True((await desk.PreviewAsync(Li, Handler)).Possible);
        await desk.Execute($"update approvals.associations set contract_from = '2026-01-01' where user_id = '{Li}'");
        await leaving.Submit();
        Assert.Equal("", await desk.EmployerOfAsync(Li));

        async Task Both(string code, string? about)
        {
            var preview = await desk.PreviewAsync(Li, Li, new DateOnly(2026, 9, 18));
            var refusal = await Assert.ThrowsAsync<WorkflowException>(leaving.Submit);
            var obstacle = Assert.Single(preview.Obstacles);
            Assert.Equal((false, code, ErrorCodes.WrongState), (preview.Possible, obstacle.Code, refusal.Code));
            Assert.Equal((object)code, refusal.Facts["reason"]);
            Assert.Equal(obstacle.Zh, refusal.MessageZh);
            Assert.Equal(about, obstacle.About.SingleOrDefault());
            Assert.Equal(Employer, await desk.EmployerOfAsync(Li));
        }
    });

    [Fact]
    public Task Leaving_WhenACaseIsSubmittedAtThatInstant_ThenOneOfThemWins_S6() => Play(async desk =>
    {
        for (var round = 0; round < 8; round++)
        {
            var user = await desk.EmployeeAsync($"citizen-{round}");
            var (title, leaving) = (await desk.DraftTitleAsync(user), await desk.LeavingAsync(user));
            using var together = new Barrier(2);

            var refusals = await Task.WhenAll(((FiledCase[])[title, leaving]).Select(filed => Task.Run(async () =>
            {
                together.SignalAndWait();
                try
                {
                    await filed.Submit();
                    return null;
                }
                catch (WorkflowException e)
                {
                    return e.Facts.GetValueOrDefault("reason") as string ?? (e.Facts.GetValueOrDefault("reasons") as IReadOnlyList<FilingReason>)?[0].Code ?? e.Code;
                }
            })));

            var gone = refusals[1] is null;
            (string?, string?) expected = gone ? ("not_associated", null) : (null, LeavingRules.CaseInProgress);
            Assert.Equal(expected, (refusals[0], refusals[1]));
            Assert.Equal(gone ? "" : Employer, await desk.EmployerOfAsync(user));
            Assert.Equal("draft", await desk.Scalar<string>($"select status from approvals.cases where id = '{(gone ? title : leaving).Id}'"));
        }
    });

    [Fact]
    public Task Leaving_WhenACaseIsSubmittedAfterTheFactsWereRead_ThenItIsntEnded_S6() => Play(async desk =>
    {
        // The step that files hasn't committed: whoever ends the association waits for it, and finds the case.
        var (title, leaving) = (await desk.DraftTitleAsync(Li), await desk.LeavingAsync(Li));
        await using var connection = await desk.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var files = new Npgsql.NpgsqlCommand($"""
            select 1 from approvals.users where id = '{Li}' for share;
            update approvals.associations set filings = filings + 1 where user_id = '{Li}' and ended_at is null;
            update approvals.cases set submitted_at = now(), number = 'ZGZP-TEST', status = 'in_review' where id = '{title.Id}';
            """, connection, transaction))
            await files.ExecuteNonQueryAsync();

        var ends = leaving.Submit();
        while (!ends.IsCompleted && await desk.Scalar<long>("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == 0)
            await Task.Yield();
        await transaction.CommitAsync();

        Assert.Equal((ErrorCodes.WrongState, (object)LeavingRules.CaseInProgress), await RefusedAsync(() => ends));
        Assert.Equal(Employer, await desk.EmployerOfAsync(Li));
        await desk.Execute($"update approvals.cases set submitted_at = null, number = null, status = 'draft' where id = '{title.Id}'");
        await leaving.Submit();
    });
}
