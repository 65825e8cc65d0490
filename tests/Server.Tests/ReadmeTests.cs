using System.Diagnostics;

namespace Talent.Workflows.Server.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public async Task WalkThrough_WhenRunAsWritten_ThenTheCaseMovesOn()
    {
        await using var server = await RunningServer.StartAsync("Development", $"--Talent:WorkflowsDir={Path.Combine(Repository.Root, "workflows")}");
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"));
        var script = readme.Split("<!-- walk-through")[1].Split("```bash")[1].Split("```")[0];
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script])
        {
            WorkingDirectory = Repository.Root, RedirectStandardOutput = true, RedirectStandardError = true,
            Environment = { ["URL"] = server.Http.BaseAddress!.ToString().TrimEnd('/'), ["KEY"] = RunningServer.AdminKey },
        };

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, $"{await errors}\n{await output}");
        var lines = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("ZGZP-", lines[0], StringComparison.Ordinal);
        Assert.Contains("办理", lines[1], StringComparison.Ordinal);
        Assert.Equal("1 件待办", lines[2]);
        Assert.Equal("approve", lines[3]);
        Assert.Contains("case.submitted → task.decided", lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chinese_WhenComparedWithTheEnglish_ThenCommandsSettingsAndServicesAreTheSame()
    {
        var (english, chinese) = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md")), await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.zh-CN.md")));

        Assert.Equal(Commands(english), Commands(chinese));
        Assert.Equal(Names(english), Names(chinese));
        Assert.Equal(Directory.GetFiles(Path.Combine(Repository.Root, "workflows"), "service.json", SearchOption.AllDirectories).Select(f => Path.GetFileName(Path.GetDirectoryName(f)!)).Order(StringComparer.Ordinal),
            Names(chinese).Where(n => Directory.Exists(Path.Combine(Repository.Root, "workflows", n))).Order(StringComparer.Ordinal));

        // Comments are in the language of the page.
        static string[] Commands(string text) => [.. text.Split("```bash").Skip(1).SelectMany(block => block.Split("```")[0].Split('\n')).Select(line => line.Split("  # ")[0].TrimEnd()).Where(line => line.Length > 0 && !line.StartsWith('#'))];

        // What stands in code in the first column of a table.
        static string[] Names(string text) => [.. text.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => System.Text.RegularExpressions.Regex.Matches(line.Split('|')[1], "`([^`]+)`").Select(m => m.Groups[1].Value))];
    }

    [Fact]
    public async Task Links_WhenFollowed_ThenTheyLeadSomewhere()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories).Append(Path.Combine(Repository.Root, "README.md")).Append(Path.Combine(Repository.Root, "README.zh-CN.md")))
            foreach (System.Text.RegularExpressions.Match link in System.Text.RegularExpressions.Regex.Matches(await File.ReadAllTextAsync(file), @"\]\((?!https?:)([^)#]+)"))
            {
                var target = Path.Combine(Path.GetDirectoryName(file)!, link.Groups[1].Value);
                Assert.True(File.Exists(target) || Directory.Exists(target), $"{file} links to {link.Groups[1].Value}, which isn't there.");
            }
    }
}
