using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Integrations.Identity;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Why;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Tests.Integrations.Identity;

/// <summary>A case that has the applicant's identity verified before the first review.</summary>
public sealed class VerifyIdentityTests : OfficeDesk
{
    private protected override Task<CaseDesk> OpenAsync(Action<IServiceCollection> add) => CaseDesk.OpenAsync(Definition(), more: add);

    private protected override void Add(IServiceCollection services, Func<IServiceProvider, OutsideClient> client) =>
        services.AddSingleton<IIdentityVerification>(s => new IdentityClient(client(s)));

    private protected override void Map(IEndpointRouteBuilder routes, OutsideSimulator office) => IdentitySimulator.Map(routes, office);

    [Fact]
    public async Task Case_WhenTheOfficeIsDownForDays_ThenItIsParkedVisiblyAndGoesOnByItselfExactlyOnce_R_INT_1()
    {
        office.IsUp = false;
        var filed = await desk.SubmittedAsync();
        var asked = await filed.WhyAsync();
        Assert.Equal("等待“verify”：已请求身份核验，等待答复。", Assert.Single(asked.WaitsFor).TextZh);

        await desk.Deliver();
        var parked = Assert.Single((await filed.WhyAsync()).WaitsFor);
        Assert.Equal(("outside_system", "parked", "identity"), (parked.Kind, parked.State!.Code, parked.Name));
        Assert.Equal("等待“verify”：身份核验服务暂不可用，自2026年9月21日09:00起等待（已尝试1次），恢复后自动继续。", parked.TextZh);
        Assert.Equal("Waits for 'verify': identity verification isn't available; the case has waited since 2026-09-21 09:00 (tried 1 time) and goes on by itself afterwards.", parked.TextEn);
        // Four days of hours make no dead letter.
        for (var hour = 0; hour < 24 * 4; hour++)
        {
            desk.Time.SetTo(desk.Time.GetUtcNow().AddHours(1));
            await desk.Deliver();
        }
        var waiting = Assert.Single(await desk.Get<DeadLetters>().ListAsync(deadOnly: false, 0, 100, default));
        Assert.False(waiting.Dead);
        Assert.Empty((await filed.Read()).Stages);

        office.IsUp = true;
        desk.Time.SetTo(desk.Time.GetUtcNow().AddHours(1));
        await desk.Deliver();

        Assert.Equal("employer-review", (await filed.Waiting()).Stage);
        Assert.Single(office.Answered);
        Assert.Equal(["review"], (await filed.WhyAsync()).What());
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from approvals.tasks"));
        Assert.DoesNotContain(await desk.Get<DeadLetters>().ListAsync(deadOnly: false, 0, 100, default), m => m.Kind.StartsWith(OutsideCalls.KindPrefix, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Case_WhenTheQuestionIsDeliveredTwiceAtOnce_ThenItGoesOnOnce_R_INT_1()
    {
        var filed = await desk.SubmittedAsync();
        await desk.Execute("""
            insert into engine.outbox (id, instance_id, kind, payload, created_at) select o.id, o.instance_id, o.kind, o.payload, o.created_at
            from engine.outbox o, generate_series(1, 5) where o.kind = 'outside.identity'
            """);

        await desk.Deliver();

        Assert.Equal("employer-review", (await filed.Waiting()).Stage);
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from approvals.tasks"));
        Assert.Single(office.Answered);
        Assert.DoesNotContain(await desk.Get<DeadLetters>().ListAsync(deadOnly: false, 0, 100, default), m => m.Kind == "outside.identity");
    }

    [Theory]
    [InlineData(25, "待审核")]
    [InlineData(901, "未通过")]
    [InlineData(902, "待审核")]
    [InlineData(905, "待审核")]
    public async Task Case_WhenTheOfficeHasAnswered_ThenItLeavesByTheOutcome_R_INT_1(int sequence, string status)
    {
        var filed = await WithNumberAsync(ResidentId.Fictitious(new DateOnly(1986, 2, 14), sequence).Value);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await desk.Deliver();
            desk.Time.SetTo(desk.Time.GetUtcNow().AddMinutes(5));
        }

        Assert.Equal(status, await filed.Status());
        Assert.Single(office.Answered);
    }

    [Theory]
    [InlineData("110199198602140255")]
    [InlineData("")]
    public async Task Case_WhenTheNumberCantBeOne_ThenNobodyIsAsked_R_ACC_2(string number)
    {
        var filed = await WithNumberAsync(number);

        await desk.Deliver();

        Assert.Equal("待补正", await filed.Status());
        Assert.Equal(0, office.Requests);
    }

    [Fact]
    public async Task Case_WhenItIsWithdrawnWhileParked_ThenNobodysDataIsSentAnyMore_R_INT_1()
    {
        office.IsUp = false;
        var filed = await desk.SubmittedAsync();
        await desk.Deliver();
        var before = office.Requests;

        await filed.Withdraw();
        office.IsUp = true;
        desk.Time.SetTo(desk.Time.GetUtcNow().AddHours(1));
        await desk.Deliver();

        Assert.Equal((1, before), (before, office.Requests));
        Assert.DoesNotContain(await desk.Get<DeadLetters>().ListAsync(deadOnly: false, 0, 100, default), m => m.Kind == "outside.identity");
    }

    [Fact]
    public async Task Case_WhenTheServiceIsntSetUp_ThenItIsParkedWithoutUsingUpAttempts_R_INT_1()
    {
        await using var bare = await CaseDesk.OpenAsync(Definition());
        var filed = await bare.SubmittedAsync();
        await bare.Deliver();

        var parked = Assert.Single((await filed.WhyAsync()).WaitsFor);

        Assert.Equal("等待“verify”：身份核验服务暂不可用，自2026年9月21日09:00起等待，恢复后自动继续。", parked.TextZh);
        Assert.Equal(0, (await bare.Get<DeadLetters>().ListAsync(deadOnly: false, 0, 100, default)).Single(m => m.Kind == "outside.identity").Attempts);
    }

    [Fact]
    public async Task Question_WhenItWaits_ThenTheEngineHoldsNeitherNameNorNumber_R_INT_1()
    {
        office.IsUp = false;
        await desk.SubmittedAsync();
        await desk.Deliver();

        var row = await desk.Scalar<string>("select convert_from(payload, 'UTF8') || last_error from engine.outbox_failed where kind = 'outside.identity'");

        Assert.Contains("data.residentId", row, StringComparison.Ordinal);
        foreach (var personal in (string[])["李示例", "110199198602140254"])
            Assert.DoesNotContain(personal, row, StringComparison.Ordinal);
    }

    private async Task<FiledCase> WithNumberAsync(string number)
    {
        var filed = await desk.SubmittedAsync();
        await desk.Execute($$"""update approvals.case_data set data = jsonb_set(data, '{residentId}', '"{{number}}"')""");
        return filed;
    }

    /// <summary>The review flow with the verification before it: a mismatch ends it, what isn't complete goes back.</summary>
    private static string Definition()
    {
        var definition = JsonNode.Parse(ReviewFlow.Definition())!;
        var (activities, connections) = (definition["root"]!["activities"]!.AsArray(), definition["root"]!["connections"]!.AsArray());
        activities.Add(JsonNode.Parse("""{"id":"verify","type":"Talent.VerifyIdentity","version":1}"""));
        var pending = connections.Single(c => c!["source"]!["activity"]!.GetValue<string>() == "pending")!;
        pending["target"]!["activity"] = "verify";
        foreach (var (port, target) in ((string, string)[])[("Verified", "employer-review"), ("Mismatch", "rejected"), ("Incomplete", "returned-employer-review")])
            connections.Add(JsonNode.Parse($$$"""{"source":{"activity":"verify","port":"{{{port}}}"},"target":{"activity":"{{{target}}}","port":"In"}}"""));
        return definition.ToJsonString();
    }
}
