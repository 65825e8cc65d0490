using Microsoft.Playwright;

namespace Talent.Workflows.Browser.Tests;

[Collection(StudioSession.Name)]
public sealed class DesignerTests(Studio studio)
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
}
