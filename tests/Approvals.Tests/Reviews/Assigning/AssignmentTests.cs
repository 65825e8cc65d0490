using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Assigning;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Reviews.Assigning;

/// <summary>Who gets a stage.</summary>
public sealed class AssignmentTests
{
    private const string One = "emp-metro-reviewer-1", Two = "emp-metro-reviewer-2";

    [Fact]
    public async Task Assignment_WhenByWorkload_ThenItGoesToWhoHasLeast_R_REV_1()
    {
        await using var desk = await OpenAsync(("assignBy", "least_workload"));
        var first = await desk.SubmittedAsync();
        await desk.Deliver();
        Assert.Single(await desk.As(One).Inbox("mine"));

        var second = await desk.SubmittedAsync();
        await desk.Deliver();

        Assert.Single(await desk.As(Two).Inbox("mine"));
        // Both have none again; the first has decided more.
        await desk.As(One).Approve(first);
        await desk.As(Two).Approve(second);
        await desk.As("bureau-reviewer-1").Reject(first, "不符合");
        await desk.SubmittedAsync();
        await desk.Deliver();
        Assert.Single(await desk.As(One).Inbox("mine"));
    }

    [Fact]
    public async Task Assignment_WhenByWorkload_ThenDecisionsBeforeTheSpanDontCount_R_REV_1()
    {
        await using var desk = await OpenAsync(("assignBy", "least_workload"), ("within", 10));
        var first = await desk.SubmittedAsync();
        await desk.Deliver();
        await desk.As(One).Approve(first);
        await desk.As("bureau-reviewer-1").Reject(first, "不符合");

        var second = await desk.SubmittedAsync();
        await desk.Deliver();
        Assert.Single(await desk.As(Two).Inbox("mine"));
        await desk.As(Two).Approve(second);
        await desk.As("bureau-reviewer-1").Reject(second, "不符合");
        // One decided before the span, Two on its last day: within ten days only Two has.
        await desk.Execute($"update approvals.tasks set decided_at = decided_at - interval '11 days' where decided_by = '{One}'");
        await desk.Execute($"update approvals.tasks set decided_at = decided_at - interval '9 days' where decided_by = '{Two}'");
        await desk.SubmittedAsync();
        await desk.Deliver();

        Assert.Single(await desk.As(One).Inbox("mine"));
    }

    [Theory]
    [InlineData("mode", "all")]
    [InlineData("mode", "vote")]
    public async Task Stage_WhenNobodyFitsAndItWaits_ThenItHearsNothingAndBeginsWhenSomebodyIsThere_R_REV_1(string input, string value)
    {
        await using var desk = await OpenAsync((input, value));
        await desk.Execute($"update approvals.users set active = false where id in ('{One}', '{Two}')");
        var filed = await desk.SubmittedAsync();
        await DeliverLaterAsync(desk);
        await DeliverLaterAsync(desk);

        var record = (await desk.Get<WorkflowRuntime>().ReadAsync(filed.Id, default))!;
        Assert.Empty(record.State.Incidents);
        Assert.Equal(0, await desk.Scalar<long>("select count(*) from approvals.tasks"));
        Assert.Equal(["case.created", "case.confirmed", "case.submitted"], (await filed.History()).Select(h => h.Action));

        await desk.Execute($"update approvals.users set active = true where id = '{Two}'");
        await DeliverLaterAsync(desk);
        Assert.Single(await desk.As(Two).Inbox("mine"));
    }

    [Fact]
    public async Task Stage_WhenTheNamedOneIsAwayAndItWaits_ThenItIsTheirsWhenTheyAreBack_R_REV_1()
    {
        await using var desk = await OpenAsync(("assignee", Two), ("whenNobody", "wait"), ("mode", "any"));
        await desk.Execute($"update approvals.users set active = false where id = '{Two}'");
        var filed = await desk.SubmittedAsync();
        await DeliverLaterAsync(desk);
        Assert.Empty((await desk.Get<WorkflowRuntime>().ReadAsync(filed.Id, default))!.State.Incidents);

        await desk.Execute($"update approvals.users set active = true where id = '{Two}'");
        await DeliverLaterAsync(desk);

        await desk.As(Two).Approve(filed);
        Assert.Equal("市局审核", (await filed.Waiting()).Name);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3661)]
    public void Stage_WhenItsSpanOfWorkloadIsNone_ThenItIsntPublished_R_REV_1(int days)
    {
        var definition = DefinitionReader.Read(StageFlow.Definition(("role", "Literal", "employer.reviewer"), ("assignBy", "Literal", "least_workload"), ("within", "Literal", days)));

        Assert.Contains(DefinitionValidator.Validate(definition, PoliticalWorkTitleDefinitionTests.Catalog), m => m.Message.Contains($"within {days} days", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("119900", Two)]
    [InlineData("310101", One)]
    public async Task Assignee_WhenAnExpressionOnTheCaseSaysIt_ThenItIsTheirTask_R_REV_1(string region, string expected)
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("assignee", "JavaScript", $"getInput('Region').startsWith('11') && getInput('EmployerId') === 'emp-metro' ? '{Two}' : '{One}'")));
        await desk.Execute($"update approvals.organisations set region = '{region}'");
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();

        Assert.Equal(filed.Id, Assert.Single(await desk.As(expected).Inbox("mine")).CaseId);
        Assert.Empty(await desk.As(expected == One ? Two : One).Inbox("mine"));
        await desk.As(expected).Approve(filed);
        Assert.Equal("市局审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task RoleAndOrganisation_WhenExpressionsOnTheCaseSayThem_ThenTheTaskIsInThatPool_R_REV_1()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(
            ("role", "JavaScript", "getInput('Service') === 'political-work-title' ? 'unit.reviewer' : 'bureau.reviewer'"), ("organisation", "JavaScript", "getInput('UnitId') ?? getInput('BureauId')")));
        var filed = await desk.SubmittedAsync();

        Assert.Equal(filed.Id, Assert.Single(await desk.As("unit-assets-reviewer-1").Inbox("candidates")).CaseId);
        Assert.Empty(await desk.As("unit-health-reviewer-1").Inbox("candidates"));
        Assert.Empty(await desk.As("bureau-reviewer-1").Inbox("candidates"));
    }

    [Fact]
    public async Task Members_WhenAnExpressionOnTheCaseSaysThem_ThenTheySignWithTheirWeights_R_REV_1_R_REV_6()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "vote"),
            ("members", "JavaScript", $"['{One}', '{Two}'].filter(u => u !== getInput('ApplicantId')).concat([{{ user: getInput('EmployerId') + '-superior', weight: 3 }}])")));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();

        Assert.Equal(3, (await filed.Read()).Stages.Count);
        // Three of five is more than half.
        await desk.As("emp-metro-superior").Decide(Assert.Single(await desk.As("emp-metro-superior").Inbox("mine")).Id, "approve", "同意");
        Assert.Equal("市局审核", (await filed.Waiting()).Name);
    }

    [Theory]
    [InlineData("getInput('Nothing').id")]
    [InlineData("getInput('ApplicantId')")]
    public async Task Assignee_WhenTheExpressionFailsOrNamesTheApplicant_ThenTheCaseHasAnIncidentAndNoTask_R_REV_1_R_REV_9(string expression)
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("assignee", "JavaScript", expression)));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();

        Assert.Equal("stage", Assert.Single((await desk.Get<WorkflowRuntime>().ReadAsync(filed.Id, default))!.State.Incidents).ActivityId);
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.tasks"));
    }

    /// <summary>The outbox comes round again.</summary>
    private static async Task DeliverLaterAsync(CaseDesk desk)
    {
        desk.Time.SetTo(desk.Time.GetUtcNow() + Assignments.LooksAgain);
        await desk.Deliver();
    }

    [Fact]
    public async Task Assignment_WhenLevelsUp_ThenTheOrganisationAboveDecides_R_REV_1()
    {
        await using var desk = await OpenAsync(("role", "unit.reviewer"), ("levelsUp", 1));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();

        var task = Assert.Single(await desk.As("unit-assets-reviewer-1").Inbox("candidates"));

        Assert.Equal(("unit.reviewer", "unit-assets"), (task.Role, task.OrganisationId));
        await desk.As("unit-assets-reviewer-1").Approve(filed);
        Assert.Equal("市局审核", (await filed.Waiting()).Name);
    }

    [Theory]
    [InlineData("119900")]
    [InlineData("119901")]
    public async Task Assignment_WhenByRegion_ThenItsOfficeDecidesOrThatOfItsCity_R_REV_1(string region)
    {
        await using var desk = await OpenAsync(("role", "bureau.reviewer"), ("region", region));
        await desk.SubmittedAsync();
        await desk.Deliver();

        Assert.Equal("bureau", Assert.Single(await desk.As("bureau-reviewer-1").Inbox("candidates")).OrganisationId);
    }

    [Fact]
    public async Task Stage_WhenNobodyFitsAndItMayBeSkipped_ThenItIs_R_REV_1()
    {
        await using var desk = await OpenAsync(("role", "employer.lawyer"), ("whenNobody", "skip"));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();

        Assert.Equal("市局审核", (await filed.Waiting()).Name);
        Assert.DoesNotContain("stage.approved → applicant-li", await filed.Told());
    }

    [Fact]
    public async Task Stage_WhenNobodyFitsAndItIsEscalated_ThenTheSuperiorDecides_R_REV_1()
    {
        await using var desk = await OpenAsync(("whenNobody", "escalate"));
        await desk.Execute($"update approvals.users set active = false where id in ('{One}', '{Two}')");
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();

        Assert.Equal("employer.superior", Assert.Single(await desk.As("emp-metro-superior").Inbox("candidates")).Role);
        await desk.As("emp-metro-superior").Approve(filed);
        Assert.Equal("市局审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Stage_WhenNobodyFitsAndThatIsAnIncident_ThenItGoesOnOnceSomebodyHasTheRole_R_REV_1()
    {
        await using var desk = await OpenAsync(("role", "employer.lawyer"), ("whenNobody", "incident"));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();
        var runtime = desk.Get<WorkflowRuntime>();
        var incident = Assert.Single((await runtime.ReadAsync(filed.Id, default))!.State.Incidents);
        Assert.Contains("employer.lawyer", incident.Message, StringComparison.Ordinal);

        await runtime.ApplyAsync(new StepRequest { InstanceId = filed.Id, Stimulus = new Stimulus.Retry(incident.Id), Actor = CaseDesk.Importer }, default);
        await desk.Deliver();
        Assert.Single((await runtime.ReadAsync(filed.Id, default))!.State.Incidents);

        await desk.Execute($"insert into approvals.user_roles (user_id, role, organisation_id) values ('{Two}', 'employer.lawyer', 'emp-metro')");
        incident = Assert.Single((await runtime.ReadAsync(filed.Id, default))!.State.Incidents);
        await runtime.ApplyAsync(new StepRequest { InstanceId = filed.Id, Stimulus = new Stimulus.Retry(incident.Id), Actor = CaseDesk.Importer }, default);
        await desk.Deliver();
        Assert.Single(await desk.As(Two).Inbox("candidates"));
    }

    [Fact]
    public async Task Stage_WhenTheNamedOneIsTheApplicant_ThenTheirSuperiorDecides_R_REV_9()
    {
        await using var desk = await OpenAsync(("assignee", "applicant-li"), ("whenNobody", "escalate"));
        await desk.SubmittedAsync();
        await desk.Deliver();

        Assert.Empty(await desk.As("applicant-li").Inbox("mine"));
        Assert.Single(await desk.As("emp-metro-superior").Inbox("candidates"));
    }

    [Theory]
    [InlineData("wait", "emp-metro-reviewer-2", "candidates")]
    [InlineData("escalate", "emp-metro-superior", "candidates")]
    [InlineData("skip", "bureau-reviewer-1", "candidates")]
    public async Task Stage_WhenItNamesALeaver_ThenItFallsToWhatIsSaidForNobody_R_REV_1_R_REV_7(string whenNobody, string user, string scope)
    {
        await using var desk = await OpenAsync(("assignee", One), ("whenNobody", whenNobody));
        await LeaveAsync(desk, One);

        await desk.SubmittedAsync();
        await desk.Deliver();

        Assert.Empty(await desk.As(One).Inbox("mine"));
        Assert.Single(await desk.As(user).Inbox(scope));
    }

    [Fact]
    public async Task Stage_WhenItNamesSomebodyWhoStays_ThenItIsTheirs_R_REV_1()
    {
        await using var desk = await OpenAsync(("assignee", One));
        await desk.SubmittedAsync();
        await desk.Deliver();

        Assert.Single(await desk.As(One).Inbox("mine"));
        Assert.Empty(await desk.As(Two).Inbox("candidates"));
    }

    [Fact]
    public async Task Stage_WhenOneOfSeveralHasLeft_ThenTheOthersDecide_R_REV_6_R_REV_7()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "all"), ("members", "Object", $"""["{One}","{Two}"]""")));
        await LeaveAsync(desk, One);
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();

        Assert.Empty(await desk.As(One).Inbox("mine"));
        await desk.As(Two).Decide(Assert.Single(await desk.As(Two).Inbox("mine")).Id, "approve", "同意");

        Assert.Equal("市局审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Workload_WhenWhoHasLeastHasLeft_ThenAnotherGetsIt_R_REV_1_R_REV_7()
    {
        await using var desk = await OpenAsync(("assignBy", "least_workload"));
        await LeaveAsync(desk, One);
        await desk.SubmittedAsync();
        await desk.Deliver();

        Assert.Single(await desk.As(Two).Inbox("mine"));
    }

    private static Task<HandoverView> LeaveAsync(CaseDesk desk, string user) => desk.Get<TransferCommands>().HandOverAsync(
        desk.As("bureau-superior").Caller with { Scopes = new HashSet<string> { "admin", "cases" } }, user, "emp-metro-superior", "离职", null, default);

    private static Task<CaseDesk> OpenAsync(params (string Name, JsonNode Value)[] inputs)
    {
        var given = inputs.Select(i => (i.Name, "Literal", i.Value)).ToList();
        if (inputs.All(i => i.Name != "role"))
            given.Add(("role", "Literal", "employer.reviewer"));
        return CaseDesk.OpenAsync(StageFlow.Definition([.. given, ("organisation", "Input", "EmployerId")]));
    }
}
