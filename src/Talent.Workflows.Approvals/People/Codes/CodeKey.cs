using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.People.Codes;

/// <summary>
/// The key of verification codes, from a file outside the database: what the tables hold of codes, telephones and addresses are
/// HMACs under it, and what waits for delivery is encrypted under it. Who has the database alone can try out neither.
/// </summary>
public sealed class CodeKey(IOptions<ApprovalOptions> options)
{
    private const int Bytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly Lazy<byte[]> key = new(() => Load(options.Value));

    /// <summary>Tells keys apart without telling anything of them: 32 hexadecimal digits.</summary>
    public string Id => Convert.ToHexStringLower(Of("id", "").AsSpan(0, 16));

    /// <summary>What is kept of a challenge's answer.</summary>
    public byte[] Answer(Guid challenge, string text) => Of("answer", $"{challenge:N}\n{text}");

    /// <summary>What is kept of a code.</summary>
    public byte[] Code(Guid id, string code) => Of("code", $"{id:N}\n{code}");

    /// <summary>What is kept of a telephone number; the same for every code, so that they can be counted.</summary>
    public byte[] Phone(PhoneNumber phone) => Of("phone", phone.Value);

    /// <summary>What is counted of an address for one kind of request.</summary>
    public byte[] Address(string kind, IPAddress? address) => Of(kind, Convert.ToHexString(ClientAddress.Bytes(address)));

    /// <summary>The one counter of all codes.</summary>
    public byte[] Total => Of("total", "");

    /// <summary>What is kept of a request that may be repeated.</summary>
    internal byte[] Request(Idempotency request) => Of("request", $"{request.Credential}\n{request.Key}\n{Convert.ToHexString(request.RequestHash)}");

    /// <summary>Encrypts what a delivery needs; bound to its message.</summary>
    public byte[] Seal(Guid message, ReadOnlySpan<byte> content)
    {
        var sealedContent = new byte[NonceBytes + content.Length + TagBytes];
        var nonce = sealedContent.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(Of("delivery", ""), TagBytes);
        aes.Encrypt(nonce, content, sealedContent.AsSpan(NonceBytes, content.Length), sealedContent.AsSpan(NonceBytes + content.Length), message.ToByteArray());
        return sealedContent;
    }

    /// <exception cref="CryptographicException">Another key sealed it, or another message's.</exception>
    public byte[] Open(Guid message, byte[] sealedContent)
    {
        if (sealedContent.Length < NonceBytes + TagBytes)
            throw new CryptographicException("Too short for sealed content.");
        var content = new byte[sealedContent.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(Of("delivery", ""), TagBytes);
        aes.Decrypt(sealedContent.AsSpan(0, NonceBytes), sealedContent.AsSpan(NonceBytes, content.Length), sealedContent.AsSpan(NonceBytes + content.Length), content, message.ToByteArray());
        return content;
    }

    /// <summary>One key for each use, so that what is kept of one can't be taken for another.</summary>
    private byte[] Of(string use, string value) => HMACSHA256.HashData(key.Value, Encoding.UTF8.GetBytes($"talent-codes\n{use}\n{value}"));

    private static byte[] Load(ApprovalOptions options)
    {
        var file = options.CodeKeyFile is { Length: > 0 } given ? given : Path.Combine(options.DataDir, "code-key");
        var key = SecretFile.ReadOrMake(file, static () => RandomNumberGenerator.GetBytes(Bytes));
        return key.Length == Bytes ? key : throw new InvalidOperationException($"The key of verification codes ({Path.GetFullPath(file)}) has {key.Length} bytes, not {Bytes}. Put the right file there, or remove it and start again.");
    }
}
