using System.Text.Json;
using Talent.Workflows.Approvals.Employers.Associations;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using static Talent.Workflows.Approvals.Tests.Employers.Associations.EmploymentDesk;

namespace Talent.Workflows.Approvals.Tests.Employers.Associations;

/// <summary>员工列表: figures 14, 15, 18 and 19 of the employer's manual.</summary>
public sealed class EmployeeTests
{
    [Fact]
    public async Task List_WhenFilteredAndPaged_ThenEachEmployeeComesOnceAndOnlyThoseWhoFit_R_EMP_4()
    {
        await using var desk = await OpenAsync();
        for (var i = 0; i < 5; i++)
        {
            await desk.CitizenAsync($"citizen-{i}", i % 2 == 0 ? $"高示例{i}" : $"梅样本{i}");
            await desk.ConfirmAsync(await desk.AskAsync($"citizen-{i}"), Work with { Department = i < 3 ? "设备部" : "客服中心", Position = $"工程师{i}" });
        }
        await desk.AskAsync(await desk.CitizenAsync("citizen-new", "何待定"));

        var all = new List<string>();
        string? cursor = null;
        do
        {
            var page = await desk.EmployeesAsync(new EmployeeSearch(Limit: 2, Cursor: cursor));
            all.AddRange(page.Items.Select(e => e.UserId));
            Assert.Equal(new EmployeeCounts(1, 6), page.Counts);
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal(["applicant-li", "citizen-0", "citizen-1", "citizen-2", "citizen-3", "citizen-4"], all.Order(StringComparer.Ordinal));
        Assert.Equal(["citizen-1", "citizen-3"], await Who(new EmployeeSearch(Name: "样本")));
        Assert.Equal(["citizen-3", "citizen-4"], await Who(new EmployeeSearch(Department: "客服")));
        Assert.Equal(["citizen-4"], await Who(new EmployeeSearch(Name: "示例", Position: "师4")));
        Assert.Equal(6, (await Who(new EmployeeSearch(From: new DateOnly(2026, 9, 21), To: new DateOnly(2026, 9, 21)))).Length);
        Assert.Empty(await Who(new EmployeeSearch(From: new DateOnly(2026, 9, 22))));
        Assert.Empty(await Who(new EmployeeSearch(To: new DateOnly(2026, 9, 20))));
        Assert.Equal(["citizen-new"], await Who(new EmployeeSearch("pending", Name: "何")));
        Assert.Empty(await Who(new EmployeeSearch("left")));
        foreach (var wrong in (EmployeeSearch[])[new("gone"), new("pending", Position: "师"), new(Limit: 0), new(Cursor: "abc"), new(Name: new string('高', 51))])
            Assert.Equal(ErrorCodes.InvalidRequest, (await RefusedAsync(() => desk.EmployeesAsync(wrong))).Code);

        async Task<string[]> Who(EmployeeSearch search) => [.. (await desk.EmployeesAsync(search)).Items.Select(e => e.UserId).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Employee_WhenReadByTheirHandler_ThenTheProfileIsMaskedAndGoneOnceTheyLeft_R_EMP_4_R_AUD_2()
    {
        await using var desk = await OpenAsync();
        var gao = await desk.CitizenAsync("citizen-gao");
        var asked = await desk.AskAsync(gao);
        var id = await PersonIdAsync(desk, gao);
        // Who only asks isn't theirs to see yet.
        Assert.Equal(ErrorCodes.NotFound, (await RefusedAsync(() => desk.Get<PersonReader>().ReadAsync(desk.As(Handler).Caller, id, default))).Code);
        await desk.Get<PersonCommands>().SaveStepAsync(desk.As(gao).Caller, id, "education", JsonSerializer.SerializeToElement(new { highestEducation = "30", highestDegree = "0", hasTitle = false }), null, default);
        await desk.ConfirmAsync(asked);
        var employee = (await desk.EmployeesAsync(new EmployeeSearch(Name: "高"))).Items.Single().Id;
        var reader = desk.Get<EmployeeReader>();

        var view = await reader.ReadAsync(desk.As(Handler).Caller, Employer, employee, default);

        Assert.Equal(("高示例", "199****7001", "工程师"), (view.Profile!.Name, view.Profile.Phone, view.Employee.Position));
        Assert.Equal("30", view.Profile.Steps.Single(s => s.Key == "education").Data!.Value.GetProperty("highestEducation").GetString());
        Assert.Equal(["update", "dissociation"], view.NextActions.Select(a => a.Action));
        Assert.Equal(ErrorCodes.Forbidden, (await RefusedAsync(() => reader.ReadAsync(desk.As(Second).Caller, Employer, employee, default))).Code);
        Assert.Equal(ErrorCodes.NotFound, (await RefusedAsync(() => reader.ReadAsync(desk.As("emp-water-handler").Caller, "emp-water", employee, default))).Code);

        await (await desk.LeavingAsync(gao)).Submit();
        var left = await reader.ReadAsync(desk.As(Handler).Caller, Employer, employee, default);
        Assert.Equal((null, "left", 0), (left.Profile, left.Employee.State, left.NextActions.Count));
    }

    [Fact]
    public async Task Employee_WhenPositionAndContractAreChanged_ThenTheVersionGuardsItAndTheFieldsAreRecorded_R_EMP_4()
    {
        await using var desk = await OpenAsync();
        await desk.EmployeeAsync("citizen-gao");
        var employee = (await desk.EmployeesAsync(new EmployeeSearch(Name: "高"))).Items.Single().Id;
        var (commands, handler) = (desk.Get<EmployeeCommands>(), desk.As(Handler).Caller);
        var changed = Work with { Position = "高级工程师", ContractTo = null };

        Assert.Equal(ErrorCodes.PreconditionRequired, (await RefusedAsync(() => commands.UpdateAsync(handler, Employer, employee, changed, null, default))).Code);
        Assert.Equal(ErrorCodes.InvalidForm, (await RefusedAsync(() => commands.UpdateAsync(handler, Employer, employee, changed with { ContractFrom = "2026-02-30" }, 1, default))).Code);
        await commands.UpdateAsync(handler, Employer, employee, changed, 1, default);

        Assert.Equal(ErrorCodes.PreconditionFailed, (await RefusedAsync(() => commands.UpdateAsync(handler, Employer, employee, Work, 1, default))).Code);
        Assert.Equal(ErrorCodes.NotFound, (await RefusedAsync(() => commands.UpdateAsync(handler, Employer, Guid.NewGuid(), Work, 1, default))).Code);
        var view = await desk.Get<EmployeeReader>().ReadAsync(handler, Employer, employee, default);
        Assert.Equal((2L, "高级工程师", "设备部", null), (view.Version, view.Employee.Position, view.Employee.Department, view.Employee.ContractTo));
        var record = Assert.Single(await desk.Rows($"select user_id || ': ' || array_to_string(fields, ',') from approvals.directory_changes where subject = 'association' and subject_id = '{employee}'", r => r.GetString(0)));
        Assert.Equal($"{Handler}: position,contractTo", record);
    }

    [Fact]
    public async Task Account_WhenAServiceRegistersSomebodyNew_ThenItIsOpenedOnceAndALimitedKeyMayNot_R_ACC_2()
    {
        await using var desk = await OpenAsync();
        var commands = desk.Get<PersonCommands>();
        var portal = new Caller("key:portal", null, new HashSet<string>(), null, null, null);
        var key = new Talent.Workflows.Runtime.Instances.Idempotency("key:portal", "once", [1]);
        var gao = new NewPerson("高示例", Phone: "19900007001", UserId: "citizen-gao");

        var id = await commands.RegisterAsync(portal, gao, key, default);

        Assert.Equal(id, await commands.RegisterAsync(portal, gao, key, default));
        Assert.Equal(ErrorCodes.Conflict, (await RefusedAsync(() => commands.RegisterAsync(portal, gao, null, default))).Code);
        Assert.Equal((ErrorCodes.Conflict, (object)"account_exists"), await RefusedAsync(() => commands.RegisterAsync(portal, gao with { UserId = "emp-metro-handler" }, null, default)));
        foreach (var wrong in (string[])["ab", "9gao", "Gao", "高示例", "citizen gao", new string('a', 61)])
            Assert.Equal(ErrorCodes.InvalidForm, (await RefusedAsync(() => commands.RegisterAsync(portal, gao with { UserId = wrong }, null, default))).Code);
        foreach (var limited in (Caller[])[portal with { Services = new HashSet<string> { "association" } }, portal with { Organisations = new HashSet<string> { Employer } }, portal with { Roles = new HashSet<string> { "applicant" } }])
            Assert.Equal(ErrorCodes.Forbidden, (await RefusedAsync(() => commands.RegisterAsync(limited, gao with { UserId = "citizen-mei" }, null, default))).Code);
        Assert.Equal(ErrorCodes.InvalidRequest, (await RefusedAsync(() => commands.RegisterAsync(portal, gao with { UserId = null }, null, default))).Code);
        Assert.Equal(ErrorCodes.InvalidRequest, (await RefusedAsync(() => commands.RegisterAsync(desk.As("applicant-wang").Caller, gao with { UserId = "citizen-mei" }, null, default))).Code);
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from approvals.users where organisation_id is null"));
        // They fill in their own profile like everybody.
        await commands.SaveStepAsync(desk.As("citizen-gao").Caller, id, "work", JsonSerializer.SerializeToElement(new { hasWorked = false }), null, default);
    }

    private static Task<Guid> PersonIdAsync(CaseDesk desk, string user) => desk.Scalar<Guid>($"select id from approvals.people where user_id = '{user}'");
}
