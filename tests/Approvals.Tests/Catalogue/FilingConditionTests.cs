using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Codes = Talent.Workflows.Approvals.Catalogue.FilingReasonCodes;

namespace Talent.Workflows.Approvals.Tests.Catalogue;

/// <summary>Filing is held to what the catalogue says, up to the instant of the commit.</summary>
public sealed class FilingConditionTests
{
    private const string Service = "political-work-title";
    private const string Everything = """
        { "person": ["profile", "associated"], "employer": ["certified", "profile", "permission"], "rounds": "yearly", "excludes": ["political-work-title"] }
        """;

    private const string Granted = $"""
        insert into approvals.certifications (id, user_id, employer_id, way, certified_at) values (gen_random_uuid(), 'emp-metro-handler', 'emp-metro', 'recognised', now());
        insert into approvals.permissions (employer_id, service, case_id, opened_at) values ('emp-metro', '{Service}', gen_random_uuid(), now());
        insert into approvals.filing_rounds values ('r-2026', 'yearly', 1, 2026, '2026年第一批', 'First round of 2026', '2026-09-01T00:00+08', '2026-10-01T00:00+08', false, false)
        """;

    /// <summary>What happens between the reading of the facts and the commit: an employer's profile is asked for after everything else was read.</summary>
    private sealed class Between : IEmployerGaps
    {
        public Func<Task> Happens { get; set; } = () => Task.CompletedTask;

        public async Task<IReadOnlyList<ProfileGap>> GapsAsync(string employerId, CancellationToken cancellationToken)
        {
            await Happens();
            return [];
        }
    }

    private static Task<CaseDesk> OpenAsync(string conditions, string? filedBy = null, Between? between = null, bool profiles = true) => CaseDesk.OpenAsync(prepare: folder =>
    {
        var file = Path.Combine(folder, "service.json");
        var text = File.ReadAllText(file);
        const string shipped = """{ "person": ["profile", "associated"] }""";
        Assert.Contains(shipped, text, StringComparison.Ordinal);
        File.WriteAllText(file, text.Replace(shipped, conditions, StringComparison.Ordinal).Replace("""["applicant"]""", filedBy ?? """["applicant"]""", StringComparison.Ordinal));
    }, more: services => services.AddSingleton<IEmployerGaps>(between ?? new Between()), profiles: profiles);

    private static async Task<string[]> RefusedAsync(Func<Task> act)
    {
        var refusal = await Assert.ThrowsAsync<WorkflowException>(act);
        Assert.True(refusal.Code == ErrorCodes.FilingRefused, refusal.ToString());
        return [.. Reasons(refusal).Select(r => r.Code)];
    }

    private static IReadOnlyList<FilingReason> Reasons(WorkflowException refusal) => Assert.IsAssignableFrom<IReadOnlyList<FilingReason>>(refusal.Facts["reasons"]);

    [Fact]
    public async Task Draft_WhenSeveralThingsAreMissing_ThenItIsRefusedWithAllOfThem_R_CAT_1()
    {
        await using var desk = await CaseDesk.OpenAsync(profiles: false);
        await desk.Execute("update approvals.associations set ended_at = now() where user_id = 'applicant-li'; update approvals.users set organisation_id = null where id = 'applicant-li'");

        var refusal = await Assert.ThrowsAsync<WorkflowException>(() => desk.DraftAsync());

        Assert.Equal(ErrorCodes.FilingRefused, refusal.Code);
        Assert.Equal([Codes.NotAssociated, Codes.ProfileIncomplete], Reasons(refusal).Select(r => r.Code));
        Assert.Equal(ProfileGapCodes.NotRegistered, Assert.Single(Reasons(refusal)[1].Gaps!).Code);
        Assert.Contains("您未关联单位", refusal.MessageZh, StringComparison.Ordinal);
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.cases"));
    }

    [Fact]
    public async Task Catalogue_WhenReadByThoseInvolved_ThenItSaysWhatFilingSays_R_CAT_1_R_CASE_7()
    {
        await using var desk = await OpenAsync("""{ "person": ["profile"], "employer": ["certified", "permission"], "permissionBy": "returnee-permission" }""", """["employer"]""");
        await desk.Execute("insert into approvals.people (id, user_id, name, name_folded, name_grams, key_id, created_at, created_by, changed_at, verified_at) select gen_random_uuid(), 'emp-metro-handler', '卫样例', '卫样例', '{}', max(id), now(), 'test', now(), now() from approvals.data_keys; insert into approvals.permissions (employer_id, service, case_id, opened_at) values ('emp-metro', 'talent-introduction', gen_random_uuid(), now())");
        var catalogue = desk.Get<CatalogueReader>();
        async Task<CatalogueEntry> For(string user, string? applicant) => Assert.Single((await catalogue.ListAsync(desk.As(user).Caller, applicant, null, default)).Items);
        Task File(string user, string applicant) => desk.Get<CaseCommands>().CreateAsync(desk.As(user).Caller, new NewCase { Service = Service, ApplicantId = applicant, Data = desk.Li.Phase1 }, null, default);

        Assert.Equal([Codes.WrongFiler, Codes.NotCertified, Codes.NoPermission], (await For("applicant-li", null)).Reasons.Select(r => r.Code));
        var handled = await For("emp-metro-handler", "applicant-li");
        Assert.Equal([Codes.WrongCertification, Codes.NoPermission], handled.Reasons.Select(r => r.Code));
        Assert.Equal("/api/v1/catalogue/returnee-permission", handled.Reasons[1].Remedy.Href);
        Assert.Equal(handled.Reasons.Select(r => r.Code), await RefusedAsync(() => File("emp-metro-handler", "applicant-li")));

        // Somebody else's person: nothing of them is told, as little as by filing.
        await desk.Execute("update approvals.people set submitted_at = null where user_id = 'applicant-li'");
        Assert.Equal([Codes.NotAssociatedWithApplicant, Codes.NotCertified, Codes.NoPermission], (await For("emp-water-handler", "applicant-li")).Reasons.Select(r => r.Code));
        Assert.Equal([Codes.NotAssociatedWithApplicant, Codes.NotCertified, Codes.NoPermission], await RefusedAsync(() => File("emp-water-handler", "applicant-li")));
        Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => For("emp-metro-reviewer-1", "applicant-li"))).Code);
        Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => File("emp-metro-reviewer-1", "applicant-li"))).Code);

        await desk.Execute("update approvals.people set submitted_at = now() where user_id = 'applicant-li'; delete from approvals.certifications; delete from approvals.permissions;" + Granted);
        Assert.True((await For("emp-metro-handler", "applicant-li")).Open);
        await File("emp-metro-handler", "applicant-li");
        var open = await catalogue.ListAsync(null, null, null, default);
        Assert.Null(Assert.Single(open.Items).Open);
        Assert.Equal((null, null, null), (open.As, open.Applicant, open.Employer));
    }

    public static TheoryData<string, string> Changes => new()
    {
        { "insert into approvals.filing_bars (id, version, user_id, from_at, document_number, document_title, lifted) values (gen_random_uuid(), 1, 'applicant-li', '2026-09-01', '示人才处〔2026〕3号', '处理决定', false)", Codes.Barred },
        { $"insert into approvals.service_closures values ('{Service}', 1, true, '系统维护', 'maintenance', null)", Codes.ServiceClosed },
        { "update approvals.associations set ended_at = now() where user_id = 'applicant-li' and ended_at is null", Codes.NotAssociated },
        { "update approvals.people set submitted_at = null where user_id = 'applicant-li'", Codes.ProfileIncomplete },
        { "update approvals.certifications set ended_at = now()", Codes.NotCertified },
        { "update approvals.permissions set closed_at = now()", Codes.NoPermission },
        { "update approvals.filing_rounds set cancelled = true", Codes.NotInRound },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Submission_WhenSomethingChangesAfterItWasJudged_ThenItsStepIsRefusedAndSaysWhy_R_CAT_1(string change, string code)
    {
        var between = new Between();
        await using var desk = await OpenAsync(Everything, between: between);
        await desk.Execute(Granted);
        var draft = await desk.DraftAsync();
        between.Happens = async () =>
        {
            between.Happens = () => Task.CompletedTask;
            await desk.Execute(change);
        };

        Assert.Equal([code], await RefusedAsync(draft.Submit));

        Assert.Equal("草稿", await draft.Status());
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.filing_turns"));
    }

    [Fact]
    public async Task Submission_WhenTheRoundEndsAfterItWasJudged_ThenItIsRefused_R_CAT_1()
    {
        var between = new Between();
        await using var desk = await OpenAsync(Everything, between: between);
        await desk.Execute(Granted);
        var draft = await desk.DraftAsync();
        between.Happens = () =>
        {
            desk.Time.SetTo(CaseDesk.Local("2026-10-01 00:00"));
            return Task.CompletedTask;
        };

        Assert.Equal([Codes.NotInRound], await RefusedAsync(draft.Submit));

        desk.Time.SetTo(CaseDesk.Local("2026-09-30 23:59"));
        between.Happens = () => Task.CompletedTask;
        await draft.Submit();
    }

    [Fact]
    public async Task Submissions_WhenSeveralThatExcludeEachOtherComeAtOnce_ThenOneGoesThrough_R_CAT_1()
    {
        const int many = 6;
        var between = new Between();
        await using var desk = await OpenAsync(Everything, between: between);
        await desk.Execute(Granted);
        var drafts = new List<FiledCase>();
        for (var i = 0; i < many; i++)
            drafts.Add(await desk.DraftAsync());
        // Nobody writes before all have read that nothing is under way.
        var (arrived, all) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        between.Happens = () =>
        {
            if (Interlocked.Increment(ref arrived) == many)
                all.SetResult();
            return all.Task;
        };

        var outcomes = await Task.WhenAll(drafts.Select(d => Record.ExceptionAsync(d.Submit)));

        Assert.Single(outcomes, o => o is null);
        foreach (var refusal in outcomes.OfType<WorkflowException>())
        {
            var reason = Assert.Single(Reasons(refusal));
            Assert.Equal(Codes.ExcludedByCase, reason.Code);
            Assert.Contains(reason.Case!.Number!, refusal.MessageZh, StringComparison.Ordinal);
        }
        Assert.Equal(many - 1, outcomes.Count(o => o is WorkflowException));
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from approvals.cases where status <> 'draft'"));
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from approvals.filing_turns"));
    }

    [Fact]
    public async Task Turns_WhenTheyArePurged_ThenOldOnesGoAndTheNewestOfEachSubjectStays_R_CAT_1()
    {
        await using var desk = await OpenAsync(Everything);
        await desk.Execute("""
            insert into approvals.filing_turns (subject, turn, case_id, at) select s.subject, t.turn, gen_random_uuid(), now() - make_interval(hours => s.hours)
            from (values ('person:old', 49, 600), ('person:new', 1, 3), ('person:one', 90, 1)) s(subject, hours, turns) cross join lateral generate_series(1, s.turns) t(turn)
            """);
        await desk.Execute("update approvals.filing_turns set at = now() where subject = 'person:old' and turn >= 599");

        Assert.Equal(598, await desk.Get<FilingTurns>().PurgeAsync(default));
        Assert.Equal(0, await desk.Get<FilingTurns>().PurgeAsync(default));

        Assert.Equal(["person:new 1", "person:new 2", "person:new 3", "person:old 599", "person:old 600", "person:one 1"],
            await desk.Rows("select subject || ' ' || turn from approvals.filing_turns order by 1", r => r.GetString(0)));
    }

    [Fact]
    public async Task Submissions_WhenTurnsArePurgedBetweenReadingAndWriting_ThenOneGoesThroughAllTheSame_R_CAT_1()
    {
        const int many = 3;
        var between = new Between();
        await using var desk = await OpenAsync(Everything, between: between);
        await desk.Execute(Granted);
        for (var i = 0; i < 2; i++)
            await (await desk.SubmittedAsync()).Withdraw();
        await desk.Execute("update approvals.filing_turns set at = now() - interval '2 days'");
        var drafts = new List<FiledCase>();
        for (var i = 0; i < many; i++)
            drafts.Add(await desk.DraftAsync());
        // Some have read the turns before they are purged, the others read them afterwards; nobody writes before all have read.
        var (arrived, all) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        between.Happens = async () =>
        {
            var place = Interlocked.Increment(ref arrived);
            if (place == many - 1)
                await desk.Get<FilingTurns>().PurgeAsync(default);
            if (place == many)
                all.SetResult();
            await all.Task;
        };

        var first = drafts.Take(many - 1).Select(d => Record.ExceptionAsync(d.Submit)).ToList();
        while (await desk.Scalar<long>("select count(*) from approvals.filing_turns") > 1)
            await Task.Delay(5);
        var outcomes = await Task.WhenAll(first.Append(Record.ExceptionAsync(drafts[^1].Submit)));

        Assert.Single(outcomes, o => o is null);
        Assert.Equal(["2", "3"], await desk.Rows("select turn::text from approvals.filing_turns order by turn", r => r.GetString(0)));
    }

    [Fact]
    public async Task Submission_WhenTheCaseThatExcludesItHasEnded_ThenItGoesThroughAndARepetitionIsNotRefused_R_CAT_1()
    {
        await using var desk = await OpenAsync(Everything);
        await desk.Execute(Granted);
        var (first, second) = (await desk.SubmittedAsync(), (Guid?)null);
        var key = new Idempotency("key:test", "create-1", [7]);
        Task<StepAnswer> Create() => desk.Get<CaseCommands>().CreateAsync(desk.As("applicant-li").Caller, new NewCase { Service = Service, Data = desk.Li.Phase1 }, key, default);
        Assert.Equal([Codes.ExcludedByCase], await RefusedAsync(Create));

        await first.Withdraw();
        second = (await Create()).InstanceId;
        var again = new FiledCase(desk, second.Value, desk.Li);
        await again.Submit();

        Assert.Equal(second, (await Create()).InstanceId);
        Assert.Equal(2L, await desk.Scalar<long>("select count(*) from approvals.filing_turns"));
    }

    [Fact]
    public async Task Bar_WhenAnAdministratorSetsAndLiftsIt_ThenVersionsGuardItAndEachChangeIsKept_R_ADM_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var administrator = desk.As("bureau-superior").Caller with { Scopes = new HashSet<string> { "admin", "cases" } };
        var (rounds, id) = (desk.Get<CatalogueDesk>(), Guid.NewGuid());
        var bar = new BarChange { User = "applicant-li", From = new(2026, 9, 21), To = new(2026, 9, 30), DocumentNumber = "示人才处〔2026〕3号", DocumentTitle = "处理决定", Reason = "提供虚假材料" };
        async Task<string> Code(Func<Task> act) => (await Assert.ThrowsAsync<WorkflowException>(act)).Code;

        Assert.Equal(ErrorCodes.Forbidden, await Code(() => rounds.SaveAsync(desk.As("bureau-superior").Caller, id, bar, null, default)));
        Assert.Equal(ErrorCodes.InvalidRequest, await Code(() => rounds.SaveAsync(administrator, id, bar with { User = "nobody" }, null, default)));
        Assert.Equal(ErrorCodes.InvalidRequest, await Code(() => rounds.SaveAsync(administrator, id, bar with { Employer = "emp-metro" }, null, default)));
        Assert.Equal(1, (await rounds.SaveAsync(administrator, id, bar, null, default)).Version);
        Assert.Equal([Codes.Barred], await RefusedAsync(() => desk.DraftAsync()));
        Assert.Equal(ErrorCodes.PreconditionRequired, await Code(() => rounds.SaveAsync(administrator, id, bar with { Lifted = true }, null, default)));
        Assert.Equal(ErrorCodes.PreconditionFailed, await Code(() => rounds.SaveAsync(administrator, id, bar with { Lifted = true }, 7, default)));

        var lifted = await rounds.SaveAsync(administrator, id, bar with { Lifted = true, Reason = "复核后解除" }, 1, default);
        Assert.Equal((2L, true), (lifted.Version, lifted.Lifted));
        await desk.DraftAsync();
        var changes = await rounds.ChangesAsync(administrator, "bar", id.ToString(), default);
        Assert.Equal([(2L, "复核后解除", "bureau-superior"), (1L, "提供虚假材料", "bureau-superior")], changes.Select(c => (c.Version, c.Reason, c.User!)));

        // The last day counts as a whole.
        var second = Guid.NewGuid();
        await rounds.SaveAsync(administrator, second, bar, null, default);
        desk.Time.SetTo(CaseDesk.Local("2026-09-30 23:59"));
        await RefusedAsync(() => desk.DraftAsync());
        desk.Time.SetTo(CaseDesk.Local("2026-10-01 00:00"));
        await desk.DraftAsync();
    }

    [Fact]
    public async Task Catalogue_WhenRead_ThenItTakesFewRoundTripsWhateverThereIs_R_CAT_1()
    {
        await using var desk = await OpenAsync(Everything);
        await desk.Execute(Granted);
        await desk.SubmittedAsync();
        var catalogue = desk.Get<CatalogueReader>();
        await catalogue.ListAsync(desk.As("applicant-li").Caller, null, null, default);

        // The designed services, the facts, and the profile with its steps.
        Assert.InRange(await RoundTrips.OfAsync(() => catalogue.ListAsync(desk.As("applicant-li").Caller, null, null, default)), 1, 3);
    }
}
