using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Integrations.Outside;

namespace Talent.Workflows.Approvals.Integrations.Recognition;

/// <summary>Asks over HTTP: docs/guides/simulators.md has the contract.</summary>
public sealed class RecognitionClient(OutsideClient client) : IDocumentRecognition
{
    /// <summary>The kind follows, and the degrees where the image has to be turned: <c>diploma/90</c>.</summary>
    public const string Path = "/documents/recognitions/";

    private const int MostFields = 50, LongestName = 50, LongestValue = 500;

    public async Task<OutsideAnswer<RecognisedDocument>> RecogniseAsync(string requestId, string kind, byte[] image, string mediaType, int rotation, CancellationToken cancellationToken)
    {
        if (image.Length is 0 or > IDocumentRecognition.Largest || !DocumentKinds.All.Contains(kind) || mediaType is not ("image/jpeg" or "image/png") || !Rotations.All.Contains(rotation))
            throw new ArgumentException($"{image.Length} bytes of '{mediaType}' as '{kind}' can't be recognised.", nameof(image));
        return (await client.SendAsync(PathOf(kind, rotation), requestId, image, mediaType, cancellationToken)).Read(Document);
    }

    internal static string PathOf(string kind, int rotation) => rotation == 0 ? Path + kind : string.Create(CultureInfo.InvariantCulture, $"{Path}{kind}/{rotation}");

    private static RecognisedDocument? Document(JsonElement answer) => answer.List("fields", MostFields, Field) is { } fields ? new RecognisedDocument(fields) : null;

    private static RecognisedField? Field(JsonElement item) =>
        item.Text("name") is { Length: > 0 and <= LongestName } name && item.Text("value") is { Length: <= LongestValue } value
            && item.TryGetProperty("confidence", out var given) && given.ValueKind == JsonValueKind.Number && given.TryGetDouble(out var confidence) && confidence is >= 0 and <= 1
            ? new RecognisedField(name, value, confidence) : null;
}
