using System.Text.Json;
using Talent.Workflows.Server.Tests.Studio;

namespace Talent.Workflows.Server.Tests.ElsaApi;

public sealed class DefinitionListTests(StudioFixture fixture) : IClassFixture<StudioFixture>, IAsyncLifetime
{
    private const string Path = $"{Editor.Api}/workflow-definitions";
    private readonly RunningServer server = fixture.Server;

    public async Task InitializeAsync()
    {
        if ((long)(await server.SqlAsync("select count(*) from engine.definitions"))! > 0)
            return;
        foreach (var (id, name) in new[] { ("alpha", "Alpha"), ("beta", "beta 100%"), ("gamma", "伽马") })
            (await server.SaveAsync(Editor.Model(id, name, Editor.Write("w")), publish: id != "gamma")).Is(200);
        var opened = await server.OpenAsync("alpha");
        opened["name"] = "Alpha two";
        (await server.SaveAsync(opened)).Is(200);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("versionOptions=Latest&Page=0&PageSize=10&SearchTerm=&IsSystem=False&OrderDirection=Ascending", "Alpha two|beta 100%|伽马", 3)]
    [InlineData("versionOptions=Published", "Alpha|beta 100%", 2)]
    [InlineData("versionOptions=Draft", "Alpha two|伽马", 2)]
    [InlineData("versionOptions=LatestOrPublished", "Alpha|Alpha two|beta 100%|伽马", 4)]
    [InlineData("versionOptions=LatestAndPublished", "beta 100%", 1)]
    [InlineData("versionOptions=AllVersions&DefinitionIds=alpha&OrderBy=Version&OrderDirection=Descending", "Alpha two|Alpha", 2)]
    [InlineData("versionOptions=2", "Alpha two", 1)]
    [InlineData("versionOptions=Published&DefinitionIds=alpha&DefinitionIds=gamma", "Alpha", 1)]
    [InlineData("versionOptions=Latest&Page=1&PageSize=2", "伽马", 3)]
    [InlineData("versionOptions=Latest&Page=7&PageSize=2", "", 3)]
    [InlineData("versionOptions=Latest&SearchTerm=ALPHA", "Alpha two", 1)]
    [InlineData("versionOptions=Latest&SearchTerm=0%25", "beta 100%", 1)]
    [InlineData("versionOptions=Latest&SearchTerm=%25", "beta 100%", 1)]
    [InlineData("versionOptions=Latest&SearchTerm=by%20hand&OrderBy=Name&OrderDirection=Descending", "伽马|beta 100%|Alpha two", 3)]
    [InlineData("IsSystem=True", "", 0)]
    [InlineData("versionOptions=&Ids=alpha-v1&Ids=none", "Alpha", 1)]
    public async Task List_WhenFilteredAsStudioDoes_ThenThoseInThatOrder(string query, string names, int total)
    {
        var answer = (await server.SendAsync("GET", $"{Path}?{query}")).Is(200).Json;

        Shape.Allows("definition-list", answer);
        Assert.Equal((names, total), (string.Join('|', Names(answer)), answer.GetProperty("totalCount").GetInt32()));
    }

    [Theory]
    [InlineData("versionOptions=Newest", "AllVersions")]
    [InlineData("OrderBy=Colour", "Created, Name, Version")]
    public async Task List_WhenAWordIsWrong_Then400SaysWhichAreRight(string query, string right) => Assert.Contains(right, (await server.SendAsync("GET", $"{Path}?{query}")).Is(400).Text, StringComparison.Ordinal);

    [Theory]
    [InlineData("a-viewer", "", "")]
    [InlineData("a-designer", "bulk-publish", "publish")]
    [InlineData("a-operator", "", "execute")]
    [InlineData("admin", "bulk-publish", "publish,execute")]
    public async Task Links_WhenARoleReads_ThenTheySayWhatItMayDo(string who, string list, string item)
    {
        using var session = new StudioSession(server);
        (await session.SignInAsync(who, StudioFixture.Password)).Is(303);

        var answer = (await session.SendAsync("GET", $"{Path}?versionOptions=Latest")).Is(200).Json;
        var definition = (await session.SendAsync("GET", $"{Path}/by-definition-id/alpha")).Is(200).Json;

        Assert.Equal(list, Of(answer, "bulk-publish"));
        foreach (var one in (JsonElement[])[answer.GetProperty("items")[0], definition])
            Assert.Equal(item, Of(one, "publish", "execute"));
        using var body = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        var publish = await session.SendAsync("POST", $"{Path}/beta/publish", body);
        Assert.Equal(item.Contains("publish", StringComparison.Ordinal) ? 200 : 403, publish.Status);
        using var start = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        Assert.Equal(item.Contains("execute", StringComparison.Ordinal) ? 200 : 403, (await session.SendAsync("POST", $"{Path}/beta/execute", start)).Status);
    }

    [Fact]
    public async Task Reads_WhenAsked_ThenTheyHaveElsasShapes()
    {
        Shape.Allows("definition", (await server.SendAsync("GET", $"{Path}/beta")).Is(200).Json);
        Shape.Allows("definition", (await server.SendAsync("GET", $"{Path}/by-definition-id/alpha?versionOptions=Published")).Is(200).Json);
        Shape.Allows("definition-versions", (await server.SendAsync("GET", $"{Path}/alpha/versions")).Is(200).Json);
        var many = (await server.SendAsync("GET", $"{Path}/many-by-id?ids=alpha-v1&ids=beta-v1")).Is(200).Json;
        Assert.Equal((2, 2), (many.GetProperty("items").GetArrayLength(), many.GetProperty("count").GetInt32()));
        Assert.True((await server.SendAsync("GET", $"{Path}/query/count?versionOptions=Latest")).Is(200).Json.GetProperty("count").GetInt32() >= 3);
        foreach (var (query, unique) in new[] { ("name=Alpha%20TWO", false), ("name=Alpha%20two&definitionId=alpha", true), ("name=Workflow%201", true) })
            Assert.Equal(unique, (await server.SendAsync("GET", $"{Path}/validation/is-name-unique?{query}")).Is(200).Json.GetProperty("isUnique").GetBoolean());
        foreach (var missing in (string[])["by-id/none", "by-definition-id/none", "none", "none/versions", "none/export"])
            (await server.SendAsync("GET", $"{Path}/{missing}")).Is(404);
    }

    private static string Of(JsonElement json, params string[] rels) =>
        string.Join(',', json.GetProperty("links").EnumerateArray().Select(l => l.GetProperty("rel").GetString()).Where(r => rels.Contains(r)).OrderBy(r => Array.IndexOf(rels, r)));

    private static IEnumerable<string?> Names(JsonElement list) => list.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("name").GetString());
}
