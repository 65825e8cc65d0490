using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>What a case carries, through the whole server with the shipped services: what is decided is tested with the domain.</summary>
public sealed class FilingTests : IAsyncLifetime
{
    private const string Applicant = "applicant-huang";
    private const string Reviewer = "emp-water-reviewer-1";
    private static readonly JsonNode Sample = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "workflows", "political-work-title", "samples", "05-huang-completed.json")))!;

    private RunningServer server = null!;

    public async Task InitializeAsync() => server = await RunningServer.StartAsync("Development", $"--Talent:WorkflowsDir={Path.Combine(Repository.Root, "workflows")}");

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Case_WhenFiledWithItsMaterials_ThenTheReviewerFetchesThemByTheirOfficialNames_R_CASE_4_R_CASE_3_R_PER_2_S1()
    {
        var path = await DraftAsync();
        var draft = await server.SendAsync("GET", $"{path}/materials", user: Applicant);
        Assert.Equal("\"1\"", draft.Response.Headers.ETag!.Tag);
        Assert.Empty(draft.Is(200).Json.GetProperty("missing").EnumerateArray());
        var card = Slot(draft.Json, "identity-card").GetProperty("materials")[0].GetProperty("id").GetGuid();
        Assert.Equal("confirm-profile", Assert.Single((await server.SendAsync("GET", $"{path}/profile/changes", user: Applicant)).Is(200).Json.GetProperty("nextActions").EnumerateArray()).GetProperty("action").GetString());

        (await server.SendAsync("POST", $"{path}/submit", "{}", user: Applicant)).IsProblem(422, ErrorCodes.InvalidForm);
        var asked = (await server.SendAsync("GET", $"{path}/confirmations", user: Applicant)).Is(200).Json.GetProperty("items")[0];
        var key = ("Idempotency-Key", "confirm-1");
        (await server.SendAsync("POST", $"{path}/confirmations/classified", new { textSha256 = asked.GetProperty("textSha256").GetString() }, user: Applicant, headers: key)).Is(200);
        var confirmed = (await server.SendAsync("POST", $"{path}/confirmations/classified", new { textSha256 = asked.GetProperty("textSha256").GetString() }, user: Applicant, headers: key)).Is(200).Json;
        Assert.Equal(Applicant, confirmed.GetProperty("items")[0].GetProperty("confirmedBy").GetString());
        (await server.SendAsync("DELETE", $"{path}/materials/identity-card/{card}", user: Applicant, headers: ("If-Match", "\"1\""))).IsProblem(412, ErrorCodes.PreconditionFailed);
        (await server.SendAsync("DELETE", $"{path}/materials/identity-card/{card}", user: Applicant)).Is(200);
        var errors = (await server.SendAsync("POST", $"{path}/submit", "{}", user: Applicant)).IsProblem(422, ErrorCodes.InvalidForm).Json.GetProperty("errors");
        Assert.Equal(["materials.identity-card"], errors.EnumerateArray().Select(e => e.GetProperty("path").GetString()));
        (await server.SendAsync("PUT", $"{path}/materials/identity-card/{card}", "{}", user: Applicant)).Is(200);
        (await server.SendAsync("POST", $"{path}/submit", "{}", user: Applicant)).Is(200);

        using var request = new HttpRequestMessage(HttpMethod.Get, $"{path}/materials/identity-card/{card}/content");
        request.Headers.Authorization = new AuthenticationHeaderValue("ApiKey", RunningServer.AdminKey);
        request.Headers.Add("Talent-User", Reviewer);
        using var file = await server.Http.SendAsync(request);
        Assert.Equal(200, (int)file.StatusCode);
        Assert.Equal(("attachment", "示例市水务集团有限公司-黄示例-身份证件.pdf"), (file.Content.Headers.ContentDisposition!.DispositionType, file.Content.Headers.ContentDisposition.FileNameStar));
        Assert.Equal("nosniff", file.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.StartsWith("%PDF-", await file.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var profile = (await server.SendAsync("GET", $"{path}/profile", user: Reviewer)).Is(200);
        Assert.Equal("filed", profile.Json.GetProperty("state").GetProperty("code").GetString());
        Assert.DoesNotContain("19900000058", profile.Text, StringComparison.Ordinal);
        (await server.SendAsync("GET", $"{path}/profile?full=true", user: Reviewer)).IsProblem(400, ErrorCodes.InvalidRequest);
        Assert.Contains("19900000058", (await server.SendAsync("GET", $"{path}/profile?full=true", user: Reviewer, headers: ("Talent-Reason", "check"))).Is(200).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Materials_WhenAskedInHostileWays_ThenEachIsAClearProblem_R_CASE_4()
    {
        var path = await DraftAsync();
        var foreign = Guid.NewGuid();

        (await server.SendAsync("GET", $"{path}/materials", key: null)).IsProblem(401, ErrorCodes.Unauthorized);
        foreach (var stranger in (string[])["applicant-wang", Reviewer, "emp-metro-handler"])
        {
            (await server.SendAsync("GET", $"{path}/materials", user: stranger)).IsProblem(404, ErrorCodes.NotFound);
            (await server.SendAsync("GET", $"{path}/profile/changes", user: stranger)).IsProblem(404, ErrorCodes.NotFound);
            (await server.SendAsync("POST", $"{path}/confirmations/classified", "{}", user: stranger)).IsProblem(403, ErrorCodes.Forbidden);
        }
        (await server.SendAsync("PUT", $"{path}/materials/identity-card/{foreign}", "{}", user: Applicant)).IsProblem(404, ErrorCodes.NotFound);
        (await server.SendAsync("PUT", $"{path}/materials/..%2F..%2Fetc/{foreign}", "{}", user: Applicant)).IsProblem(404, ErrorCodes.NotFound);
        (await server.SendAsync("PUT", $"{path}/materials/identity-card/not-an-id", "{}", user: Applicant)).Is(404);
        (await server.SendAsync("GET", $"{path}/materials/identity-card/{foreign}/content", user: Applicant)).IsProblem(404, ErrorCodes.NotFound);
        (await server.SendAsync("GET", $"{path}/materials?handIn=9", user: Applicant)).IsProblem(404, ErrorCodes.NotFound);
        (await server.SendAsync("GET", $"/api/v1/cases/{foreign}/materials", user: Applicant)).IsProblem(404, ErrorCodes.NotFound);
        (await server.SendAsync("POST", $"{path}/profile/confirm", new { sha256 = new string('0', 64) }, user: Applicant)).IsProblem(409, ErrorCodes.Conflict);
    }

    private async Task<string> DraftAsync()
    {
        var created = await server.SendAsync("POST", "/api/v1/cases", new JsonObject { ["service"] = "political-work-title", ["data"] = Sample["phase1"]!.DeepClone() }.ToJsonString(), user: Applicant,
            headers: ("Idempotency-Key", Guid.NewGuid().ToString()));
        return $"/api/v1/cases/{created.Is(201).Json.GetProperty("id").GetString()}";
    }

    private static JsonElement Slot(JsonElement materials, string slot) => materials.GetProperty("slots").EnumerateArray().Single(s => s.GetProperty("slot").GetString() == slot);
}
