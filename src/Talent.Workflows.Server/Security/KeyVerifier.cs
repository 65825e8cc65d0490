using System.Collections.Concurrent;
using System.Security.Cryptography;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Security;

/// <summary>
/// Tells whose key a text is. What the database said is remembered for seconds, by hash; that saves a round trip and
/// decides nothing for good: every step checks the key again when it commits (<see cref="KeyPart"/>), and what is
/// written without a step (keys, intake, definitions) isn't decided from memory.
/// </summary>
internal sealed class KeyVerifier(KeyStore store, TimeProvider time)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, (ServiceKey Key, DateTimeOffset Until)> known = new(StringComparer.Ordinal);

    /// <param name="fresh">Asks the database whatever is remembered: for what no step checks again.</param>
    /// <exception cref="WorkflowException"><c>key_unknown</c>, <c>key_revoked</c>, <c>key_expired</c>.</exception>
    public async ValueTask<ServiceKey> VerifyAsync(string text, bool fresh, CancellationToken cancellationToken)
    {
        var hash = ServiceKey.HashOf(text);
        var name = Convert.ToHexString(hash);
        var now = time.GetUtcNow();
        if (!fresh && known.TryGetValue(name, out var entry) && entry.Until > now)
            return Active(entry.Key, now);
        known.TryRemove(name, out _);
        var key = await store.FindByHashAsync(hash, cancellationToken);
        if (key is null || !CryptographicOperations.FixedTimeEquals(key.Hash, hash))
            throw KeyErrors.NotKnown();
        Active(key, now);
        // Only keys that exist are remembered, so there are never more of them than rows.
        known[name] = (key, now + Remembered);
        return key;
    }

    /// <summary>Whether the text was a right key when it was last looked up here: nobody who guesses.</summary>
    public bool HasSeen(string text) => known.ContainsKey(Convert.ToHexString(ServiceKey.HashOf(text)));

    /// <summary>Asks the database again: what a request was refused for may be that its key has ended meanwhile.</summary>
    /// <exception cref="WorkflowException"><c>key_unknown</c>, <c>key_revoked</c>, <c>key_expired</c>.</exception>
    public async Task RecheckAsync(string id, CancellationToken cancellationToken)
    {
        Forget(id);
        Active(await store.FindAsync(id, cancellationToken) ?? throw KeyErrors.NotKnown(), time.GetUtcNow());
    }

    /// <summary>Forgets a key that has just been revoked here.</summary>
    public void Forget(string id)
    {
        foreach (var (name, entry) in known)
            if (entry.Key.Id == id)
                known.TryRemove(name, out _);
    }

    private static ServiceKey Active(ServiceKey key, DateTimeOffset now) =>
        key.RevokedAt is not null ? throw KeyErrors.WasRevoked(key)
        : key.ExpiresAt <= now ? throw KeyErrors.HasExpired(key)
        : key;
}
