using System.Runtime.InteropServices;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>Makes the names in a folder durable, which flushing a file doesn't.</summary>
internal static class FolderFlush
{
    /// <exception cref="IOException">The folder can't be opened or flushed; <paramref name="what"/> says which it is.</exception>
    public static void Flush(string path, string what)
    {
        if (OperatingSystem.IsWindows())
            return;
        var folder = open(path, 0);
        if (folder < 0)
            throw new IOException($"The folder of {what} can't be opened: {Path.GetFullPath(path)}.");
        var flushed = fsync(folder);
        _ = close(folder);
        if (flushed != 0)
            throw new IOException($"The folder of {what} can't be flushed to its disk: {Path.GetFullPath(path)}.");
    }

    // .NET opens no folders.
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int fsync(int descriptor);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int close(int descriptor);
}
