namespace Talent.Workflows.Server.Studio;

/// <summary>
/// Where the files of Elsa Studio are: <c>Talent:StudioDir</c>, or the npm package as <c>./dev</c> installs it under
/// <c>.tools/studio</c>. They are served as they are.
/// </summary>
/// <param name="Folder">Null when it isn't installed: everything else works all the same.</param>
internal sealed record StudioPackage(string? Folder)
{
    private const string Installed = ".tools/studio/node_modules/@elsa-workflows/elsa-studio-wasm";

    /// <exception cref="InvalidOperationException">The configured folder doesn't hold Studio.</exception>
    public static StudioPackage Find(string? configured, string contentRoot)
    {
        if (configured is { Length: > 0 })
            return IsStudio(configured) ? new StudioPackage(Path.GetFullPath(configured)) : throw new InvalidOperationException(
                $"Talent__StudioDir 指向的文件夹中没有 Elsa Studio（缺少 _framework/blazor.webassembly.js）：{configured}。Talent__StudioDir names a folder without Elsa Studio: it has no _framework/blazor.webassembly.js.");
        // A published server has it beside itself.
        foreach (var folder in new[] { Path.Combine(contentRoot, Installed), Path.Combine(AppContext.BaseDirectory, "studio") })
            if (IsStudio(folder))
                return new StudioPackage(folder);
        return new StudioPackage((string?)null);
    }

    private static bool IsStudio(string folder) => File.Exists(Path.Combine(folder, "_framework", "blazor.webassembly.js"));
}
