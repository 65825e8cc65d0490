using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Talent.Workflows.Approvals.PersonalData;

/// <summary>
/// The key that wraps the data keys: 32 bytes from the configuration or a file, never from the database, so that whoever has the
/// database or a backup of it can read no personal column. In Development there is a key that everybody knows.
/// </summary>
/// <remarks>Source: R-AUD-2. Nothing is read before the first use.</remarks>
public sealed class MasterKey(IOptions<ApprovalOptions> options, IHostEnvironment environment)
{
    public const string Setting = ApprovalOptions.Section + ":" + nameof(ApprovalOptions.MasterKey);
    public const string FileSetting = ApprovalOptions.Section + ":" + nameof(ApprovalOptions.MasterKeyFile);

    /// <summary>In bytes.</summary>
    public const int Length = 32;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly Lazy<byte[]> key = new(() => Load(options.Value, environment));

    /// <summary>Which key it is: says nothing of the key itself.</summary>
    /// <exception cref="MasterKeyException">It is missing or can't be used.</exception>
    public string Id => Convert.ToHexStringLower(SHA256.HashData([.. "talent-master-key-id"u8, .. key.Value]).AsSpan(0, 8));

    /// <summary>A data key as the database may have it, bound to its id and purpose.</summary>
    /// <returns>Nonce, tag and ciphertext.</returns>
    /// <exception cref="MasterKeyException">The master key is missing or can't be used.</exception>
    internal byte[] Wrap(byte[] dataKey, int id, string purpose)
    {
        var wrapped = new byte[NonceBytes + TagBytes + dataKey.Length];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(key.Value, TagBytes);
        aes.Encrypt(wrapped.AsSpan(0, NonceBytes), dataKey, wrapped.AsSpan(NonceBytes + TagBytes), wrapped.AsSpan(NonceBytes, TagBytes), Bound(id, purpose));
        return wrapped;
    }

    /// <exception cref="MasterKeyException">It was wrapped with another master key, or was changed; or this one can't be used.</exception>
    internal byte[] Unwrap(byte[] wrapped, int id, string purpose, string wrappedWith)
    {
        if (wrappedWith != Id)
            throw new MasterKeyException(Setting,
                $"数据库中的数据密钥由另一主密钥（编号 {wrappedWith}）加密，当前主密钥编号为 {Id}。请使用该数据库原来的主密钥；没有它，已加密的个人信息无法恢复。",
                $"the data keys in this database are wrapped with another master key (id {wrappedWith}); this one has the id {Id}. Give the key that the database was begun with: without it the encrypted personal data can't be read.");
        try
        {
            var plain = new byte[wrapped.Length - NonceBytes - TagBytes];
            using var aes = new AesGcm(key.Value, TagBytes);
            aes.Decrypt(wrapped.AsSpan(0, NonceBytes), wrapped.AsSpan(NonceBytes + TagBytes), wrapped.AsSpan(NonceBytes, TagBytes), plain, Bound(id, purpose));
            return plain;
        }
        catch (Exception cause) when (cause is CryptographicException or ArgumentException or OverflowException)
        {
            throw new MasterKeyException(Setting, $"数据库中的第 {id} 号数据密钥已被改动，无法解开。请从备份恢复 approvals.data_keys。",
                $"data key {id} in the database was changed and can't be unwrapped. Restore approvals.data_keys from a backup.", cause);
        }
    }

    private static byte[] Bound(int id, string purpose)
    {
        var name = Encoding.UTF8.GetBytes($"talent-data-key\n{purpose}\n");
        var bytes = new byte[name.Length + 4];
        name.CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(name.Length), id);
        return bytes;
    }

    private static byte[] Load(ApprovalOptions options, IHostEnvironment environment)
    {
        if (options is { MasterKey: { Length: > 0 }, MasterKeyFile: { Length: > 0 } })
            throw new MasterKeyException(Setting, $"{Setting} 与 {FileSetting} 只能设置其中一个。", $"set either it or {FileSetting}, not both.");
        if (options.MasterKey is { Length: > 0 } given)
            return Parse(given, Setting);
        if (options.MasterKeyFile is { Length: > 0 } file)
            return Parse(Read(file), FileSetting);
        return environment.IsDevelopment()
            ? SHA256.HashData("Talent Workflows: the master key of every installation in Development"u8)
            : throw new MasterKeyException(Setting,
                $"未设置主密钥。请用 openssl rand -hex 32 生成一个，妥善保管，并在所有节点上设置 {Setting}，或以 {FileSetting} 指明存放它的文件。",
                $"it isn't set, and personal data can't be kept without it. Make one with 'openssl rand -hex 32', keep it safe apart from the database's backups, and give it to all nodes, or name the file that holds it in {FileSetting}.");
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new MasterKeyException(FileSetting, $"无法读取文件 {Path.GetFullPath(file)}。", $"the file {Path.GetFullPath(file)} can't be read.", cause);
        }
    }

    private static byte[] Parse(string text, string setting)
    {
        text = text.Trim();
        var bytes = new byte[Length];
        if (text.Length == Length * 2 && Convert.FromHexString(text, bytes, out _, out var read) == System.Buffers.OperationStatus.Done && read == Length
            || text.Length == 44 && Convert.TryFromBase64String(text, bytes, out read) && read == Length)
            return bytes.Distinct().Count() >= 8 ? bytes : throw Weak(setting);
        throw Weak(setting);
    }

    private static MasterKeyException Weak(string setting) => new(setting,
        $"主密钥应为 {Length} 个随机字节，写成 {Length * 2} 位十六进制或 Base64；可用 openssl rand -hex {Length} 生成。",
        $"a master key is {Length} random bytes, as {Length * 2} hexadecimal digits or in base64; 'openssl rand -hex {Length}' makes one.");
}
