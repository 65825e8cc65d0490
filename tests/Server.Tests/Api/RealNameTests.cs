using System.Text.Json;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>Real names and faces over HTTP, with the simulators of Development.</summary>
public sealed class RealNameTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    private static (string, string) Once() => ("Idempotency-Key", Guid.NewGuid().ToString());

    private static string NumberOf(int sequence) => ResidentId.Fictitious(new DateOnly(1986, 2, 14), sequence).Value;

    private async Task<string> RegisterAsync(string user, string phone) =>
        $"/api/v1/people/{(await server.SendAsync("POST", "/api/v1/people", new { name = "李示例", phone }, user: user, headers: Once())).Is(201).Json.GetProperty("id").GetGuid()}";

    [Fact]
    public async Task Verification_WhenTwoAccountsClaimANumberOverHttp_ThenTheSecondIsShownTheTwoWaysOn_R_ACC_2()
    {
        var (li, wang) = (await RegisterAsync("applicant-li", "19900009001"), await RegisterAsync("applicant-wang", "19900009002"));
        var body = new { name = "李示例", residentId = NumberOf(25) };
        Assert.Equal("unverified", State(await server.SendAsync("GET", $"{li}/verification", user: "applicant-li")));

        Assert.Equal("verified", State(await server.SendAsync("POST", $"{li}/verification?wait=30s", body, user: "applicant-li", headers: Once())));
        var bound = await server.SendAsync("POST", $"{wang}/verification?wait=30s", body, user: "applicant-wang", headers: Once());

        Assert.Equal("bound_to_another", State(bound));
        Assert.Equal(["face_check", "rebind", "appeal", "verify"], bound.Json.GetProperty("nextActions").EnumerateArray().Select(a => a.GetProperty("action").GetString()));
        Assert.DoesNotContain("applicant-li", bound.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("9001", bound.Text, StringComparison.Ordinal);
        (await server.SendAsync("GET", $"{wang}/verification", user: "applicant-li")).IsProblem(404, "not_found");
        Assert.Equal("bound_to_another", State(await server.SendAsync("GET", $"{wang}/verification", user: "bureau-reviewer-1")));
        (await server.SendAsync("POST", $"{wang}/verification", body, user: "bureau-reviewer-1")).IsProblem(403, "forbidden");
        var refusal = (await server.SendAsync("POST", $"{wang}/rebinding/codes", new { faceCheckId = Guid.NewGuid(), challengeId = Guid.NewGuid(), answer = "ACE79" }, user: "applicant-wang")).IsProblem(409, "wrong_state");
        Assert.Equal(("face_required", "appeal"), (refusal.Json.GetProperty("reason").GetString(), refusal.Json.GetProperty("alternative").GetProperty("way").GetString()));
        (await server.SendAsync("POST", $"{wang}/rebinding", new { faceCheckId = Guid.NewGuid(), codeId = Guid.NewGuid(), code = "000000" }, user: "applicant-wang")).IsProblem(409, "wrong_state");
        Assert.Equal("verified", State(await server.SendAsync("GET", $"{li}/verification", user: "applicant-li")));

        static string State(Answer answer) => answer.Is(200).Json.GetProperty("state").GetString()!;
    }

    [Fact]
    public async Task Verification_WhenTheNumberIsWrongOrTriedTooOften_ThenThatIsSaid_R_ACC_2()
    {
        var zhang = await RegisterAsync("applicant-zhang", "19900009003");

        var wrong = (await server.SendAsync("POST", $"{zhang}/verification", new { residentId = "110199198602140255" }, user: "applicant-zhang")).IsProblem(422, "invalid_form");
        Assert.Equal("id_check", wrong.Json.GetProperty("errors")[0].GetProperty("code").GetString());
        (await server.SendAsync("POST", $"{zhang}/verification", new { }, user: "applicant-zhang")).IsProblem(422, "invalid_form");
        for (var i = 0; i < 5; i++)
            Assert.Equal("mismatch", (await server.SendAsync("POST", $"{zhang}/verification?wait=30s", new { residentId = NumberOf(901) }, user: "applicant-zhang")).Is(200).Json.GetProperty("state").GetString());
        var refusal = (await server.SendAsync("POST", $"{zhang}/verification", new { residentId = NumberOf(27) }, user: "applicant-zhang")).IsProblem(429, "rate_limited");
        Assert.InRange(refusal.Json.GetProperty("retryAfterSeconds").GetInt32(), 1, 24 * 60 * 60);
    }

    [Fact]
    public async Task Face_WhenItBeginsOverHttp_ThenThereIsACodeAndNobodyElsesWordCounts_R_ACC_4_R_INT_2()
    {
        var huang = await RegisterAsync("applicant-huang", "19900009004");
        (await server.SendAsync("POST", $"{huang}/face-checks", new { purpose = "look-up" }, user: "applicant-huang", headers: Once())).IsProblem(409, "wrong_state");
        Assert.Equal("verified", (await server.SendAsync("POST", $"{huang}/verification?wait=30s", new { residentId = NumberOf(912) }, user: "applicant-huang")).Is(200).Json.GetProperty("state").GetString());
        var key = Once();

        var begun = (await server.SendAsync("POST", $"{huang}/face-checks", new { purpose = "look-up" }, user: "applicant-huang", headers: key)).Is(201);
        var at = begun.Response.Headers.Location!.ToString();
        Assert.Equal(("waiting", JsonValueKind.String), (begun.Json.GetProperty("state").GetString(), begun.Json.GetProperty("qrContent").ValueKind));
        Assert.InRange(begun.Json.GetProperty("secondsLeft").GetInt32(), 1, 180);
        Assert.Equal(at, (await server.SendAsync("POST", $"{huang}/face-checks", new { purpose = "look-up" }, user: "applicant-huang", headers: key)).Is(201).Response.Headers.Location!.ToString());
        Assert.Equal("waiting", (await server.SendAsync("GET", at, user: "applicant-huang")).Is(200).Json.GetProperty("state").GetString());
        (await server.SendAsync("GET", at, user: "bureau-reviewer-1")).IsProblem(403, "forbidden");

        (await server.SendAsync("POST", "/api/v1/face/callbacks", new { token = "t", state = "passed" }, key: null)).IsProblem(401, "unauthorized");
        (await server.SendAsync("POST", "/api/v1/face/callbacks", new string(' ', 3000), key: null)).IsProblem(413, "too_large");
        (await server.SendAsync("POST", $"{huang}/face-checks", new { purpose = "anything" }, user: "applicant-huang", headers: Once())).IsProblem(400, "invalid_request");
    }
}
