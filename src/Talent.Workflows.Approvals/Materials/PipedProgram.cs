using System.ComponentModel;
using System.Diagnostics;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>A program of the system that reads a content from its standard input and answers on its standard output. It is killed when the caller has enough of it.</summary>
internal sealed class PipedProgram(string program, IReadOnlyList<string> arguments)
{
    private static readonly string[] Passed = ["PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "TZ"];

    private const int LongestComplaint = 4096, PieceBytes = 1 << 16;

    /// <param name="mostBytes">Of the output that are kept; the rest is read and thrown away, so that the program isn't held up.</param>
    /// <exception cref="Win32Exception">It can't be started.</exception>
    public async Task<PipedAnswer> RunAsync(Stream content, int mostBytes, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        // It reads what anybody has uploaded: secrets of the server's settings are none of its business.
        foreach (var name in start.Environment.Keys.Except(Passed, StringComparer.Ordinal).ToArray())
            start.Environment.Remove(name);
        using var process = Process.Start(start) ?? throw new Win32Exception("No process was started.");
        try
        {
            var said = ReadAsync(process.StandardOutput.BaseStream, mostBytes, cancellationToken);
            var complained = ReadAsync(process.StandardError.BaseStream, LongestComplaint, cancellationToken);
            var whole = await FeedAsync(process, content, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            var (output, cut) = await said;
            await complained;
            return new PipedAnswer(process.ExitCode, output, cut, whole);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
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
        var piece = new byte[Math.Min(most, PieceBytes)];
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
internal sealed record PipedAnswer(int ExitCode, byte[] Output, bool Cut, bool ReadAll);
