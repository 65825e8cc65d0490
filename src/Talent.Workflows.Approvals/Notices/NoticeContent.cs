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

/// <summary>One line as the public reads it: <see cref="Text"/> is masked already.</summary>
public sealed record NoticeLine(string Label, string Text)
{
    /// <summary>What was masked, so that a correction of the line is masked in the same way.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public NoticeFieldKind Kind { get; init; }
}

/// <summary>What the public sees, masked, and its hash. Full values aren't in it and can't be got from it.</summary>
/// <remarks>Source: R-NOT-1, R-NOT-2.</remarks>
public sealed record NoticeContent
{
    [JsonConstructor]
    private NoticeContent(string title, ImmutableArray<NoticeLine> lines) => (Title, Lines) = (title, lines);

    public string Title { get; }

    public ImmutableArray<NoticeLine> Lines { get; }

    /// <summary>Builds the public's view of the fields in their order; those without a value are left out.</summary>
    public static NoticeContent Of(string title, IEnumerable<NoticeField> fields) => new(Masking.Text(title, MaskingProfile.PublicNotice), [.. fields.Where(f => !string.IsNullOrWhiteSpace(f.Value)).Select(Line)]);

    /// <summary>The same with some lines corrected, by their labels; one without a value goes, one with another label is added.</summary>
    /// <param name="title">Null: as it is.</param>
    /// <param name="fields">Full values. A line that is there keeps its kind: a name can't become a text.</param>
    public NoticeContent With(string? title, IEnumerable<NoticeField> fields)
    {
        var lines = Lines.ToList();
        foreach (var field in fields)
        {
            var at = lines.FindIndex(l => l.Label == field.Label);
            if (at >= 0 && string.IsNullOrWhiteSpace(field.Value))
                lines.RemoveAt(at);
            else if (at >= 0)
                lines[at] = Line(field with { Kind = KindOf(lines[at]) });
            else if (!string.IsNullOrWhiteSpace(field.Value))
                lines.Add(Line(field));
        }
        return new NoticeContent(title is null ? Title : Masking.Text(title.Trim(), MaskingProfile.PublicNotice), [.. lines]);
    }

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

    // Notices of the release before don't say what was masked; a name shows least of what it may have been.
    private static NoticeFieldKind KindOf(NoticeLine line) => line.Kind == NoticeFieldKind.Text && line.Text.Contains('*', StringComparison.Ordinal) ? NoticeFieldKind.Name : line.Kind;

    // What looks like a number or an address is one, whatever the definition calls it.
    private static NoticeLine Line(NoticeField field)
    {
        var seen = field.Kind == NoticeFieldKind.Text ? field with { Kind = KindOf(field.Value!.Trim()) } : field;
        return new NoticeLine(field.Label, Masked(seen)) { Kind = seen.Kind };
    }

    private static NoticeFieldKind KindOf(string value) =>
        PhoneNumber.TryParse(value, out _, out _) ? NoticeFieldKind.Phone
        : value.Length is 15 or 18 && value[..^1].All(char.IsAsciiDigit) && (char.IsAsciiDigit(value[^1]) || value[^1] is 'X' or 'x') ? NoticeFieldKind.ResidentId
        : value.Contains('@', StringComparison.Ordinal) && !value.Contains(' ', StringComparison.Ordinal) ? NoticeFieldKind.Email
        : NoticeFieldKind.Text;

    private static string Masked(NoticeField field) => field.Kind switch
    {
        NoticeFieldKind.Text => Masking.Text(field.Value!.Trim(), MaskingProfile.PublicNotice),
        NoticeFieldKind.Name => Masking.Name(field.Value, MaskingProfile.PublicNotice),
        NoticeFieldKind.ResidentId => Masking.ResidentId(field.Value!.Trim(), MaskingProfile.PublicNotice),
        NoticeFieldKind.Phone => Masking.Phone(field.Value, MaskingProfile.PublicNotice),
        NoticeFieldKind.Email => Masking.Email(field.Value, MaskingProfile.PublicNotice),
        _ => throw new ArgumentOutOfRangeException(nameof(field), field.Kind, "Not a kind of field."),
    };
}
