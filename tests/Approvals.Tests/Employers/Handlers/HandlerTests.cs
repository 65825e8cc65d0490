using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Employers.Directory;
using Talent.Workflows.Approvals.Employers.Handlers;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Materials;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Employers.Handlers;

public sealed class HandlerTests
{
    private const string Metro = "emp-metro";
    private const string Old = "emp-metro-handler";
    private const string New = "metro-hr-2";

    private static readonly NewHandler Account = new(New, "尤新任", "19900006601", "metro-hr-2@talent.example.org");

    [Fact]
    public async Task Handler_WhenAnotherIsNamed_ThenTheRolePassesAtOnceItIsNotedAndBothAreTold_R_EMP_3()
    {
        await using var desk = await CaseDesk.OpenAsync();

        var done = await Replace(desk, Old, new ReplaceHandler(Old, Account: Account));

        Assert.Equal((Metro, Old, New), (done.EmployerId, done.From, done.To));
        Assert.Equal([New], await Handlers(desk));
        Assert.Equal(["user emp-metro-handler changed roles", "user metro-hr-2 added name,organisation,phone,email,roles", "organisation emp-metro changed handler"],
            await desk.Rows("select subject || ' ' || subject_id || ' ' || change || ' ' || array_to_string(fields, ',') from approvals.directory_changes where user_id = 'emp-metro-handler' order by id", r => r.GetString(0)));
        await desk.Deliver();
        await desk.Deliver();
        Assert.Equal(["19900000018", "19900006601"], desk.Sent.Select(m => m.To).Order(StringComparer.Ordinal));
        Assert.Contains("尤新任", desk.Sent.Single(m => m.To == "19900000018").Text, StringComparison.Ordinal);
        Assert.Contains("卫样例", desk.Sent.Single(m => m.To == "19900006601").Text, StringComparison.Ordinal);
        Assert.Equal([$"{Old} handler.replaced", $"{New} handler.appointed"], await desk.Rows("select user_id || ' ' || event from approvals.inbox order by user_id", r => r.GetString(0)));

        // No case, and a right of nobody's: the one before is an account without an office.
        Assert.Equal(ErrorCodes.Forbidden, (await Refused(() => Replace(desk, Old, new ReplaceHandler(New, Account: Account with { Id = "third" })))).Code);
    }

    [Fact]
    public async Task Handler_WhenTheOldOneHasLeft_ThenAnOfficerOfTheUnitOrTheBureauNamesAnotherWithAReason_R_EMP_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var request = new ReplaceHandler(Old, "applicant-li");

        Assert.Equal(ErrorCodes.InvalidRequest, (await Refused(() => Replace(desk, "unit-assets-reviewer-1", request))).Code);
        foreach (var other in (string[])["unit-health-reviewer-1", "emp-metro-reviewer-1", "emp-water-handler", "applicant-li", "expert-12"])
            Assert.Equal(ErrorCodes.Forbidden, (await Refused(() => Replace(desk, other, request with { Reason = "原经办人已离职" }))).Code);
        var limited = desk.As("unit-assets-reviewer-1").Caller with { Roles = new HashSet<string> { "employer.handler" } };
        Assert.Equal(ErrorCodes.Forbidden, (await Refused(() => desk.Get<HandlerCommands>().ReplaceAsync(limited, Metro, request with { Reason = "原经办人已离职" }, null, default))).Code);
        Assert.Equal([Old], await Handlers(desk));

        await Replace(desk, "unit-assets-reviewer-1", request with { Reason = "原经办人已离职" });
        Assert.Equal(["applicant-li"], await Handlers(desk));
        await Replace(desk, "bureau-reviewer-1", new ReplaceHandler("applicant-li", Old, Reason: "复职"));
        Assert.Equal([Old], await Handlers(desk));
        Assert.Equal("原经办人已离职,复职", await desk.Scalar<string>("select string_agg(reason, ',' order by seq) from approvals.handler_replacements"));

        // Nobody is there any more: the bureau names one in nobody's place.
        await desk.Execute("delete from approvals.user_roles where user_id = 'emp-metro-handler'");
        await Replace(desk, "bureau-reviewer-1", new ReplaceHandler(null, Account: Account, Reason: "单位无经办人"));
        Assert.Equal([New], await Handlers(desk));
    }

    [Fact]
    public async Task Handler_WhenTheNewOneDoesntFit_ThenItIsRefusedByNameAndNothingChanges_R_EMP_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        await desk.Execute("insert into approvals.handovers (user_id, to_user, reason, at, by_credential) values ('emp-metro-reviewer-2', 'emp-metro-reviewer-1', '离职', now(), 'key:test'); update approvals.users set active = false where id = 'expert-12'");

        foreach (var (user, reason) in ((string, string)[])[("emp-water-handler", "elsewhere"), ("bureau-reviewer-1", "elsewhere"), ("emp-metro-reviewer-2", "left"), (Old, "handles")])
            Assert.Equal(reason, (await Refused(() => Replace(desk, Old, new ReplaceHandler(Old, user)))).Facts["reason"]);
        Assert.Equal(ErrorCodes.UnknownUser, (await Refused(() => Replace(desk, Old, new ReplaceHandler(Old, "expert-12")))).Code);
        Assert.Equal("taken", (await Refused(() => Replace(desk, Old, new ReplaceHandler(Old, Account: Account with { Id = "applicant-wang" })))).Facts["reason"]);
        Assert.Equal("has_handler", (await Refused(() => Replace(desk, Old, new ReplaceHandler(null, "applicant-li")))).Facts["reason"]);
        Assert.Equal(ErrorCodes.InvalidRequest, (await Refused(() => Replace(desk, Old, new ReplaceHandler(Old)))).Code);
        Assert.Equal(ErrorCodes.InvalidRequest, (await Refused(() => Replace(desk, Old, new ReplaceHandler(Old, "applicant-li", Account)))).Code);
        Assert.Equal(ErrorCodes.InvalidForm, (await Refused(() => Replace(desk, Old, new ReplaceHandler(Old, Account: new NewHandler("No Id", " ", "123", "x"))))).Code);
        Assert.Equal(ErrorCodes.NotFound, (await Refused(() => desk.Get<HandlerCommands>().ReplaceAsync(desk.As(Old).Caller, "unit-assets", new ReplaceHandler(Old, "applicant-li"), null, default))).Code);

        Assert.Equal([Old], await Handlers(desk));
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.handler_replacements"));
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from engine.outbox"));
    }

    [Fact]
    public async Task Handler_WhenTwoAreNamedAtOnce_ThenOneIsAndTheOtherRequestIsTold_R_EMP_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        ReplaceHandler[] requests = [new(Old, Account: Account), new(Old, Account: Account with { Id = "metro-hr-3" })];

        var outcomes = await Task.WhenAll(requests.Select(async request =>
        {
            try
            {
                return (Done: (HandlerReplaced?)await Replace(desk, Old, request), Refusal: (WorkflowException?)null);
            }
            catch (WorkflowException refusal)
            {
                return (null, refusal);
            }
        }));

        var winner = Assert.Single(outcomes, o => o.Done is not null).Done!;
        var told = Assert.Single(outcomes, o => o.Refusal is not null).Refusal!;
        Assert.Equal((ErrorCodes.Conflict, (object)"replaced"), (told.Code, told.Facts["reason"]));
        Assert.Equal([winner.To], (IEnumerable<string>)told.Facts["handlers"]!);
        Assert.Equal([winner.To], await Handlers(desk));
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from approvals.handler_replacements"));
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from approvals.users where id like 'metro-hr-%'"));
    }

    [Fact]
    public async Task Replacement_WhenTheRequestIsRepeated_ThenItIsDoneOnceAndAnsweredAlike_R_EMP_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var key = new Idempotency("key:test", "replace-1", new byte[32]);

        var first = await Replace(desk, Old, new ReplaceHandler(Old, Account: Account), key);
        var again = await Replace(desk, Old, new ReplaceHandler(Old, Account: Account), key);

        Assert.Equal(first, again);
        Assert.Equal(ErrorCodes.IdempotencyKeyReused, (await Refused(() => Replace(desk, Old, new ReplaceHandler(Old, "applicant-li"), key with { RequestHash = [1, .. new byte[31]] }))).Code);
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from approvals.handler_replacements"));
    }

    [Fact]
    public async Task Upload_WhenItsHandlerIsReplacedMidway_ThenItIsRefusedAndNothingOfItIsThere_R_EMP_3()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        var kept = await desk.Keep(desk.Handler, "营业执照", SampleFiles.Png(), MaterialDesk.Metro);

        var code = await desk.Refused(() => desk.Upload(desk.Handler, "单位证明", new InterruptedStream(SampleFiles.Pdf(size: 300_000), () => Replace(desk.Desk, Old, new ReplaceHandler(Old, Account: Account))), MaterialDesk.Metro));

        Assert.Equal(ErrorCodes.Forbidden, code);
        foreach (var act in (Func<Task>[])[() => desk.Reader.DownloadAsync(desk.Handler, kept.Id, default), () => desk.Library.DeleteAsync(desk.Handler, kept.Id, default)])
            Assert.Equal(ErrorCodes.NotFound, await desk.Refused(act));
        Assert.Equal(["营业执照"], await desk.Names(desk.As(New), new MaterialQuery(Employer: Metro)));
        await desk.Keep(desk.As(New), "单位证明", SampleFiles.Pdf(size: 300_000), MaterialDesk.Metro);
    }

    [Fact]
    public async Task Case_WhenItsHandlerIsReplaced_ThenTheNewOneGoesOnWithItAndTheOldOneIsShutOut_R_EMP_3()
    {
        await using var desk = await OpenAsync();
        var draft = await Draft(desk);
        var commands = desk.Get<CaseCommands>();
        await commands.SaveAsync(desk.As(Old).Caller, draft, 1, desk.Li.Phase1, null, default);

        await Replace(desk, Old, new ReplaceHandler(Old, Account: Account));

        var (old, heir) = (desk.As(Old).Caller, desk.As(New).Caller);
        foreach (var act in (Func<Task>[])[() => commands.SaveAsync(old, draft, 1, desk.Li.Phase1, null, default), () => commands.SubmitAsync(old, draft, null, null, default), () => commands.WithdrawAsync(old, draft, "不办了", null, null, default),
            () => commands.CreateAsync(old, new NewCase { Service = desk.Service, ApplicantId = "applicant-li", Data = desk.Li.Phase1 }, null, default)])
            Assert.Equal(ErrorCodes.Forbidden, (await Refused(act)).Code);
        Assert.Equal(ErrorCodes.NotFound, (await Refused(() => desk.Get<CaseReader>().ReadAsync(old, draft, default))).Code);
        Assert.Empty((await desk.Get<CaseReader>().ListAsync(old, new CaseFilter(null, null, null, null, null, 50), default)).Items);
        // Neither a key for another employer or role lets the new one.
        foreach (var limited in (Caller[])[heir with { Organisations = new HashSet<string> { "emp-water" } }, heir with { Roles = new HashSet<string> { "employer.reviewer" } }])
            Assert.Equal(ErrorCodes.Forbidden, (await Refused(() => commands.SaveAsync(limited, draft, 1, desk.Li.Phase1, null, default))).Code);

        await commands.SaveAsync(heir, draft, 1, desk.Li.Phase1, null, default);
        Assert.Equal(["save", "submit", "withdraw", "confirm"], (await desk.Get<CaseReader>().ReadAsync(heir, draft, default)).NextActions.Select(a => a.Action));
        Assert.Equal(ErrorCodes.Forbidden, (await Refused(() => Confirm(desk, Old, draft))).Code);
        await Confirm(desk, New, draft);
        await commands.SubmitAsync(heir with { Roles = new HashSet<string> { "employer.handler" }, Organisations = new HashSet<string> { Metro } }, draft, null, null, default);
        Assert.Equal("待审核", (await desk.Get<CaseReader>().ReadAsync(heir, draft, default)).Status.Zh);
        Assert.Equal(Old, (await desk.Get<CaseReader>().ReadAsync(heir, draft, default)).FiledBy);
        Assert.Equal(ErrorCodes.Forbidden, (await Refused(() => commands.WithdrawAsync(old, draft, "不办了", null, null, default))).Code);
        Assert.Equal(ErrorCodes.Forbidden, (await Refused(() => desk.Get<UrgeCommands>().UrgeAsync(old, draft, null, default))).Code);
        await desk.Get<UrgeCommands>().UrgeAsync(heir, draft, null, default);
        await commands.WithdrawAsync(heir, draft, "不办了", null, null, default);
        Assert.Equal(["case.created emp-metro-handler", "case.saved emp-metro-handler", "case.saved metro-hr-2", "case.confirmed metro-hr-2", "case.submitted metro-hr-2", "case.urged metro-hr-2", "case.withdrawn metro-hr-2"],
            await desk.Rows($"select action || ' ' || user_id from approvals.audit where case_id = '{draft}' and user_id is not null order by seq", r => r.GetString(0)));
    }

    [Fact]
    public async Task Correction_WhenItIsAskedOfTheEmployer_ThenWhoHandlesItsMattersThenHandsItIn_R_EMP_3()
    {
        await using var desk = await OpenAsync();
        var filed = await Submitted(desk);
        var commands = desk.Get<CaseCommands>();
        await desk.As("emp-metro-reviewer-1").Decide(await TaskOf(desk, filed), "return", "请补正");
        var asked = await TaskOf(desk, filed);
        Assert.Equal([asked], (await desk.As(Old).Inbox(TaskScopes.Mine)).Concat(await desk.As(Old).Inbox(TaskScopes.Candidates)).Select(t => t.Id).Distinct());

        await Replace(desk, Old, new ReplaceHandler(Old, Account: Account));

        Assert.Equal(ErrorCodes.Forbidden, (await Refused(() => commands.SaveAsync(desk.As(Old).Caller, filed, 1, desk.Li.Phase1, null, default))).Code);
        Assert.Equal(ErrorCodes.Forbidden, (await Refused(() => commands.SupplementAsync(desk.As(Old).Caller, filed, default, null, null, null, default))).Code);
        // What the applicant could do before they still can't: the employer has filed.
        Assert.Equal(ErrorCodes.Forbidden, (await Refused(() => commands.SupplementAsync(desk.As("applicant-li").Caller, filed, default, null, null, null, default))).Code);
        var heir = desk.As(New).Caller with { Roles = new HashSet<string> { "employer.handler" }, Organisations = new HashSet<string> { Metro } };
        await commands.SaveAsync(heir, filed, 1, desk.Li.Phase1, null, default);
        await commands.SupplementAsync(heir, filed, default, "已补正", null, null, default);

        Assert.Equal($"2 {New}", await desk.Scalar<string>($"select status || ' ' || decided_by from approvals.tasks where id = '{asked}'"));
    }

    [Fact]
    public async Task Notifications_WhenTheHandlerIsReplaced_ThenWhatIsQueuedAndUnreadGoesToTheNewOne_R_EMP_3()
    {
        await using var desk = await OpenAsync();
        var filed = await Submitted(desk);
        await desk.Deliver();
        Assert.Equal(1L, await desk.Scalar<long>($"select count(*) from approvals.inbox where user_id = '{Old}' and event = 'case.submitted'"));
        desk.Sent.Clear();
        // Two messages wait: one to the applicant's side, one to whoever owes the correction.
        await desk.As("emp-metro-reviewer-1").Decide(await TaskOf(desk, filed), "return", "请补正");

        var done = await Replace(desk, Old, new ReplaceHandler(Old, Account: Account));
        await desk.Deliver();

        Assert.Equal(1, done.Messages);
        Assert.Equal(["case.returned"], desk.Sent.Where(m => m.To == Account.Phone && m.Event.StartsWith("case.", StringComparison.Ordinal)).Select(m => m.Event));
        Assert.DoesNotContain(desk.Sent, m => m.To == "19900000018" && m.Event != HandlerNews.Replaced);
        Assert.Equal(["case.returned", "case.submitted", "handler.appointed"], await desk.Rows($"select event from approvals.inbox where user_id = '{New}' order by event", r => r.GetString(0)));
        Assert.Equal(["handler.replaced"], await desk.Rows($"select event from approvals.inbox where user_id = '{Old}'", r => r.GetString(0)));
        // What comes later is told to them and to the applicant.
        await desk.Get<CaseCommands>().SupplementAsync(desk.As(New).Caller, filed, default, null, null, null, default);
        desk.Sent.Clear();
        await desk.Get<CaseCommands>().WithdrawAsync(desk.As(New).Caller, filed, "不办了", null, null, default);
        await desk.Deliver();
        Assert.Equal(["19900000054", Account.Phone], desk.Sent.Where(m => m is { Event: "case.withdrawn", Channel: "sms" }).Select(m => m.To).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Tasks_WhenTheHandlerHadThemInHand_ThenTheyGoOverInTheirCasesAndTheOldOneCantDecide_R_EMP_3()
    {
        await using var desk = await CaseDesk.OpenAsync(ReviewFlow.Definition().Replace("employer.reviewer", HandlerRights.Role, StringComparison.Ordinal));
        var filed = await desk.SubmittedAsync();
        var task = await TaskOf(desk, filed.Id);
        await desk.Get<TaskCommands>().ClaimAsync(desk.As(Old).Caller, task, null, default);

        var done = await Replace(desk, "unit-assets-reviewer-1", new ReplaceHandler(Old, Account: Account, Reason: "原经办人已离职"));

        Assert.Equal(1, done.Tasks);
        Assert.Equal(ErrorCodes.Forbidden, (await Refused(() => desk.As(Old).Decide(task, "approve", "同意"))).Code);
        Assert.Empty(await desk.As(Old).Inbox(TaskScopes.Mine));
        Assert.Equal(ErrorCodes.NotFound, (await Refused(() => desk.Get<TaskReader>().ReadAsync(desk.As(Old).Caller, task, default))).Code);
        await desk.Deliver();
        Assert.Equal([task], (await desk.As(New).Inbox(TaskScopes.Mine)).Select(t => t.Id));
        Assert.Equal($"{New} 1", await desk.Scalar<string>($"select claimed_by || ' ' || status from approvals.tasks where id = '{task}'"));
        Assert.Equal($"{Old} {New} unit-assets-reviewer-1 原经办人已离职", await desk.Scalar<string>($"select from_user || ' ' || to_user || ' ' || by_user || ' ' || reason from approvals.transfers where task_id = '{task}'"));
        Assert.Contains("task.transferred", (await filed.History()).Select(h => h.Action));
        await desk.As(New).Decide(task, "approve", "同意");
    }

    [Fact]
    public async Task Directory_WhenItIsImportedAgain_ThenAReplacedHandlerDoesntComeBack_R_EMP_3()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var file = desk.Content.Directories.Single(d => d.File == "sample-city.json");
        await Replace(desk, Old, new ReplaceHandler(Old, "applicant-li"));

        Assert.Equal(0, await desk.Get<DirectoryImport>().ImportAsync(file, CaseDesk.Importer, default));
        Assert.Equal(["applicant-li"], await Handlers(desk));

        await Replace(desk, "applicant-li", new ReplaceHandler("applicant-li", Old));
        Assert.Equal(0, await desk.Get<DirectoryImport>().ImportAsync(file, CaseDesk.Importer, default));
        Assert.Equal([Old], await Handlers(desk));
    }

    [Fact]
    public void Directory_WhenACodesCheckCharacterIsWrong_ThenItIsRefusedByName_R_EMP_2()
    {
        var text = File.ReadAllText(Path.Combine(ShippedContent.Workflows, "shared", "organisations", "sample-city.json"));

        var refused = Assert.Throws<ContentException>(() => OrganisationDirectory.Load(System.Text.Encoding.UTF8.GetBytes(text.Replace("91119900MA0000218L", "91119900MA0000218M", StringComparison.Ordinal)), "city.json"));

        Assert.Contains("emp-metro", refused.Message, StringComparison.Ordinal);
        Assert.Contains("91119900MA0000218M", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Cases may be filed by the applicant or by their employer.</summary>
    private static Task<CaseDesk> OpenAsync() => CaseDesk.OpenAsync(prepare: folder =>
    {
        var file = Path.Combine(folder, "service.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"filedBy\": [\"applicant\"]", "\"filedBy\": [\"applicant\", \"employer\"]", StringComparison.Ordinal));
    });

    private static async Task<Guid> Draft(CaseDesk desk)
    {
        await desk.KeepMaterialsAsync(desk.Li);
        return (await desk.Get<CaseCommands>().CreateAsync(desk.As(Old).Caller, new NewCase { Service = desk.Service, ApplicantId = "applicant-li", Data = desk.Li.Phase1 }, null, default)).InstanceId;
    }

    private static Task Confirm(CaseDesk desk, string user, Guid filed) => desk.Get<FilingCommands>().ConfirmAsync(desk.As(user).Caller, filed, "classified", null, null, null, default);

    private static async Task<Guid> Submitted(CaseDesk desk)
    {
        var id = await Draft(desk);
        await Confirm(desk, Old, id);
        await desk.Get<CaseCommands>().SubmitAsync(desk.As(Old).Caller, id, null, null, default);
        return id;
    }

    private static Task<Guid> TaskOf(CaseDesk desk, Guid filed) => desk.Scalar<Guid>($"select id from approvals.tasks where case_id = '{filed}' and status < 2");

    private static Task<HandlerReplaced> Replace(CaseDesk desk, string by, ReplaceHandler request, Idempotency? idempotency = null) =>
        desk.Get<HandlerCommands>().ReplaceAsync(desk.As(by).Caller, Metro, request, idempotency, default);

    private static Task<List<string>> Handlers(CaseDesk desk) => desk.Rows($"select user_id from approvals.user_roles where role = 'employer.handler' and organisation_id = '{Metro}' order by 1", r => r.GetString(0));

    private static Task<WorkflowException> Refused(Func<Task> act) => EmployerDesk.Refused(act);
}
