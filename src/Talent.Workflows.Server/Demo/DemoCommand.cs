using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Server.Startup;

namespace Talent.Workflows.Server.Demo;

/// <summary>
/// <c>demo [--url=URL --key=KEY]</c>: takes sample cases of the flagship through all five levels, over HTTP. Without a URL it
/// starts a server of its own, in Development, on a free port with an empty private database, and removes it afterwards.
/// </summary>
internal static class DemoCommand
{
    public static async Task<int> RunAsync(string[] settings, CancellationToken cancellationToken)
    {
        var colour = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is not { Length: > 0 };
        var printer = new DemoPrinter(Console.Out, colour);
        var given = new ConfigurationBuilder().AddCommandLine(settings).Build();
        try
        {
            if (given["url"] is { Length: > 0 } url)
            {
                var key = given["key"] ?? Environment.GetEnvironmentVariable("Talent__BootstrapKey")
                    ?? throw new DemoException("请用 --key=… 给出管理密钥。 Give an administrator key with --key=…");
                var folder = ContentFolder.Find(given["Talent:WorkflowsDir"] ?? Environment.GetEnvironmentVariable("Talent__WorkflowsDir"), Directory.GetCurrentDirectory());
                await TellAsync(url, key, ApprovalContent.Load(folder.Workflows, TimeProvider.System), printer, cancellationToken);
            }
            else
                await WithOwnServerAsync(settings, printer, cancellationToken);
            return 0;
        }
        catch (Exception cause) when (cause is DemoException or HttpRequestException or KeyNotFoundException or TaskCanceledException)
        {
            printer.Bad($"✗ 演示中断 The demonstration stopped: {cause.Message}");
            return 1;
        }
    }

    private static async Task WithOwnServerAsync(string[] settings, DemoPrinter printer, CancellationToken cancellationToken)
    {
        // Other accounts may pass through it, as PostgreSQL needs under root; what is in it keeps its own rights.
        var folder = Path.Combine(Path.GetTempPath(), $"talent-demo-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        try
        {
            printer.Note("正在准备演示用的服务器和空数据库 Preparing a server and an empty database …");
            await using var host = await ServerHost.BuildAsync(
            [
                "--environment=Development", "--urls=http://127.0.0.1:0", $"--Talent:DataDir={folder}", "--ConnectionStrings:Talent=", "--Talent:BootstrapKey=",
                "--Serilog:MinimumLevel:Default=Warning", .. settings,
            ], cancellationToken, toListen: true);
            await host.ListenAsync(cancellationToken);
            var key = (await File.ReadAllTextAsync(host.BootstrapKeyFile!, cancellationToken)).Trim();
            await TellAsync(host.Urls.First(), key, host.App.Services.GetRequiredService<ApprovalContent>(), printer, cancellationToken);
            await host.App.StopAsync(cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task TellAsync(string url, string key, ApprovalContent content, DemoPrinter printer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var api = new DemoApi(url, key);
        var people = new DemoPeople(content);
        printer.Note("每行依次为日期、步骤、办理人、结果；✉ 是发出的消息，→ 是业务当前的状态。时钟由演示拨快，人物均为虚构。");
        printer.Note("A line is a date, a step, who took it and what came of it; ✉ is a message that went out, → where the case stands now.");
        printer.Note("The demonstration moves the clock; nobody in it is real.");
        await new CompletedStory(api, people, printer, content).TellAsync();
        await new RejectedStory(api, people, printer, content).TellAsync();
        printer.Note("");
        printer.Good("✓ 演示完成：以上每一项都已从接口读回核对。 Everything above was read back from the API.");
    }
}
