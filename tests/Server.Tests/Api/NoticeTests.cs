using System.Net;
using Talent.Workflows.Approvals.Notices;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>Notices over HTTP: bodies, problems, keys and sizes. What changes do to cases is tested with the domain.</summary>
public sealed class NoticeTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Changes_WhenAskedForOverHttp_ThenEachRefusalIsAClearProblem_R_NOT_2()
    {
        var (id, _) = await NoticeRows.PostAsync(server, Guid.NewGuid());
        (string Path, string Body, int Status, string Code)[] wrong =
        [
            ($"/api/v1/notices/{Guid.NewGuid()}/corrections", """{"reason":"有误","lines":[{"label":"姓名","text":"王五"}]}""", 404, "not_found"),
            ($"/api/v1/notices/{id}/corrections", """{"reason":"有误"}""", 400, "invalid_request"),
            ($"/api/v1/notices/{id}/corrections", """{"reason":"有误","lines":[null]}""", 400, "invalid_request"),
            ($"/api/v1/notices/{id}/corrections", """{"reason":null,"lines":[{"label":"姓名","text":"王五"}]}""", 400, "invalid_request"),
            ($"/api/v1/notices/{id}/extensions", """{"reason":"有误","workdays":0}""", 400, "invalid_request"),
            ($"/api/v1/notices/{id}/extensions", """{"reason":"有误"}""", 400, "invalid_request"),
            // The case behind it isn't there any more.
            ($"/api/v1/notices/{id}/extensions", """{"reason":"有误","workdays":1}""", 404, "not_found"),
        ];

        foreach (var (path, body, status, code) in wrong)
            (await server.SendAsync("POST", path, body, user: "notice-clerk")).IsProblem(status, code);
        (await server.SendAsync("POST", $"/api/v1/notices/{id}/corrections", """{"reason":"有误","lines":[]}""", key: null)).IsProblem(401, "unauthorized");
        (await server.SendAsync("GET", $"/api/v1/notices/{id}/objections/{Guid.NewGuid()}/evidence/1", key: null)).IsProblem(401, "unauthorized");
        (await server.SendAsync("POST", "/api/v1/notices/objections/progress", """{"receipt":null}""", key: null)).IsProblem(404, "not_found");
        (await server.SendAsync("GET", $"/api/v1/notices/lists/{Guid.NewGuid()}", key: null)).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task Objection_WhenItHasFiles_ThenItMayBeLargerThanOtherBodiesButNotAnySize_R_NOT_1()
    {
        var (id, path) = await NoticeRows.PostAsync(server, Guid.NewGuid());
        var pdf = SampleFiles.Pdf(size: Evidence.Largest);
        object Body(byte[][] files) => new { contact = "13900000000", text = "有异议", evidence = files.Select(f => new { content = Convert.ToBase64String(f) }) };

        // Taken in as far as its size goes; the case behind the notice isn't there any more.
        (await server.SendAsync("POST", $"{path}/objections", Body([pdf, pdf, pdf]), key: null)).IsProblem(409, "wrong_state");
        var wrong = await server.SendAsync("POST", $"{path}/objections", Body([[1, 2, 3]]), key: null);
        wrong.IsProblem(422, "invalid_form");
        (await server.SendAsync("POST", $"{path}/objections", Body([pdf, pdf, pdf, pdf]), key: null)).IsProblem(413, "too_large");
        (await server.SendAsync("POST", "/api/v1/notices/objections/progress", new { receipt = new string('A', 2 << 20) }, key: null)).IsProblem(413, "too_large");
        // Whoever used the page gets a page.
        using var form = new MultipartFormDataContent { { new ByteArrayContent(new byte[Evidence.LargestRequest]), "evidence", "large.pdf" } };
        using var page = await server.Http.PostAsync($"/notices/{id}", form);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "text/html"), (page.StatusCode, page.Content.Headers.ContentType!.MediaType));
        Assert.Contains("证明材料过大", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_WhenReadWithoutSigningIn_ThenTheyMayBeKeptUntilSomethingChanges_R_NOT_1()
    {
        var (_, path) = await NoticeRows.PostAsync(server, Guid.NewGuid());
        foreach (var kept in (string[])["/notices", "/notices.atom", "/api/v1/notices"])
        {
            var first = await server.SendAsync("GET", kept, key: null);
            Assert.Equal(HttpStatusCode.OK, first.Response.StatusCode);
            Assert.True(first.Response.Headers.CacheControl!.Public);
            var again = await server.SendAsync("GET", kept, key: null, headers: ("If-None-Match", first.Response.Headers.ETag!.ToString()));
            Assert.Equal(HttpStatusCode.NotModified, again.Response.StatusCode);
        }
        // A page with a form is made for one browser.
        Assert.True((await server.SendAsync("GET", path.Replace("/api/v1", "", StringComparison.Ordinal), key: null)).Response.Headers.CacheControl!.NoStore);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync("GET", "/notices/objections", key: null)).Response.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync("GET", $"/notices/lists/{Guid.NewGuid()}", key: null)).Response.StatusCode);
    }
}
