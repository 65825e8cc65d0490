using System.Net;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>The form for objections through everything that a request passes: limits, body, errors.</summary>
public sealed class ObjectionFormTests
{
    [Fact]
    public async Task Form_WhenSentThroughTheWholeServer_ThenEveryAnswerIsAPageInChinese_R_NOT_1()
    {
        await using var server = await RunningServer.StartAsync("Development", "--Talent:AnonymousWritesPerMinute=4");
        var id = Guid.NewGuid();
        await NoticeRows.PostAsync(server, id);
        var path = $"/notices/{id}";
        var page = await server.Http.GetStringAsync(path);
        Assert.Contains("提出异议", page, StringComparison.Ordinal);
        var token = WebUtility.HtmlDecode(page.Split("name=\"token\" value=\"")[1].Split('"')[0]);

        // The cookie that came with the page is sent along; a token of another page isn't taken.
        await IsPageAsync(await SendAsync(token + "x", "13900000000", "有异议"), HttpStatusCode.Forbidden, "页面已失效");
        await IsPageAsync(await SendAsync(token, "13900000000", " "), HttpStatusCode.BadRequest, "请填写异议内容");
        // The case behind the notice isn't there any more: what is said comes back with the reason.
        await IsPageAsync(await SendAsync(token, "13900000000", "有异议"), HttpStatusCode.Conflict, "公示期未开始或已结束");
        await IsPageAsync(await server.Http.PostAsync(path, new StringContent("{}", System.Text.Encoding.UTF8, "application/json")), HttpStatusCode.UnsupportedMediaType, "请通过公示页面的表单");
        var limited = await SendAsync(token, "13900000000", "有异议");
        Assert.NotNull(limited.Headers.RetryAfter);
        await IsPageAsync(limited, HttpStatusCode.TooManyRequests, "提交过于频繁");
        // Whoever speaks JSON gets a problem document.
        (await server.SendAsync("POST", $"/api/v1/notices/{id}/objections", new { contact = "13900000000", text = "有异议" }, key: null)).IsProblem(429, "rate_limited");

        async Task<HttpResponseMessage> SendAsync(string token, string contact, string text) =>
            await server.Http.PostAsync(path, new FormUrlEncodedContent(new Dictionary<string, string> { ["token"] = token, ["contact"] = contact, ["text"] = text }));
    }

    private static async Task IsPageAsync(HttpResponseMessage response, HttpStatusCode status, string text)
    {
        using (response)
        {
            var html = await response.Content.ReadAsStringAsync();
            Assert.True(status == response.StatusCode, html);
            Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
            Assert.Contains(text, html, StringComparison.Ordinal);
        }
    }
}
