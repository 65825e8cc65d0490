using Microsoft.Extensions.Configuration;

namespace Talent.Workflows.Runtime.EmbeddedPostgres;

/// <summary>Where the private PostgreSQL keeps its data and where its programs are.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>The folder of this server: its cluster, password, port and locks. Made when missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>
    /// The folder with <c>initdb</c>, <c>pg_ctl</c> and <c>postgres</c>. Null: the npm package that <c>./dev</c> puts
    /// under <c>.tools/postgres</c>, then PATH, then the newest of <c>/usr/lib/postgresql/*/bin</c>. A cluster that
    /// already exists takes the first of these that has its major version.
    /// </summary>
    public string? BinariesDirectory { get; init; }

    /// <summary>
    /// Server settings on top of (or instead of) the built-in ones, by their PostgreSQL names. Used when the server
    /// is started, not when a running one is adopted.
    /// </summary>
    public IReadOnlyDictionary<string, string> ServerSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether a PostgreSQL that dies while this server uses it is started again, on the same port.</summary>
    public bool Supervise { get; init; } = true;

    /// <summary>How long a start, an adoption (crash recovery included) or a stop may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Reads <c>Talent:DataDir</c> (default <c>.data</c>; the server's folder is <c>postgres</c> in it) and
    /// <c>Talent:PostgresBinaries</c>.
    /// </summary>
    /// <param name="configuration">The configuration of the host.</param>
    /// <param name="baseDirectory">What relative paths start from: the root of the checkout or the installation.</param>
    public static EmbeddedPostgresOptions From(IConfiguration configuration, string baseDirectory)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var dataDir = configuration["Talent:DataDir"];
        var binaries = configuration["Talent:PostgresBinaries"];
        return new EmbeddedPostgresOptions
        {
            DataDirectory = Path.GetFullPath(Path.Combine(string.IsNullOrWhiteSpace(dataDir) ? ".data" : dataDir, "postgres"), baseDirectory),
            BinariesDirectory = string.IsNullOrWhiteSpace(binaries) ? null : Path.GetFullPath(binaries, baseDirectory),
        };
    }
}
