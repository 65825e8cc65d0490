namespace Talent.Workflows.Approvals;

/// <summary>Settings of the domain, section <c>Talent</c>.</summary>
public sealed class ApprovalOptions
{
    public const string Section = "Talent";

    /// <summary>The folder with the services; default: <c>workflows</c> in the working folder, beside the program, or in a folder above it.</summary>
    public string? ContentDir { get; set; }

    /// <summary>Where people open cases, for links in messages; no links when empty.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>PEM file with the P-256 key that signs audit checkpoints; default: <c>audit-key.pem</c> in <see cref="DataDir"/>, made at first use. Nodes of one database share it.</summary>
    public string? AuditKeyFile { get; set; }

    /// <summary>Folder of the keys that ballots are sealed with; default: <c>panel-keys</c> in <see cref="DataDir"/>. Nodes of one database share it; no backup of the database holds it.</summary>
    public string? PanelKeyDir { get; set; }

    /// <summary>File with the 32-byte key that verification codes are hashed with; default: <c>code-key</c> in <see cref="DataDir"/>, made at first use. Nodes of one database share it.</summary>
    public string? CodeKeyFile { get; set; }
    /// <summary>The master key that wraps the keys of personal data: 32 random bytes in hexadecimal or base64, one for all nodes of a database. Needed outside Development, or <see cref="MasterKeyFile"/>.</summary>
    public string? MasterKey { get; set; }

    /// <summary>A file with the master key instead, such as a mounted secret.</summary>
    public string? MasterKeyFile { get; set; }

    /// <summary>Where the server keeps its own files. Default <c>.data</c>.</summary>
    public string DataDir { get; set; } = ".data";
}
