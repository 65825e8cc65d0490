namespace Talent.Workflows.Server.Tests;

/// <summary>Where the checkout is.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Talent.Workflows.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException("The tests run outside a checkout.");
    }
}
