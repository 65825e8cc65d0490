using Npgsql;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;
using static Talent.Workflows.Approvals.Tests.Reviews.Handling.HandlingFixture;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

/// <summary>Requests that are no step: on one connection each, and once for each key.</summary>
public sealed class RequestReceiptTests(HandlingFixture fixture) : IClassFixture<HandlingFixture>
{
    private readonly CaseDesk desk = fixture.Desk;

    [Fact]
    public async Task Request_WhenThePoolHasOneConnection_ThenItNeedsNoSecond()
    {
        await fixture.Revoke();
        // Whoever asked for a second connection would be refused one after this time; nobody waits otherwise.
        await using var one = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(desk.ConnectionString) { MaxPoolSize = 1, Timeout = 5 });
        var (clock, directory) = (desk.Get<BusinessClock>(), new DirectoryReader(one));
        var receipts = new RequestReceipts(desk.Get<WorkflowRuntime>(), one, clock);
        var delegations = new DelegationCommands(one, desk.Get<ServiceCatalogue>(), directory, receipts, clock);
        var transfers = new TransferCommands(desk.Get<WorkflowRuntime>(), one, directory, receipts, clock);
        var (me, administrator) = (desk.As("unit-health-reviewer-1").Caller, fixture.Administrator("bureau-superior"));

        var made = await delegations.CreateAsync(me, To("unit-health-reviewer-2"), Key("pool-delegation"), default);
        Assert.NotNull((await delegations.RevokeAsync(me, made.Id, default)).RevokedAt);
        await delegations.CreateAsync(me, To("unit-health-reviewer-2"), null, default);
        Assert.Equal(1, (await transfers.HandOverAsync(administrator, "unit-health-reviewer-1", "unit-health-reviewer-2", "离职", Key("pool-handover"), default)).DelegationsEnded);

        await transfers.ReturnAsync(administrator, "unit-health-reviewer-1", default);
    }

    [Fact]
    public async Task Request_WhenTheKeyWasAnothersOfAnyKind_ThenItIsRefused()
    {
        await fixture.Revoke();
        var (commands, me) = (desk.Get<DelegationCommands>(), desk.As("unit-education-reviewer-1").Caller);
        var narrow = To("unit-education-reviewer-2") with { Roles = ["unit.reviewer"], Reason = "休假" };

        var made = await commands.CreateAsync(me, narrow, Key("scope"), default);

        // As the server hashes them: another body is another hash.
        await Refused(() => commands.CreateAsync(me, narrow with { Roles = null }, Key("scope", 2), default), ErrorCodes.IdempotencyKeyReused);
        await Refused(() => desk.Get<OpinionCommands>().AddAsync(me, "同意", null, Key("scope", 3), default), ErrorCodes.IdempotencyKeyReused);
        await Refused(() => desk.Get<TransferCommands>().HandOverAsync(fixture.Administrator("bureau-superior"), me.User!, "unit-education-reviewer-2", "离职", Key("scope", 4), default), ErrorCodes.IdempotencyKeyReused);
        // The same request is answered alike though its period is over.
        desk.Time.SetTo(desk.Now.AddDays(40));
        Assert.Equal((made.Id, "休假"), ((await commands.CreateAsync(me, narrow, Key("scope"), default)).Id, made.Reason));
        Assert.Equal(1L, await desk.Scalar<long>($"select count(*) from approvals.delegations where principal = '{me.User}'"));
        Assert.Equal(0L, await desk.Scalar<long>($"select count(*) from approvals.handovers where user_id = '{me.User}'"));
    }

    [Fact]
    public async Task Request_WhenItComesManyTimesAtOnce_ThenItIsCarriedOutOnceAndAllAreAnsweredAlike()
    {
        var (opinions, me) = (desk.Get<OpinionCommands>(), desk.As("unit-culture-reviewer-2").Caller);

        var all = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => opinions.AddAsync(me, "同意上报", null, Key("opinion"), default)));

        Assert.Single(all.Select(o => o.Id).Distinct());
        Assert.Single(await opinions.ListAsync(me, null, default));
    }

    private NewDelegation To(string user) => new() { Delegate = user, Until = desk.Now.AddDays(30) };

    private static Idempotency Key(string key, byte body = 1) => new("key:test", key, [body]);
}
