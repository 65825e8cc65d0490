using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>
/// The pool as a draw reads it, with what recusal asks of the subject: one text, written in one way only. Its hash is the
/// SHA-256 of its UTF-8 bytes, so that every byte of it matters.
/// </summary>
/// <remarks>Source: R-PAN-1.</remarks>
public sealed record PoolRecord(PanelSubject Subject, ImmutableArray<Expert> Experts)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <exception cref="FormatException">An expert is in the pool twice.</exception>
    public static string Write(IEnumerable<Expert> pool, PanelSubject subject)
    {
        Expert[] experts =
        [
            .. pool.OrderBy(e => e.Id, StringComparer.Ordinal)
                .Select(e => e with { Fields = Sorted(e.Fields), KinIds = Sorted(e.KinIds), CoAuthorIds = Sorted(e.CoAuthorIds) }),
        ];
        for (var i = 1; i < experts.Length; i++)
            if (experts[i].Id == experts[i - 1].Id)
                throw new FormatException($"Expert {experts[i].Id} is in the pool twice.");
        return JsonSerializer.Serialize(new PoolRecord(subject with
        {
            KinIds = Sorted(subject.KinIds), CoAuthorIds = Sorted(subject.CoAuthorIds), CoAuthorEmployerIds = Sorted(subject.CoAuthorEmployerIds), RecusedIds = Sorted(subject.RecusedIds),
        }, [.. experts]), Json);
    }

    /// <exception cref="FormatException">Not a record, or written in another way than <see cref="Write"/> does.</exception>
    public static PoolRecord Read(string text)
    {
        try
        {
            if (JsonSerializer.Deserialize<PoolRecord>(text, Json) is { Subject: not null, Experts.IsDefault: false } record && Write(record.Experts, record.Subject) == text)
                return record;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new FormatException("The pool's record can't be read.", e);
        }
        throw new FormatException("The pool's record isn't written as a draw writes it.");
    }

    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static ImmutableArray<string> Sorted(ImmutableArray<string> texts) => [.. texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
