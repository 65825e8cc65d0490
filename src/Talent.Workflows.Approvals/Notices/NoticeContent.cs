using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using System.Text;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>What kind of value a field of a notice holds, which decides how much of it the public sees.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NoticeFieldKind>))]
public enum NoticeFieldKind
{
    /// <summary>Shown as it is: employer, title applied for, results. Nothing that identifies a person beyond the name.</summary>
    [JsonStringEnumMemberName("text")]
    Text,

    [JsonStringEnumMemberName("name")]
    Name,

    [JsonStringEnumMemberName("resident_id")]
    ResidentId,

    [JsonStringEnumMemberName("phone")]
    Phone,

    [JsonStringEnumMemberName("email")]
    Email,
}

/// <summary>A field before masking: the label people read, and the full value.</summary>
public sealed record NoticeField(string Label, NoticeFieldKind Kind, string? Value);

public sealed record NoticeLine(string Label, string Text);

/// <summary>What the public sees, masked, and its hash. Full values aren't in it and can't be got from it.</summary>
/// <remarks>Source: R-NOT-1, R-NOT-2.</remarks>
public sealed record NoticeContent
{
    [JsonConstructor]
    private NoticeContent(string title, ImmutableArray<NoticeLine> lines) => (Title, Lines) = (title, lines);

    public string Title { get; }

    public ImmutableArray<NoticeLine> Lines { get; }

    /// <summary>Builds the public's view of the fields in their order; those without a value are left out.</summary>
    public static NoticeContent Of(string title, IEnumerable<NoticeField> fields) => new(title,
        [.. fields.Where(f => !string.IsNullOrWhiteSpace(f.Value)).Select(f => new NoticeLine(f.Label, Masked(f)))]);

    /// <summary>SHA-256, in hex, of the title and each label and text as length (32 bits, big-endian) and UTF-8.</summary>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var text in Lines.SelectMany(l => new[] { l.Label, l.Text }).Prepend(Title))
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32BigEndian(length, utf8.Length);
            hash.AppendData(length);
            hash.AppendData(utf8);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Masked(NoticeField field) => field.Kind switch
    {
        NoticeFieldKind.Text => field.Value!.Trim(),
        NoticeFieldKind.Name => Masking.Name(field.Value, MaskingProfile.PublicNotice),
        NoticeFieldKind.ResidentId => Masking.ResidentId(field.Value!.Trim(), MaskingProfile.PublicNotice),
        NoticeFieldKind.Phone => Masking.Phone(field.Value, MaskingProfile.PublicNotice),
        NoticeFieldKind.Email => Masking.Email(field.Value, MaskingProfile.PublicNotice),
        _ => throw new ArgumentOutOfRangeException(nameof(field), field.Kind, "Not a kind of field."),
    };
}
