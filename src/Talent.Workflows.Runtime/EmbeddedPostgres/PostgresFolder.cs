using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Talent.Workflows.Runtime.EmbeddedPostgres;

/// <summary>
/// The folder of one private PostgreSQL: <c>data</c> (the cluster), <c>password</c>, <c>port</c>, <c>lock</c> (held
/// while starting and stopping) and <c>owner</c> (held by the server process that will stop it).
/// </summary>
internal sealed class PostgresFolder
{
    // Linux hands out 32768 and up, macOS and Windows 49152 and up; below 20000 are the ports of known services.
    private const int FirstPort = 20_000;
    private const int AfterLastPort = 32_000;

    internal const string Superuser = "talent";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Passable = Private | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private PostgresFolder(string path) => Root = path;

    internal string Root { get; }

    /// <summary>The cluster itself, links resolved: what PostgreSQL sees as its <c>data_directory</c>.</summary>
    internal string Cluster { get; private set; } = "";

    private string PasswordFile => Path.Combine(Root, "password");

    private string PortFile => Path.Combine(Root, "port");

    /// <exception cref="EmbeddedPostgresException">The folder isn't ours to write.</exception>
    internal static PostgresFolder Open(string directory)
    {
        try
        {
            // Others may pass through (PostgreSQL under another account), but not look around.
            MakeFolder(directory, Passable);
            var folder = new PostgresFolder(RealPath(directory));
            folder.ResolveCluster();
            return folder;
        }
        catch (UnauthorizedAccessException cause)
        {
            throw NotOurs(directory, cause);
        }
    }

    /// <summary>Only one server at a time starts or stops this PostgreSQL.</summary>
    internal async Task<DirectoryLock> LockAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            return await DirectoryLock.TakeAsync(Path.Combine(Root, "lock"), timeout, cancellationToken);
        }
        catch (UnauthorizedAccessException cause)
        {
            throw NotOurs(Root, cause);
        }
    }

    /// <summary>The right to stop this PostgreSQL; null while another living server of ours has it.</summary>
    internal DirectoryLock? TryOwn() => DirectoryLock.Try(Path.Combine(Root, "owner"));

    /// <summary>The major version of the cluster; null when there is none yet.</summary>
    internal async Task<int?> ClusterMajorAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(Cluster, "PG_VERSION");
        try
        {
            return File.Exists(file)
                ? int.Parse((await File.ReadAllTextAsync(file, cancellationToken)).Split('.')[0], CultureInfo.InvariantCulture)
                : null;
        }
        catch (UnauthorizedAccessException cause)
        {
            throw new EmbeddedPostgresException(
                $"{Cluster} isn't readable for {Environment.UserName}: it was made by another user, perhaps under root. Start as that user, or set Talent__DataDir to another folder.", cause);
        }
    }

    /// <summary>Makes the cluster: all of it or nothing, however it is interrupted.</summary>
    internal async Task CreateClusterAsync(PostgresBinaries binaries, PostgresAccount account, CancellationToken cancellationToken)
    {
        if (Directory.Exists(Cluster) && Directory.EnumerateFileSystemEntries(Cluster).Any())
        {
            throw new EmbeddedPostgresException(
                $"{Cluster} has files in it but no PG_VERSION, so it isn't a PostgreSQL cluster. Move it away, or set Talent__DataDir to another folder.");
        }

        await MoveToReachablePlaceAsync(account, cancellationToken);
        if (!File.Exists(PasswordFile))
        {
            await WriteAsync(PasswordFile, RandomNumberGenerator.GetHexString(48, lowercase: true), cancellationToken);
        }

        var fresh = $"{Cluster}.new";
        var passwordCopy = $"{Cluster}.password";
        DeleteFolder(fresh);
        MakeFolder(fresh, Private | UnixFileMode.UserExecute);
        try
        {
            await WriteAsync(passwordCopy, await PasswordAsync(cancellationToken), cancellationToken);
            await account.OwnAsync(fresh, cancellationToken);
            await account.OwnAsync(passwordCopy, cancellationToken);
            var result = await account.RunAsync(
                binaries.Program("initdb"),
                ["-D", fresh, "-E", "UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "-U", Superuser, "--pwfile", passwordCopy],
                cancellationToken);
            if (result.ExitCode != 0)
            {
                throw new EmbeddedPostgresException($"PostgreSQL couldn't make its data folder {Cluster}: {result.Output}");
            }

            DeleteFolder(Cluster);
            Directory.Move(fresh, Cluster);
        }
        finally
        {
            File.Delete(passwordCopy);
            DeleteFolder(fresh);
        }
    }

    /// <exception cref="EmbeddedPostgresException">The cluster has lost its password file.</exception>
    internal async Task<string> PasswordAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await File.ReadAllTextAsync(PasswordFile, cancellationToken)).Trim();
        }
        catch (Exception cause) when (cause is FileNotFoundException or UnauthorizedAccessException)
        {
            throw new EmbeddedPostgresException(
                $"The password of this PostgreSQL can't be read from {PasswordFile}. Put the file back from a backup of the data folder, or start as the user that owns it.", cause);
        }
    }

    /// <summary>The port of the last start while it is free, so that clients and tools find the server again; else a free one.</summary>
    internal async Task<int> ChoosePortAsync(CancellationToken cancellationToken)
    {
        if (File.Exists(PortFile)
            && int.TryParse(await File.ReadAllTextAsync(PortFile, cancellationToken), CultureInfo.InvariantCulture, out var last)
            && CanListen(last))
        {
            return last;
        }

        // Not one that the system gives to outgoing connections: such a port may be taken when PostgreSQL comes back after a crash.
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var port = Random.Shared.Next(FirstPort, AfterLastPort);
            if (CanListen(port))
            {
                return port;
            }
        }

        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    internal Task RecordPortAsync(int port, CancellationToken cancellationToken) =>
        WriteAsync(PortFile, port.ToString(CultureInfo.InvariantCulture), cancellationToken);

    private void ResolveCluster() => Cluster = RealPath(Path.Combine(Root, "data"));

    /// <summary>
    /// A folder below a private home (root's, for one) can't be entered by the account that PostgreSQL runs as. The
    /// cluster then lives in a root-owned place of its own, and <c>data</c> is a link to it.
    /// </summary>
    private async Task MoveToReachablePlaceAsync(PostgresAccount account, CancellationToken cancellationToken)
    {
        if (await account.CanEnterAsync(Path.GetDirectoryName(Cluster)!, cancellationToken))
        {
            return;
        }

        var home = Path.Combine(PostgresBinaries.ReachableHome, $"data-{Guid.NewGuid():N}");
        Directory.CreateDirectory(PostgresBinaries.ReachableHome);
        MakeFolder(home, Passable);
        if (!await account.CanEnterAsync(home, cancellationToken))
        {
            throw new EmbeddedPostgresException(
                $"The account {account.Name}, which runs PostgreSQL, can enter neither {Root} nor {home}. Set Talent__DataDir to a folder whose parents it may enter.");
        }

        var link = Path.Combine(Root, "data");
        if (new FileInfo(link).LinkTarget is not null)
        {
            File.Delete(link);
        }

        DeleteFolder(link);
        Directory.CreateSymbolicLink(link, Path.Combine(home, "data"));
        ResolveCluster();
    }

    private static EmbeddedPostgresException NotOurs(string directory, Exception cause) => new(
        $"{directory} isn't writable for {Environment.UserName}. Start as the user that it belongs to, give it to {Environment.UserName} (chown -R), or set Talent__DataDir to another folder.",
        cause);

    private static bool CanListen(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (Exception cause) when (cause is SocketException or ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    private static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        var partial = path + ".new";
        File.Delete(partial);
        await using (var file = new StreamWriter(OpenPrivate(partial, FileMode.CreateNew)))
        {
            await file.WriteLineAsync(text.AsMemory(), cancellationToken);
        }

        File.Move(partial, path, overwrite: true);
    }

    /// <summary>Opens a file for one holder only; a new one is readable by its owner alone.</summary>
    internal static FileStream OpenPrivate(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Private;
        }

        return new FileStream(path, options);
    }

    private static void MakeFolder(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, mode);
        }
    }

    private static void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>The path with every link in it followed, as the kernel reports it; missing parts are kept as they are.</summary>
    private static string RealPath(string path)
    {
        var full = Path.GetFullPath(path);
        var parent = Path.GetDirectoryName(full);
        if (parent is null)
        {
            return full;
        }

        var here = Path.Combine(RealPath(parent), Path.GetFileName(full));
        return new DirectoryInfo(here).LinkTarget is { } target
            ? RealPath(Path.Combine(Path.GetDirectoryName(here)!, target))
            : here;
    }
}
