using System.Security.Cryptography;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>A file that shows what an objection says. Only what its bytes are counts: no name or type is taken from whoever sends it.</summary>
/// <remarks>Source: R-NOT-1. Kept beside the objection, for the clerks who handle it alone.</remarks>
public sealed record Evidence(byte[] Content)
{
    /// <summary>Files that one objection may have.</summary>
    public const int Most = 3;

    /// <summary>Of one file, in bytes: 2 MiB.</summary>
    public const int Largest = 2 << 20;

    /// <summary>Of a whole request with objection and files, in bytes: the files in base64, and something for the text.</summary>
    public const int LargestRequest = (Most * Largest / 3 * 4) + (256 << 10);

    /// <summary>SHA-256 in lower-case hexadecimal.</summary>
    public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(Content));

    /// <summary><c>pdf</c>, <c>jpg</c> or <c>png</c>, by how the content begins; null: something else.</summary>
    public string? Extension { get; } = Content.AsSpan() switch
    {
        var bytes when bytes.StartsWith("%PDF-"u8) => "pdf",
        [0xFF, 0xD8, 0xFF, ..] => "jpg",
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => "png",
        _ => null,
    };

    /// <summary>The media type of an extension that <see cref="Extension"/> gives.</summary>
    public static string MediaType(string extension) => extension switch { "pdf" => "application/pdf", "jpg" => "image/jpeg", _ => "image/png" };
}
