namespace Talent.Workflows.Server.Security;

/// <summary>Files with secrets: readable by their owner only, and never there by half.</summary>
internal static class OwnersFile
{
    public static void Write(string file, string line)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var partial = file + ".partial";
        File.Delete(partial);
        using (var writer = new StreamWriter(partial, options))
            writer.WriteLine(line);
        File.Move(partial, file, overwrite: true);
    }
}
