using System.Net;

namespace Talent.Workflows.Server.Studio;

/// <summary>The page that asks for account and password. While somebody types, the browser fetches Studio's large files, so that they are there when it starts.</summary>
internal sealed class SignInPage(string template, StudioPackage package)
{
    public const int LongestName = 100;

    private readonly string page = template.Replace("{{prefetch}}", package.Folder is { } folder
        ? string.Join('\n', StudioFiles.Lasting(folder).Select(file => $"<link rel=\"prefetch\" href=\"{file}\">")) : "", StringComparison.Ordinal);

    /// <param name="to">Where to go afterwards.</param>
    /// <param name="name">The account as it was typed.</param>
    /// <param name="error">What was wrong; null: nothing yet.</param>
    public string Show(string to, string name, string? error = null) => page
        .Replace("{{to}}", WebUtility.HtmlEncode(to), StringComparison.Ordinal)
        .Replace("{{name}}", WebUtility.HtmlEncode(name.Length > LongestName ? "" : name), StringComparison.Ordinal)
        .Replace("{{error}}", error is null ? "" : $"<p class=\"error\" role=\"alert\">{WebUtility.HtmlEncode(error)}</p>", StringComparison.Ordinal);
}
