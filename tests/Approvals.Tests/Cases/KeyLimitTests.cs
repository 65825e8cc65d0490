using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Tests.Panels;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Cases;

/// <summary>What a key is limited to holds for whoever it acts for (R-ACC-3).</summary>
public sealed class KeyLimitTests : IAsyncLifetime
{
    private CaseDesk desk = null!;

    public async Task InitializeAsync() => desk = await CaseDesk.OpenAsync();

    public async Task DisposeAsync() => await desk.DisposeAsync();

    [Fact]
    public async Task Case_WhenTheKeyIsForAnotherServiceOrOrganisation_ThenATaskInItDoesNotShowIt_R_ACC_3()
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        var reviewer = desk.As("emp-metro-reviewer-1").Caller;

        foreach (var limited in (Caller[])[reviewer with { Services = Set("another") }, reviewer with { Organisations = Set("emp-water") }, reviewer with { Roles = Set("expert") }])
        {
            Assert.Equal(ErrorCodes.NotFound, await Code(() => desk.Get<CaseReader>().ReadAsync(limited, filed.Id, default)));
            Assert.Equal(ErrorCodes.NotFound, await Code(() => desk.Get<TaskReader>().ReadAsync(limited, task, default)));
        }
        Assert.Equal(filed.Id, (await desk.Get<CaseReader>().ReadAsync(reviewer with { Roles = Set("employer.reviewer") }, filed.Id, default)).Id);
    }

    [Fact]
    public async Task RolesLimitedKey_WhenItNamesNoUser_ThenItListsNothing_R_ACC_3()
    {
        var filed = await desk.SubmittedAsync();
        var caller = filed.Applicant.Caller with { User = null, Roles = Set("employer.reviewer") };

        Assert.Equal(ErrorCodes.Forbidden, await Code(() => desk.Get<CaseReader>().ListAsync(caller, new CaseFilter(null, null, null, null, null, 50), default)));
        Assert.Equal(ErrorCodes.Forbidden, await Code(() => desk.Get<CaseReader>().ReadAsync(caller, filed.Id, default)));
    }

    [Fact]
    public async Task RolesLimitedKey_WhenTheRoleIsAnother_ThenTheApplicantCanNotBeActedFor_R_ACC_3()
    {
        var filed = await desk.SubmittedAsync();
        var limited = filed.Applicant.Caller with { Roles = Set("employer.reviewer") };

        Assert.Equal(ErrorCodes.Forbidden, await Code(() => desk.Get<CaseCommands>().WithdrawAsync(limited, filed.Id, null, null, null, default)));
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        await desk.As("unit-assets-reviewer-1").Approve(filed);
        Assert.Equal(ErrorCodes.Forbidden, await Code(() => desk.Get<CaseCommands>().SupplementAsync(limited, filed.Id, filed.Sample.Phase2!.Value, null, null, null, default)));
        await desk.Get<CaseCommands>().SupplementAsync(filed.Applicant.Caller with { Roles = Set("applicant") }, filed.Id, filed.Sample.Phase2!.Value, null, null, null, default);
        Assert.Equal("用人单位复核", (await filed.Waiting()).Name);
    }

    /// <summary>Every limit that a key can have, for everybody who has to do with a case, on everything that can be asked of it.</summary>
    [Fact]
    public async Task Key_WhenItsLimitsLeaveOutServiceOrganisationOrRole_ThenNothingOfTheCaseIsReadOrDone_R_ACC_3()
    {
        await using var panels = await PanelDesk.OpenAsync();
        var (node, filed) = (panels.Desk, panels.Filed);
        var panel = await panels.PanelAsync();
        var expert = panel.Experts![0].Id;
        var seat = await node.Scalar<string>($"select organisation_id from approvals.users where id = '{expert}'");
        var secretary = Assert.Single(await node.As(PanelDesk.Secretary).Inbox("candidates")).Id;
        var ballot = Assert.Single(await node.As(expert).Inbox("mine")).Id;
        var decided = (await node.As("bureau-reviewer-1").Inbox("done"))[0].Id;
        (string User, string Role, string Organisation, Guid? Task)[] people =
        [
            ("applicant-li", "applicant", "emp-metro", null), ("bureau-reviewer-1", "bureau.reviewer", "bureau", decided),
            (PanelDesk.Secretary, "bureau.panel-secretary", "bureau", secretary), (expert, PanelStore.ExpertRole, seat, ballot),
        ];

        foreach (var (user, role, organisation, task) in people)
            foreach (var services in (HashSet<string>?[])[null, Set("political-work-title"), Set("another")])
                foreach (var organisations in (HashSet<string>?[])[null, Set(organisation), Set("emp-water")])
                    foreach (var roles in (HashSet<string>?[])[null, Set(role), Set("unit.reviewer")])
                    {
                        var caller = node.As(user).Caller with { Services = services, Organisations = organisations, Roles = roles };
                        var within = services?.Contains("political-work-title") != false && organisations?.Contains(organisation) != false && roles?.Contains(role) != false;
                        var what = $"{user}: services {One(services)}, organisations {One(organisations)}, roles {One(roles)}";
                        await Allows(within, $"case, {what}", () => node.Get<CaseReader>().ReadAsync(caller, filed.Id, default));
                        await Allows(within, $"history, {what}", () => node.Get<CaseReader>().HistoryAsync(caller, filed.Id, default));
                        await Allows(within, $"panel, {what}", () => node.Get<PanelReader>().ReadAsync(caller, panel.Id, default), but: user == "bureau-reviewer-1");
                        Assert.True(within == ((await node.Get<CaseReader>().ListAsync(caller, new CaseFilter(null, null, null, null, null, 50), default)).Items.Count == 1), $"list, {what}");
                        if (task is { } id)
                        {
                            await Allows(within, $"task, {what}", () => node.Get<TaskReader>().ReadAsync(caller, id, default));
                            Assert.True(within == (await Inbox(node, caller)).Contains(id), $"inbox, {what}");
                        }
                        if (within)
                            continue;
                        Assert.Equal(ErrorCodes.Forbidden, await Code(() => node.Get<CaseCommands>().WithdrawAsync(caller, filed.Id, null, null, null, default)));
                        Assert.Equal(ErrorCodes.Forbidden, await Code(() => node.Get<TaskCommands>().ClaimAsync(caller, secretary, null, default)));
                        Assert.Equal(ErrorCodes.Forbidden, await Code(() => node.Get<PanelCommands>().RecuseAsync(caller, panel.Id, "reason", null, default)));
                        Assert.Equal(ErrorCodes.Forbidden, await Code(() => node.Get<PanelCommands>().CastAsync(caller, panel.Id, "pass", default, null, null, default)));
                    }
        // Nothing of it was done: the four are still able to.
        await node.Get<TaskCommands>().ClaimAsync(node.As(PanelDesk.Secretary).Caller with { Organisations = Set("bureau"), Roles = Set("bureau.panel-secretary") }, secretary, null, default);
        await node.Get<PanelCommands>().CastAsync(node.As(expert).Caller with { Organisations = Set(seat), Roles = Set(PanelStore.ExpertRole) }, panel.Id, "pass", default, null, null, default);
    }

    private static async Task Allows<T>(bool within, string what, Func<Task<T>> act, bool but = false)
    {
        var refusal = await Record.ExceptionAsync(act);
        Assert.True(refusal is null == (within && !but), $"{what}: {refusal?.Message ?? "allowed"}");
        if (refusal is not null)
            Assert.Contains(Assert.IsType<WorkflowException>(refusal).Code, (string[])[ErrorCodes.NotFound, ErrorCodes.Forbidden]);
    }

    private static async Task<List<Guid>> Inbox(CaseDesk node, Caller caller)
    {
        var ids = new List<Guid>();
        foreach (var scope in (string[])["mine", "candidates", "done"])
            ids.AddRange((await node.Get<TaskReader>().ListAsync(caller, scope, null, 50, default)).Items.Select(t => t.Id));
        return ids;
    }

    private static string One(HashSet<string>? limit) => limit?.Single() ?? "all";

    private static HashSet<string> Set(params string[] items) => [.. items];

    private static async Task<string> Code(Func<Task> act) => (await Assert.ThrowsAsync<WorkflowException>(act)).Code;
}
