using System.ComponentModel.DataAnnotations;

namespace Talent.Workflows.Server;

/// <summary>Settings of the host: section <c>Talent</c>, in the environment <c>Talent__DataDir</c> and so on.</summary>
public sealed class ServerOptions
{
    public const string Section = "Talent";

    /// <summary>Folder of the private PostgreSQL, logs and the first key; default <c>.data</c> beside <c>workflows</c>.</summary>
    public string DataDir { get; set; } = ".data";

    /// <summary>The folder with the services; default: the next <c>workflows</c> upwards from the content root.</summary>
    public string? WorkflowsDir { get; set; }

    /// <summary>The first administrator key; absent: one is made and written to the data folder.</summary>
    public string? BootstrapKey { get; set; }

    /// <summary>Password of the first account for Studio, <c>admin</c>; absent: one is made and written to the data folder.</summary>
    public string? AdminPassword { get; set; }

    /// <summary>The folder with Elsa Studio; default: where <c>./dev</c> installs it.</summary>
    public string? StudioDir { get; set; }

    /// <summary>Loads the sample city outside Development too; default false.</summary>
    public bool ImportSamples { get; set; }

    /// <summary>Largest request body in bytes; default 1 MiB.</summary>
    [Range(1024, 64 << 20)]
    public long MaxBodyBytes { get; set; } = 1 << 20;

    /// <summary>Longest <c>?wait</c> in seconds; default 60.</summary>
    [Range(0, 600)]
    public int MaxWaitSeconds { get; set; } = 60;

    /// <summary>Requests that one key may send per second, over time; default 1000. Bursts of ten seconds' worth go through.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerSecond { get; set; } = 1000;

    /// <summary>Whether HTTP endpoints of workflows that ask for no authorisation may be called without a key; default no.</summary>
    public bool AnonymousHttpEndpoints { get; set; }

    /// <summary>Requests that one address may send without a key per minute; default 300.</summary>
    [Range(1, 1_000_000)]
    public int AnonymousRequestsPerMinute { get; set; } = 300;

    /// <summary>Of these, requests that write something, such as objections, per minute; default 10.</summary>
    [Range(1, 1_000_000)]
    public int AnonymousWritesPerMinute { get; set; } = 10;

    /// <summary>
    /// Addresses and networks (<c>10.0.0.5</c>, <c>10.0.0.0/8</c>) of proxies whose <c>X-Forwarded-For</c> says who calls;
    /// default none: the address of the connection counts.
    /// </summary>
    public IReadOnlyList<string> TrustedProxies { get; set; } = [];

    /// <summary>Seconds that requests may take to end when the server stops; default 20.</summary>
    [Range(1, 300)]
    public int DrainSeconds { get; set; } = 20;
}
