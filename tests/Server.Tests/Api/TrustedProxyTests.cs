using Talent.Workflows.Engine;
using Talent.Workflows.Server.Startup;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>Behind a proxy, limits for callers without a key count citizens, not the proxy; nobody else can name an address.</summary>
public sealed class TrustedProxyTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.0/8")]
    public async Task Limits_WhenATrustedProxyForwards_ThenEachCitizenHasTheirOwn(string proxy)
    {
        await using var server = await StartAsync($"--Talent:TrustedProxies:0={proxy}");

        for (var citizen = 1; citizen <= 4; citizen++)
            (await AskAsync(server, $"203.0.113.{citizen}")).Is(200);
        (await AskAsync(server, "203.0.113.1")).Is(200);
        // What the citizen wrote in front of what the proxy added counts for nothing.
        (await AskAsync(server, "198.51.100.7, 203.0.113.1")).IsProblem(429, ErrorCodes.RateLimited);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("10.0.0.0/8")]
    public async Task Limits_WhenSomebodyElseForwards_ThenTheirOwnAddressCounts(string? proxy)
    {
        await using var server = await StartAsync(proxy is null ? [] : [$"--Talent:TrustedProxies:0={proxy}"]);

        (await AskAsync(server, "203.0.113.1")).Is(200);
        (await AskAsync(server, "203.0.113.2")).Is(200);

        (await AskAsync(server, "203.0.113.3")).IsProblem(429, ErrorCodes.RateLimited);
    }

    [Fact]
    public async Task Start_WhenATrustedProxyIsNoAddress_ThenItIsRefused()
    {
        var refusal = await Assert.ThrowsAsync<WrongSettingException>(() => StartAsync("--Talent:TrustedProxies:0=proxy.internal"));

        Assert.Contains("proxy.internal", refusal.Message, StringComparison.Ordinal);
    }

    private static Task<RunningServer> StartAsync(params string[] settings) => RunningServer.StartAsync("Development", ["--Talent:AnonymousRequestsPerMinute=2", .. settings]);

    private static Task<Answer> AskAsync(RunningServer server, string forwardedFor) => server.SendAsync("GET", "/openapi/v1.json", key: null, headers: ("X-Forwarded-For", forwardedFor));
}
