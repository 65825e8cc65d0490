using Talent.Workflows.Approvals.Integrations.Outside;

namespace Talent.Workflows.Approvals.Integrations.Recognition;

/// <summary>Reads the text of a scanned document into fields (OCR). What it reads is a suggestion. Implementations are safe to share between callers.</summary>
/// <remarks>Source: R-INT-4, R-CASE-5, S5.</remarks>
public interface IDocumentRecognition
{
    /// <summary>Largest image, in bytes.</summary>
    public const int Largest = 10 << 20;

    /// <param name="requestId">The same when the same image is sent again.</param>
    /// <param name="kind">One of <see cref="DocumentKinds"/>.</param>
    /// <param name="mediaType"><c>image/jpeg</c> or <c>image/png</c>.</param>
    /// <param name="rotation">Degrees clockwise by which the image has to be turned to stand upright: 0, 90, 180 or 270.</param>
    /// <exception cref="ArgumentException">The image is empty or larger than <see cref="Largest"/>, or of another kind or type.</exception>
    Task<OutsideAnswer<RecognisedDocument>> RecogniseAsync(string requestId, string kind, byte[] image, string mediaType, int rotation, CancellationToken cancellationToken);
}

/// <summary>How a picture can be turned.</summary>
public static class Rotations
{
    /// <summary>Degrees clockwise.</summary>
    public static readonly IReadOnlyList<int> All = [0, 90, 180, 270];
}

/// <summary>What can be recognised.</summary>
public static class DocumentKinds
{
    /// <summary>营业执照: <c>unitName</c>, <c>creditCode</c>.</summary>
    public const string BusinessLicence = "business-licence";

    /// <summary>居民身份证: <c>name</c>, <c>idNumber</c>.</summary>
    public const string ResidentCard = "resident-card";

    /// <summary>学历学位证书: <c>name</c>, <c>school</c>, <c>certificateNumber</c>.</summary>
    public const string Diploma = "diploma";

    /// <summary>职称证书: <c>name</c>, <c>title</c>, <c>certificateNumber</c>.</summary>
    public const string TitleCertificate = "title-certificate";

    public static readonly IReadOnlyList<string> All = [BusinessLicence, ResidentCard, Diploma, TitleCertificate];
}

/// <summary>The fields that were read; empty when the image shows nothing of the kind.</summary>
public sealed record RecognisedDocument(IReadOnlyList<RecognisedField> Fields)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => $"{Fields.Count} fields";
}

/// <param name="Confidence">From 0 to 1, as the service puts it.</param>
public sealed record RecognisedField(string Name, string Value, double Confidence);
