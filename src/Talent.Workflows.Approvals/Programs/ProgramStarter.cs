using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace Talent.Workflows.Approvals.Programs;

/// <summary>Starts programs on a thread that lives as long as the server: a program that is to die with who started it dies with that thread, and those of the pool come and go.</summary>
internal static class ProgramStarter
{
    private static readonly BlockingCollection<(ProcessStartInfo Command, TaskCompletionSource<Process> Started)> Wanted = [];

    static ProgramStarter() => new Thread(Serve) { IsBackground = true, Name = "outside programs" }.Start();

    /// <exception cref="Win32Exception">It can't be started.</exception>
    public static Task<Process> StartAsync(ProcessStartInfo command)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Wanted.Add((command, started));
        return started.Task;
    }

    private static void Serve()
    {
        foreach (var (command, started) in Wanted.GetConsumingEnumerable())
            try
            {
                started.SetResult(Process.Start(command) ?? throw new Win32Exception("No process was started."));
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
    }
}
