using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Talent.Workflows.Approvals.Integrations.Sms;

namespace Talent.Workflows.Approvals.Integrations.Outside;

/// <summary>The signature of requests to other offices: that of the SMS gateway (<see cref="GatewaySignature"/>) over these headers.</summary>
internal static class OutsideSignature
{
    public const string Date = "x-talent-date";
    public const string BodyHash = "x-talent-content-sha256";
    public const string RequestId = "idempotency-key";

    /// <summary>How far the clocks of both sides may be apart.</summary>
    public static TimeSpan LongestAge { get; } = TimeSpan.FromMinutes(15);

    public static string DateOf(DateTimeOffset now) => now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Whether a request was signed with a key, not long ago, over this body.</summary>
    public static bool IsBy(HttpRequest request, byte[] body, string keyId, string secret, DateTimeOffset now)
    {
        var (date, hash) = (request.Headers[Date].ToString(), request.Headers[BodyHash].ToString());
        var expected = Authorization(keyId, secret, request.Host.Value ?? "", request.PathBase + request.Path, date, request.Headers[RequestId].ToString(), hash);
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(request.Headers.Authorization.ToString()), Encoding.UTF8.GetBytes(expected)) && hash == GatewaySignature.Hash(body)
            && DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && (now - at).Duration() <= LongestAge;
    }

    /// <summary>Signs a request that posts this body.</summary>
    public static void Sign(HttpRequestMessage request, byte[] body, string requestId, string keyId, string secret, DateTimeOffset now)
    {
        var (url, date, hash) = (request.RequestUri!, DateOf(now), GatewaySignature.Hash(body));
        request.Headers.TryAddWithoutValidation("Authorization", Authorization(keyId, secret, url.Authority, url.AbsolutePath, date, requestId, hash));
        request.Headers.Add(Date, date);
        request.Headers.Add(RequestId, requestId);
        request.Headers.Add(BodyHash, hash);
    }

    public static string Authorization(string keyId, string secret, string authority, string path, string date, string requestId, string bodyHash) =>
        GatewaySignature.Authorization(keyId, secret, "POST", path, [], new Dictionary<string, string> { ["host"] = authority, [Date] = date, [RequestId] = requestId, [BodyHash] = bodyHash }, bodyHash);
}
