using System.Diagnostics;

namespace Talent.Workflows.Runtime.Tests.Repository;

public sealed class ScriptTests
{
    [Theory]
    [InlineData("dev")]
    [InlineData(".ci/run")]
    public async Task Script_WhenBashReadsIt_ThenItIsWellFormedAndMayBeRun(string script)
    {
        var path = Path.Combine(Root(), script);

        Assert.Equal((0, ""), await RunAsync("bash", "-n", path));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute));
    }

    [Fact]
    public async Task Dev_WhenAskedForHelp_ThenEveryCommandIsNamed()
    {
        var (code, text) = await RunAsync(Path.Combine(Root(), "dev"), "help");

        Assert.Equal(0, code);
        Assert.All(["run", "test", "demo", "bench", "backup", "restore"], command => Assert.Contains($"\n  {command} ", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("backup", "backup needs a FILE")]
    [InlineData("fly", "unknown command fly")]
    [InlineData("test --quickly", "unknown option --quickly")]
    public async Task Dev_WhenCalledWrongly_ThenItSaysHowAndFails(string arguments, string expected)
    {
        var (code, text) = await RunAsync(Path.Combine(Root(), "dev"), arguments.Split(' '));

        Assert.Equal(1, code);
        Assert.Contains(expected, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compose_WhenRead_ThenPasswordsAreRequiredAndNoneHasADefault()
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(Root(), "docker-compose.yml"));

        var secrets = lines.Where(line => !line.TrimStart().StartsWith('#')
            && (line.Contains("PASSWORD", StringComparison.OrdinalIgnoreCase) || line.Contains("KEY", StringComparison.Ordinal))).ToList();
        Assert.Equal(5, secrets.Count);
        Assert.All(secrets, line => Assert.Matches(@"\$\{\w+:\?[^}]+\}$", line));
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Talent.Workflows.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }

    private static async Task<(int Code, string Text)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + errors);
    }
}
