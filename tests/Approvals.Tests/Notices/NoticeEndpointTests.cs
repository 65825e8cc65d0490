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
        builder.Services.AddSingleton(desk.Reader).AddSingleton(desk.Commands).AddSingleton(desk.Desk.Get<Cursors>());
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
