using System.Globalization;
using Microsoft.Playwright;

namespace Talent.Workflows.Browser.Tests;

[Collection(StudioSession.Name)]
public sealed class DesignerTests(Studio studio)
{
    private const string Designer = "/studio/workflows/definitions/political-work-title/edit";

    /// <summary>Notes when the first activity is drawn, in milliseconds since the page was asked for.</summary>
    private const string Watch = """
        new MutationObserver((_, observer) => {
            if (document.querySelector('.elsa-activity')) {
                window.firstActivity = performance.now();
                observer.disconnect();
            }
        }).observe(document, { childList: true, subtree: true });
        """;

    /// <summary>Bytes of Studio's own files that came from the server, not from the cache: an answer without a body counts as 300.</summary>
    private const string Fetched = "performance.getEntriesByType('resource').filter(e => e.name.includes('/_framework/') || e.name.includes('/_content/')).reduce((sum, e) => sum + Math.max(0, e.transferSize - 300), 0)";

    /// <summary>How long it took is written to <c>artifacts/studio/loading.txt</c>; machines differ, so nothing is expected of it.</summary>
    [Fact]
    public async Task Flagship_WhenOpenedByItsAddressAndThenFromTheList_ThenEveryActivityIsDrawnAndNothingIsFetchedTwice()
    {
        var document = (await studio.Server.SendAsync("GET", "/api/v1/workflows/definitions/political-work-title/document")).Is(200).Json;
        var activities = document.GetProperty("root").GetProperty("activities").GetArrayLength();
        await using var visit = await studio.VisitAsync();
        await visit.Page.AddInitScriptAsync(Watch);
        await visit.SignInAsync(Designer, "admin", Studio.Password);
        var cold = await MeasureAsync(visit, activities);

        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "流程定义" }).ClickAsync();
        await visit.SearchAsync("political-work-title");
        await visit.Page.GetByText("political-work-title").ClickAsync();
        var warm = await MeasureAsync(visit, activities);

        await visit.Page.Locator(".elsa-activity").Filter(new() { HasText = "审核环节" }).First.WaitForAsync();
        await visit.PictureAsync("flagship");
        await File.WriteAllTextAsync(Path.Combine(Studio.Pictures, "loading.txt"), string.Create(CultureInfo.InvariantCulture,
            $"cold: progress {cold.Progress:0} ms, first activity {cold.Activity:0} ms\nwarm: progress {warm.Progress:0} ms, first activity {warm.Activity:0} ms\n"));
        Assert.Equal(0, warm.Fetched);
        Assert.All([cold, warm], m => Assert.True(m.Progress < m.Activity, "There was no sign of progress before the first activity."));
        visit.AssertNoFaults();
        Assert.Equal(1, (await studio.Server.SendAsync("GET", "/api/v1/workflows/definitions/political-work-title")).Is(200).Json.GetProperty("definition").GetProperty("version").GetInt32());
    }

    /// <summary>Milliseconds until something shows and until an activity is drawn, and bytes fetched.</summary>
    private static async Task<(double Progress, double Activity, double Fetched)> MeasureAsync(Visit visit, int activities)
    {
        await visit.Page.WaitForURLAsync("**" + Designer);
        await Assertions.Expect(visit.Page.Locator(".elsa-activity")).ToHaveCountAsync(activities);
        return (await NumberAsync("performance.getEntriesByName('first-contentful-paint')[0].startTime"), await NumberAsync("firstActivity"), await NumberAsync(Fetched));

        Task<double> NumberAsync(string expression) => visit.Page.EvaluateAsync<double>(expression);
    }
}
