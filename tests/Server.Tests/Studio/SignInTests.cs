namespace Talent.Workflows.Server.Tests.Studio;

public sealed class SignInTests(StudioFixture fixture) : IClassFixture<StudioFixture>
{
    private const string Page = "/studio/workflows/definitions/flow/edit";
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Page_WhenNotSignedIn_AsksToSignInAndComesBack()
    {
        using var browser = new StudioSession(server);
        var asked = await browser.SendAsync("GET", Page);
        Assert.Equal(302, asked.Status);
        var to = asked.Response.Headers.Location!.ToString();
        Assert.Equal("/studio/sign-in?to=" + Uri.EscapeDataString(Page), to);
        Assert.Contains($"value=\"{Page}\"", (await browser.SendAsync("GET", to)).Text, StringComparison.Ordinal);

        var signedIn = await browser.SignInAsync("admin", StudioFixture.Password, Page);
        Assert.Equal(303, signedIn.Status);
        Assert.Equal(Page, signedIn.Response.Headers.Location!.ToString());
        var cookie = signedIn.Response.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);

        var page = (await browser.SendAsync("GET", Page)).Is(200);
        Assert.Contains("系统管理员", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(browser.Cookies.GetAllCookies()["talent-session"]!.Value, page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(RunningServer.AdminKey, page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_WhenItAsksToSignIn_LetsTheBrowserFetchWhatItKeepsAndNothingElse()
    {
        using var browser = new StudioSession(server);
        var page = (await browser.SendAsync("GET", "/studio/sign-in")).Is(200).Text;
        Assert.Equal(["/studio/_framework/dotnet.native.a1b2c3d4e5.wasm", "/studio/_framework/icudt.a1b2c3d4e5.dat"],
            page.Split("<link rel=\"prefetch\" href=\"")[1..].Select(rest => rest[..rest.IndexOf('"', StringComparison.Ordinal)]).Order());
    }

    [Theory]
    [InlineData("admin", "wrong password 12")]
    [InlineData("nobody", StudioFixture.Password)]
    [InlineData("", "")]
    public async Task SignIn_WhenWrong_SaysSoAndOpensNothing(string name, string password)
    {
        using var browser = new StudioSession(server);
        var answer = (await browser.SignInAsync(name, password)).Is(401);
        Assert.Contains("账号或口令不正确", answer.Text, StringComparison.Ordinal);
        Assert.Empty(browser.Cookies.GetAllCookies());
    }

    [Fact]
    public async Task SignIn_WhenTriedTooOften_HasToWaitWhileOthersDoNot()
    {
        using var browser = new StudioSession(server);
        for (var i = 0; i < 10; i++)
            (await browser.SignInAsync("a-viewer", "wrong password 12")).Is(401);
        (await browser.SignInAsync("a-viewer", StudioFixture.Password)).Is(429);
        (await browser.SignInAsync("a-designer", StudioFixture.Password)).Is(303);
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/studio/workflows/")]
    [InlineData("/studio/workflows/\\elsewhere")]
    [InlineData("/api/v1/keys")]
    public async Task SignIn_WhenAskedToLeadElsewhere_StaysInStudio(string to)
    {
        using var browser = new StudioSession(server);
        var answer = (await browser.SignInAsync("admin", StudioFixture.Password, to)).Is(303);
        Assert.Equal("/studio/workflows/definitions", answer.Response.Headers.Location!.ToString());
    }

    [Theory]
    [InlineData("cross-site")]
    [InlineData(null)]
    public async Task SignIn_WhenSentByAnotherSitesPage_IsRefused(string? site)
    {
        using var browser = new StudioSession(server);
        (await browser.SignInAsync("admin", StudioFixture.Password, site: site)).Is(403);
    }

    [Fact]
    public async Task SignOut_WhenSignedIn_EndsSessionEverywhere()
    {
        using var browser = new StudioSession(server);
        await browser.SignInAsync("admin", StudioFixture.Password);
        var token = browser.Cookies.GetAllCookies()["talent-session"]!.Value;
        (await server.SendAsync("GET", "/api/v1/staff", key: null, headers: ("Authorization", $"Bearer {token}"))).Is(200);
        (await browser.SendAsync("POST", "/studio/sign-out", site: "cross-site")).IsProblem(403, "forbidden");
        (await browser.SendAsync("POST", "/studio/sign-out")).Is(303);
        (await server.SendAsync("GET", "/api/v1/staff", key: null, headers: ("Authorization", $"Bearer {token}"))).IsProblem(401, "key_unknown");
    }
}
