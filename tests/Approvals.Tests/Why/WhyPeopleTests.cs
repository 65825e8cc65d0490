using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Reviews.Signing;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Reviews;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Why;

/// <summary>Who can act now and why they. Submitted on Monday 2026-09-21 at 09:00.</summary>
public sealed class WhyPeopleTests
{
    private const string One = "emp-metro-reviewer-1", Two = "emp-metro-reviewer-2", Superior = "emp-metro-superior", Handler = "emp-metro-handler";

    private static readonly System.Text.Json.JsonSerializerOptions Readable = new(System.Text.Json.JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task People_WhenARoleDecides_ThenAllWhoHoldItAreNamedToOfficersAndCountedForTheApplicant_R_REV_1()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();

        var officer = await filed.WhyAsync(Two);
        var applicant = await filed.WhyAsync();

        Assert.Equal([$"role {One}", $"role {Two}"], officer.Who());
        Assert.Equal("用人单位审核：蒋样本可以办理，在示例市城市运行集团有限公司担任employer.reviewer。", officer.CanAct[0].TextZh);
        Assert.Equal("Employer review: 蒋样本 can act: holds employer.reviewer at Shili City Operation Group Co., Ltd.", officer.CanAct[0].TextEn);
        Assert.Equal(["role ×2"], applicant.Who());
        Assert.Equal("用人单位审核：2人可以办理，在示例市城市运行集团有限公司担任employer.reviewer。", applicant.CanAct[0].TextZh);
        foreach (var name in (string[])["蒋样本", "严样本", One, Two])
            Assert.DoesNotContain(name, System.Text.Json.JsonSerializer.Serialize(applicant, Readable), StringComparison.Ordinal);
    }

    [Fact]
    public async Task People_WhenTheServiceShowsItsReviewers_ThenTheApplicantIsToldTheirNames_R_REV_1()
    {
        await using var desk = await CaseDesk.OpenAsync(prepare: folder =>
        {
            var file = Path.Combine(folder, "service.json");
            var service = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
            service["handling"] = new JsonObject { ["showReviewers"] = true };
            File.WriteAllText(file, service.ToJsonString());
        });
        var filed = await desk.SubmittedAsync();

        Assert.Equal([$"role {One}", $"role {Two}"], (await filed.WhyAsync()).Who());
    }

    [Fact]
    public async Task People_WhenATaskIsClaimedHandedOverOrDelegated_ThenTheOneWhoHasItAndTheirDelegatesCan_R_REV_1_R_REV_7()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        var delegations = desk.Get<DelegationCommands>();
        await delegations.CreateAsync(desk.As(One).Caller, new NewDelegation { Delegate = Handler, Until = desk.Now.AddDays(9) }, null, default);
        await delegations.CreateAsync(desk.As(Handler).Caller, new NewDelegation { Delegate = Superior, Until = desk.Now.AddDays(9) }, null, default);
        await delegations.CreateAsync(desk.As(Two).Caller, new NewDelegation { Delegate = "applicant-li", Until = desk.Now.AddDays(9) }, null, default);

        Assert.Equal([$"role {One}", $"role {Two}", $"delegation {Handler}", $"delegation {Superior}"], (await filed.WhyAsync(One)).Who());
        await desk.Get<TaskCommands>().ClaimAsync(desk.As(One).Caller, task, null, default);
        var claimed = await filed.WhyAsync(Two);
        await desk.Get<TransferCommands>().TransferAsync(desk.As(One).Caller, task, Two, "出差", null, default);
        var moved = await filed.WhyAsync(Two);

        Assert.Equal([$"claimed {One}", $"delegation {Handler}", $"delegation {Superior}"], claimed.Who());
        Assert.Equal("用人单位审核：华范例可以办理，受委托代办（蒋样本→卫样例→华范例）。", claimed.CanAct[2].TextZh);
        Assert.Equal([One, Handler, Superior], claimed.CanAct[2].Chain!.Select(c => c.Id));
        Assert.Equal([$"handed_over {Two}"], moved.Who());
        Assert.Equal("用人单位审核：严样本可以办理，由蒋样本转办。", moved.CanAct[0].TextZh);
        Assert.Equal("Employer review: 严样本 can act: handed over by 蒋样本.", moved.CanAct[0].TextEn);
    }

    [Fact]
    public async Task People_WhenADelegateMayReadOnlyBecauseOfThat_ThenTheyAreAnswered_R_REV_7()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => filed.WhyAsync("emp-water-handler"))).Code);

        await desk.Get<DelegationCommands>().CreateAsync(desk.As(One).Caller, new NewDelegation { Delegate = "emp-water-handler", Until = desk.Now.AddDays(9) }, null, default);

        Assert.Contains("delegation emp-water-handler", (await filed.WhyAsync("emp-water-handler")).Who());
    }

    [Theory]
    [InlineData("assignee", "emp-metro-reviewer-2", "named emp-metro-reviewer-2")]
    [InlineData("assignBy", "least_workload", "least_workload emp-metro-reviewer-1")]
    [InlineData("levelsUp", 1, "level_up unit-assets-reviewer-1, level_up unit-assets-reviewer-2")]
    [InlineData("region", "119901", "region bureau-reviewer-1, region bureau-reviewer-2")]
    public async Task People_WhenTheDirectoryChoseThem_ThenTheGroundSaysHow_R_REV_1(string input, object value, string expected)
    {
        var role = input switch { "levelsUp" => "unit.reviewer", "region" => "bureau.reviewer", _ => "employer.reviewer" };
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("role", "Literal", role), ("organisation", "Input", "EmployerId"), (input, "Literal", JsonValue.Create(value)!)));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();

        Assert.Equal(expected, string.Join(", ", (await filed.WhyAsync("bureau-reviewer-1")).Who()));
    }

    [Fact]
    public async Task People_WhenSeveralDecideAndOneAsksAnother_ThenMembersAndTheCountersignerAreTold_R_REV_6_R_REV_7()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "all"), ("members", "Object", $"""["{One}","{Two}"]""")));
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();
        var asker = Assert.Single(await desk.As(One).Inbox("mine"));

        await desk.Get<SignCommands>().AddAsync(desk.As(One).Caller, asker.Id, "beside", [Handler], "核对任职经历", null, default);
        var why = await filed.WhyAsync(Two);

        Assert.Equal([$"countersigner {Handler}", $"member {One}", $"member {Two}"], why.Who().Order());
        Assert.Equal("联审：卫样例可以办理，由蒋样本加签。", why.CanAct.Single(a => a.User!.Id == Handler).TextZh);
        Assert.Equal("等待“联审”办理（3项待办），2026年9月29日24:00截止。", Assert.Single(why.WaitsFor).TextZh);
    }

    [Fact]
    public async Task People_WhenFourEyesKeepSomebodyOut_ThenTheyAreExcludedWithTheStageTheyDecided_R_REV_9()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(
            [("role", "Literal", "bureau.reviewer"), ("organisation", "Input", "BureauId")], [("fourEyes", "Literal", true)]));
        var filed = await desk.SubmittedAsync();
        await desk.Execute("insert into approvals.user_roles (user_id, role, organisation_id) values ('applicant-li', 'bureau.reviewer', 'bureau')");
        await desk.As("bureau-reviewer-1").Approve(filed);

        var why = await filed.WhyAsync("bureau-reviewer-2");

        Assert.Equal(["role bureau-reviewer-2"], why.Who());
        Assert.Equal([("applicant-li", "own_case", null), ("bureau-reviewer-1", "four_eyes", "stage")], why.Excluded.Select(e => (e.User.Id, e.Reason, e.Decided)).Order());
        Assert.Equal("市局审核：赵样本不能办理，已办理过“联审”（四眼原则）。", why.Excluded.Single(e => e.Reason == "four_eyes").TextZh);
        Assert.Equal(["applicant-li"], (await filed.WhyAsync()).Excluded.Select(e => e.User.Id));
    }

    [Fact]
    public async Task People_WhenTheLadderHandedItOn_ThenTheSuperiorHasItBecauseOfThat_R_REV_5()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();

        await desk.AdvanceTo("2026-10-09 10:00");

        Assert.Equal([$"escalated {Superior}"], (await filed.WhyAsync(Superior)).Who());
    }
}
