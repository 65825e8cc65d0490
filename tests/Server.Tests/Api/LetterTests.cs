using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>Letters through the whole server: what they say is tested with the domain.</summary>
public sealed class LetterTests : IAsyncLifetime
{
    private const string Applicant = "applicant-huang", Reviewer = "emp-water-reviewer-1";
    private static readonly JsonNode Sample = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "workflows", "political-work-title", "samples", "05-huang-completed.json")))!;
    private static readonly string Workflows = $"--Talent:WorkflowsDir={Path.Combine(Repository.Root, "workflows")}";

    private RunningServer server = null!;

    public async Task InitializeAsync() => server = await RunningServer.StartAsync("Development", Workflows, "--Talent:Letters:PdfCommand=off");

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Letter_WhenACaseIsRejected_ThenItsPeopleReadAndPrintItAndAnyoneVerifiesIt_R_DOC_1()
    {
        var path = await RejectedAsync(server);

        var letter = Assert.Single((await server.SendAsync("GET", $"{path}/letters", user: Applicant)).Is(200).Json.GetProperty("items").EnumerateArray());

        Assert.Equal(("dismissal", "退案通知书", "case.rejected", "emp-water"), (Text(letter, "kind"), Text(letter, "titleZh"), Text(letter, "event"), letter.GetProperty("issuer").GetProperty("id").GetString()));
        Assert.False(letter.TryGetProperty("fields", out _));
        var one = (await server.SendAsync("GET", $"{path}/letters/{Text(letter, "id")}", user: Applicant)).Is(200).Json;
        Assert.Equal((true, "黄示例", "不符合申报条件。"), (one.GetProperty("full").GetBoolean(), Text(one, "addressee"), one.GetProperty("fields").GetProperty("reason").GetString()));

        using var page = await GetAsync(server, Text(letter, "content"), "text/html");
        var html = await page.Content.ReadAsByteArrayAsync();
        Assert.Equal((200, "text/html", $"\"{Text(letter, "sha256")}\""), ((int)page.StatusCode, page.Content.Headers.ContentType!.MediaType, page.Headers.ETag!.Tag));
        Assert.Equal(Text(letter, "sha256"), Convert.ToHexStringLower(SHA256.HashData(html)));
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src", policy, StringComparison.Ordinal);
        Assert.True(page.Headers.CacheControl!.NoStore);

        var verify = $"/api/v1/letters/verify/{Uri.EscapeDataString(Text(letter, "number"))}";
        var genuine = (await server.SendAsync("GET", $"{verify}?sha256={Text(letter, "sha256")}", key: null)).Is(200);
        Assert.True(genuine.Json.GetProperty("genuine").GetBoolean());
        Assert.Equal(["number", "sha256", "genuine"], genuine.Json.EnumerateObject().Select(p => p.Name));
        Assert.False((await server.SendAsync("GET", $"{verify}?sha256={new string('a', 64)}", key: null)).Is(200).Json.GetProperty("genuine").GetBoolean());
        (await server.SendAsync("GET", verify, key: null)).IsProblem(400, ErrorCodes.InvalidRequest);
    }

    [Fact]
    public async Task Letter_WhenItIsNobodysBusinessOrCantBeMade_ThenEachIsAClearProblem_R_DOC_1()
    {
        var path = await RejectedAsync(server);
        var letter = Text((await server.SendAsync("GET", $"{path}/letters", user: Applicant)).Is(200).Json.GetProperty("items")[0], "id");

        (await server.SendAsync("GET", $"{path}/letters", key: null)).IsProblem(401, ErrorCodes.Unauthorized);
        (await server.SendAsync("GET", $"{path}/letters", user: "applicant-wang")).IsProblem(404, ErrorCodes.NotFound);
        (await server.SendAsync("GET", $"{path}/letters/{letter}/content", user: "applicant-wang")).IsProblem(404, ErrorCodes.NotFound);
        (await server.SendAsync("GET", $"{path}/letters/{Guid.NewGuid()}", user: Applicant)).IsProblem(404, ErrorCodes.NotFound);
        (await server.SendAsync("GET", $"/api/v1/cases/{Guid.NewGuid()}/letters/{letter}", user: Applicant)).IsProblem(404, ErrorCodes.NotFound);
        // The bureau sees the case and that there is a letter; what the employer wrote is between it and the applicant.
        (await server.SendAsync("GET", $"{path}/letters/{letter}/content", user: "bureau-reviewer-1")).IsProblem(403, ErrorCodes.Forbidden);
        // No browser is set up here.
        foreach (var pdf in (string[])["content.pdf", "content"])
            Assert.Contains("PDF", (await server.SendAsync("GET", $"{path}/letters/{letter}/{pdf}", user: Applicant, headers: ("Accept", "application/pdf"))).IsProblem(503, ErrorCodes.Unavailable).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Letter_WhenItIsWrong_ThenTheHeadOfItsOfficeHasItIssuedAgainAndItsVerificationSaysSo_R_DOC_1()
    {
        const string Head = "emp-water-superior";
        var path = await RejectedAsync(server);
        var old = (await server.SendAsync("GET", $"{path}/letters", user: Applicant)).Is(200).Json.GetProperty("items")[0];
        var reissue = $"{path}/letters/{Text(old, "id")}/reissue";
        (await server.SendAsync("POST", reissue, new { reason = "有误" }, key: null)).IsProblem(401, ErrorCodes.Unauthorized);
        (await server.SendAsync("POST", reissue, "{}", user: Head)).IsProblem(400, ErrorCodes.InvalidRequest);
        (await server.SendAsync("POST", reissue, new { reason = "有误" }, user: Reviewer)).IsProblem(403, ErrorCodes.Forbidden);
        (await server.SendAsync("POST", $"{path}/letters/{Guid.NewGuid()}/reissue", new { reason = "有误" }, user: Head)).IsProblem(404, ErrorCodes.NotFound);

        var once = ("Idempotency-Key", "again-1");
        var ordered = (await server.SendAsync("POST", reissue, new { reason = "单位名称有误。" }, user: Head, headers: once)).Is(202).Json;
        var repeated = (await server.SendAsync("POST", reissue, new { reason = "单位名称有误。" }, user: Head, headers: once)).Is(202).Json;

        Assert.Equal(Text(ordered, "id"), Text(repeated, "id"));
        Assert.Equal($"{path}/letters/{Text(ordered, "id")}", Text(ordered, "letter"));
        (await server.SendAsync("POST", reissue, new { reason = "单位名称有误。" }, user: Head)).IsProblem(409, ErrorCodes.WrongState);
        await server.UntilAsync($"select exists (select from approvals.letters where id = '{Text(ordered, "id")}')");
        var now = (await server.SendAsync("GET", Text(ordered, "letter"), user: Applicant)).Is(200).Json;
        Assert.Equal(("单位名称有误。", Text(old, "number")), (Text(now, "reissueReason"), Text(now.GetProperty("supersedes"), "number")));
        var verified = (await server.SendAsync("GET", $"/api/v1/letters/verify/{Uri.EscapeDataString(Text(old, "number"))}?sha256={Text(old, "sha256")}", key: null)).Is(200).Json;
        Assert.Equal((true, Text(now, "number")), (verified.GetProperty("genuine").GetBoolean(), Text(verified, "replacedBy")));
    }

    internal static async Task<string> RejectedAsync(RunningServer server)
    {
        var created = await server.SendAsync("POST", "/api/v1/cases", new JsonObject { ["service"] = "political-work-title", ["data"] = Sample["phase1"]!.DeepClone() }.ToJsonString(), user: Applicant, headers: ("Idempotency-Key", Guid.NewGuid().ToString()));
        var id = created.Is(201).Json.GetProperty("id").GetString();
        (await server.SendAsync("POST", $"/api/v1/cases/{id}/confirmations/classified", "{}", user: Applicant)).Is(200);
        var stages = (await server.SendAsync("POST", $"/api/v1/cases/{id}/submit", "{}", user: Applicant)).Is(200).Json;
        var task = await server.SqlAsync($"select id from approvals.tasks where case_id = '{id}' and status < 2");
        Assert.NotNull(task);
        Assert.NotEqual(JsonValueKind.Undefined, stages.ValueKind);
        (await server.SendAsync("POST", $"/api/v1/tasks/{task}/decide", new { outcome = "reject", opinion = "不符合申报条件。" }, user: Reviewer)).Is(200);
        await server.UntilAsync($"select exists (select from approvals.letters where case_id = '{id}')");
        return $"/api/v1/cases/{id}";
    }

    internal static async Task<HttpResponseMessage> GetAsync(RunningServer server, string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("ApiKey", RunningServer.AdminKey);
        request.Headers.Add("Talent-User", Applicant);
        request.Headers.Add("Accept", accept);
        return await server.Http.SendAsync(request);
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
