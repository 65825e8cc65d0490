using System.Globalization;

namespace Talent.Workflows.Runtime.EmbeddedPostgres;

/// <summary>
/// The operating-system account that PostgreSQL runs as. PostgreSQL refuses to run as root, so under root this is
/// an unprivileged account that owns the cluster; otherwise it is the current user.
/// </summary>
internal sealed class PostgresAccount
{
    private const string Created = "talent-postgres";

    private PostgresAccount(string? name, int uid, int gid) => (Name, Uid, Gid) = (name, uid, gid);

    /// <summary>Null: the current user.</summary>
    internal string? Name { get; }

    private int Uid { get; }

    private int Gid { get; }

    internal static PostgresAccount Current { get; } = new(null, -1, -1);

    /// <summary>The owner of an existing cluster, else <c>postgres</c>, else a system account of our own, else <c>nobody</c>.</summary>
    internal static async Task<PostgresAccount> ChooseAsync(string clusterDirectory, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return Current;
        }

        if (!OperatingSystem.IsLinux())
        {
            throw new EmbeddedPostgresException(
                "PostgreSQL doesn't run as the administrator. Start this as an ordinary user, or set ConnectionStrings__Talent.");
        }

        if (Directory.Exists(clusterDirectory))
        {
            var owner = await Command.RunAsync("stat", ["-L", "-c", "%U", clusterDirectory], cancellationToken);
            if (owner is { ExitCode: 0, Output: not ("root" or "UNKNOWN") })
            {
                return await FindAsync(owner.Output, cancellationToken)
                    ?? throw new EmbeddedPostgresException($"{clusterDirectory} belongs to {owner.Output}, which isn't an account of this machine. Give it to one: chown -R postgres {clusterDirectory}");
            }
        }

        if (await FindAsync("postgres", cancellationToken) is { } postgres)
        {
            return postgres;
        }

        if (await FindAsync(Created, cancellationToken) is { } ours)
        {
            return ours;
        }

        try
        {
            await Command.RunAsync(
                "useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", Created], cancellationToken);
        }
        catch (EmbeddedPostgresException)
        {
            // No useradd on this machine: nobody is good enough.
        }

        return await FindAsync(Created, cancellationToken)
            ?? await FindAsync("nobody", cancellationToken)
            ?? throw new EmbeddedPostgresException(
                "PostgreSQL can't run as root and this machine has no account to run it. Create one: useradd --system " + Created);
    }

    /// <summary>Runs a program as this account.</summary>
    internal Task<Command.Result> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        Name is null
            ? Command.RunAsync(program, arguments, cancellationToken)
            : Command.RunAsync(
                "setpriv",
                ["--reuid", Text(Uid), "--regid", Text(Gid), "--clear-groups", "--no-new-privs", "--inh-caps=-all", "--", program, .. arguments],
                cancellationToken);

    /// <summary>Gives a file or a whole folder to this account.</summary>
    internal async Task OwnAsync(string path, CancellationToken cancellationToken)
    {
        if (Name is null)
        {
            return;
        }

        var result = await Command.RunAsync("chown", ["-R", "--", $"{Text(Uid)}:{Text(Gid)}", path], cancellationToken);
        if (result.ExitCode != 0)
        {
            throw new EmbeddedPostgresException($"Can't give {path} to the account {Name}: {result.Output}");
        }
    }

    /// <summary>Whether this account can work inside a folder.</summary>
    internal async Task<bool> CanEnterAsync(string directory, CancellationToken cancellationToken) =>
        Name is null || (await RunAsync("test", ["-x", directory], cancellationToken)).ExitCode == 0;

    private static async Task<PostgresAccount?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var uid = await Command.RunAsync("id", ["-u", name], cancellationToken);
        var gid = await Command.RunAsync("id", ["-g", name], cancellationToken);
        return uid.ExitCode == 0 && gid.ExitCode == 0
            ? new PostgresAccount(name, int.Parse(uid.Output, CultureInfo.InvariantCulture), int.Parse(gid.Output, CultureInfo.InvariantCulture))
            : null;
    }

    private static string Text(int id) => id.ToString(CultureInfo.InvariantCulture);
}
