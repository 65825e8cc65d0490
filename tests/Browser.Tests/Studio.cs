using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;

namespace Talent.Workflows.Browser.Tests;

/// <summary>One after another: two browsers that interpret the whole Studio at once leave each other too little of two cores.</summary>
[CollectionDefinition(Name)]
public sealed class StudioSession : ICollectionFixture<Studio>
{
    public const string Name = "Studio";
}

/// <summary>The real Studio in Debian's Chromium on a whole server with the flagship, for all tests.</summary>
public sealed class Studio : IAsyncLifetime
{
    private IPlaywright? playwright;
    private IBrowser? browser;

    public const string Password = "correct horse battery 1949";

    /// <summary>How long a page may take, in milliseconds: the browser and the server share two processors.</summary>
    public const float Patience = 90_000;

    public RunningServer Server { get; private set; } = null!;

    /// <summary>Where pictures go, to be looked at.</summary>
    public static string Pictures { get; } = Path.Combine(Repository.Root, "artifacts", "studio");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Pictures);
        Assertions.SetDefaultExpectTimeout(Patience);
        Server = await RunningServer.StartAsync("Development", $"--Talent:WorkflowsDir={Path.Combine(Repository.Root, "workflows")}", $"--Talent:AdminPassword={Password}",
            $"--Talent:StudioDir={Path.Combine(Repository.Root, ".tools/studio/node_modules/@elsa-workflows/elsa-studio-wasm")}");
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("TALENT_TEST_CHROMIUM") ?? "/usr/bin/chromium",
            // Chromium's own sandbox doesn't run as root.
            Args = ["--no-sandbox", "--disable-dev-shm-usage"],
        });
    }

    /// <summary>A new visitor with an empty cache.</summary>
    public async Task<Visit> VisitAsync(string language = "zh-CN")
    {
        var context = await browser!.NewContextAsync(new() { BaseURL = Server.Http.BaseAddress!.ToString(), Locale = language, ViewportSize = new() { Width = 1600, Height = 1000 }, AcceptDownloads = true });
        context.SetDefaultTimeout(Patience);
        var page = await context.NewPageAsync();
        // To find what fails on slower machines alone.
        if (int.TryParse(Environment.GetEnvironmentVariable("TALENT_TEST_BROWSER_SLOWDOWN"), out var slowdown))
            await (await context.NewCDPSessionAsync(page)).SendAsync("Emulation.setCPUThrottlingRate", new() { ["rate"] = slowdown });
        return new Visit(context, page, Server);
    }

    /// <summary>A visitor who has signed in as the first administrator.</summary>
    public async Task<Visit> SignedInAsync(string path = "/studio/workflows/definitions", string language = "zh-CN")
    {
        var visit = await VisitAsync(language);
        await visit.SignInAsync(path, "admin", Password);
        return visit;
    }

    public async Task DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
        if (Server is not null)
            await Server.DisposeAsync();
    }
}

/// <summary>One visitor: a page, and everything that went wrong on it.</summary>
public sealed class Visit : IAsyncDisposable
{
    /// <summary>How long a gesture may take until it shows, in milliseconds.</summary>
    private const float Patience = 30_000;

    private const int Attempts = 5;

    private readonly ConcurrentQueue<string> faults = new();
    private readonly ConcurrentQueue<string> changes = new();
    private readonly IBrowserContext context;
    private readonly RunningServer server;

    public Visit(IBrowserContext context, IPage page, RunningServer server)
    {
        this.context = context;
        this.server = server;
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                faults.Enqueue($"console: {message.Text} ({message.Location})");
        };
        page.PageError += (_, error) => faults.Enqueue($"script: {error}");
        page.Response += (_, response) =>
        {
            if (response.Request.Method != "GET")
                changes.Enqueue($"{TimeProvider.System.GetUtcNow():mm:ss.fff} {response.Status}: {response.Request.Method} {response.Url}");
            if (response.Status >= 400)
            {
                faults.Enqueue($"{response.Status}: {response.Request.Method} {response.Url}");
                _ = ExplainAsync(response);
            }
        };
        page.Request += (_, request) =>
        {
            if (Uri.TryCreate(request.Url, UriKind.Absolute, out var url) && url.Scheme is not ("data" or "blob") && url.Authority != server.Http.BaseAddress!.Authority)
                faults.Enqueue($"elsewhere: {request.Url}");
        };
    }

    public IPage Page { get; }

    /// <summary>What went wrong so far: errors in the console, failed requests, requests to other machines.</summary>
    public IReadOnlyCollection<string> Faults => faults;

    public async Task SignInAsync(string path, string name, string password)
    {
        await Page.GotoAsync(path);
        await Page.FillAsync("input[name=name]", name);
        await Page.FillAsync("input[name=password]", password);
        await Page.ClickAsync("button[type=submit]");
    }

    /// <summary>Looks for a definition in the list, whose first page doesn't show all.</summary>
    public async Task SearchAsync(string text)
    {
        var search = Page.GetByPlaceholder("Search on Id, Name, Description, Definition Id");
        await Page.Locator("tbody tr").First.WaitForAsync();
        await search.FillAsync(text);
        await search.PressAsync("Enter");
    }

    /// <summary>Makes an empty workflow from the list and opens it.</summary>
    /// <returns>Its definition id.</returns>
    public async Task<string> CreateWorkflowAsync()
    {
        // A list that is still loading sets the page's address when it has, and that closes every dialog.
        await Page.Locator("tbody tr").First.WaitForAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "Create workflow" }).First.ClickAsync();
        var dialog = Page.Locator(".mud-dialog");
        // Studio proposes a name that is free; before it has one, OK does nothing.
        await Assertions.Expect(dialog.Locator("input").First).Not.ToHaveValueAsync("");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Ok" }).ClickAsync();
        await Page.WaitForURLAsync("**/studio/workflows/definitions/*/edit");
        return new Uri(Page.Url).Segments[^2].Trim('/');
    }

    /// <summary>Does something until Studio sends what it must.</summary>
    public async Task InsistAsync(Func<Task> gesture, Func<IRequest, bool> isSent)
    {
        var sent = new TaskCompletionSource<IRequest>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Note(object? _, IRequest request)
        {
            if (isSent(request))
                sent.TrySetResult(request);
        }

        Page.Request += Note;
        try
        {
            await InsistAsync(gesture, sent.Task);
        }
        finally
        {
            Page.Request -= Note;
        }
    }

    /// <summary>Does something until Studio offers the file.</summary>
    public async Task<IDownload> DownloadAsync(Func<Task> gesture)
    {
        var offered = new TaskCompletionSource<IDownload>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Note(object? _, IDownload download) => offered.TrySetResult(download);

        Page.Download += Note;
        try
        {
            return await InsistAsync(gesture, offered.Task);
        }
        finally
        {
            Page.Download -= Note;
        }
    }

    /// <summary>
    /// Loads a list anew when a question of an attempt before still stands over it: a click that Studio lost while it drew the list
    /// again leaves the question behind, and Escape doesn't reach one that hasn't the focus.
    /// </summary>
    public async Task FreshListAsync()
    {
        if (await Page.Locator(".mud-dialog").CountAsync() > 0)
            await Page.ReloadAsync();
    }

    /// <summary>Says yes to what Studio asks before it does something.</summary>
    public Task ConfirmAsync() => Page.Locator(".mud-dialog .mud-dialog-actions button").Last.ClickAsync();

    /// <summary>Asks the server until what it answers holds, for what Studio does by itself a moment later.</summary>
    public async Task<JsonElement> UntilAsync(string path, Func<JsonElement, bool> holds)
    {
        Answer? answer = null;
        for (var attempt = 0; attempt < 300; attempt++)
        {
            answer = await server.SendAsync("GET", path);
            if (answer.Status == 200 && holds(answer.Json))
                return answer.Json;
            await Task.Delay(200);
        }
        await PictureAsync("in-vain");
        throw new TimeoutException($"{path} is still {answer!.Status}: {answer.Text}\n{Told()}");
    }

    public Task PictureAsync(string name) => Page.ScreenshotAsync(new() { Path = Path.Combine(Studio.Pictures, name + ".png") });

    /// <summary>
    /// What comes while Studio draws a panel anew, or closes its dialogs because a list has loaded, is lost; a person would do it
    /// again. One attempt at a time, and none while what the last one did may still show.
    /// </summary>
    private async Task<T> InsistAsync<T>(Func<Task> gesture, Task<T> shows)
    {
        context.SetDefaultTimeout(Patience);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    await gesture();
                    return await shows.WaitAsync(TimeSpan.FromMilliseconds(Patience));
                }
                catch (TimeoutException) when (shows.IsCompleted)
                {
                    // The gesture had its effect before its last part was seen to be done.
                    return await shows;
                }
                catch (TimeoutException) when (attempt < Attempts)
                {
                    await Page.Keyboard.PressAsync("Escape");
                }
                catch (TimeoutException cause)
                {
                    await PictureAsync("in-vain");
                    throw new TimeoutException($"{Attempts} attempts in vain.\n{Told()}", cause);
                }
            }
        }
        finally
        {
            context.SetDefaultTimeout(Studio.Patience);
        }
    }

    private string Told() => $"Studio sent:\n{string.Join('\n', changes)}\nFaults:\n{string.Join('\n', faults)}";

    private async Task ExplainAsync(IResponse response)
    {
        try
        {
            faults.Enqueue($"{await response.TextAsync()} to {response.Request.PostData}");
        }
        catch (PlaywrightException)
        {
            // The page was left meanwhile: that it failed is noted already.
        }
    }

    public void AssertNoFaults() => Assert.Empty(faults);

    public async ValueTask DisposeAsync() => await context.DisposeAsync();
}
