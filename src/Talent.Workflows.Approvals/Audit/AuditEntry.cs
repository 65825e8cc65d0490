using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Talent.Workflows.Approvals.Audit;

/// <summary>One change of one case: who, when, what, from where to where, on which version of which definition. Ids and routing facts only, no personal data.</summary>
/// <remarks>Source: R-AUD-1.</remarks>
public sealed record AuditEntry
{
    /// <summary>Encodings have a version, so that an old chain stays checkable after the next one.</summary>
    private const byte Encoding1 = 1;

    public required string CaseId { get; init; }

    /// <summary>1, 2, 3 … within the case, without gaps.</summary>
    public required long Seq { get; init; }

    /// <summary>Counts to the microsecond, which is what the database keeps; finer ticks are cut off.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The id of the credential of the backend service that acted.</summary>
    public required string ServiceId { get; init; }

    /// <summary>The user it acted for; null: nobody, a timer or a rule.</summary>
    public string? UserId { get; init; }

    public required string Action { get; init; }

    public string? Stage { get; init; }

    public string? FromStatus { get; init; }

    public string? ToStatus { get; init; }

    public required string DefinitionVersionId { get; init; }

    /// <summary>A JSON text; null: none. How it is written doesn't count (<see cref="CanonicalJson"/>).</summary>
    public string? Details { get; init; }

    /// <summary>
    /// The bytes that are hashed: the version, then in the order above each text as its length in bytes (32 bits, big-endian;
    /// -1 for null) and its UTF-8, each number as 64 bits big-endian, the instant as microseconds since 1970 UTC, the
    /// details in canonical form.
    /// </summary>
    /// <exception cref="FormatException">The details aren't JSON.</exception>
    /// <exception cref="EncoderFallbackException">A text that has no UTF-8 form (half a surrogate pair).</exception>
    public byte[] Encode()
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        bytes.Write([Encoding1]);
        Text(CaseId);
        Number(Seq);
        Number((At.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond);
        Text(ServiceId);
        Text(UserId);
        Text(Action);
        Text(Stage);
        Text(FromStatus);
        Text(ToStatus);
        Text(DefinitionVersionId);
        Text(Details is null ? null : CanonicalJson.Of(Details));
        return bytes.WrittenSpan.ToArray();

        void Number(long number)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes.GetSpan(8), number);
            bytes.Advance(8);
        }

        void Text(string? text)
        {
            var utf8 = text is null ? [] : StrictUtf8.GetBytes(text);
            BinaryPrimitives.WriteInt32BigEndian(bytes.GetSpan(4), text is null ? -1 : utf8.Length);
            bytes.Advance(4);
            bytes.Write(utf8);
        }
    }

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
}

/// <summary>An entry as it is stored, with the hash that ties it to all before it (32 bytes).</summary>
public sealed record AuditRecord(AuditEntry Entry, byte[] Hash);
