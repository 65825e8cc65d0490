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
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            // Whole before it has its name: nodes that share the file never read half a key.
            var partial = $"{file}.{Guid.NewGuid():N}.partial";
            try
            {
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
            catch (IOException) when (File.Exists(file))
            {
                // Another process made it in the same instant: its key counts.
                File.Delete(partial);
            }
        }
        return File.ReadAllText(file);
    }
}
