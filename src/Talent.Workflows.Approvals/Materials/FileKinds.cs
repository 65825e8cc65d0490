namespace Talent.Workflows.Approvals.Materials;

/// <summary>The kinds of file that the product takes, by what their bytes are: never by a name or a type that somebody claims.</summary>
/// <remarks>Source: R-CASE-4, R-NOT-1. Evidence of objections and materials are told by the same rule.</remarks>
public static class FileKinds
{
    public const string Pdf = "pdf";
    public const string Jpeg = "jpg";
    public const string Png = "png";

    /// <summary>Bytes of the beginning that tell the kind.</summary>
    public const int HeadBytes = 8;

    /// <summary>The kind of a content that begins like this; null: none that is taken.</summary>
    public static string? Of(ReadOnlySpan<byte> head) =>
        head.StartsWith("%PDF-"u8) ? Pdf
        : head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? Jpeg
        : head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]) ? Png
        : null;

    public static string MediaType(string kind) => kind switch { Pdf => "application/pdf", Jpeg => "image/jpeg", _ => "image/png" };

    public static bool IsImage(string kind) => kind is Jpeg or Png;
}
