using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Talent.Workflows.Approvals.Audit;

/// <summary>The key that signs checkpoints, from a file that its owner alone can read; made at first use.</summary>
public sealed class AuditKey(IOptions<ApprovalOptions> options)
{
    private readonly Lazy<string> pem = new(() => Load(options.Value));

    public string PrivatePem => pem.Value;

    /// <summary>What others check with.</summary>
    public string PublicPem
    {
        get
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(pem.Value);
            return key.ExportSubjectPublicKeyInfoPem();
        }
    }

    /// <summary>What checkpoints name it by.</summary>
    public string Id => IdOf(PublicPem);

    /// <summary>The first 16 bytes of the SHA-256 of a public key's SubjectPublicKeyInfo, in lower-case hexadecimal.</summary>
    /// <exception cref="ArgumentException">Not a public key in PEM form.</exception>
    internal static string IdOf(string publicPem)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(publicPem);
        return Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, 16));
    }

    private static string Load(ApprovalOptions options)
    {
        var file = options.AuditKeyFile is { Length: > 0 } given ? given : Path.Combine(options.DataDir, "audit-key.pem");
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            // One at a time, between processes too: renaming alone replaces what another one has just made.
            using var turn = Turn($"{file}.lock");
            if (!File.Exists(file))
                Make(file);
        }
        return File.ReadAllText(file);
    }

    /// <summary>Writes a new key whole under another name first: nobody reads half of it, and a kill in between leaves none.</summary>
    private static void Make(string file)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var partial = $"{file}.{Guid.NewGuid():N}.partial";
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(partial, create))
        {
            stream.Write(Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
            stream.Flush(flushToDisk: true);
        }
        File.Move(partial, file, overwrite: false);
    }

    /// <summary>An exclusively opened file, which the kernel releases when its holder dies.</summary>
    private static FileStream Turn(string path)
    {
        FileStream? held = null;
        SpinWait.SpinUntil(() => (held = Try()) is not null, TimeSpan.FromSeconds(30));
        return held ?? throw new InvalidOperationException($"Another server has been making the audit key for 30 seconds ({path}). End it, then start again.");

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
