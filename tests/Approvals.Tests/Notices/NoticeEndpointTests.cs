using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Tests.Notices;

/// <summary>Notices and panels as HTTP clients see them.</summary>
public sealed class NoticeEndpointTests
{
    [Fact]
    public async Task Notices_WhenReadWithoutSigningIn_ThenListPageAndFeedShowTheSame_R_NOT_1()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        await using var app = await ServeAsync(desk, signedIn: null);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var notice = (await http.GetFromJsonAsync<JsonElement>("/api/v1/notices")).GetProperty("items")[0];
        Assert.Equal("李*例", notice.GetProperty("lines")[0].GetProperty("text").GetString());

        var page = await http.GetAsync("/notices");
        var html = await page.Content.ReadAsStringAsync();
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Contains("<dd>李*例</dd>", html, StringComparison.Ordinal);
        Assert.Contains("2026年9月29日", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        var feed = XDocument.Parse(await http.GetStringAsync("/notices.atom"));
        Assert.Single(feed.Root!.Elements("{http://www.w3.org/2005/Atom}entry"));

        var objected = await http.PostAsJsonAsync($"/api/v1/notices/{notice.GetProperty("id").GetString()}/objections", new { contact = "13900000000", text = "有异议" });
        Assert.Equal(HttpStatusCode.Created, objected.StatusCode);
        Assert.Equal("YY-2026-0001", (await objected.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("number").GetString());
        Assert.Single(await desk.ObjectionTasks());
    }

    [Fact]
    public async Task Notice_WhenSomebodyObjectsByTheForm_ThenTheyGetANumberAndOtherSitesGetNothing_R_NOT_1()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        await using var app = await ServeAsync(desk, signedIn: null);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var path = $"/notices/{(await desk.NoticeAsync()).Id}";
        var html = await http.GetStringAsync(path);
        foreach (var text in (string[])["示例市人才工作局", "0199-0000-8300", "示范路1号", "李*例", "2026年9月29日"])
            Assert.Contains(text, html, StringComparison.Ordinal);
        var token = html.Split("name=\"token\" value=\"")[1].Split('"')[0];

        // A site that got a form for itself has no cookie in somebody else's browser.
        using var elsewhere = new HttpClient { BaseAddress = http.BaseAddress };
        Assert.Equal(HttpStatusCode.Forbidden, (await elsewhere.PostAsync(path, Form(token, "13900000000"))).StatusCode);
        var wrong = await http.PostAsync(path, Form(token, "<b>"));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("value=\"&lt;b&gt;\"", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(await desk.ObjectionTasks());

        var taken = await http.PostAsync(path, Form(token, "13900000000"));

        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        Assert.Contains("YY-2026-0001", await taken.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Single(await desk.ObjectionTasks());
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync($"/notices/{Guid.NewGuid()}")).StatusCode);

        static FormUrlEncodedContent Form(string token, string contact) => new(new Dictionary<string, string> { ["token"] = token, ["contact"] = contact, ["text"] = "有异议" });
    }

    [Fact]
    public async Task Notice_WhenCorrectedOverHttp_ThenItsPageAndFeedSaySoAndKeptCopiesAreOld_R_NOT_2()
    {
        await using var desk = await NoticeDesk.OpenAsync(("list", "2026年第一批"));
        await using var app = await ServeAsync(desk, desk.Clerk.Caller);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var notice = await desk.NoticeAsync();
        string[] kept = ["/notices", "/notices.atom", "/api/v1/notices", $"/notices/lists/{notice.List!.Id}"];
        var tags = new Dictionary<string, string>();
        foreach (var path in kept)
        {
            using var first = await http.GetAsync(path);
            tags[path] = first.Headers.ETag!.ToString();
            Assert.True(first.Headers.CacheControl is { Public: true, MaxAge.TotalSeconds: > 0 and <= 60 }, path);
            Assert.Equal(HttpStatusCode.NotModified, await AskAsync(path));
        }

        var extended = await http.PostAsJsonAsync($"/api/v1/notices/{notice.Id}/extensions", new { workdays = 1, reason = "公示页面曾短时无法访问" });
        Assert.Equal(HttpStatusCode.OK, extended.StatusCode);
        var corrected = await http.PostAsJsonAsync($"/api/v1/notices/{notice.Id}/corrections", new { reason = "单位<名称>有误", lines = new[] { new { label = "单位", text = "示例市水务集团有限公司" } } });

        var view = await corrected.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(["posted", "extended", "corrected"], view.GetProperty("editions").EnumerateArray().Select(e => e.GetProperty("change").GetString()));
        foreach (var path in kept)
            Assert.Equal(HttpStatusCode.OK, await AskAsync(path));
        var page = await http.GetStringAsync($"/notices/{notice.Id}");
        foreach (var text in (string[])["更正：单位&lt;名称&gt;有误", "延长公示：公示页面曾短时无法访问", $"此前版本 SHA-256 {notice.Sha256}", "示例市水务集团有限公司", "列入名单"])
            Assert.Contains(text, page, StringComparison.Ordinal);
        var list = await http.GetStringAsync($"/notices/lists/{notice.List.Id}");
        foreach (var text in (string[])["<td class=\"short\">之1</td><td class=\"short\">李*例</td>", "2026年第一批", "更正：单位&lt;名称&gt;有误"])
            Assert.Contains(text, list, StringComparison.Ordinal);
        var entry = XDocument.Parse(await http.GetStringAsync("/notices.atom")).Root!.Element("{http://www.w3.org/2005/Atom}entry")!;
        Assert.Equal($"/notices/{notice.Id}", entry.Element("{http://www.w3.org/2005/Atom}link")!.Attribute("href")!.Value);
        Assert.Contains("更正：单位<名称>有误", entry.Element("{http://www.w3.org/2005/Atom}content")!.Value, StringComparison.Ordinal);

        async Task<HttpStatusCode> AskAsync(string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("If-None-Match", $"\"other\", W/{tags[path]}");
            using var response = await http.SendAsync(request);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Objection_WhenSentWithFilesByTheForm_ThenItsReceiptShowsItsProgressAndTheClerkGetsTheFile_R_NOT_1()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        await using var app = await ServeAsync(desk, desk.Clerk.Caller);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var id = (await desk.NoticeAsync()).Id;
        var token = (await http.GetStringAsync($"/notices/{id}")).Split("name=\"token\" value=\"")[1].Split('"')[0];

        Assert.Contains("须为 PDF、JPEG 或 PNG", await SendAsync("MZ not a document"u8.ToArray()), StringComparison.Ordinal);
        var taken = await SendAsync(SampleFiles.Pdf());

        var receipt = taken.Split("<p>查询码</p><p class=\"number\"><strong>")[1].Split('<')[0];
        var progress = await http.PostAsync("/notices/objections", new FormUrlEncodedContent(new Dictionary<string, string> { ["receipt"] = receipt }));
        Assert.Contains("已收到，待处理", await progress.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var wrong = await http.PostAsync("/notices/objections", new FormUrlEncodedContent(new Dictionary<string, string> { ["receipt"] = "AAAA-BBBB" }));
        Assert.Equal(HttpStatusCode.NotFound, wrong.StatusCode);
        var answer = await http.PostAsJsonAsync("/api/v1/notices/objections/progress", new { receipt });
        Assert.Equal("received", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("state").GetString());
        var objection = (await http.GetFromJsonAsync<JsonElement>($"/api/v1/notices/{id}/objections")).GetProperty("items")[0];
        using var file = await http.GetAsync($"/api/v1/notices/{id}/objections/{objection.GetProperty("id").GetString()}/evidence/1");
        Assert.Equal(("application/pdf", "attachment", System.Text.Encoding.Latin1.GetString(SampleFiles.Pdf())), (file.Content.Headers.ContentType!.MediaType, file.Content.Headers.ContentDisposition!.DispositionType, System.Text.Encoding.Latin1.GetString(await file.Content.ReadAsByteArrayAsync())));

        async Task<string> SendAsync(byte[] content)
        {
            using var form = new MultipartFormDataContent
            {
                { new StringContent(token), "token" }, { new StringContent("13900000000"), "contact" }, { new StringContent("有异议"), "text" },
                { new ByteArrayContent(content), "evidence", "证明.pdf" }, { new ByteArrayContent([]), "evidence", "empty" },
            };
            using var response = await http.PostAsync($"/notices/{id}", form);
            return await response.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public void Page_WhenANoticeHoldsMarkup_ThenItIsShownAsText()
    {
        var notice = new NoticeView(Guid.NewGuid(), "<b>1", "open", "<script>alert(1)</script>", [new NoticeLine("\"<i>", "&<img src=x>")], DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1), true, "00");

        var html = NoticePages.Html(new Approvals.Cases.Page<NoticeView>([notice], null));

        foreach (var markup in (string[])["<script>", "<img", "<i>", "<b>"])
            Assert.DoesNotContain(markup, html, StringComparison.Ordinal);
        Assert.Contains("（暂定）", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Panel_WhenReadByItsSecretary_ThenTheResultHasCountsAndMinutes_R_PAN_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        await using var app = await ServeAsync(desk, desk.Desk.As("panel-secretary").Caller);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        var panel = (await http.GetFromJsonAsync<JsonElement>($"/api/v1/panels?caseId={desk.Filed.Id}")).GetProperty("items")[0];
        var result = await http.GetFromJsonAsync<JsonElement>($"/api/v1/panels/{panel.GetProperty("id").GetString()}/result");

        Assert.Equal(("closed", "secretary"), (panel.GetProperty("status").GetString(), panel.GetProperty("viewer").GetString()));
        Assert.Equal(("passed", 5), (result.GetProperty("outcome").GetString(), result.GetProperty("count").GetProperty("pass").GetInt32()));
        Assert.StartsWith("专家评审纪要", result.GetProperty("minutes").GetString(), StringComparison.Ordinal);
    }

    /// <summary>The endpoints on a free port of the loopback, every request by one caller or by nobody.</summary>
    private static async Task<WebApplication> ServeAsync(NoticeDesk desk, Caller? signedIn)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(desk.Reader).AddSingleton(desk.Commands).AddSingleton(desk.Desk.Get<NoticeClerk>()).AddSingleton(desk.Desk.Get<NoticeLists>()).AddSingleton(desk.Desk.Get<BusinessClock>()).AddSingleton(desk.Desk.Get<Cursors>());
        builder.Services.AddSingleton(desk.Desk.Get<PanelReader>()).AddSingleton(desk.Desk.Get<PanelCommands>());
        var app = builder.Build();
        app.Use((http, next) =>
        {
            if (signedIn is not null)
                http.Features.Set(signedIn);
            return next(http);
        });
        app.MapNotices();
        app.MapNoticePages();
        app.MapPanels();
        await app.StartAsync();
        return app;
    }
}
