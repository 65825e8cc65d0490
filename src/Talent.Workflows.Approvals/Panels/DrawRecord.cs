using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>
/// All that is needed to make a draw again without the server: who committed to what and when, the pool as it was read, the
/// rules, and what came of it. Written in one way only; <see cref="DrawVerification"/> checks it.
/// </summary>
/// <remarks>Source: R-PAN-1.</remarks>
public sealed record DrawRecord
{
    /// <summary>Of draws whose pool was recorded without the rules: nothing says that they weren't chosen later.</summary>
    public const string FirstFormat = "talent-draw-1";

    /// <summary>The pool's record holds the rules, so that they are in the hash that the seed comes from.</summary>
    public const string CurrentFormat = "talent-draw-2";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true, NewLine = "\n",
    };

    public required string Format { get; init; }

    public required Guid PanelId { get; init; }

    public required Guid CaseId { get; init; }

    /// <summary>Which visit of its activity the panel was; part of the server's seed.</summary>
    public required int Visit { get; init; }

    /// <summary>The server's nonce in hex, when no parties committed.</summary>
    public string? Nonce { get; init; }

    /// <summary>What the two parties did, attempt by attempt; the last one was drawn.</summary>
    public required ImmutableArray<DrawAttempt> Attempts { get; init; }

    /// <summary>The pool that was drawn from.</summary>
    public required string Pool { get; init; }

    /// <summary>The pools that were read when seats had to be filled beyond the sequence, in order.</summary>
    public required ImmutableArray<string> AdditionPools { get; init; }

    public required PanelDraw Draw { get; init; }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>The hash of the whole record, in lower-case hex: what minutes and notices name it by.</summary>
    public static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <exception cref="FormatException">Not a record of a draw.</exception>
    public static DrawRecord Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<DrawRecord>(bytes, Json) is { Format: FirstFormat or CurrentFormat, Attempts.IsDefault: false, Pool: not null, AdditionPools.IsDefault: false, Draw: not null } record ? record
                : throw new FormatException($"The file isn't a draw record of format {FirstFormat} or {CurrentFormat}.");
        }
        catch (Exception e) when (e is JsonException or ArgumentException or NullReferenceException or InvalidOperationException)
        {
            throw new FormatException("The file isn't a draw record: " + e.Message, e);
        }
    }
}

/// <summary>One attempt of two parties. <see cref="PoolHash"/> is null until both have committed.</summary>
public sealed record DrawAttempt(int Number, string? PoolHash, DateTimeOffset? PoolReadAt, ImmutableArray<DrawPledge> Parties);

/// <summary>What one party did; hashes and nonces in lower-case hex. Without a <see cref="Nonce"/> it hasn't revealed.</summary>
public sealed record DrawPledge(int Party, string Role, string? OrganisationId, string UserId, string Commitment, DateTimeOffset CommittedAt, string? Nonce, DateTimeOffset? RevealedAt);
