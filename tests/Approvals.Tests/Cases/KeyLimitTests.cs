using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
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

    private static HashSet<string> Set(params string[] items) => [.. items];

    private static async Task<string> Code(Func<Task> act) => (await Assert.ThrowsAsync<WorkflowException>(act)).Code;
}
