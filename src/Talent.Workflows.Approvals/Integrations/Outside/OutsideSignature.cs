using System.Globalization;
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

    public static string Authorization(string keyId, string secret, string authority, string path, string date, string requestId, string bodyHash) =>
        GatewaySignature.Authorization(keyId, secret, "POST", path, [], new Dictionary<string, string> { ["host"] = authority, [Date] = date, [RequestId] = requestId, [BodyHash] = bodyHash }, bodyHash);
}
