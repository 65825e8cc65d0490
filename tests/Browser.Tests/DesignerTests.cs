using System.Text.Json;
using Microsoft.Playwright;

namespace Talent.Workflows.Browser.Tests;

public sealed class DesignerTests(Studio studio) : IClassFixture<Studio>
{
    [Fact]
    public async Task Flagship_WhenOpenedFromTheList_ThenEveryActivityIsDrawn()
    {
        var document = (await studio.Server.SendAsync("GET", "/api/v1/workflows/definitions/political-work-title/document")).Is(200).Json;
        var activities = document.GetProperty("root").GetProperty("activities").GetArrayLength();
        await using var visit = await studio.SignedInAsync();
        await visit.Page.GetByText("political-work-title").ClickAsync();
        await visit.Page.WaitForURLAsync("**/studio/workflows/definitions/political-work-title/edit");

        await Assertions.Expect(visit.Page.Locator(".elsa-activity")).ToHaveCountAsync(activities, new() { Timeout = 60_000 });
        await visit.Page.Locator(".elsa-activity").Filter(new() { HasText = "审核环节" }).First.WaitForAsync();
        await visit.PictureAsync("flagship");
        visit.AssertNoFaults();
        Assert.Equal(1, (await studio.Server.SendAsync("GET", "/api/v1/workflows/definitions/political-work-title")).Is(200).Json.GetProperty("definition").GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Workflow_WhenMadeInStudio_ThenIsSavedAndPublished()
    {
        await using var visit = await studio.SignedInAsync();
        var id = await visit.CreateWorkflowAsync();

        await visit.Page.GetByText("日志输出").ClickAsync();
        await visit.Page.Locator("[draggable=true]").Filter(new() { HasText = "写日志" }).DragToAsync(visit.Page.Locator(".x6-graph").First, new() { TargetPosition = new() { X = 300, Y = 200 } });
        await visit.Page.Locator(".elsa-activity").WaitForAsync();
        // It saves by itself half a second after each change.
        var draft = await studio.UntilAsync($"/api/v1/workflows/definitions/{id}/document", json => Activities(json).Contains("Elsa.WriteLine"));
        await visit.PictureAsync("dragged-in");

        await visit.Page.Locator("elsa-workflow-definition-editor .mud-button-group-root button").First.ClickAsync();
        var published = await studio.UntilAsync($"/api/v1/workflows/definitions/{id}", json => json.GetProperty("definition").GetProperty("isPublished").GetBoolean());
        Assert.Equal(draft.GetProperty("definitionId").GetString(), published.GetProperty("definition").GetProperty("definitionId").GetString());
        visit.AssertNoFaults();
    }

    private static IEnumerable<string> Activities(JsonElement document) =>
        document.GetProperty("root").TryGetProperty("activities", out var activities) ? activities.EnumerateArray().Select(a => a.GetProperty("type").GetString()!) : [];
}
