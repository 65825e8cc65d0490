using System.Globalization;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Employers.Directory;
using Talent.Workflows.Server.Startup;

namespace Talent.Workflows.Server.Commands;

/// <summary><c>import-directory FILE</c>: organisations, users and roles become what the file says; servers may go on working.</summary>
internal static class DirectoryCommand
{
    /// <exception cref="ContentException">There is no such file, or it can't be used.</exception>
    public static async Task<int> ImportAsync(string file, string[] settings, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(file);
        if (!File.Exists(file))
            throw new ContentException(name, "$", $"there is no file {Path.GetFullPath(file)}");
        // Read before anything is started: what is wrong with the file shows at once.
        var directory = OrganisationDirectory.Load(await File.ReadAllBytesAsync(file, cancellationToken), name);
        await using var host = await ServerHost.BuildAsync(settings, cancellationToken);
        var changed = await host.App.Services.GetRequiredService<ContentLoading>().ImportAsync(directory, cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"已导入 Imported: {directory.Organisations.Count} 个单位 organisations, {directory.Users.Count} 名用户 users; 有变动 changed: {changed}"));
        return 0;
    }
}
