using System.Text.Json;
using Microsoft.Playwright;

namespace Talent.Workflows.Browser.Tests;

[Collection(StudioSession.Name)]
public sealed class InstanceTests(Studio studio)
{
    private static string Greeting(string id) => """
        {"definitionId":"#","name":"问候","root":{"id":"flow","type":"Elsa.Flowchart","version":1,"activities":[
          {"id":"say","type":"Elsa.WriteLine","version":1,"text":{"typeName":"String","expression":{"type":"Literal","value":"你好"}},"metadata":{"designer":{"position":{"x":60,"y":60}}}},
          {"id":"wait","type":"Elsa.Event","version":1,"eventName":{"typeName":"String","expression":{"type":"Literal","value":"go"}},"metadata":{"designer":{"position":{"x":360,"y":60}}}},
          {"id":"bad","type":"Elsa.Fault","version":1,"message":{"typeName":"String","expression":{"type":"Literal","value":"出错"}},"metadata":{"designer":{"position":{"x":660,"y":60}}}}],
         "connections":[{"source":{"activity":"say","port":"Done"},"target":{"activity":"wait","port":"In"}},{"source":{"activity":"wait","port":"Done"},"target":{"activity":"bad","port":"In"}}]}}
        """.Replace("#", id, StringComparison.Ordinal);

    [Fact]
    public async Task Instance_WhenRunFromTheDesigner_ThenItsJournalAndIncidentAreWatchedLiveAndItIsRetried()
    {
        await PublishAsync("live");
        await using var visit = await studio.SignedInAsync("/studio/workflows/definitions/live/edit");
        await visit.Page.Locator(".elsa-activity").First.WaitForAsync();
        await new Canvas(visit).RunAsync();
        await visit.Page.WaitForURLAsync("**/studio/workflows/instances/*/view");
        var id = new Uri(visit.Page.Url).Segments[^2].Trim('/');
        var viewer = visit.Page.Locator("elsa-workflow-instance-viewer");
        await viewer.GetByText("Suspended").First.WaitForAsync();
        await visit.PictureAsync("waiting");

        // Nobody loads the page again: what happens meanwhile comes to it.
        await SignalAsync(id);
        await viewer.GetByText("Faulted").First.WaitForAsync();
        var retry = visit.Page.Locator("#retry");
        await retry.WaitForAsync();
        await Assertions.Expect(viewer.Locator(".elsa-activity")).ToHaveCountAsync(3);
        await visit.PictureAsync("faulted");
        await viewer.GetByText("Incidents").First.ClickAsync();
        await viewer.GetByText("出错").First.WaitForAsync();
        await visit.PictureAsync("incident");
        await retry.ClickAsync();

        await visit.UntilAsync($"/api/v1/workflows/instances/{id}/journal?limit=100", json => Events(json, "bad", "Faulted") == 2);
        await viewer.GetByText("Faulted").First.WaitForAsync();
        // The journal, from the first activity to the one that failed.
        foreach (var entry in (string[])["写日志 - Completed", "事件 - Suspended", "事件 - Resumed", "故障 - Faulted"])
            await viewer.GetByText(entry).First.WaitForAsync();
        await visit.PictureAsync("retried");
        visit.AssertNoFaults();
    }

    [Fact]
    public async Task Instance_WhenCancelledInTheList_ThenHasEnded()
    {
        var id = await StartAsync("to-cancel", "要取消的问候");
        await using var visit = await studio.SignedInAsync("/studio/workflows/instances");
        var row = visit.Page.Locator("tbody tr").Filter(new() { HasText = "要取消的问候" });
        await row.WaitForAsync();

        await visit.InsistAsync(() => ChooseAsync(visit, row, "Cancel"), request => request.Method == "POST" && request.Url.Contains("cancel", StringComparison.Ordinal));

        await visit.UntilAsync($"/api/v1/workflows/instances/{id}", json => json.GetProperty("subStatus").GetString() == "cancelled");
        await visit.PictureAsync("cancelled");
        visit.AssertNoFaults();
    }

    [Fact]
    public async Task Instance_WhenDeletedInTheListThoughAnAuditVouchesForIt_ThenThePageSaysWhyAndGoesOn()
    {
        var id = await StartAsync("to-delete", "要删除的问候");
        await using var visit = await studio.SignedInAsync("/studio/workflows/instances");
        var row = visit.Page.Locator("tbody tr").Filter(new() { HasText = "要删除的问候" });
        await row.WaitForAsync();

        await visit.InsistAsync(() => ChooseAsync(visit, row, "Delete"), request => request.Method == "DELETE" && request.Url.EndsWith(id, StringComparison.Ordinal));

        await Assertions.Expect(visit.Page.Locator("#report")).ToContainTextAsync("受审计保护，不能删除");
        await row.WaitForAsync();
        await Assertions.Expect(visit.Page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
        await visit.PictureAsync("not-deleted");
    }

    [Fact]
    public async Task Definition_WhenExportedChangedAndImported_ThenIsADraft()
    {
        await PublishAsync("exported");
        await using var visit = await studio.SignedInAsync();
        var row = visit.Page.Locator("tbody tr").Filter(new() { HasText = "exported" });

        var download = await visit.DownloadAsync(async () =>
        {
            await visit.FreshListAsync();
            await visit.SearchAsync("exported");
            await ChooseAsync(visit, row, "Export");
        });
        var file = Path.Combine(Directory.CreateTempSubdirectory("talent-export-").FullName, "imported.json");
        await download.SaveAsAsync(file);
        var text = await File.ReadAllTextAsync(file);
        Assert.Contains("$schema", text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text.Replace("\"exported\"", "\"imported\"", StringComparison.Ordinal));
        await visit.Page.Locator("elsa-workflow-definition-list input[type=file]").First.SetInputFilesAsync(file);

        var imported = await visit.UntilAsync("/api/v1/workflows/definitions/imported", _ => true);
        Assert.False(imported.GetProperty("definition").GetProperty("isPublished").GetBoolean());
        await visit.SearchAsync("imported");
        await visit.Page.Locator("tbody tr").Filter(new() { HasText = "imported" }).WaitForAsync();
        await visit.PictureAsync("imported");
        visit.AssertNoFaults();
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    private static async Task ChooseAsync(Visit visit, ILocator row, string action)
    {
        await visit.FreshListAsync();
        await row.Locator(".mud-menu button").Last.ClickAsync();
        await visit.Page.Locator(".mud-popover-open").GetByText(action, new() { Exact = true }).ClickAsync();
        await visit.ConfirmAsync();
    }

    private async Task PublishAsync(string definition) => (await studio.Server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Greeting(definition))).Is(200);

    private async Task<string> StartAsync(string definition, string name)
    {
        await PublishAsync(definition);
        return (await studio.Server.SendAsync("POST", $"/api/v1/workflows/{definition}/start", new { name }, headers: ("Idempotency-Key", definition))).Is(201).Json.GetProperty("id").GetString()!;
    }

    private async Task SignalAsync(string id) => (await studio.Server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/signals", new { signalId = "s1", name = "go" })).Is(200);

    private static int Events(JsonElement journal, string activity, string name) =>
        journal.GetProperty("items").EnumerateArray().SelectMany(step => step.GetProperty("entries").EnumerateArray()).Count(e => e.GetProperty("activityId").GetString() == activity && e.GetProperty("event").GetString() == name);
}
