namespace Talent.Workflows.Approvals;

/// <summary>A file with a secret of this installation, which its owner alone can read; made at first use, whole or not at all.</summary>
internal static class SecretFile
{
    /// <summary>What the file holds; <paramref name="make"/> gives it to a file that isn't there yet. Of several processes that make one, all read the first.</summary>
    /// <exception cref="InvalidOperationException">Another process has been making it for half a minute.</exception>
    public static byte[] ReadOrMake(string file, Func<byte[]> make)
    {
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            // One at a time, between processes too: renaming alone replaces what another one has just made.
            using var turn = Turn($"{file}.lock");
            if (!File.Exists(file))
                Write(file, make());
        }
        return File.ReadAllBytes(file);
    }

    /// <summary>Writes it whole under another name first: nobody reads half of it, and a kill in between leaves none.</summary>
    private static void Write(string file, byte[] content)
    {
        var partial = $"{file}.{Guid.NewGuid():N}.partial";
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(partial, create))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        File.Move(partial, file, overwrite: false);
    }

    /// <summary>An exclusively opened file, which the kernel releases when its holder dies.</summary>
    private static FileStream Turn(string path)
    {
        FileStream? held = null;
        SpinWait.SpinUntil(() => (held = Try()) is not null, TimeSpan.FromSeconds(30));
        return held ?? throw new InvalidOperationException($"Another server has been making a secret for 30 seconds ({path}). End it, then start again.");

        FileStream? Try()
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException) when (File.Exists(path) || Directory.Exists(Path.GetDirectoryName(path)))
            {
                return null;
            }
        }
    }
}
