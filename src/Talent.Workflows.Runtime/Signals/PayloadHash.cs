using System.Security.Cryptography;
using System.Text.Json;

namespace Talent.Workflows.Runtime.Signals;

/// <summary>
/// Tells whether a signal or an event that comes again carries what it carried before. The host hands it a secret that all nodes
/// share, so that a short payload can't be found by hashing all that it could have been; without one it is a plain hash.
/// </summary>
public sealed class PayloadHash
{
    private const int Bytes = 16;
    private byte[] secret = [];

    /// <summary>Sets the shared secret, before anything is sent.</summary>
    public void Use(byte[] shared) => secret = shared;

    internal byte[] Of(JsonElement payload) => HMACSHA256.HashData(secret, Write(payload))[..Bytes];

    /// <summary>Compact UTF-8 JSON; no payload is null.</summary>
    internal static byte[] Write(JsonElement payload) =>
        payload.ValueKind == JsonValueKind.Undefined ? "null"u8.ToArray() : JsonSerializer.SerializeToUtf8Bytes(payload);
}
