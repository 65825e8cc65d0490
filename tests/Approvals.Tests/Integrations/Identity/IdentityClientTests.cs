using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Talent.Workflows.Approvals.Integrations.Identity;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Tests.Integrations.Identity;

/// <summary>The client against the simulator, over HTTP.</summary>
public sealed class IdentityClientTests : IAsyncLifetime
{
    private const string Name = "李示例";
    private static readonly HttpClient Http = new();

    private readonly ManualTime time = new(new DateTimeOffset(2026, 9, 21, 1, 0, 0, TimeSpan.Zero));
    private readonly OutsideSimulator simulator;
    private WebApplication app = null!;

    public IdentityClientTests() => simulator = new("key-1", "secret-1", time);

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        IdentitySimulator.Map(app, simulator, "/office");
        app.MapPost("/odd/{status:int}/{body}/identity/verifications", (int status, string body) => Results.Text(body, "application/json", statusCode: status));
        app.MapPost("/huge/identity/verifications", () => Results.Text($$"""{"result":"verified","more":"{{new string('x', 1 << 20)}}"}""", "application/json"));
        app.MapPost("/silent/identity/verifications", context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await app.StartAsync();
    }

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Theory]
    [InlineData(Name, 25, true)]
    [InlineData(Name, 901, false)]
    [InlineData(IdentitySimulator.Nobody, 25, false)]
    public async Task Identity_WhenAsked_ThenNameAndNumberBelongTogetherOrNot_R_INT_1(string name, int sequence, bool verified) =>
        Assert.Equal(new OutsideAnswer<IdentityResult>.Answered(new IdentityResult(verified)), await VerifyAsync(sequence, name: name));

    [Fact]
    public async Task Identity_WhenTheOfficeFailsTwice_ThenTheThirdTryIsAnswered_R_INT_1()
    {
        Assert.Equal(TimeSpan.FromSeconds(7), Assert.IsType<OutsideAnswer<IdentityResult>.Unavailable>(await VerifyAsync(902)).After);
        Assert.IsType<OutsideAnswer<IdentityResult>.Unavailable>(await VerifyAsync(902));
        Assert.IsType<OutsideAnswer<IdentityResult>.Answered>(await VerifyAsync(902));
    }

    [Fact]
    public async Task Identity_WhenTheReplyIsLost_ThenTheRepeatIsRecognised_R_INT_1()
    {
        Assert.IsType<OutsideAnswer<IdentityResult>.Unavailable>(await VerifyAsync(905));
        Assert.IsType<OutsideAnswer<IdentityResult>.Answered>(await VerifyAsync(905));

        Assert.Single(simulator.Answered);
    }

    [Theory]
    [InlineData("/office", 903)]
    [InlineData("/office", 904)]
    [InlineData("/odd/200/[]", 25)]
    [InlineData("/odd/200/null", 25)]
    [InlineData("""/odd/200/{"result":"perhaps"}""", 25)]
    [InlineData("""/odd/200/{"result":1}""", 25)]
    [InlineData("/odd/401/x", 25)]
    [InlineData("/odd/404/x", 25)]
    [InlineData("/odd/500/x", 25)]
    [InlineData("/huge", 25)]
    [InlineData("/silent", 25)]
    public async Task Identity_WhenTheOfficeAnswersOddly_ThenItIsUnavailableAndNothingPersonalIsSaid_R_INT_1(string path, int sequence)
    {
        var answer = Assert.IsType<OutsideAnswer<IdentityResult>.Unavailable>(await VerifyAsync(sequence, path, timeout: path == "/silent" ? 1 : 30));

        Assert.DoesNotContain(Name, answer.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(Number(sequence).Value, answer.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/odd/400/x")]
    [InlineData("/odd/422/x")]
    public async Task Identity_WhenTheOfficeDoesntTakeTheQuestion_ThenItIsRefused_R_INT_1(string path) =>
        Assert.IsType<OutsideAnswer<IdentityResult>.Refused>(await VerifyAsync(25, path));

    [Theory]
    [InlineData("key-1", "wrong", 0)]
    [InlineData("other", "secret-1", 0)]
    [InlineData("key-1", "secret-1", 20)]
    public async Task Identity_WhenTheSignatureIsWrongOrOld_ThenTheOfficeIsntAsked_R_INT_1(string key, string secret, int minutesLate)
    {
        var late = new ManualTime(time.GetUtcNow().AddMinutes(minutesLate));

        Assert.IsType<OutsideAnswer<IdentityResult>.Unavailable>(await VerifyAsync(25, key: key, secret: secret, clock: late));

        Assert.Empty(simulator.Answered);
    }

    [Fact]
    public async Task Identity_WhenNobodyListens_ThenItIsUnavailable_R_INT_1()
    {
        await app.StopAsync();

        Assert.IsType<OutsideAnswer<IdentityResult>.Unavailable>(await VerifyAsync(25));
    }

    private Task<OutsideAnswer<IdentityResult>> VerifyAsync(int sequence, string path = "/office", string name = Name, string key = "key-1", string secret = "secret-1", int timeout = 30, TimeProvider? clock = null) =>
        new IdentityClient(new OutsideClient(Http, new OutsideOptions { Endpoint = app.Urls.Single() + path, AccessKeyId = key, AccessKeySecret = secret, TimeoutSeconds = timeout }, "identity verification", clock ?? time))
            .VerifyAsync("question-1", name, Number(sequence), default);

    private static ResidentId Number(int sequence) => ResidentId.Fictitious(new DateOnly(1986, 2, 14), sequence);
}
