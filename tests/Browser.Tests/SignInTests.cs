using Microsoft.Playwright;

namespace Talent.Workflows.Browser.Tests;

public sealed class SignInTests(Studio studio) : IClassFixture<Studio>
{
    [Fact]
    public async Task Explore()
    {
        await using var visit = await studio.SignedInAsync();
        await visit.Page.GetByText("政工职评").First.WaitForAsync();
        await visit.PictureAsync("1-definitions");
        await visit.Page.GotoAsync("/studio/workflows/definitions/political-work-title/edit");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        try { await visit.Page.Locator(".elsa-activity, .x6-node, [data-shape]").First.WaitForAsync(); } catch (TimeoutException) { }
        Console.WriteLine($"first node {watch.Elapsed}");
        await Task.Delay(4000);
        await visit.PictureAsync("2-editor");
        Console.WriteLine(string.Join("\n", visit.Faults));
        Console.WriteLine(await visit.Page.EvaluateAsync<string>("[...new Set([...document.querySelectorAll('elsa-workflow-definition-editor *')].map(e=>e.className&&e.className.baseVal===undefined?e.className:'').flatMap(c=>String(c).split(' ')).filter(c=>/elsa|x6|activity/.test(c)))].join(' ')"));
        await visit.Page.GotoAsync("/studio/workflows/instances");
        await Task.Delay(6000);
        await visit.PictureAsync("3-instances");
        Console.WriteLine(string.Join("\n", visit.Faults));
    }
}
