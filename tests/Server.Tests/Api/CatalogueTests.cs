using System.Text.Json;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>The catalogue, what administrators decide about filing, and the documents, over HTTP.</summary>
public sealed class CatalogueTests(HandledService handled) : IClassFixture<HandledService>
{
    private const string Administrator = "bureau-superior";
    private readonly RunningServer server = handled.Server;

    private async Task<JsonElement> EntryAsync(string? user, string query = "") =>
        (await server.SendAsync("GET", $"/api/v1/catalogue{query}", key: user is null ? null : RunningServer.AdminKey, user: user)).Is(200).Json.GetProperty("items").EnumerateArray().Single(i => i.GetProperty("service").GetString() == HandledService.Reviewed);

    [Fact]
    public async Task Catalogue_WhenReadWithoutSigningIn_ThenItShowsWhatIsPublic_R_CAT_1()
    {
        var entry = await EntryAsync(null);

        Assert.Equal(JsonValueKind.Null, entry.GetProperty("open").ValueKind);
        Assert.Empty(entry.GetProperty("reasons").EnumerateArray());
        Assert.Equal("0199-0000-8300", entry.GetProperty("hotline").GetProperty("phone").GetString());
        (await server.SendAsync("GET", "/api/v1/catalogue/nothing", key: null)).IsProblem(404, "not_found");
        (await server.SendAsync("GET", "/api/v1/bars", key: null)).IsProblem(401, "unauthorized");
    }

    [Fact]
    public async Task Bar_WhenSetOverHttp_ThenTheCatalogueAndFilingSayTheSame_R_CAT_1()
    {
        const string user = "applicant-wang";
        var (path, body) = ($"/api/v1/bars/{Guid.NewGuid()}", new { user, services = new[] { HandledService.Reviewed }, from = "2020-01-01", documentNumber = "示人才处〔2026〕3号", documentTitle = "处理决定", reason = "提供虚假材料" });
        Assert.True((await EntryAsync(user)).GetProperty("open").GetBoolean());

        var set = (await server.SendAsync("PUT", path, body, user: Administrator)).Is(200);

        Assert.Equal("\"1\"", set.ETag);
        var shown = Assert.Single((await EntryAsync(user)).GetProperty("reasons").EnumerateArray());
        var refused = (await server.SendAsync("POST", "/api/v1/cases", new { service = HandledService.Reviewed, data = new { } }, user: user, headers: HandledService.Once())).IsProblem(409, "filing_refused");
        Assert.Equal(shown.ToString(), Assert.Single(refused.Json.GetProperty("reasons").EnumerateArray()).ToString());
        Assert.Equal(("barred", "示人才处〔2026〕3号"), (shown.GetProperty("code").GetString(), shown.GetProperty("bar").GetProperty("documentNumber").GetString()));
        Assert.Contains("处理决定", refused.Json.GetProperty("detail").GetString()!, StringComparison.Ordinal);

        var lifted = new { body.user, body.services, body.from, body.documentNumber, body.documentTitle, reason = "解除", lifted = true };
        (await server.SendAsync("PUT", path, lifted, user: Administrator)).IsProblem(428, "precondition_required");
        (await server.SendAsync("PUT", path, lifted, user: Administrator, headers: ("If-Match", "\"9\""))).IsProblem(412, "precondition_failed");
        (await server.SendAsync("PUT", path, lifted, user: Administrator, headers: ("If-Match", "\"1\""))).Is(200);
        Assert.True((await EntryAsync(user)).GetProperty("open").GetBoolean());
        var changes = (await server.SendAsync("GET", $"/api/v1/catalogue-changes?subject=bar&id={path.Split('/')[^1]}", user: Administrator)).Is(200).Json.GetProperty("items");
        Assert.Equal(["解除", "提供虚假材料"], changes.EnumerateArray().Select(c => c.GetProperty("reason").GetString()));
        Assert.Single((await server.SendAsync("GET", $"/api/v1/bars?user={user}", user: Administrator)).Is(200).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Closure_WhenAHandlerAsksForAPerson_ThenTheyLearnWhatTheApplicantWould_R_CAT_1()
    {
        (await server.SendAsync("PUT", $"/api/v1/closures/{HandledService.Reviewed}-other", new { closed = true, zh = "维护", en = "maintenance", reason = "升级" }, user: Administrator)).Is(200);
        Assert.Contains((await server.SendAsync("GET", "/api/v1/closures", key: null)).Is(200).Json.GetProperty("items").EnumerateArray(), c => c.GetProperty("closed").GetBoolean());

        var entry = await EntryAsync("emp-metro-handler", "?for=applicant-li");

        Assert.Equal(["wrong_filer"], entry.GetProperty("reasons").EnumerateArray().Select(r => r.GetProperty("code").GetString()));
        (await server.SendAsync("GET", "/api/v1/catalogue?for=applicant-li", user: "emp-metro-reviewer-1")).IsProblem(403, "forbidden");
    }

    [Fact]
    public async Task Round_WhenSavedOverHttp_ThenAnyoneReadsIt_R_CAT_1()
    {
        var body = new { series = "yearly", year = 2027, nameZh = "2027年第一批", nameEn = "First round of 2027", opensOn = "2027-03-01", closesOn = "2027-04-30", reason = "年度安排" };
        (await server.SendAsync("PUT", "/api/v1/rounds/2027-1", body, user: "applicant-li", key: (await server.CreateKeyAsync(new { name = "portal", scopes = new[] { "cases" } })).Key)).IsProblem(403, "forbidden");
        (await server.SendAsync("PUT", "/api/v1/rounds/2027-1", new { body.series, body.year, body.nameZh, body.nameEn, body.opensOn, closesOn = "2027-02-28", body.reason }, user: Administrator)).IsProblem(400, "invalid_request");

        (await server.SendAsync("PUT", "/api/v1/rounds/2027-1", body, user: Administrator)).Is(200);

        Assert.Equal("2027-04-30", (await server.SendAsync("GET", "/api/v1/rounds/2027-1", key: null)).Is(200).Json.GetProperty("closesOn").GetString());
        Assert.Single((await server.SendAsync("GET", "/api/v1/rounds?series=yearly", key: null)).Is(200).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Lists_WhenTheyArePaged_ThenEachRowComesOnceInOrderAndACursorFitsItsListAlone_R_ADM_3()
    {
        const string series = "paged", user = "applicant-huang";
        string[] days = ["2027-03-01", "2027-01-01", "2027-02-01", "2027-01-01", "2027-01-01"];
        for (var i = 0; i < days.Length; i++)
        {
            (await server.SendAsync("PUT", $"/api/v1/rounds/paged-{i}", new { series, year = 2027, nameZh = "批次", nameEn = "Round", opensOn = days[i], closesOn = "2027-04-30", reason = "年度安排" }, user: Administrator)).Is(200);
            (await server.SendAsync("PUT", $"/api/v1/bars/{Guid.NewGuid()}", new { user, services = new[] { "another-service" }, from = days[i], documentNumber = $"示人才处〔2027〕{i}号", documentTitle = "处理决定", reason = "调查属实" }, user: Administrator)).Is(200);
        }

        var rounds = await PagesAsync($"/api/v1/rounds?series={series}");
        Assert.Equal(["paged-0", "paged-2", "paged-1", "paged-3", "paged-4"], rounds.Rows.Select(r => r.GetProperty("id").GetString()));
        var bars = await PagesAsync($"/api/v1/bars?user={user}");
        Assert.Equal(days.OrderDescending(), bars.Rows.Select(b => b.GetProperty("from").GetString()));
        Assert.Equal(Enumerable.Range(0, 5).Select(i => $"示人才处〔2027〕{i}号"), bars.Rows.Select(b => b.GetProperty("documentNumber").GetString()).Order());

        (await server.SendAsync("GET", $"/api/v1/bars?user={user}&inForce=true&cursor={bars.Cursor}", user: Administrator)).IsProblem(400, "invalid_request");
        (await server.SendAsync("GET", $"/api/v1/rounds?series={series}&cursor=mine", key: null)).IsProblem(400, "invalid_request");
    }

    /// <summary>All rows of a list in pages of two, and the cursor of the first page.</summary>
    private async Task<(List<JsonElement> Rows, string Cursor)> PagesAsync(string list)
    {
        var (rows, first, cursor) = (new List<JsonElement>(), (string?)null, (string?)null);
        do
        {
            var page = (await server.SendAsync("GET", $"{list}&limit=2{(cursor is null ? "" : $"&cursor={cursor}")}", user: Administrator)).Is(200).Json;
            Assert.InRange(page.GetProperty("items").GetArrayLength(), 1, 2);
            rows.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("next").GetString();
            first ??= cursor;
        }
        while (cursor is not null);
        return (rows, first!);
    }

    [Fact]
    public async Task Document_WhenPublishedOverHttp_ThenItIsReadSafelyAsJsonAndAsAPage_R_CAT_2()
    {
        var path = $"/api/v1/documents/{HandledService.Reviewed}/conditions";
        var body = new { kind = "conditions", titleZh = "办理条件", from = "2020-01-01", bodyZh = "须为<script>alert(1)</script>[在职](javascript:alert(1))人员，见[网站](https://www.example.org)。", reason = "发布" };

        var saved = (await server.SendAsync("PUT", path, body, user: Administrator)).Is(200);

        Assert.Equal(("\"1\"", 1), (saved.ETag, saved.Json.GetProperty("edition").GetInt32()));
        (await server.SendAsync("PUT", path, body, user: Administrator)).IsProblem(428, "precondition_required");
        var read = (await server.SendAsync("GET", path, key: null)).Is(200);
        var html = read.Json.GetProperty("htmlZh").GetString()!;
        Assert.Contains("<a href=\"https://www.example.org\" rel=\"noopener\">", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("javascript:", html, StringComparison.Ordinal);
        Assert.Contains((await server.SendAsync("GET", $"/api/v1/documents?service={HandledService.Reviewed}&kind=conditions", key: null)).Is(200).Json.GetProperty("items").EnumerateArray(), d => d.GetProperty("titleZh").GetString() == "办理条件");
        (await server.SendAsync("GET", $"{path}?at=2019-12-31", key: null)).IsProblem(404, "not_found");
        foreach (var page in (string[])["/services", $"/services/{HandledService.Reviewed}", $"/services/{HandledService.Reviewed}/conditions", "/services/shared/platform-rules"])
        {
            var shown = (await server.SendAsync("GET", page, key: null)).Is(200);
            Assert.Equal("text/html", shown.MediaType);
            Assert.DoesNotContain("<script", shown.Text, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("default-src 'none'", shown.Response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        }
        (await server.SendAsync("GET", "/services/nothing", key: null)).Is(404);
        (await server.SendAsync("GET", $"/services/{HandledService.Reviewed}/nothing", key: null)).Is(404);
    }
}
