namespace Talent.Workflows.Tests;

/// <summary>A folder of one test, which other accounts may pass through, as PostgreSQL needs under root.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Makes the folder.</summary>
    public TemporaryFolder(string prefix = "talent-test-")
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), prefix + Guid.NewGuid().ToString("N")[..12]);
        Directory.CreateDirectory(Path);
    }

    /// <summary>Its full path.</summary>
    public string Path { get; }

    /// <summary>Removes the folder with all that is in it.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
