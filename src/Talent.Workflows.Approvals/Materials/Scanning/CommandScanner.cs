using System.ComponentModel;
using System.Text;

namespace Talent.Workflows.Approvals.Materials.Scanning;

/// <summary>Runs a program for each content, which reads it from its standard input: exit code 0 is clean, 1 found, everything else couldn't tell (as of <c>clamdscan -</c>).</summary>
public sealed class CommandScanner(string program, IReadOnlyList<string> arguments) : IMaterialScanner
{
    private const int LongestOutput = 4096;

    /// <inheritdoc/>
    public async Task<string?> ScanAsync(Stream content, CancellationToken cancellationToken)
    {
        PipedAnswer answer;
        try
        {
            answer = await new PipedProgram(program, arguments).RunAsync(content, LongestOutput, cancellationToken);
        }
        catch (Win32Exception e)
        {
            throw new ScannerException($"The scanner can't be started: {e.Message}", e);
        }
        return answer.ExitCode switch
        {
            0 when answer.ReadAll => null,
            0 => throw new ScannerException("The scanner ended before it had read everything."),
            1 => Encoding.UTF8.GetString(answer.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var first, ..] ? first : "found",
            var code => throw new ScannerException($"The scanner ended with exit code {code}."),
        };
    }
}
