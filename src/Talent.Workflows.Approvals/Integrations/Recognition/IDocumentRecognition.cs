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

    /// <summary>学历学位证书: <c>name</c>, <c>school</c>, <c>certificateNumber</c>; of a degree <c>level</c> (学士, 硕士, 博士).</summary>
    public const string Diploma = "diploma";

    /// <summary>职称证书: <c>name</c>, <c>title</c>, <c>certificateNumber</c>; <c>grade</c> (初级, 中级, 副高级, 正高级, 高级).</summary>
    public const string TitleCertificate = "title-certificate";

    /// <summary>不动产权证书, and 房产证 of before: <c>owner</c> 权利人 (several with 、 between them), <c>ownership</c> 共有情况 (单独所有, 共同共有, 按份共有), <c>location</c> 坐落, <c>certificateNumber</c> 证号, <c>use</c> 用途.</summary>
    public const string PropertyCertificate = "property-certificate";

    public static readonly IReadOnlyList<string> All = [BusinessLicence, ResidentCard, Diploma, TitleCertificate, PropertyCertificate];
}

/// <summary>The fields that were read; empty when the image shows nothing of the kind.</summary>
public sealed record RecognisedDocument(IReadOnlyList<RecognisedField> Fields)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => $"{Fields.Count} fields";
}

/// <param name="Confidence">From 0 to 1, as the service puts it.</param>
public sealed record RecognisedField(string Name, string Value, double Confidence);
