using System.Diagnostics;
using System.Globalization;

namespace Talent.Workflows.Server.Tests.Crash;

/// <summary>Crash tests run one after the other, when nothing else of this project runs.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class CrashSettings
{
    public const string Name = "crash";

    /// <summary>Random moments come from it; TALENT_TEST_SEED picks another one.</summary>
    internal static int Seed { get; } = int.Parse(Environment.GetEnvironmentVariable("TALENT_TEST_SEED") ?? "20260101", CultureInfo.InvariantCulture);

    /// <summary>5 kills, or 20 with TALENT_TEST_FULL=1.</summary>
    internal static int Rounds { get; } = Environment.GetEnvironmentVariable("TALENT_TEST_FULL") == "1" ? 20 : 5;

    /// <summary>What a server is started with: short leases, so that what a killed one had claimed is soon taken over.</summary>
    /// <param name="connectionString">Null: its private PostgreSQL.</param>
    internal static Dictionary<string, string> For(string dataDirectory, string? connectionString = null)
    {
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Node.FreePort()}"),
            ["Talent__DataDir"] = dataDirectory,
            ["Talent__BootstrapKey"] = RunningServer.AdminKey,
            ["Runtime__LeaseSeconds"] = "5",
        };
        if (connectionString is not null)
            environment["ConnectionStrings__Talent"] = connectionString;
        return environment;
    }

    /// <summary>SIGKILL to the postmaster of a folder.</summary>
    internal static void KillPostgres(string folder)
    {
        using var postmaster = Process.GetProcessById(int.Parse(File.ReadLines(Path.Combine(folder, "data", "postmaster.pid")).First(), CultureInfo.InvariantCulture));
        postmaster.Kill();
    }

    /// <summary>What is needed to understand a failure.</summary>
    internal static Exception Explain(Exception failure, params Node[] nodes) => new InvalidOperationException(
        $"With seed {Seed}: {failure.Message}\n{string.Join('\n', nodes.Select(node => string.Join('\n', node.Output.Split('\n').TakeLast(60))))}", failure);
}
