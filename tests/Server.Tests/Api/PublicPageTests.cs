using System.Net;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>What people see at the addresses of the public pages when nothing is there, or too much is asked.</summary>
public sealed class PublicPageTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Root_WhenABrowserOpensIt_ThenItLeadsToTheServices_R_CAT_2()
    {
        using var page = await AskAsync("/");

        Assert.Equal((HttpStatusCode.OK, "/services", "text/html"), (page.StatusCode, page.RequestMessage!.RequestUri!.AbsolutePath, page.Content.Headers.ContentType!.MediaType));
    }

    [Theory]
    [InlineData("/services/a/b/c")]
    [InlineData("/services/nothing")]
    [InlineData("/notices/nothing")]
    public async Task Page_WhenABrowserAsksForNothing_ThenPeopleAreToldWhereToGo_R_CAT_2(string path)
    {
        using var page = await AskAsync(path);

        var html = await page.Content.ReadAsStringAsync();
        Assert.Equal((HttpStatusCode.NotFound, "text/html"), (page.StatusCode, page.Content.Headers.ContentType!.MediaType));
        Assert.Contains("lang=\"zh-CN\"", html, StringComparison.Ordinal);
        Assert.Contains("<a href=\"/services\">", html, StringComparison.Ordinal);
        Assert.Contains("请检查网址", html, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_WhenAProgramAsks_ThenItGetsAProblemDocument()
    {
        (await server.SendAsync("GET", "/services/a/b/c", key: null)).IsProblem(404, "not_found");
        (await server.SendAsync("DELETE", "/services")).IsProblem(405, "method_not_allowed");
        using var api = await AskAsync("/api/v1/nothing");
        Assert.Equal("application/problem+json", api.Content.Headers.ContentType!.MediaType);
    }

    private Task<HttpResponseMessage> AskAsync(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        return server.Http.SendAsync(request);
    }
}
