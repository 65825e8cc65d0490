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
    public async Task Links_WhenFollowed_ThenTheyLeadSomewhere()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories).Append(Path.Combine(Repository.Root, "README.md")))
            foreach (System.Text.RegularExpressions.Match link in System.Text.RegularExpressions.Regex.Matches(await File.ReadAllTextAsync(file), @"\]\((?!https?:)([^)#]+)"))
            {
                var target = Path.Combine(Path.GetDirectoryName(file)!, link.Groups[1].Value);
                Assert.True(File.Exists(target) || Directory.Exists(target), $"{file} links to {link.Groups[1].Value}, which isn't there.");
            }
    }
}
