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
        return Encoding.ASCII.GetString(SecretFile.ReadOrMake(file, static () =>
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem());
        }));
    }
}
