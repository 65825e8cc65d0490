using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Integrations.Outside;

namespace Talent.Workflows.Approvals.Integrations.Recognition;

/// <summary>
/// A service that recognises documents without looking at them. What it reads is what stands at the end of the file after
/// <see cref="Mark"/>, as JSON of fields and values, which programs that show images ignore; a file without it gives the sample of its kind.
/// </summary>
public sealed class RecognitionSimulator : IDocumentRecognition
{
    /// <summary>Before the fields, at the end of the file.</summary>
    public const string Mark = "talent-simulator:";

    /// <summary>Name of a field by which a file has it misbehave over HTTP: <c>unavailable</c>, <c>unreadable</c>.</summary>
    public const string MischiefField = "mischief";

    /// <summary>Name of a field by which a file says how far it has to be turned: otherwise nothing is read on it.</summary>
    public const string UprightField = "upright";

    private static readonly Dictionary<string, (string Name, string Value)[]> Samples = new(StringComparer.Ordinal)
    {
        [DocumentKinds.BusinessLicence] = [("unitName", "示例市城市运行集团有限公司"), ("creditCode", "91119900MA0000218L")],
        [DocumentKinds.ResidentCard] = [("name", "李示例"), ("idNumber", "110199198602140254")],
        [DocumentKinds.Diploma] = [("name", "李示例"), ("school", "示例大学"), ("certificateNumber", "119900200805000123"), ("level", "学士")],
        [DocumentKinds.TitleCertificate] = [("name", "李示例"), ("title", "工程师"), ("certificateNumber", "ZC2018000456"), ("grade", "中级")],
        [DocumentKinds.PropertyCertificate] = [("owner", "李示例"), ("ownership", "单独所有"), ("location", "示例市示范区样板路1号院3栋502房"), ("certificateNumber", "示（2024）示例市不动产权第0001234号"), ("use", "住宅")],
    };

    public Task<OutsideAnswer<RecognisedDocument>> RecogniseAsync(string requestId, string kind, byte[] image, string mediaType, int rotation, CancellationToken cancellationToken) =>
        Task.FromResult<OutsideAnswer<RecognisedDocument>>(new OutsideAnswer<RecognisedDocument>.Answered(Of(kind, Written(image), rotation)));

    /// <summary>Answers as the service does, at the paths of its contract below a prefix.</summary>
    public static void Map(IEndpointRouteBuilder routes, OutsideSimulator simulator, string prefix = "")
    {
        foreach (var (kind, rotation) in DocumentKinds.All.SelectMany(k => Rotations.All.Select(r => (k, r))))
            simulator.Map(routes, prefix + RecognitionClient.PathOf(kind, rotation), (body, request) => body.Length is 0 or > IDocumentRecognition.Largest || request.ContentType is not ("image/jpeg" or "image/png") ? null
                : (Of(kind, Written(body), rotation), Written(body)?.GetValueOrDefault(MischiefField) switch { "unavailable" => Mischief.Unavailable, "unreadable" => Mischief.Unreadable, _ => Mischief.None }));
    }

    private static RecognisedDocument Of(string kind, Dictionary<string, string>? written, int rotation) => new(
        written?.GetValueOrDefault(UprightField) is { } upright && upright != rotation.ToString(CultureInfo.InvariantCulture) ? []
        : [.. (written?.Where(f => f.Key is not (MischiefField or UprightField)).Select(f => (f.Key, f.Value)) ?? Samples[kind]).Select(f => new RecognisedField(f.Item1, f.Item2, 0.98))]);

    private static Dictionary<string, string>? Written(byte[] file)
    {
        var at = file.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes(Mark));
        try
        {
            return at < 0 ? null : JsonSerializer.Deserialize<Dictionary<string, string>>(file.AsSpan(at + Mark.Length));
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
