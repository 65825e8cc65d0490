using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Talent.Workflows.Approvals.Programs;

/// <summary>
/// A program of the system that works on what anybody may have sent: a process of its own that gets a content on its standard input and answers on its standard output,
/// without the server's environment and, where it says so, without its rights, within a time and a memory that are its own. It has a session of its own, and all that
/// it has started there is killed when it has ended, when its time is over, and when the caller has enough of it.
/// </summary>
internal sealed class OutsideProgram(string program, IReadOnlyList<string> arguments, TimeProvider time)
{
    private static readonly string[] Passed = ["PATH", "LANG", "LC_ALL", "TZ"], Places = ["HOME", "TMPDIR"];

    private const int LongestComplaint = 4096, PieceBytes = 1 << 16;

    // What is killed is gone in an instant; what hangs in the kernel isn't waited for.
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(2);

    /// <summary>Under root, the number of the account that it runs as, with no privilege to gain; null: the server's own, for what its operator has chosen.</summary>
    public int? Account { get; init; }

    /// <summary>Address space that it may have, in bytes; null: not limited, such as for browsers, which reserve far more than they use.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Where it runs, and has home and temporary files; null: nowhere of its own.</summary>
    public string? Folder { get; init; }

    /// <summary>How long it may run, counted from its start; null: as long as the caller waits.</summary>
    public TimeSpan? Longest { get; init; }

    /// <param name="mostBytes">Of the output that are kept; the rest is read and thrown away, so that the program isn't held up.</param>
    /// <exception cref="Win32Exception">Nothing can be started. That there is no such program may only show in the answer: <see cref="ProgramAnswer.IsMissing"/>.</exception>
    /// <exception cref="TimeoutException">It ran longer than it may.</exception>
    public async Task<ProgramAnswer> RunAsync(Stream content, int mostBytes, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Longest ?? Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var process = await ProgramStarter.StartAsync(Command());
        var session = ProgramSession.Of(process);
        try
        {
            var said = ReadAsync(process.StandardOutput.BaseStream, mostBytes, either.Token);
            // What it complains of may quote the content: it is read so that it isn't held up, and kept nowhere.
            var complained = ReadAsync(process.StandardError.BaseStream, LongestComplaint, either.Token);
            var whole = await FeedAsync(process, content, either.Token);
            await process.WaitForExitAsync(either.Token);
            // A child that it leaves behind would hold its output open.
            session.Kill();
            var (output, cut) = await said;
            await complained;
            return new ProgramAnswer(process.ExitCode, output, cut, whole);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"it took longer than {Longest!.Value.TotalSeconds} s"), e);
        }
        finally
        {
            session.Kill();
            await session.EndAsync(LongestEnd);
        }
    }

    private ProcessStartInfo Command()
    {
        List<string> words = [program, .. arguments];
        if (MemoryBytes is { } most && !OperatingSystem.IsWindows())
            words = ["/bin/sh", "-c", string.Create(CultureInfo.InvariantCulture, $"ulimit -c 0 && ulimit -v {most >> 10} && exec \"$@\""), "sh", .. words];
        var confined = Account is not null && Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows();
        if (confined)
        {
            var account = Account!.Value.ToString(CultureInfo.InvariantCulture);
            // Whatever ends the server ends it, too.
            words = ["setpriv", "--pdeathsig", "KILL", "--reuid", account, "--regid", account, "--clear-groups", "--no-new-privs", "--inh-caps=-all", "--", .. words];
        }
        if (ProgramSession.IsKnown)
            words = ["setsid", .. words];
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        // Keys and connection strings of the server are in its environment: they are none of its business.
        foreach (var name in start.Environment.Keys.Except(Folder is null && !confined ? [.. Passed, .. Places] : Passed, StringComparer.Ordinal).ToArray())
            start.Environment.Remove(name);
        start.Environment.TryAdd("PATH", "/usr/bin:/bin");
        if (Folder is not null)
        {
            foreach (var name in Places)
                start.Environment[name] = Folder;
            start.WorkingDirectory = Folder;
        }
        else if (confined)
            start.WorkingDirectory = "/";
        return start;
    }

    /// <returns>False: it stopped reading before the end; its exit code says why.</returns>
    private static async Task<bool> FeedAsync(Process process, Stream content, CancellationToken cancellationToken)
    {
        await using var input = process.StandardInput.BaseStream;
        var piece = new byte[PieceBytes];
        while (await content.ReadAsync(piece, cancellationToken) is > 0 and var read)
            try
            {
                await input.WriteAsync(piece.AsMemory(0, read), cancellationToken);
            }
            catch (IOException)
            {
                return false;
            }
        return true;
    }

    private static async Task<(byte[] Kept, bool Cut)> ReadAsync(Stream output, int most, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        var piece = new byte[PieceBytes];
        var cut = false;
        while (await output.ReadAsync(piece, cancellationToken) is > 0 and var read)
        {
            var room = (int)Math.Min(read, most - kept.Length);
            kept.Write(piece, 0, room);
            cut |= room < read;
        }
        return (kept.ToArray(), cut);
    }
}

/// <param name="Cut">There was more output than was to be kept.</param>
/// <param name="ReadAll">Whether it read the content to its end.</param>
internal sealed record ProgramAnswer(int ExitCode, byte[] Output, bool Cut, bool ReadAll)
{
    /// <summary>There is no such program, or its account may not run it: what a shell says of both.</summary>
    public bool IsMissing => ExitCode is 126 or 127;
}
