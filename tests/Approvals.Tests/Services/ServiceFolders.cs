using Talent.Workflows.Approvals.Tests.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>The services that are shipped, and the examples that show what no shipped one uses.</summary>
internal static class ServiceFolders
{
    public static string Examples { get; } = Path.Combine(Path.GetDirectoryName(ShippedContent.Workflows)!, "tests", "Approvals.Tests", "Services", "Examples");

    /// <summary>Folder by id.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new[] { ShippedContent.Workflows, Examples }.SelectMany(Directory.GetDirectories)
        .Where(folder => File.Exists(Path.Combine(folder, "service.json"))).ToDictionary(folder => Path.GetFileName(folder)!, StringComparer.Ordinal);
}
