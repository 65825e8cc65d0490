using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Employers;

/// <summary>Organisations and users one by one, as an administrator changes them.</summary>
public sealed class DirectoryCommandTests : IAsyncLifetime
{
    private const string Code = "12119900MA0000234F";
    private static readonly OrganisationInput School = new() { Kind = "employer", NameZh = "示例市第一中学", NameEn = "First Middle School", Parent = "unit-education", Region = "119900", Uscc = Code, ResponsibleUnit = "unit-education" };
    private static readonly UserInput Teacher = new() { Name = "周样例", Organisation = "emp-school", Roles = [new("employer.reviewer", "emp-school")], Phone = "19900000901", Email = "zhou@talent.example.org" };

    private CaseDesk desk = null!;
    private Caller administrator = null!;

    public async Task InitializeAsync()
    {
        desk = await CaseDesk.OpenAsync();
        administrator = desk.As("bureau-superior").Caller with { Scopes = new HashSet<string> { "admin", "cases" } };
    }

    public Task DisposeAsync() => desk.DisposeAsync().AsTask();

    private DirectoryCommands Commands => desk.Get<DirectoryCommands>();

    private DirectoryLists Lists => desk.Get<DirectoryLists>();

    [Fact]
    public async Task Employer_WhenItAndItsPeopleAreAdded_ThenItsCasesPassItsUnitAndItsReviewersDecide_R_ADM_3_R_REV_1()
    {
        Assert.True(await Commands.PutOrganisationAsync(administrator, "emp-school", School, 0, default));
        Assert.True(await Commands.PutUserAsync(administrator, "school-reviewer", Teacher, 0, default));
        Assert.False(await Commands.PutUserAsync(administrator, "applicant-li", new() { Name = "李示例", Organisation = "emp-school", Roles = [new("applicant", "emp-school")] }, null, default));

        Assert.Equal(("emp-school", "unit-education", "bureau", "119900"), await desk.Get<DirectoryReader>().RouteAsync("emp-school", default) is var route ? (route.EmployerId, route.UnitId, route.BureauId, route.Region) : default);
        var filed = await desk.SubmittedAsync();
        await desk.As("school-reviewer").Approve(filed);
        Assert.Equal("unit-review", await desk.Scalar<string>("select stage from approvals.tasks where status < 2"));
        Assert.Equal("emp-school", await desk.Scalar<string>("select employer_id from approvals.associations where user_id = 'applicant-li' and ended_at is null"));
        // The unit has its other employers still.
        Assert.Contains("emp-university", (await Lists.OrganisationsAsync(null, null, "unit-education", null, null, null, 50, default)).Items.Select(o => o.Id));
    }

    [Fact]
    public async Task User_WhenChangedWithoutTheirNumbers_ThenThoseStayAndTheRecordNamesTheFieldsAndTheAdministrator_R_ADM_3_R_AUD_2()
    {
        var before = await Lists.UserAsync(administrator, "unit-assets-superior", default);
        Assert.Equal("199****0008", before.Phone);

        await Commands.PutUserAsync(administrator, before.Id, new() { Name = before.Name, Organisation = "unit-assets", Roles = [new("unit.superior", "unit-assets"), new("bureau.reviewer", "bureau")] }, before.Version, default);

        var after = await Lists.UserAsync(administrator, before.Id, default);
        Assert.Equal([new RoleView("unit.superior", "unit-assets"), new RoleView("bureau.reviewer", "bureau")], after.Roles);
        Assert.Equal(before.Phone, after.Phone);
        Assert.True(after.Version > before.Version);
        var change = (await Lists.ChangesAsync(administrator, "user", before.Id, null, 10, default)).Items[0];
        Assert.Equal(("bureau-superior", "changed", "roles"), (change.User, change.Change, string.Join(',', change.Fields)));
        Assert.Contains((await Lists.UsersAsync(administrator, "bureau", "bureau.reviewer", null, true, null, 50, default)).Items, u => u.Id == before.Id);
    }

    [Fact]
    public async Task Directory_WhenTwoChangeOneEntryAtOnce_ThenOneWinsAndTheOtherIsTold_R_ADM_3()
    {
        var version = (await Lists.OrganisationAsync("emp-press", default)).Version;
        var names = Enumerable.Range(0, 4).Select(n => $"示例出版{n}").ToList();
        var results = await Task.WhenAll(names.Select(async name =>
        {
            try
            {
                await Commands.PutOrganisationAsync(administrator, "emp-press", School with { NameZh = name, ResponsibleUnit = "unit-culture", Parent = "unit-culture", Uscc = null }, version, default);
                return name;
            }
            catch (WorkflowException e) when (e.Code == ErrorCodes.PreconditionFailed)
            {
                return null;
            }
        }));

        Assert.Equal(Assert.Single(results, r => r is not null), (await Lists.OrganisationAsync("emp-press", default)).NameZh);
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "kind", "$.kind" }, { "name", "$.nameZh" }, { "code", "$.uscc" }, { "unit", "exactly one must" }, { "parent", "isn't in organisations" }, { "circle", "circle" }, { "id", "lower-case" }, { "region", "six digits" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Organisation_WhenItCantBe_ThenItIsRefusedWithTheReasonAndNothingIsWritten_R_ADM_3(string what, string told)
    {
        var (id, input) = what switch
        {
            "kind" => ("emp-school", School with { Kind = "school" }),
            "name" => ("emp-school", School with { NameZh = " " }),
            "code" => ("emp-school", School with { Uscc = "12119900MA0000234E" }),
            "unit" => ("emp-school", School with { ResponsibleUnit = null }),
            "parent" => ("emp-school", School with { Parent = "nosuch" }),
            "circle" => ("unit-education", new OrganisationInput { Kind = "responsibleUnit", NameZh = "教育", NameEn = "Education", Parent = "emp-university", Region = "119900" }),
            "id" => ("Emp School", School),
            _ => ("emp-school", School with { Region = "1199" }),
        };
        var before = await desk.Scalar<string>("select md5(string_agg(o::text, '|' order by id)) from approvals.organisations o");

        var e = await Assert.ThrowsAsync<WorkflowException>(() => Commands.PutOrganisationAsync(administrator, id, input, null, default));

        Assert.Equal(ErrorCodes.InvalidRequest, e.Code);
        Assert.Contains(((IEnumerable<ProblemError>)e.Facts!["errors"]!), x => $"{x.Path} {x.MessageEn}".Contains(told, StringComparison.Ordinal));
        Assert.Equal(before, await desk.Scalar<string>("select md5(string_agg(o::text, '|' order by id)) from approvals.organisations o"));
    }

    [Fact]
    public async Task User_WhenTheyCantBe_ThenTheyAreRefused_R_ADM_3()
    {
        await Commands.PutOrganisationAsync(administrator, "emp-school", School, null, default);
        UserInput[] wrong =
        [
            Teacher with { Organisation = "nosuch" }, Teacher with { Roles = [] }, Teacher with { Roles = [new("Reviewer", "emp-school")] }, Teacher with { Roles = [.. Teacher.Roles, new("unit.reviewer", "nosuch")] },
            Teacher with { Phone = "1" }, Teacher with { Phone = null }, Teacher with { Email = "x" }, Teacher with { Name = new string('长', 101) }, Teacher with { Roles = [new("expert", "emp-school")] },
        ];

        foreach (var input in wrong)
            Assert.Equal(ErrorCodes.InvalidRequest, (await Assert.ThrowsAsync<WorkflowException>(() => Commands.PutUserAsync(administrator, "school-reviewer", input, null, default))).Code);

        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.users where id = 'school-reviewer'"));
    }

    [Fact]
    public async Task Directory_WhenSomebodyElseThanAnAdministratorChangesIt_ThenTheyAreRefused_R_ADM_3()
    {
        var reviewer = desk.As("bureau-reviewer-1").Caller;

        Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => Commands.PutOrganisationAsync(reviewer, "emp-school", School, null, default))).Code);
        Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => Commands.PutUserAsync(reviewer, "school-reviewer", Teacher, null, default))).Code);
        Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => Lists.UsersAsync(reviewer, null, null, null, null, null, 50, default))).Code);
        Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => Lists.ChangesAsync(administrator with { Organisations = new HashSet<string> { "bureau" } }, null, null, null, 50, default))).Code);
    }

    [Fact]
    public async Task Organisations_WhenListedPageByPage_ThenEachComesOnce_R_ADM_3()
    {
        var (ids, cursor) = (new List<string>(), (string?)null);
        do
        {
            var page = await Lists.OrganisationsAsync("employer", null, null, null, null, cursor, 4, default);
            ids.AddRange(page.Items.Select(o => o.Id));
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal((6, 6), (ids.Count, ids.Distinct().Count()));
        Assert.Equal(["emp-hospital"], (await Lists.OrganisationsAsync(null, null, null, "中心医院", null, null, 50, default)).Items.Select(o => o.Id));
    }
}
