using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Integrations.Face;

/// <summary>
/// An office that verifies faces. What becomes of a session follows from the sequence in the identity number (its 15th to 17th digit)
/// and from how long ago it began; the token holds both, signed, so that it keeps nothing and every node knows every token.
/// </summary>
public sealed class FaceSimulator(FaceOptions options, TimeProvider time) : IFaceVerification
{
    /// <summary>Sequences of people whose face doesn't fit, and of those who never scan the code.</summary>
    public const string Fails = "911", NeverScans = "912";

    /// <summary>Sequence of a person for whom the office is out of reach over HTTP.</summary>
    public const string Unavailable = "913";

    /// <summary>How long a person takes.</summary>
    public static TimeSpan Takes { get; } = TimeSpan.FromSeconds(5);

    private static readonly byte[] Key = SHA256.HashData("face simulator"u8);

    public Task<OutsideAnswer<FaceSession>> BeginAsync(string requestId, string name, ResidentId number, CancellationToken cancellationToken) =>
        Task.FromResult<OutsideAnswer<FaceSession>>(new OutsideAnswer<FaceSession>.Answered(Begin(number.Value, TimeSpan.FromSeconds(options.LifeSeconds))));

    public Task<OutsideAnswer<FaceProgress>> ReadAsync(string token, CancellationToken cancellationToken) =>
        Task.FromResult<OutsideAnswer<FaceProgress>>(State(token) is { } state ? new OutsideAnswer<FaceProgress>.Answered(new FaceProgress(state)) : new OutsideAnswer<FaceProgress>.Refused("no such token"));

    /// <summary>Answers as the office does, at the paths of its contract below a prefix.</summary>
    public void Map(IEndpointRouteBuilder routes, OutsideSimulator simulator, string prefix = "")
    {
        simulator.Map(routes, prefix + FaceClient.BeginPath, (body, _) => Question(body) is not { IdNumber: { Length: ResidentId.Length } number, LifeSeconds: >= 30 and <= 3600 } question ? null
            : (Begin(number, TimeSpan.FromSeconds(question.LifeSeconds)), number[14..17] == Unavailable ? Mischief.Unavailable : Mischief.None));
        simulator.Map(routes, prefix + FaceClient.ReadPath, (body, _) => State(Question(body)?.Token ?? "") is { } state ? (new { state = state.ToString().ToLowerInvariant() }, Mischief.None) : null);
    }

    /// <summary>
    /// The app of whoever scans the code: POST <c>{"token", "callbackUrl"}</c>, unsigned. What becomes of the session is decided at once and told to
    /// the address that the office has of whoever began it; the answer is what they answered.
    /// </summary>
    public void MapScans(IEndpointRouteBuilder routes, OutsideSimulator simulator, HttpClient http, string prefix = "") => routes.MapPost(prefix + ScanPath, async (FaceScan scan, CancellationToken cancellationToken) =>
        Uri.TryCreate(scan.CallbackUrl, UriKind.Absolute, out var url) && State(scan.Token ?? "") is { } before
            ? Results.Json(new { status = await simulator.CallBackAsync(http, url, $"scan-{scan.Token}", new { token = scan.Token, state = Word(scan.Token!, before) }, cancellationToken) })
            : Results.StatusCode(StatusCodes.Status400BadRequest));

    /// <summary>Where a code is scanned.</summary>
    public const string ScanPath = "/face/scans";

    private static string Word(string token, FaceState before) => (before == FaceState.Expired ? FaceState.Expired : token.StartsWith(Fails, StringComparison.Ordinal) ? FaceState.Failed : FaceState.Passed).ToString().ToLowerInvariant();

    private FaceSession Begin(string number, TimeSpan life)
    {
        var now = time.GetUtcNow();
        var content = string.Create(CultureInfo.InvariantCulture, $"{number[14..17]}.{now.ToUnixTimeMilliseconds()}.{(long)life.TotalMilliseconds}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        var token = $"{content}.{Sign(content)}";
        return new FaceSession(token, $"https://face.example.org/scan?t={token}", now + life);
    }

    private FaceState? State(string token)
    {
        if (token.Split('.') is not [var sequence, var began, var life, var nonce, var signature] || signature != Sign($"{sequence}.{began}.{life}.{nonce}"))
            return null;
        var passed = time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(began, CultureInfo.InvariantCulture));
        var late = passed >= TimeSpan.FromMilliseconds(long.Parse(life, CultureInfo.InvariantCulture));
        return sequence == NeverScans ? late ? FaceState.Expired : FaceState.Waiting
            : passed < Takes ? FaceState.Waiting : sequence == Fails ? FaceState.Failed : FaceState.Passed;
    }

    private static string Sign(string content) => Convert.ToHexStringLower(HMACSHA256.HashData(Key, Encoding.ASCII.GetBytes(content)).AsSpan(0, 12));

    private static FaceQuestion? Question(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize<FaceQuestion>(body, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record FaceScan(string? Token, string? CallbackUrl);

    private sealed record FaceQuestion(string? IdNumber = null, int LifeSeconds = 0, string? Token = null);
}
