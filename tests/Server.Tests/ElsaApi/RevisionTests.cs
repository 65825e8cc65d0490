using System.Text.Json.Nodes;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>Nobody overwrites what somebody else saved, and nothing that was saved is lost.</summary>
public sealed class RevisionTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Save_WhenSomebodyElseSavedMeanwhile_ThenRefusedAndSaysWhoAndWhen()
    {
        var (_, other) = await server.CreateKeyAsync(new { name = "another designer", scopes = new[] { "definitions" } });
        var mine = (await server.SaveAsync(Editor.Model("shared", "Mine", Editor.Write("a")))).Definition();
        var theirs = await server.OpenAsync("shared", other);
        theirs["name"] = "Theirs";
        (await server.SaveAsync(theirs, key: other)).Is(200);
        mine["name"] = "Mine again";

        var refused = (await server.SaveAsync(mine)).Is(400);

        var message = refused.Json.GetProperty("errors").EnumerateObject().First().Value[0].GetString();
        Assert.Contains("key:", message, StringComparison.Ordinal);
        Assert.Matches(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", message);
        var now = await server.OpenAsync("shared");
        Assert.Equal("Theirs", now.Text("name"));
        now["name"] = "Both";
        (await server.SaveAsync(now)).Is(200);
    }

    [Fact]
    public async Task Save_WhenOnesOwnSavesRanAhead_ThenItIsTaken()
    {
        var first = (await server.SaveAsync(Editor.Model("ahead", "One", Editor.Write("a")))).Definition();
        foreach (var name in (string[])["Two", "Three", "Four"])
        {
            first["name"] = name;
            (await server.SaveAsync(first)).Is(200);
        }

        Assert.Equal("Four", (await server.OpenAsync("ahead")).Text("name"));
    }

    [Fact]
    public async Task Revision_WhenExported_ThenItIsNotInTheFile()
    {
        var saved = (await server.SaveAsync(Editor.Model("clean", "Clean", Editor.Write("a")))).Definition();

        Assert.Equal(1, saved["customProperties"]!["TalentRevision"]!.GetValue<int>());
        Assert.DoesNotContain("TalentRevision", (await server.SendAsync("GET", $"{Editor.Api}/workflow-definitions/clean/export")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("TalentRevision", (string)(await server.SqlAsync("select convert_from(document, 'UTF8') from engine.definitions where definition_id = 'clean'"))!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_WhenAnOlderSaveIsWanted_ThenItIsTheDraftAgainEvenAfterDeletion()
    {
        foreach (var text in (string[])["one", "two", "three"])
            (await server.SendAsync("POST", "/api/v1/workflows/definitions", Editor.Model("history", "History", Editor.Write("a", text)).ToJsonString())).Is(200);

        var revisions = (await server.SendAsync("GET", "/api/v1/workflows/definitions/history/revisions?limit=2")).Is(200).Json;
        Assert.Equal([3, 2], revisions.GetProperty("items").EnumerateArray().Select(r => r.GetProperty("revision").GetInt32()));
        var rest = (await server.SendAsync("GET", $"/api/v1/workflows/definitions/history/revisions?limit=2&cursor={revisions.GetProperty("next").GetString()}")).Is(200).Json;
        Assert.Equal([1], rest.GetProperty("items").EnumerateArray().Select(r => r.GetProperty("revision").GetInt32()));
        Assert.Contains("\"one\"", (await server.SendAsync("GET", "/api/v1/workflows/definitions/history/revisions/1")).Is(200).Text, StringComparison.Ordinal);

        var restored = (await server.SendAsync("POST", "/api/v1/workflows/definitions/history/revisions/1/restore", "{}")).Is(200).Json;

        Assert.Equal(4, restored.GetProperty("revision").GetInt32());
        Assert.Contains("\"one\"", (await server.OpenAsync("history")).ToJsonString(), StringComparison.Ordinal);
        (await server.SendAsync("DELETE", $"{Editor.Api}/workflow-definitions/history")).Is(204);
        (await server.SendAsync("GET", $"{Editor.Api}/workflow-definitions/by-definition-id/history")).Is(404);
        (await server.SendAsync("POST", "/api/v1/workflows/definitions/history/revisions/2/restore", "{}")).Is(200);
        Assert.Equal(("2", "True"), ((await server.OpenAsync("history")).Text("version"), (await server.OpenAsync("history"))["isLatest"]!.GetValue<bool>().ToString()));
        (await server.SendAsync("GET", "/api/v1/workflows/definitions/history/revisions/99")).Is(404);
        (await server.SendAsync("GET", "/api/v1/workflows/definitions/never-saved/revisions")).Is(404);
    }
}
