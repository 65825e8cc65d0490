namespace Talent.Workflows.Approvals.Materials.Scanning;

/// <summary>Looks for viruses in a content.</summary>
public interface IMaterialScanner
{
    /// <returns>Null: it is clean; else what was found.</returns>
    /// <exception cref="ScannerException">It couldn't tell: it is asked again later.</exception>
    Task<string?> ScanAsync(Stream content, CancellationToken cancellationToken);
}

/// <summary>The scanner couldn't tell. The message is for operators and names no file.</summary>
public sealed class ScannerException(string message, Exception? cause = null) : Exception(message, cause);
