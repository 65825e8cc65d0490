namespace Talent.Workflows.Server.Startup;

/// <summary>Where the product's content and the installation's data are.</summary>
/// <param name="Workflows">The folder with the services.</param>
/// <param name="Root">The checkout or installation: what relative paths start from.</param>
internal sealed record ContentFolder(string Workflows, string Root)
{
    private const string Setting = "Talent:WorkflowsDir";

    /// <summary>Takes the configured folder, or the next <c>workflows</c> upwards from the content root or the program.</summary>
    /// <exception cref="WrongSettingException">There is none.</exception>
    public static ContentFolder Find(string? configured, string contentRoot)
    {
        if (configured is { Length: > 0 })
        {
            var given = Path.GetFullPath(configured, contentRoot);
            return Directory.Exists(given)
                ? new ContentFolder(given, Upwards(contentRoot) is { } around ? Path.GetDirectoryName(around)! : contentRoot)
                : throw new WrongSettingException(Setting, $"文件夹 {given} 不存在。请设为事项所在的文件夹。", $"the folder {given} doesn't exist. Set it to the folder with the services.");
        }
        var found = Upwards(contentRoot) ?? Upwards(AppContext.BaseDirectory)
            ?? throw new WrongSettingException(Setting, $"{contentRoot} 及其上级文件夹中没有 workflows 文件夹。请设为事项所在的文件夹。", $"it isn't set, and there is no folder 'workflows' in {contentRoot} or above. Set it to the folder with the services.");
        return new ContentFolder(found, Path.GetDirectoryName(found)!);
    }

    private static string? Upwards(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
            if (Directory.Exists(Path.Combine(folder.FullName, "workflows", "calendars")))
                return Path.Combine(folder.FullName, "workflows");
        return null;
    }
}
