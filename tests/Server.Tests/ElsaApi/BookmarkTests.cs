using System.Text.Json;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>One wait is resumed by its bookmark, once.</summary>
public sealed class BookmarkTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Bookmark_WhenResumed_ThenItsActivityTakesTheInputAndTheNextTimeItIsGone()
    {
        var flow = new Flow("resumed").Event("first", "go").Event("second", "go");
        var (instance, bookmark) = await StartAsync(flow);

        (await ResumeAsync(new { bookmarkId = bookmark, workflowInstanceId = instance, input = new { amount = 7 } })).Is(200);

        Assert.Equal("second", (await BookmarksAsync(instance)).Single().GetProperty("activityId").GetString());
        (await ResumeAsync(new { bookmarkId = bookmark })).Is(404);
    }

    [Fact]
    public async Task Bookmark_WhenTheInstanceIsAnotherOrTheBookmarkIsNone_ThenNothingIsResumed()
    {
        var (instance, bookmark) = await StartAsync(new Flow("not-resumed").Event("first", "go"));

        (await ResumeAsync(new { bookmarkId = bookmark, workflowInstanceId = Guid.NewGuid() })).Is(404);
        (await ResumeAsync(new { bookmarkId = Guid.NewGuid() })).Is(404);
        (await ResumeAsync(new { bookmarkId = "x" })).Is(404);
        (await ResumeAsync(new { })).Is(400);
        (await server.SendAsync("POST", "/elsa/api/bookmarks/resume?t=token", "{}")).Is(400);

        Assert.Single(await BookmarksAsync(instance));
    }

    [Fact]
    public async Task Bookmark_WhenItWaitsForAnHttpRequest_ThenItIsNotResumedHere()
    {
        var (instance, bookmark) = await StartAsync(new Flow("by-http").Add("endpoint", "Elsa.HttpEndpoint", ("path", "resumed-by-http")));

        Assert.Contains("HTTP", (await ResumeAsync(new { bookmarkId = bookmark })).Is(400).Text, StringComparison.Ordinal);

        Assert.Single(await BookmarksAsync(instance));
    }

    [Fact]
    public async Task Bookmark_WhenTheKeyMayNotChangeInstances_ThenItIsRefused()
    {
        var (_, bookmark) = await StartAsync(new Flow("no-scope").Event("first", "go"));
        var (_, reader) = await server.CreateKeyAsync(new { name = "reader", scopes = new[] { "workflows:read" } });

        (await server.SendAsync("POST", "/elsa/api/bookmarks/resume", new { bookmarkId = bookmark }, key: reader)).Is(403);
        (await server.SendAsync("POST", "/elsa/api/bookmarks/resume", new { bookmarkId = bookmark }, key: null)).Is(401);
    }

    private Task<Answer> ResumeAsync(object request) => server.SendAsync("POST", "/elsa/api/bookmarks/resume", request);

    private async Task<(string Instance, string Bookmark)> StartAsync(Flow flow)
    {
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", flow.ToJson())).Is(200);
        var id = (await server.SendAsync("POST", $"/api/v1/workflows/{flow.Id}/start", "{}", headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).Is(201).Json.GetProperty("id").GetString()!;
        return (id, (await BookmarksAsync(id)).Single().GetProperty("id").GetString()!);
    }

    private async Task<List<JsonElement>> BookmarksAsync(string id) =>
        [.. (await server.SendAsync("GET", $"/elsa/api/workflow-instances/{id}")).Is(200).Json.GetProperty("workflowState").GetProperty("bookmarks").EnumerateArray()];
}
