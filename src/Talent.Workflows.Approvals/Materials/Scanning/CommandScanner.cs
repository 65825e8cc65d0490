using System.ComponentModel;
using System.Diagnostics;

namespace Talent.Workflows.Approvals.Materials.Scanning;

/// <summary>Runs a program for each content, which reads it from its standard input: exit code 0 is clean, 1 found, everything else couldn't tell (as of <c>clamdscan -</c>).</summary>
public sealed class CommandScanner(string program, IReadOnlyList<string> arguments) : IMaterialScanner
{
    private const int LongestOutput = 4096, PieceBytes = 1 << 16;

    /// <inheritdoc/>
    public async Task<string?> ScanAsync(Stream content, CancellationToken cancellationToken)
    {
        using var process = Start();
        try
        {
            var said = ReadAsync(process.StandardOutput, cancellationToken);
            var complained = ReadAsync(process.StandardError, cancellationToken);
            var whole = await FeedAsync(process, content, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            var output = await said;
            await complained;
            return process.ExitCode switch
            {
                0 when whole => null,
                0 => throw new ScannerException("The scanner ended before it had read everything."),
                1 => output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var first, ..] ? first : "found",
                var code => throw new ScannerException($"The scanner ended with exit code {code}."),
            };
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            return Process.Start(start) ?? throw new ScannerException("The scanner can't be started.");
        }
        catch (Win32Exception e)
        {
            throw new ScannerException($"The scanner can't be started: {e.Message}", e);
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

    /// <summary>Reads to the end, so that the program isn't held up, and keeps the beginning.</summary>
    private static async Task<string> ReadAsync(StreamReader output, CancellationToken cancellationToken)
    {
        var kept = new char[LongestOutput];
        var length = await output.ReadBlockAsync(kept, cancellationToken);
        var rest = new char[LongestOutput];
        while (await output.ReadAsync(rest, cancellationToken) > 0)
        {
        }
        return new string(kept, 0, length);
    }
}
