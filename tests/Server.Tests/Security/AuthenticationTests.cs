using Talent.Workflows.Engine;
using Talent.Workflows.Server.Startup;

namespace Talent.Workflows.Server.Tests.Security;

public sealed class AuthenticationTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Theory]
    [InlineData(null, ErrorCodes.Unauthorized)]
    [InlineData("Basic YWRtaW46YWRtaW4=", ErrorCodes.Unauthorized)]
    [InlineData("ApiKey", ErrorCodes.Unauthorized)]
    [InlineData("ApiKey password", "key_unknown")]
    [InlineData("Bearer 00000000-0000-0000-0000-000000000000", "key_unknown")]
    [InlineData("ApiKey tk_000000000000_0000000000000000000000000000000000000000000000000000000000000000", "key_unknown")]
    public async Task Request_WhenCredentialIsMissingOrUnknown_Then401SaysWhich(string? header, string code)
    {
        var answer = await server.SendAsync("GET", "/api/v1/cases", key: null, headers: header is null ? [] : [("Authorization", header)]);

        answer.IsProblem(401, code);
        Assert.Contains(answer.Response.Headers.WwwAuthenticate, h => h.Scheme == "ApiKey");
    }

    [Theory]
    [InlineData("ApiKey")]
    [InlineData("apikey")]
    [InlineData("Bearer")]
    public async Task Request_WhenKeyIsGivenInAnyAcceptedScheme_ThenItIsAnswered(string scheme) =>
        (await server.SendAsync("GET", "/api/v1/keys", key: null, headers: ("Authorization", $"{scheme} {RunningServer.AdminKey}"))).Is(200);

    [Fact]
    public async Task Request_WhenAWrongKeyFloodsFromTheSameAddress_ThenThatOneHasToWaitAndTheOthersDoNot()
    {
        const string wrong = "tk_0123456789ab_0000000000000000000000000000000000000000000000000000000000000000";
        var (_, key) = await server.CreateKeyAsync(new { name = "neighbour", scopes = new[] { "cases" } });

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => server.SendAsync("GET", "/api/v1/cases", key: wrong)));

        Assert.Contains(answers, a => a.Status == 401);
        Assert.Contains(answers, a => a.Status == 429 && a.Code == ErrorCodes.RateLimited);
        // One that this node has never seen, and one that is wrong in another way.
        (await server.SendAsync("GET", "/api/v1/cases", key: key)).Is(200);
        (await server.SendAsync("GET", "/api/v1/cases", key: wrong.Replace('0', '1'))).IsProblem(401, "key_unknown");
    }

    [Fact]
    public async Task Request_WhenKeyHasExpired_Then401KeyExpired()
    {
        var (id, key) = await server.CreateKeyAsync(new { name = "old", scopes = new[] { "cases" }, expiresAt = "2999-01-01T00:00:00Z" });
        await server.SqlAsync($"update security.keys set expires_at = now() - interval '1 second' where id = '{id}'");

        var answer = await server.SendAsync("GET", "/api/v1/cases", key: key);

        answer.IsProblem(401, ErrorCodes.KeyExpired);
        Assert.Equal(id, answer.Json.GetProperty("keyId").GetString());
    }

    [Fact]
    public async Task Request_WhenKeyWasRevoked_Then401KeyRevokedAtOnce()
    {
        var (id, key) = await server.CreateKeyAsync(new { name = "gone", scopes = new[] { "cases" } });
        (await server.SendAsync("GET", "/api/v1/cases", key: key)).Is(200);

        (await server.SendAsync("POST", $"/api/v1/keys/{id}/revoke")).Is(200);

        (await server.SendAsync("GET", "/api/v1/cases", key: key)).IsProblem(401, "key_revoked");
    }

    [Fact]
    public async Task Request_WhenKeyLacksTheScope_Then403NamesIt()
    {
        var (_, key) = await server.CreateKeyAsync(new { name = "cases only", scopes = new[] { "cases" } });

        foreach (var path in (string[])["/api/v1/keys", "/api/v1/workflows/instances", "/api/v1/workflows/definitions", "/api/v1/operations/deliveries"])
            Assert.NotEmpty((await server.SendAsync("GET", path, key: key)).IsProblem(403, "key_out_of_scope").Json.GetProperty("scope").GetString()!);
    }

    [Fact]
    public async Task Key_WhenItIsLimitedToAServiceAndHasAScopeThatReachesAll_ThenItIsntMadeAndNeverWorks_R_ACC_3()
    {
        foreach (var limit in (object[])[new { name = "n", scopes = new[] { "cases", "workflows" }, services = new[] { "s" } },
            new { name = "n", scopes = new[] { "definitions:read" }, organisations = new[] { "bureau" } }, new { name = "n", scopes = new[] { "admin" }, roles = new[] { "applicant" } }])
            Assert.Equal("$.scopes", (await server.SendAsync("POST", "/api/v1/keys", limit)).IsProblem(400, ErrorCodes.InvalidRequest).Json.GetProperty("errors")[0].GetProperty("path").GetString());

        // One that an older version has made.
        var (id, key) = await server.CreateKeyAsync(new { name = "old", scopes = new[] { "cases", "workflows", "definitions" } });
        await server.SqlAsync($"update security.keys set services = array['political-work-title'] where id = '{id}'");
        foreach (var path in (string[])["/api/v1/workflows/instances", "/api/v1/workflows/definitions"])
            (await server.SendAsync("GET", path, key: key)).IsProblem(403, ErrorCodes.Forbidden);
        (await server.SendAsync("GET", "/api/v1/cases", key: key)).Is(200);
    }

    [Fact]
    public async Task Request_WhenKeyIsForReading_ThenItReadsAndWritesNothing()
    {
        var (_, key) = await server.CreateKeyAsync(new { name = "monitor", scopes = new[] { "workflows:read" } });

        (await server.SendAsync("GET", "/api/v1/workflows/instances", key: key)).Is(200);
        (await server.SendAsync("POST", $"/api/v1/workflows/{ServerFixture.Waiting}/start", "{}", key, headers: ("Idempotency-Key", "monitor-1"))).IsProblem(403, "key_out_of_scope");
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("expert-12")]
    public async Task Request_WhenActingUserIsUnknownOrInactive_Then403UnknownUser_R_ACC_3(string user)
    {
        await server.SqlAsync("update approvals.users set active = false where id = 'expert-12'");

        (await server.SendAsync("GET", "/api/v1/tasks", user: user)).IsProblem(403, ErrorCodes.UnknownUser);
    }

    [Fact]
    public async Task Request_WhenActingUserIsOutsideTheOrganisationsOfTheKey_Then403_R_ACC_3()
    {
        var (_, key) = await server.CreateKeyAsync(new { name = "metro", scopes = new[] { "cases" }, organisations = new[] { "emp-metro" } });

        (await server.SendAsync("GET", "/api/v1/tasks", key: key, user: "emp-metro-reviewer-1")).Is(200);
        Assert.Equal("organisations", (await server.SendAsync("GET", "/api/v1/tasks", key: key, user: "emp-water-reviewer-1"))
            .IsProblem(403, "user_not_allowed").Json.GetProperty("limit").GetString());
    }

    [Fact]
    public async Task Request_WhenActingUserHasNoneOfTheRolesOfTheKey_Then403_R_ACC_3()
    {
        var (_, key) = await server.CreateKeyAsync(new { name = "applicants", scopes = new[] { "cases" }, roles = new[] { "applicant" } });

        (await server.SendAsync("GET", "/api/v1/cases", key: key, user: "applicant-li")).Is(200);
        Assert.Equal("roles", (await server.SendAsync("GET", "/api/v1/cases", key: key, user: "bureau-superior"))
            .IsProblem(403, "user_not_allowed").Json.GetProperty("limit").GetString());
    }

    [Fact]
    public async Task Keys_WhenStored_ThenTheKeyItselfIsNowhere()
    {
        var (_, key) = await server.CreateKeyAsync(new { name = "secret", scopes = new[] { "cases" } });

        var rows = (string)(await server.SqlAsync("select string_agg(k::text, ' ') from security.keys k"))!;
        var listed = (await server.SendAsync("GET", "/api/v1/keys?limit=200")).Is(200).Text;

        Assert.DoesNotContain(key.Split('_')[2], rows + listed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"","scopes":["cases"]}""", "$.name")]
    [InlineData("""{"name":"x","scopes":[]}""", "$.scopes")]
    [InlineData("""{"name":"x","scopes":["everything"]}""", "$.scopes")]
    [InlineData("""{"name":"x","scopes":["cases"],"roles":[]}""", "$.roles")]
    [InlineData("""{"name":"x","scopes":["cases"],"expiresAt":"2001-01-01T00:00:00Z"}""", "$.expiresAt")]
    public async Task CreateKey_WhenSomethingIsWrong_Then400NamesThePlace(string body, string path)
    {
        var answer = (await server.SendAsync("POST", "/api/v1/keys", body)).IsProblem(400, ErrorCodes.InvalidRequest);

        Assert.Equal(path, answer.Json.GetProperty("errors")[0].GetProperty("path").GetString());
    }

    [Fact]
    public async Task Revoke_WhenItIsTheLastAdministrator_Then409AndItStays()
    {
        await using var alone = await RunningServer.StartAsync();

        (await alone.SendAsync("POST", "/api/v1/keys/bootstrap/revoke")).IsProblem(409, ErrorCodes.Conflict);

        (await alone.SendAsync("GET", "/api/v1/keys")).Is(200);
    }

    [Fact]
    public async Task BootstrapKey_WhenTooWeak_ThenTheServerDoesNotStart()
    {
        foreach (var weak in (string[])["admin", "password", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "with space with space with space with space"])
        {
            var refusal = await Assert.ThrowsAsync<WrongSettingException>(() => RunningServer.StartAsync("Production", $"--Talent:BootstrapKey={weak}"));
            Assert.Contains("密钥强度不足", refusal.Message, StringComparison.Ordinal);
        }
    }
}
