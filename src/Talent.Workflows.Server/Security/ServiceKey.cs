using System.Security.Cryptography;
using System.Text;

namespace Talent.Workflows.Server.Security;

/// <summary>A key as the database has it: everything but the key.</summary>
public sealed record ServiceKey
{
    /// <summary>The public part, 12 hexadecimal digits.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }
    public required byte[] Hash { get; init; }
    public required IReadOnlySet<string> Scopes { get; init; }

    /// <summary>Whether it may act for some services, organisations or roles only.</summary>
    public bool IsLimited => Services is not null || Organisations is not null || Roles is not null;

    /// <summary>Null: not limited. The same for the other two.</summary>
    public IReadOnlySet<string>? Services { get; init; }

    public IReadOnlySet<string>? Organisations { get; init; }
    public IReadOnlySet<string>? Roles { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required string CreatedBy { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }
    public string? RevokedBy { get; init; }

    /// <summary>How steps, audit and idempotency rows name it.</summary>
    public string Credential => CredentialPrefix + Id;

    public const string CredentialPrefix = "key:";

    /// <summary>A new id and the key that belongs to it: <c>tk_&lt;id&gt;_&lt;256 random bits&gt;</c>.</summary>
    public static (string Id, string Key) Generate()
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        return (id, $"tk_{id}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}");
    }

    /// <summary>The public part of such a key; null when it is of another form.</summary>
    public static string? IdOf(string key) => key.Split('_') is ["tk", { Length: 12 } id, _] ? id : null;

    /// <summary>What is stored instead of a key. Keys are long and random, so one round without salt is enough.</summary>
    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
