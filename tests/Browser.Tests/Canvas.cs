using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Talent.Workflows.Browser.Tests;

/// <summary>The designer as its user works with it: the palette, the canvas, the inputs of the activity that is selected.</summary>
internal sealed class Canvas(Visit visit)
{
    private readonly IPage page = visit.Page;
    private readonly ILocator editor = visit.Page.Locator("elsa-workflow-definition-editor");

    /// <summary>Opens a category of the palette.</summary>
    public Task OpenCategoryAsync(string name) => editor.GetByText(name, new() { Exact = true }).ClickAsync();

    /// <summary>Drags an activity from the palette to a place on the canvas, and waits until it is drawn there.</summary>
    public async Task AddAsync(string activity, string drawnAs, int x, int y)
    {
        await page.Locator("[draggable=true]").Filter(new() { HasText = activity }).DragToAsync(page.Locator(".x6-graph").First, new() { TargetPosition = new() { X = x, Y = y } });
        await Node(drawnAs).WaitForAsync();
    }

    /// <summary>Draws a connection from one activity's outcome to another activity.</summary>
    public async Task ConnectAsync(string from, string outcome, string to)
    {
        var edges = await page.Locator(".x6-edge").CountAsync();
        var (x1, y1) = await PortAsync(from, outcome);
        var (x2, y2) = await PortAsync(to, "In");
        await page.Mouse.MoveAsync(x1, y1);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync((x1 + x2) / 2, (y1 + y2) / 2, new() { Steps = 5 });
        await page.Mouse.MoveAsync(x2, y2, new() { Steps = 5 });
        await page.Mouse.UpAsync();
        await Assertions.Expect(page.Locator(".x6-edge")).ToHaveCountAsync(edges + 1);
    }

    /// <summary>Selects an activity, so that its inputs are shown.</summary>
    public async Task SelectAsync(string activity, string anInput)
    {
        await Node(activity).Locator(".activity-label").ClickAsync();
        await Control(anInput).WaitForAsync();
    }

    /// <summary>Sets an input, and waits until it is saved.</summary>
    public Task FillAsync(string input, string text) => visit.InsistAsync(
        async () =>
        {
            var field = Control(input).Locator("input[type=text], textarea").First;
            // Nothing changes in a field that shows the text already, though it was lost.
            if (await field.InputValueAsync() == text)
            {
                await field.FillAsync("");
                await field.PressAsync("Tab");
            }
            await field.FillAsync(text);
            await field.PressAsync("Tab");
        },
        request => IsSave(request) && request.PostData!.Contains(JsonSerializer.Serialize(text), StringComparison.OrdinalIgnoreCase));

    public async Task ChooseAsync(string input, string text)
    {
        await Control(input).ClickAsync();
        await page.Locator(".mud-popover-open").GetByText(text, new() { Exact = true }).Last.ClickAsync();
        await Assertions.Expect(page.Locator(".mud-popover-open").GetByText(text, new() { Exact = true })).ToHaveCountAsync(0);
    }

    /// <summary>Publishes what is on the canvas.</summary>
    public Task PublishAsync() => visit.InsistAsync(() => editor.Locator(".mud-button-group-root button").First.ClickAsync(), request => IsSave(request) && request.PostData!.Contains("\"publish\":true", StringComparison.Ordinal));

    /// <summary>Runs the published version.</summary>
    public Task RunAsync() => editor.Locator("button.mud-success-text, button:has(.mud-success-text)").Last.ClickAsync();

    private static bool IsSave(IRequest request) => request.Method == "POST" && request.Url.EndsWith("/workflow-definitions", StringComparison.Ordinal) && request.PostData is not null;

    private ILocator Node(string text) => page.Locator(".x6-node").Filter(new() { HasText = text });

    private ILocator Control(string label) => page.Locator(".mud-input-control")
        .Filter(new() { Has = page.Locator("label.mud-input-label", new() { HasTextRegex = new Regex($"^{Regex.Escape(label)}$") }) }).Last;

    private async Task<(float X, float Y)> PortAsync(string activity, string port)
    {
        var box = await Node(activity).Locator($"[port=\"{port}\"] .elsa-designer-port-hit-area").BoundingBoxAsync()
            ?? throw new InvalidOperationException($"'{activity}' has no port '{port}'.");
        return (box.X + (box.Width / 2), box.Y + (box.Height / 2));
    }
}
