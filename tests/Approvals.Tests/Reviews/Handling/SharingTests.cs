using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;
using static Talent.Workflows.Approvals.Tests.Reviews.Handling.HandlingFixture;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

/// <summary>Copies, comments and canned opinions.</summary>
public sealed class SharingTests(HandlingFixture fixture) : IClassFixture<HandlingFixture>
{
    private readonly CaseDesk desk = fixture.Desk;

    [Fact]
    public async Task Copy_WhenADeciderCopies_ThenTheReaderSeesTheCaseAndMarksIt_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        var (copies, reader) = (desk.Get<CopyCommands>(), desk.As("emp-press-reviewer-1"));
        await Refused(() => filed.Read(reader), ErrorCodes.NotFound);
        await Refused(() => copies.CopyAsync(desk.As("bureau-reviewer-1").Caller, task, ["emp-press-reviewer-1"], null, null, null, default), ErrorCodes.Forbidden);
        await Refused(() => copies.CopyAsync(desk.As("emp-metro-reviewer-1").Caller, task, ["nobody"], null, null, null, default), ErrorCodes.UnknownUser);
        await Refused(() => copies.CopyAsync(desk.As("emp-metro-reviewer-1").Caller, task, null, null, null, null, default), ErrorCodes.InvalidRequest);
        var before = await desk.Get<TaskReader>().SummaryAsync(reader.Caller, default);

        await copies.CopyAsync(desk.As("emp-metro-reviewer-1").Caller, task, ["emp-press-reviewer-1"], [new CopyRole("employer.reviewer", "emp-museum")], "请知悉", null, default);

        var copied = Assert.Single(await reader.Inbox("copied"), t => t.Id == task);
        Assert.Equal(("emp-metro-reviewer-1", "请知悉", null), (copied.Copy!.By, copied.Copy.Note, copied.Copy.ReadAt));
        Assert.Equal(before.Copied + 1, (await desk.Get<TaskReader>().SummaryAsync(reader.Caller, default)).Copied);
        Assert.Contains(await desk.As("emp-museum-reviewer-2").Inbox("copied"), t => t.Id == task);
        Assert.Empty((await filed.Read(reader)).NextActions);
        await copies.MarkReadAsync(reader.Caller, task, default);
        Assert.NotNull(Assert.Single(await reader.Inbox("copied"), t => t.Id == task).Copy!.ReadAt);
        Assert.Equal(before.Copied, (await desk.Get<TaskReader>().SummaryAsync(reader.Caller, default)).Copied);
        await Refused(() => copies.MarkReadAsync(desk.As("bureau-reviewer-1").Caller, task, default), ErrorCodes.NotFound);
        Assert.Contains("task.copied → emp-press-reviewer-1", await filed.Told());
    }

    [Fact]
    public async Task Copy_WhenTheStagesDataSaysSo_ThenEachDecisionIsCopied_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        var task = (await filed.Waiting()).TaskId;

        await desk.As("unit-assets-reviewer-1").Approve(filed);

        Assert.Contains(await desk.As("emp-metro-superior").Inbox("copied"), t => t.Id == task && t.Copy!.By == "unit-assets-reviewer-1");
        Assert.Contains(await desk.As("panel-secretary").Inbox("copied"), t => t.Id == task);
        Assert.Contains("task.copied → panel-secretary", await filed.Told());
    }

    [Fact]
    public async Task Comment_WhenSaid_ThenTheApplicantSeesOnlyWhatIsForThem_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();
        var comments = desk.Get<CommentCommands>();

        await comments.SayAsync(desk.As("emp-metro-reviewer-1").Caller, filed.Id, "请核对年限", false, null, default);
        await comments.SayAsync(desk.As("unit-assets-reviewer-1").Caller, filed.Id, "请准备原件", true, null, default);

        Assert.Equal(["请核对年限", "请准备原件"], (await comments.ListAsync(desk.As("bureau-reviewer-1").Caller, filed.Id, null, 50, default)).Items.Select(c => c.Text));
        Assert.Equal(["请准备原件"], (await comments.ListAsync(filed.Applicant.Caller, filed.Id, null, 50, default)).Items.Select(c => c.Text));
        await Refused(() => comments.SayAsync(filed.Applicant.Caller, filed.Id, "好的", true, null, default), ErrorCodes.Forbidden);
        await Refused(() => comments.SayAsync(desk.As("emp-water-reviewer-1").Caller, filed.Id, "路过", false, null, default), ErrorCodes.NotFound);
        await Refused(() => comments.SayAsync(desk.As("emp-metro-reviewer-1").Caller, filed.Id, new string('长', 2001), false, null, default), ErrorCodes.InvalidRequest);
        Assert.DoesNotContain("核对年限", await desk.Scalar<string>($"select string_agg(coalesce(details, ''), ' ') from approvals.audit where case_id = '{filed.Id}'"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("employer.reviewer", null)]
    [InlineData("applicant", "emp-metro")]
    [InlineData("expert", "bureau")]
    [InlineData("", "bureau")]
    public async Task Copy_WhenARoleIsTooWide_ThenNobodySeesTheCase_R_REV_7(string role, string? organisation)
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;

        await Refused(() => desk.Get<CopyCommands>().CopyAsync(desk.As("emp-metro-reviewer-1").Caller, task, ["emp-press-reviewer-1"], [new CopyRole(role, organisation)], null, null, default), ErrorCodes.InvalidRequest);

        Assert.Equal(0L, await desk.Scalar<long>($"select count(*) from approvals.copies where task_id = '{task}'"));
    }

    [Fact]
    public async Task Copy_WhenItWouldGoToTooMany_ThenNobodySeesTheCase_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        await desk.Execute($"""
            insert into approvals.users (id, name, organisation_id, active) select 'crowd-' || n, '某某', 'emp-university', true from generate_series(1, {CopyCommands.MostPeople}) n;
            insert into approvals.user_roles (user_id, role, organisation_id) select 'crowd-' || n, 'crowd', 'emp-university' from generate_series(1, {CopyCommands.MostPeople}) n
            """);
        Task Copy(params string[] users) => desk.Get<CopyCommands>().CopyAsync(desk.As("emp-metro-reviewer-1").Caller, task, users, [new CopyRole("crowd", "emp-university")], null, null, default);

        await Refused(() => Copy("emp-press-reviewer-1"), ErrorCodes.InvalidRequest);
        Assert.Equal(0L, await desk.Scalar<long>($"select count(*) from approvals.copies where task_id = '{task}'"));
        await Copy("crowd-1");

        Assert.Equal((long)CopyCommands.MostPeople, await desk.Scalar<long>($"select count(*) from approvals.copies where task_id = '{task}'"));
    }

    [Theory]
    [InlineData("role:applicant@case:bureau")]
    [InlineData("role:expert@bureau")]
    [InlineData("role:bureau.reviewer")]
    [InlineData("bureau-reviewer-1")]
    public void Copy_WhenAStagesDataIsTooWide_ThenItIsntPublished_R_REV_7(string target)
    {
        var definition = DefinitionReader.Read(StageFlow.Definition(("role", "Literal", "employer.reviewer"), ("copyTo", "Object", $"[\"user:bureau-reviewer-1\",\"{target}\"]")));

        var problem = Assert.Single(DefinitionValidator.Validate(definition, PoliticalWorkTitleDefinitionTests.Catalog), m => m.Message.Contains($"'{target}'", StringComparison.Ordinal));
        Assert.Contains("copies its decisions", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Comments_WhenThereAreManyPages_ThenEachIsListedOnceAndTheLastMadeIsAnswered_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();
        var (comments, me) = (desk.Get<CommentCommands>(), desk.As("emp-metro-reviewer-1").Caller);
        await desk.Execute($"""
            insert into approvals.comments (id, case_id, at, by_user, text) select gen_random_uuid(), '{filed.Id}', now(), 'emp-metro-reviewer-2', 'n' || n from generate_series(1, 1001) n
            """);
        var key = new Runtime.Instances.Idempotency("key:test", $"comment-{filed.Id}", [1]);

        var said = await comments.SayAsync(me, filed.Id, "最后一条", false, key, default);
        Assert.Equal(said, await comments.SayAsync(me, filed.Id, "最后一条", false, key, default));

        var (seen, cursor) = (new List<CommentView>(), (string?)null);
        do
        {
            var page = await comments.ListAsync(me, filed.Id, cursor, 150, default);
            Assert.InRange(page.Items.Count, 1, 150);
            seen.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal((1002, 1002, said), (seen.Count, seen.Select(c => c.Id).Distinct().Count(), seen[^1]));

        await desk.Execute($"""
            insert into approvals.comments (id, case_id, at, by_user, text) select gen_random_uuid(), '{filed.Id}', now(), 'emp-metro-reviewer-2', 'n' from generate_series(1, {CommentCommands.MostOfACase - 1002}) n
            """);
        await Refused(() => comments.SayAsync(me, filed.Id, "再说一句", false, null, default), ErrorCodes.Conflict);
        Assert.Equal(said.Id, (await comments.SayAsync(me, filed.Id, "最后一条", false, key, default)).Id);
    }

    [Fact]
    public async Task Opinions_WhenAskedForATask_ThenThoseOfItsStageComeBeforeOnesOwn_R_REV_2()
    {
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        var (opinions, me) = (desk.Get<OpinionCommands>(), desk.As("emp-metro-reviewer-1").Caller);

        var own = await opinions.AddAsync(me, "经审核，同意上报", "approve", null, default);
        await Refused(() => opinions.AddAsync(me, "", null, null, default), ErrorCodes.InvalidRequest);
        await Refused(() => opinions.AddAsync(me, "好", "maybe", null, default), ErrorCodes.InvalidRequest);

        Assert.Equal(["材料齐全，同意", "请补充任职证明", "经审核，同意上报"], (await opinions.ListAsync(me, task, default)).Select(o => o.Zh));
        Assert.Empty(await opinions.ListAsync(desk.As("emp-metro-reviewer-2").Caller, null, default));
        await Refused(() => opinions.RemoveAsync(desk.As("emp-metro-reviewer-2").Caller, own.Id!.Value, default), ErrorCodes.NotFound);
        await opinions.RemoveAsync(me, own.Id!.Value, default);
        Assert.Empty(await opinions.ListAsync(me, null, default));
    }
}
