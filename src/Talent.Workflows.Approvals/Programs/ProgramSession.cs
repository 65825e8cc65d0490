using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Talent.Workflows.Approvals.Programs;

/// <summary>A program with all that it has started, as a process group: what its own parent has left is in it still. Where the system has no <c>setsid</c>, the program with its descendants.</summary>
internal sealed class ProgramSession
{
    private const int Killed = 9, Nothing = 0;

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(10);

    private readonly Process process;
    private readonly int group;

    private ProgramSession(Process process) => (this.process, group) = (process, process.Id);

    /// <summary>Whether programs can be started by <c>setsid</c>, of util-linux or BusyBox.</summary>
    public static bool IsKnown { get; } = OperatingSystem.IsLinux() && ((string[])["/usr/bin/setsid", "/bin/setsid"]).Any(File.Exists);

    /// <param name="process">Started by <c>setsid</c> where that is known.</param>
    public static ProgramSession Of(Process process) => new(process);

    /// <summary>Whatever of it still runs.</summary>
    public void Kill()
    {
        // Also one that hasn't come to be a group of its own yet.
        if (!process.HasExited)
            process.Kill(entireProcessTree: !IsKnown);
        if (IsKnown)
            _ = kill(-group, Killed);
    }

    /// <summary>Waits until nothing of it is left, for a while: what is killed may be writing its last.</summary>
    public async Task EndAsync(TimeSpan longest)
    {
        var begun = Stopwatch.GetTimestamp();
        while ((!process.HasExited || IsKnown && kill(-group, Nothing) == 0) && Stopwatch.GetElapsedTime(begun) < longest)
            await Task.Delay(Between);
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int process, int signal);
}
