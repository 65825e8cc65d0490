using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Approvals.Tests.Standing;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Cases;

/// <summary>如需申报多人: an employer files for many of its people in one request (Chaoyang 二).</summary>
public sealed class CaseBatchTests : IAsyncLifetime
{
    private const string Handler = "emp-metro-handler";

    /// <summary>100, and as many as a batch may have with TALENT_TEST_FULL=1.</summary>
    private static int Large => Environment.GetEnvironmentVariable("TALENT_TEST_FULL") == "1" ? CaseBatches.Most : 100;

    private CaseDesk desk = null!;

    public async Task InitializeAsync()
    {
        desk = await CaseDesk.OpenServiceAsync(ServiceFolders.All["intake-rounds"]);
        await desk.Execute("""
            insert into approvals.users (id, name, organisation_id) select 'person-' || i, '员工' || i, 'emp-metro' from generate_series(0, 39) i;
            insert into approvals.associations (id, user_id, employer_id, began_at) select gen_random_uuid(), 'person-' || i, 'emp-metro', now() from generate_series(0, 39) i
            """);
    }

    public async Task DisposeAsync() => await desk.DisposeAsync();

    [Fact]
    public async Task Batch_WhenSomeAreWrong_ThenTheOthersAreFiledAndEachIsAnswered_R_CASE_1_R_CASE_7()
    {
        var unfinished = Data();
        unfinished.Remove("phone");
        PersonToFile[] items =
        [
            Person(0, submit: true), Person(1), Item("person-2", unfinished, submit: true), Item("person-3", unfinished), Item("applicant-lin", Data(), submit: true), Item("nobody", Data()),
            Item("person-4", new JsonObject { ["post"] = "no such" }), Item("person-5", With(Data(), "post", "researcher"), submit: true),
        ];

        var filed = await File(items, "mixed");

        Assert.Equal((1, 2, 5), (filed.Submitted, filed.Drafts, filed.Failed));
        Assert.Equal(["待审核", "草稿", null, "草稿", null, null, null, null], filed.Items.Select(i => i.Status?.Zh));
        Assert.True(CaseNumber.TryParse(filed.Items[0].Number, out _, out _));
        Assert.Equal([ErrorCodes.InvalidForm, ErrorCodes.UnknownUser, ErrorCodes.UnknownUser, ErrorCodes.InvalidForm, ErrorCodes.InvalidForm], filed.Items.Select(i => i.Problem?.Code).OfType<string>());
        Assert.Equal([("phone", "请填写“联系电话”")], Errors(filed.Items[2]).Select(e => (e.Path, e.Zh)));
        Assert.Equal(["materials.certificate"], Errors(filed.Items[7]).Select(e => e.Path));
        // Whoever has a problem has nothing half filed.
        Assert.Equal(3L, await desk.Scalar<long>("select count(*) from approvals.cases"));
        // Nothing is said of other employers' people.
        Assert.DoesNotContain("museum", filed.Items[4].Problem!.Detail + filed.Items[4].Problem!.DetailEn, StringComparison.Ordinal);
        var draft = await desk.Get<CaseReader>().ReadAsync(desk.As(Handler).Caller, filed.Items[1].CaseId!.Value, default);
        Assert.Equal(("person-1", Handler, "emp-metro"), (draft.Applicant.Id, draft.FiledBy, draft.Employer.Id));
    }

    [Fact]
    public async Task Batch_WhenSentAgainWithItsKey_ThenTheAnswersAreTheSameAndNothingIsDoubled()
    {
        PersonToFile[] items = [.. Enumerable.Range(0, 10).Select(i => i == 4 ? Item("nobody", Data()) : Person(i, submit: i % 2 == 0))];

        var first = await File(items, "twice");
        var again = await File(items, "twice");

        Assert.Equal(JsonSerializer.Serialize(first), JsonSerializer.Serialize(again));
        Assert.Equal(9L, await desk.Scalar<long>("select count(*) from approvals.cases"));
        Assert.Equal(4, await desk.Scalar<int>("select max(last) from approvals.case_serials"));
    }

    [Fact]
    public async Task Batch_WhenItWasCutOff_ThenSendingItAgainDoesTheRest()
    {
        PersonToFile[] items = [.. Enumerable.Range(0, 40).Select(i => Person(i, submit: true))];
        // One was begun and not handed in when the node died, two were done; then a caller hung up somewhere in the middle.
        var begun = await File([items[0], items[1], items[2] with { Submit = false }], "cut");
        using var cut = new CancellationTokenSource();
        var running = File(items, "cut", cut.Token);
        while (!running.IsCompleted && await desk.Scalar<long>("select count(*) from approvals.cases") < 6)
            await Task.Yield();
        await cut.CancelAsync();
        await running.ContinueWith(_ => { }, TaskScheduler.Default);

        var whole = await File(items, "cut");

        Assert.Equal((40, 0, 0), (whole.Submitted, whole.Drafts, whole.Failed));
        Assert.Equal(begun.Items.Select(i => i.CaseId), whole.Items.Take(3).Select(i => i.CaseId));
        Assert.Equal(begun.Items[0].Number, whole.Items[0].Number);
        Assert.Equal((40L, 40L, 40), (await desk.Scalar<long>("select count(*) from approvals.cases"), await desk.Scalar<long>("select count(distinct number) from approvals.cases"), await desk.Scalar<int>("select last from approvals.case_serials")));
        Assert.Equal(40L, await desk.Scalar<long>("select count(*) from approvals.tasks where status = 0"));
    }

    /// <summary>Every tenth is a draft, and one in a hundred nobody of the employer's.</summary>
    [Fact]
    public async Task Batch_WhenItIsAsLargeAsItMayBe_ThenEachIsAnsweredOnceAndNumbersHaveNoGap()
    {
        await desk.Execute($"""
            insert into approvals.users (id, name, organisation_id) select 'person-' || i, '员工' || i, 'emp-metro' from generate_series(40, {Large - 1}) i;
            insert into approvals.associations (id, user_id, employer_id, began_at) select gen_random_uuid(), 'person-' || i, 'emp-metro', now() from generate_series(40, {Large - 1}) i
            """);
        PersonToFile[] items = [.. Enumerable.Range(0, Large).Select(i => i % 100 == 7 ? Item($"nobody-{i}", Data(), submit: true) : Person(i, submit: i % 10 != 0))];
        var (drafts, nobodies) = (Large / 10, Large / 100);

        var filed = await File(items, "large");

        Assert.Equal((Large - drafts - nobodies, drafts, nobodies), (filed.Submitted, filed.Drafts, filed.Failed));
        Assert.Equal(items.Select((item, i) => (i, item.ApplicantId)), filed.Items.Select(i => (i.Index, i.ApplicantId)));
        Assert.Equal(items.Select(i => i.ApplicantId.StartsWith("nobody", StringComparison.Ordinal) ? "nobody" : i.Submit ? "待审核" : "草稿"), filed.Items.Select(i => i.Problem is null ? i.Status!.Zh : i.CaseId is null ? "nobody" : i.Problem.Code));
        // A case each, and none besides; whatever the order in which they came in, their numbers are 1 to the last.
        Assert.Equal(filed.Items.Select(i => i.CaseId).OfType<Guid>().Order(), (await desk.Rows("select id from approvals.cases", r => r.GetGuid(0))).Order());
        Assert.Equal(Enumerable.Range(1, filed.Submitted), filed.Items.Select(i => i.Number).OfType<string>().Select(n => CaseNumber.TryParse(n, out var number, out _) ? (int)number.Serial : 0).Order());
        Assert.Equal(filed.Submitted, await desk.Scalar<int>("select last from approvals.case_serials"));
        Assert.Equal((long)filed.Submitted, await desk.Scalar<long>("select count(distinct case_id) from approvals.tasks where status = 0"));
        Assert.Equal((long)drafts, await desk.Scalar<long>("select count(*) from approvals.cases where number is null and submitted_at is null"));
    }

    [Fact]
    public async Task Batch_WhenTheWarningIsntConfirmed_ThenNothingIsHandedInAndDraftsAreBegun_R_CASE_4()
    {
        var filed = await desk.Get<CaseBatches>().FileAsync(desk.As(Handler).Caller, new FileCases { Service = desk.Service, Items = [Person(0, submit: true), Person(1)] }, null, default);

        Assert.Equal((0, 1, 1), (filed.Submitted, filed.Drafts, filed.Failed));
        Assert.Equal([("confirmations.classified", FormErrorCodes.MustConfirm)], Errors(filed.Items[0]).Select(e => (e.Path, e.Code)));
    }

    [Fact]
    public async Task Batch_WhenItCantBeFiledAtAll_ThenItIsRefusedAsAWhole()
    {
        async Task Refused(string code, string user, IReadOnlyList<PersonToFile> items, string? employer = null, string? service = null) => Assert.Equal(code,
            (await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<CaseBatches>().FileAsync(desk.As(user).Caller, new FileCases { Service = service ?? desk.Service, EmployerId = employer, Items = items }, null, default))).Code);

        await Refused(ErrorCodes.InvalidRequest, Handler, []);
        await Refused(ErrorCodes.InvalidRequest, Handler, [.. Enumerable.Range(0, CaseBatches.Most + 1).Select(Person)]);
        await Refused(ErrorCodes.InvalidRequest, Handler, [Person(1), Person(1)]);
        await Refused(ErrorCodes.InvalidRequest, Handler, [null!]);
        await Refused(ErrorCodes.InvalidRequest, Handler, [Item(" ", Data())]);
        await Refused(ErrorCodes.Forbidden, Handler, [Person(1)], employer: "emp-water");
        await Refused(ErrorCodes.Forbidden, "applicant-li", [Person(1)]);
        await Refused(ErrorCodes.Forbidden, "emp-metro-reviewer-1", [Person(1)], employer: "emp-metro");
        await Refused(ErrorCodes.NotFound, Handler, [Person(1)], service: "no-such-service");
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.cases"));
        Assert.Equal(ErrorCodes.IdempotencyKeyReused, Assert.Single((await Reused()).Items).Problem!.Code);

        async Task<FiledCases> Reused()
        {
            await File([Person(0)], "reused");
            return await desk.Get<CaseBatches>().FileAsync(desk.As(Handler).Caller, new FileCases { Service = desk.Service, Items = [Person(1)] }, new Idempotency("key:test", "reused", [9]), default);
        }
    }

    private Task<FiledCases> File(IReadOnlyList<PersonToFile> items, string key, CancellationToken cancellationToken = default) => desk.Get<CaseBatches>().FileAsync(desk.As(Handler).Caller,
        new FileCases { Service = desk.Service, EmployerId = "emp-metro", Items = items, Confirmed = ["classified"] }, new Idempotency("key:test", key, [1]), cancellationToken);

    private static PersonToFile Person(int i) => Person(i, false);

    private static PersonToFile Person(int i, bool submit) => Item($"person-{i}", Data(), submit);

    private static PersonToFile Item(string applicant, JsonObject data, bool submit = false) => new() { ApplicantId = applicant, Data = JsonSerializer.SerializeToElement(data), Submit = submit };

    private static JsonObject Data() => new()
    {
        ["post"] = "engineer", ["name"] = "某员工", ["phone"] = "19900000054", ["residentId"] = "110199198602140254", ["school"] = "示例城市学院", ["declarationConfirmed"] = true,
    };

    private static JsonObject With(JsonObject data, string field, string value)
    {
        data[field] = value;
        return data;
    }

    private static IReadOnlyList<FormError> Errors(FiledPerson person) => Assert.IsAssignableFrom<IReadOnlyList<FormError>>(person.Problem!.Facts!["errors"]);
}
