using System.Security.Cryptography;
using System.Text;

namespace Talent.Workflows.Approvals.Integrations.Sms;

/// <summary>
/// The provider's request signature, ACS3-HMAC-SHA256: a hash over method, path, sorted query, signed headers and body,
/// keyed with the access key's secret.
/// </summary>
public static class GatewaySignature
{
    public const string Scheme = "ACS3-HMAC-SHA256";

    /// <param name="query">Parameters, not yet encoded.</param>
    /// <param name="headers">The headers to sign, names in lower case.</param>
    /// <param name="bodyHash">SHA-256 of the body in lower-case hex.</param>
    /// <returns>The value of the Authorization header.</returns>
    public static string Authorization(
        string keyId, string secret, string method, string path, IEnumerable<KeyValuePair<string, string>> query, IReadOnlyDictionary<string, string> headers, string bodyHash)
    {
        string[] names = [.. headers.Keys.Order(StringComparer.Ordinal)];
        string signed = string.Join(';', names);
        StringBuilder request = new();
        request.Append(method).Append('\n').Append(path).Append('\n').Append(Query(query)).Append('\n');
        foreach (string name in names)
        {
            request.Append(name).Append(':').Append(headers[name].Trim()).Append('\n');
        }

        request.Append('\n').Append(signed).Append('\n').Append(bodyHash);
        string toSign = $"{Scheme}\n{Hash(Encoding.UTF8.GetBytes(request.ToString()))}";
        string signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(toSign)));
        return $"{Scheme} Credential={keyId},SignedHeaders={signed},Signature={signature}";
    }

    /// <summary>The query as it is signed and sent: sorted by name, encoded by RFC 3986.</summary>
    public static string Query(IEnumerable<KeyValuePair<string, string>> query) =>
        string.Join('&', query.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}"));

    public static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
