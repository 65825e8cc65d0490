using Talent.Workflows.Approvals.Integrations.Face;
using Talent.Workflows.Approvals.Integrations.Outside;

namespace Talent.Workflows.Approvals.Tests.Integrations.Face;

public sealed class FaceTests
{
    [Theory]
    [InlineData(25, FaceState.Passed)]
    [InlineData(911, FaceState.Failed)]
    [InlineData(912, FaceState.Waiting)]
    public async Task Face_WhenTheCodeIsScannedOrNot_ThenItsStateIsTold_R_INT_2(int sequence, FaceState after)
    {
        await using var office = await OfficeServer.OpenAsync((routes, http, time) => new FaceSimulator(new FaceOptions(), time).Map(routes, http));
        var client = new FaceClient(office.Client, new FaceOptions());
        var session = Assert.IsType<OutsideAnswer<FaceSession>.Answered>(await client.BeginAsync("session-1", "李示例", OfficeServer.Number(sequence), default)).Value;

        Assert.Equal(office.Time.GetUtcNow().AddSeconds(180), session.ExpiresAt);
        Assert.Contains(session.Token, session.QrContent, StringComparison.Ordinal);
        Assert.DoesNotContain(OfficeServer.Number(sequence).Value, session.QrContent, StringComparison.Ordinal);
        Assert.Equal(FaceState.Waiting, await StateAsync());
        office.Time.SetTo(office.Time.GetUtcNow() + FaceSimulator.Takes);
        Assert.Equal(after, await StateAsync());
        office.Time.SetTo(session.ExpiresAt);
        Assert.Equal(after == FaceState.Waiting ? FaceState.Expired : after, await StateAsync());

        async Task<FaceState> StateAsync() => Assert.IsType<OutsideAnswer<FaceProgress>.Answered>(await client.ReadAsync(session.Token, default)).Value.State;
    }

    [Fact]
    public async Task Face_WhenTheLifeIsConfigured_ThenTheTokenLivesThatLong_R_ACC_4()
    {
        await using var office = await OfficeServer.OpenAsync((routes, http, time) => new FaceSimulator(new FaceOptions(), time).Map(routes, http));

        var session = await new FaceClient(office.Client, new FaceOptions { LifeSeconds = 60 }).BeginAsync("session-1", "李示例", OfficeServer.Number(25), default);

        Assert.Equal(office.Time.GetUtcNow().AddSeconds(60), Assert.IsType<OutsideAnswer<FaceSession>.Answered>(session).Value.ExpiresAt);
    }

    [Fact]
    public async Task Face_WhenTheOfficeIsDownOrTheTokenIsForged_ThenNothingIsPassed_R_INT_2()
    {
        await using var office = await OfficeServer.OpenAsync((routes, http, time) => new FaceSimulator(new FaceOptions(), time).Map(routes, http));
        var client = new FaceClient(office.Client, new FaceOptions());

        Assert.IsType<OutsideAnswer<FaceSession>.Unavailable>(await client.BeginAsync("session-1", "李示例", OfficeServer.Number(913), default));
        Assert.IsType<OutsideAnswer<FaceProgress>.Refused>(await client.ReadAsync("025.0.180000.000000000000000000000000", default));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"token":"t","qrContent":"q","expiresAt":"soon"}""")]
    [InlineData("""{"token":"","qrContent":"q","expiresAt":"2026-09-21T01:03:00Z","state":"Passed"}""")]
    [InlineData("""{"token":5,"state":"passed!"}""")]
    [InlineData("""["passed"]""")]
    public async Task Face_WhenTheAnswerIsntWhatTheContractSays_ThenItIsUnavailable_R_INT_2(string answer)
    {
        await using var office = await OfficeServer.SayingAsync(answer);
        var client = new FaceClient(office.Client, new FaceOptions());

        Assert.IsType<OutsideAnswer<FaceSession>.Unavailable>(await client.BeginAsync("session-1", "李示例", OfficeServer.Number(25), default));
        Assert.IsType<OutsideAnswer<FaceProgress>.Unavailable>(await client.ReadAsync("t", default));
    }
}
