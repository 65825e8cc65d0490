using System.Diagnostics;
using System.Globalization;

namespace Talent.Workflows.Runtime.EmbeddedPostgres;

/// <summary>What <c>postmaster.pid</c> says about a server that runs, or ran, on a cluster.</summary>
/// <remarks>Lines of the file: process id, data folder, start time, port, socket folder, listen address, shared memory, state.</remarks>
internal sealed record Postmaster(int ProcessId, int Port)
{
    private const string FileName = "postmaster.pid";

    /// <summary>Null when there is no file or it isn't complete yet.</summary>
    internal static Postmaster? Read(string clusterDirectory)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(Path.Combine(clusterDirectory, FileName));
        }
        catch (FileNotFoundException)
        {
            return null;
        }

        return lines.Length >= 4
            && int.TryParse(lines[0], CultureInfo.InvariantCulture, out var pid)
            && int.TryParse(lines[3], CultureInfo.InvariantCulture, out var port)
                ? new Postmaster(pid, port)
                : null;
    }

    /// <summary>Call only when no process works on the cluster any more.</summary>
    internal static void DeleteStaleFile(string clusterDirectory) => File.Delete(Path.Combine(clusterDirectory, FileName));

    internal static bool FileExists(string clusterDirectory) => File.Exists(Path.Combine(clusterDirectory, FileName));

    /// <summary>
    /// Processes that work on a cluster: every PostgreSQL process has the cluster as its current folder, so a process
    /// id that was given to another program meanwhile doesn't count, and an orphan of a killed postmaster does.
    /// </summary>
    internal static IReadOnlyList<int> ProcessesOn(string clusterDirectory)
    {
        if (!OperatingSystem.IsLinux())
        {
            return Read(clusterDirectory) is { } recorded && IsPostgres(recorded.ProcessId) ? [recorded.ProcessId] : [];
        }

        var found = new List<int>();
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid))
            {
                continue;
            }

            try
            {
                if (new FileInfo(Path.Combine(folder, "cwd")).LinkTarget == clusterDirectory && IsPostgres(pid))
                {
                    found.Add(pid);
                }
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
            {
                // Ended meanwhile, or another user's: that user can't have entered this cluster.
            }
        }

        return found;
    }

    private static bool IsPostgres(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            // Its children call themselves "postgres: checkpointer" and the like.
            return !process.HasExited && (process.ProcessName is "postgres" or "postmaster" || process.ProcessName.StartsWith("postgres: ", StringComparison.Ordinal));
        }
        catch (Exception cause) when (cause is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }
}
