using System.Net;
using System.Net.Sockets;
using Talent.Workflows.Approvals;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Server.Startup;

namespace Talent.Workflows.Server.Tests.Startup;

/// <summary>The real program with a setting that it can't start with: one message that names it, and no stack trace.</summary>
public sealed class WrongSettingTests
{
    [Theory]
    [InlineData("Talent:RequestsPerSecond", "abc", "a whole number")]
    [InlineData("Talent:RequestsPerSecond", "0", "between 1 and 1000000")]
    [InlineData("Talent:ImportSamples", "perhaps", "true or false")]
    [InlineData("Talent:TrustedProxies:0", "10.0.0.0/99", "10.0.0.0/8")]
    [InlineData("Talent:WorkflowsDir", "/nowhere/at/all", "doesn't exist")]
    [InlineData("Talent:BootstrapKey", "password", "too weak")]
    [InlineData("Talent:MasterKey", "", "isn't set")]
    [InlineData("Talent:MasterKey", "0123456789abcdef", "32 random bytes")]
    [InlineData("Talent:MasterKey", "0000000000000000000000000000000000000000000000000000000000000000", "32 random bytes")]
    [InlineData("Talent:DrainSeconds", "1000", "between 1 and 300")]
    [InlineData("Runtime:StepConnections", "many", "a whole number")]
    [InlineData("Runtime:LeaseSeconds", "1", "between 5 and 3600")]
    [InlineData("Runtime:UseQuartz", "maybe", "true or false")]
    [InlineData("Talent:Codes:PhonePerHour", "0", "between 1 and 100")]
    [InlineData("Talent:Materials:MaxPdfMegabytes", "0", "between 1 and 100")]
    [InlineData("Talent:Materials:Scanner", "norton", "off, command or clamd")]
    [InlineData("urls", "http://127.0.0.1:99999", "0 to 65535")]
    [InlineData("urls", "nonsense", "http://127.0.0.1:5080")]
    [InlineData("http_ports", "eighty", "0 to 65535")]
    [InlineData("ConnectionStrings:Talent", "nonsense", "connection string")]
    [InlineData("ConnectionStrings:Talent", "Host=127.0.0.1;Port=1;Username=nobody;Database=nothing", "doesn't answer")]
    public async Task Server_WhenASettingIsWrong_ThenItNamesItInBothLanguagesAndEndsWith2(string setting, string value, string says)
    {
        using var folder = new TemporaryFolder();

        var (code, output) = await ServerProcess.RunAsync(["run", .. RunningServer.Settings(folder.Path, "Production"), $"--{setting}={value}"]);

        Assert.True(code == 2, $"Exit code {code}:\n{output}");
        Assert.Contains($"设置 {setting.Replace(":0", "", StringComparison.Ordinal)} 有误", output, StringComparison.Ordinal);
        Assert.Contains($"The setting {setting.Replace(":0", "", StringComparison.Ordinal)} can't be used", output, StringComparison.Ordinal);
        Assert.Contains(says, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "data", "postgres")), "A database was made for it.");
    }

    [Fact]
    public async Task Server_WhenTheMasterKeyIsntTheDatabases_ThenItSaysSoAndEndsWith2_R_AUD_2()
    {
        using var folder = new TemporaryFolder();
        await using var database = await TestDatabase.CreateAsync(typeof(Migrator).Assembly, typeof(ApprovalRegistration).Assembly, typeof(ServerHost).Assembly);
        string[] settings = [.. RunningServer.Settings(folder.Path, "Production"), $"--ConnectionStrings:Talent={database.ConnectionString}"];
        var (server, _) = await ServerProcess.StartAsync(settings);
        Assert.Equal(0, await server.TerminateAsync());
        await server.DisposeAsync();
        var other = string.Concat(RunningServer.MasterKey.Reverse());

        var (code, output) = await ServerProcess.RunAsync(["run", .. settings, $"--Talent:MasterKey={other}"]);
        var (missing, said) = await ServerProcess.RunAsync(["run", .. settings, "--Talent:MasterKey=", $"--Talent:MasterKeyFile={Path.Combine(folder.Path, "nothing")}"]);

        Assert.True(code == 2, $"Exit code {code}:\n{output}");
        Assert.Contains("设置 Talent:MasterKey 有误", output, StringComparison.Ordinal);
        Assert.Contains("wrapped with another master key", output, StringComparison.Ordinal);
        Assert.DoesNotContain(other, output, StringComparison.Ordinal);
        Assert.DoesNotContain(RunningServer.MasterKey, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.True(missing == 2, $"Exit code {missing}:\n{said}");
        Assert.Contains("The setting Talent:MasterKeyFile can't be used", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_WhenItsPortIsTaken_ThenItSaysSoAndWhatWasStartedEnds()
    {
        using var folder = new TemporaryFolder();
        await using var database = await TestDatabase.CreateAsync(typeof(Migrator).Assembly, typeof(ApprovalRegistration).Assembly, typeof(ServerHost).Assembly);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var started = TimeProvider.System.GetTimestamp();
        var (code, output) = await ServerProcess.RunAsync(["run", .. RunningServer.Settings(folder.Path, "Production"),
            $"--ConnectionStrings:Talent={database.ConnectionString}", $"--urls=http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}"]);

        Assert.True(code == 2, $"Exit code {code}:\n{output}");
        Assert.Contains("The setting urls can't be used", output, StringComparison.Ordinal);
        Assert.Contains("already in use", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        // Not the 20 s in which requests may end.
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(18));
    }
}
