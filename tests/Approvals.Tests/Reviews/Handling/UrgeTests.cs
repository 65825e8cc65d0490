using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using static Talent.Workflows.Approvals.Tests.Reviews.Handling.HandlingFixture;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

public sealed class UrgeTests(HandlingFixture fixture) : IClassFixture<HandlingFixture>
{
    private readonly CaseDesk desk = fixture.Desk;

    private Task<UrgeReceipt> Urge(FiledCase filed, string? user = null, string? key = null) =>
        desk.Get<UrgeCommands>().UrgeAsync((user is null ? filed.Applicant : desk.As(user)).Caller, filed.Id, key is null ? null : new Idempotency("key:test", key, [1]), default);

    [Fact]
    public async Task Urge_WhenRepeated_ThenTheAnswerSaysWhenItIsPossibleAgain_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();

        var first = await Urge(filed, key: $"urge-{filed.Id}");
        Assert.Equal((1, desk.Now.AddHours(24)), (first.Left, first.NextAt));
        Assert.Equal(first, await Urge(filed, key: $"urge-{filed.Id}") with { Stages = first.Stages });
        Assert.Superset(new HashSet<string> { "task.urged → emp-metro-reviewer-1", "task.urged → emp-metro-reviewer-2" }, (await filed.Told()).ToHashSet());
        var refused = await Refused(() => Urge(filed), ErrorCodes.RateLimited);
        Assert.Equal((object)first.NextAt!.Value, refused.Facts["nextAt"]);

        desk.Time.SetTo(desk.Now.AddHours(24));
        Assert.Null((await Urge(filed)).NextAt);
        desk.Time.SetTo(desk.Now.AddHours(25));
        Assert.Null((await Refused(() => Urge(filed), ErrorCodes.RateLimited)).Facts["nextAt"]);
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        Assert.Equal("归口单位审核", Assert.Single((await Urge(filed)).Stages));
        Assert.Equal(3, (await filed.History()).Count(h => h.Action == "case.urged"));
    }

    [Theory]
    [InlineData("110105", "2026-09-24 00:00")]
    [InlineData("310101", "2026-09-23 00:00")]
    public async Task Urge_WhenTheCasesRegionHasADayOff_ThenItIsPossibleAgainByThatCalendar_R_REV_7_R_REV_4(string region, string next)
    {
        await using var regional = await CaseDesk.OpenAsync(prepare: Regional.DayOff("2026-09-22", "1wd"));
        await regional.Execute($"update approvals.organisations set region = '{region}'");
        var filed = await regional.SubmittedAsync();
        Task<UrgeReceipt> Again() => regional.Get<UrgeCommands>().UrgeAsync(filed.Applicant.Caller, filed.Id, null, default);

        Assert.Equal(CaseDesk.Local(next), (await Again()).NextAt);
        var refused = await Refused(Again, ErrorCodes.RateLimited);

        Assert.Equal((object)CaseDesk.Local(next), refused.Facts["nextAt"]);
    }

    [Fact]
    public async Task Urge_WhenSentManyTimesAtOnce_ThenOneIsCounted_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();

        var all = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Record.ExceptionAsync(() => Urge(filed))));

        Assert.Single(all, e => e is null);
        Assert.Equal(1L, await desk.Scalar<long>($"select count(*) from approvals.urges where case_id = '{filed.Id}'"));
    }

    [Fact]
    public async Task Urge_WhenNotTheirsOrNobodyHasItInHand_ThenNothingChanges_R_REV_7()
    {
        var filed = await desk.SubmittedAsync();

        await Refused(() => Urge(filed, "emp-metro-reviewer-1"), ErrorCodes.Forbidden);
        await desk.As("emp-metro-reviewer-1").Return(filed, "请补充");
        await Refused(() => Urge(filed), ErrorCodes.WrongState);

        Assert.Equal(0L, await desk.Scalar<long>($"select count(*) from approvals.urges where case_id = '{filed.Id}'"));
    }
}
