namespace Talent.Workflows.Server.Tests.Studio;

public sealed class StaffTests(StudioFixture fixture) : IClassFixture<StudioFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Staff_WhenNotAdministrator_IsRefusedAndNamesTheAccount()
    {
        using var browser = new StudioSession(server);
        await browser.SignInAsync("a-designer", StudioFixture.Password);
        var answer = (await browser.SendAsync("GET", "/api/v1/staff")).IsProblem(403, "key_out_of_scope");
        Assert.Contains("a-designer", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Staff_WhenCookieIsSentByAnotherSite_ChangesNothing()
    {
        using var browser = new StudioSession(server);
        await browser.SignInAsync("admin", StudioFixture.Password);
        var body = """{"id":"mallory","name":"外人","role":"administrator","password":"a long password 123"}""";
        foreach (var site in (string?[])["cross-site", "same-site", null])
            (await browser.SendAsync("POST", "/api/v1/staff", Json(body), site)).IsProblem(403, "forbidden");
        (await server.SendAsync("GET", "/api/v1/staff/mallory")).IsProblem(404, "not_found");
        (await browser.SendAsync("POST", "/api/v1/staff", Json(body.Replace("mallory", "friend", StringComparison.Ordinal)))).Is(201);
    }

    [Fact]
    public async Task Session_WhenAccountIsDisabled_Ends()
    {
        (await server.SendAsync("POST", "/api/v1/staff", new { id = "leaver", name = "李伟", role = "viewer", password = StudioFixture.Password })).Is(201);
        using var browser = new StudioSession(server);
        await browser.SignInAsync("leaver", StudioFixture.Password);
        (await browser.SendAsync("GET", "/studio/workflows/definitions")).Is(200);
        (await server.SendAsync("PATCH", "/api/v1/staff/leaver", new { disabled = true })).Is(200);
        Assert.Equal(0L, await server.SqlAsync("select count(*) from security.sessions where staff_id = 'leaver'"));
        (await browser.SignInAsync("leaver", StudioFixture.Password)).Is(401);
    }

    [Fact]
    public async Task Administrator_WhenLast_CanNeitherBeDisabledNorGivenAnotherRole()
    {
        await server.SqlAsync("update security.staff set disabled_at = now() where role = 'administrator' and id <> 'admin'");
        (await server.SendAsync("PATCH", "/api/v1/staff/admin", new { disabled = true })).IsProblem(409, "conflict");
        (await server.SendAsync("PATCH", "/api/v1/staff/admin", new { role = "viewer" })).IsProblem(409, "conflict");
        (await server.SendAsync("PATCH", "/api/v1/staff/admin", new { name = "管理员" })).Is(200);
    }

    [Fact]
    public async Task Account_WhenDescribedBadly_NamesEveryPlace()
    {
        var answer = (await server.SendAsync("POST", "/api/v1/staff", new { id = "X", name = "", role = "king", password = "short" })).IsProblem(400, "invalid_request");
        Assert.Equal(["$.id", "$.name", "$.role", "$.password"], answer.Json.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("path").GetString()!));
    }

    [Fact]
    public async Task Password_WhenStored_IsAHash()
    {
        var stored = (string)(await server.SqlAsync("select string_agg(s::text, ' ') from security.staff s"))!;
        Assert.DoesNotContain(StudioFixture.Password, stored, StringComparison.Ordinal);
    }

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");
}
