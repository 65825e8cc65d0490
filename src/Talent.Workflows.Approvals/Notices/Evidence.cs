using System.Security.Cryptography;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.Materials.Contents;

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
    public string? Extension { get; } = FileKinds.Of(Content);

    /// <summary>What is wrong with the content, by the rule that materials have; null: nothing. Codes: <c>evidence_type</c>, and those of <see cref="ContentCheck.Fault"/>.</summary>
    public InputFault? Fault() => Extension is null ? new InputFault("evidence_type", "证明材料须为 PDF、JPEG 或 PNG 文件", "A file has to be a PDF, JPEG or PNG by its content.")
        : ContentCheck.Of(new MemoryStream(Content, writable: false), Limits).Fault;

    private static readonly MaterialOptions Limits = new();
}
