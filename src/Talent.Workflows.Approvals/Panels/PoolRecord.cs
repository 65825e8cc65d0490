using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>
/// The pool as a draw reads it, with what recusal asks of the subject and the rules of the draw: one text, written in one way
/// only. Its hash is the SHA-256 of its UTF-8 bytes, so that every byte of it matters, and whoever commits to the hash commits to the rules.
/// </summary>
/// <param name="Rules">Null: the pool was recorded before the rules were part of it.</param>
/// <remarks>Source: R-PAN-1.</remarks>
public sealed record PoolRecord(PanelSubject Subject, ImmutableArray<Expert> Experts, PanelRules? Rules = null)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The one text.</summary>
    /// <exception cref="FormatException">An expert is in the pool twice.</exception>
    public string Write()
    {
        Expert[] experts =
        [
            .. Experts.OrderBy(e => e.Id, StringComparer.Ordinal)
                .Select(e => e with { Fields = Sorted(e.Fields), KinIds = Sorted(e.KinIds), CoAuthorIds = Sorted(e.CoAuthorIds) }),
        ];
        for (var i = 1; i < experts.Length; i++)
            if (experts[i].Id == experts[i - 1].Id)
                throw new FormatException($"Expert {experts[i].Id} is in the pool twice.");
        return JsonSerializer.Serialize(new PoolRecord(Subject with
        {
            KinIds = Sorted(Subject.KinIds), CoAuthorIds = Sorted(Subject.CoAuthorIds), CoAuthorEmployerIds = Sorted(Subject.CoAuthorEmployerIds), RecusedIds = Sorted(Subject.RecusedIds),
        }, [.. experts], Rules), Json);
    }

    /// <exception cref="FormatException">Not a record, or written in another way than <see cref="Write"/> does.</exception>
    public static PoolRecord Read(string text)
    {
        try
        {
            if (JsonSerializer.Deserialize<PoolRecord>(text, Json) is { Subject: not null, Experts.IsDefault: false } record && record.Write() == text)
                return record;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new FormatException("The pool's record can't be read.", e);
        }
        throw new FormatException("The pool's record isn't written as a draw writes it.");
    }

    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static ImmutableArray<string> Sorted(ImmutableArray<string> texts) => [.. texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
