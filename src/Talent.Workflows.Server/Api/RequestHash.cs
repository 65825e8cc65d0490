using System.Security.Cryptography;
using System.Text;

namespace Talent.Workflows.Server.Api;

/// <summary>
/// Tells whether a request with a known idempotency key is the one that came with it before. Keyed with a secret that all nodes
/// share: what a short secret body said, such as a ballot, can't be found by hashing all that it could have said.
/// </summary>
internal sealed class RequestHash
{
    private byte[]? secret;

    /// <summary>Sets the shared secret, before the server listens.</summary>
    internal void Use(byte[] shared) => secret = shared;

    public byte[] Of(HttpRequest request, string? user, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret ?? throw new InvalidOperationException("Request hashes have no secret yet."));
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method}\n{request.PathBase}{request.Path}\n{request.QueryString}\n{user}\n"));
        hash.AppendData(body);
        return hash.GetHashAndReset();
    }
}
