using System.ComponentModel;
using System.Text;
using Talent.Workflows.Approvals.Programs;

namespace Talent.Workflows.Approvals.Materials.Scanning;

/// <summary>Runs a program for each content, which reads it from its standard input: exit code 0 is clean, 1 found, everything else couldn't tell (as of <c>clamdscan -</c>).</summary>
public sealed class CommandScanner(string program, IReadOnlyList<string> arguments) : IMaterialScanner
{
    private const int LongestOutput = 4096;

    /// <inheritdoc/>
    public async Task<string?> ScanAsync(Stream content, CancellationToken cancellationToken)
    {
        ProgramAnswer answer;
        try
        {
            // The operator's own choice, with the rights that it was set up for: sockets and signatures of a scanner aren't everybody's.
            answer = await new OutsideProgram(program, arguments, TimeProvider.System).RunAsync(content, LongestOutput, cancellationToken);
        }
        catch (Win32Exception e)
        {
            throw new ScannerException($"The scanner can't be started: {e.Message}", e);
        }
        if (answer.IsMissing)
            throw new ScannerException($"The scanner can't be started: exit code {answer.ExitCode}.");
        return answer.ExitCode switch
        {
            0 when answer.ReadAll => null,
            0 => throw new ScannerException("The scanner ended before it had read everything."),
            1 => Encoding.UTF8.GetString(answer.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var first, ..] ? first : "found",
            var code => throw new ScannerException($"The scanner ended with exit code {code}."),
        };
    }
}
