using System.Buffers.Binary;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;

namespace Talent.Workflows.Approvals.Messages.Channels;

/// <summary>
/// When a message is tried again, and when it becomes a dead letter (R-NTF-3). Pure: the jitter comes from the
/// message's id, so every node works out the same instant.
/// </summary>
public sealed record RetryPolicy
{
    /// <summary>Attempts before a message becomes a dead letter; default 15, which spans about six hours.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; init; } = 15;

    /// <summary>Wait after the first failure, in seconds; doubled after each further one. Default 10.</summary>
    [Range(1, 3600)]
    public int FirstWaitSeconds { get; init; } = 10;

    /// <summary>Longest wait in seconds, also against what a provider asks for. Default 3600.</summary>
    [Range(1, 86_400)]
    public int LongestWaitSeconds { get; init; } = 3600;

    /// <param name="messageId">The message's id.</param>
    /// <param name="attempt">The attempt that gave the result, from 1.</param>
    /// <param name="result">What it gave.</param>
    public NextAttempt After(string messageId, int attempt, DeliveryResult result) => result switch
    {
        DeliveryResult.Sent => new NextAttempt.Done(),
        DeliveryResult.Dead dead => new NextAttempt.DeadLetter(dead.Reason),
        DeliveryResult.Retry retry => Again(messageId, attempt, retry.Reason, retry.After),
        DeliveryResult.Unknown unknown => Again(messageId, attempt, unknown.Reason, null),
        _ => throw new ArgumentOutOfRangeException(nameof(result)),
    };

    private NextAttempt Again(string messageId, int attempt, string reason, TimeSpan? asked)
    {
        if (attempt >= MaxAttempts)
        {
            return new NextAttempt.DeadLetter($"{reason} (given up after {attempt} attempts)");
        }

        double doubled = FirstWaitSeconds * Math.Pow(2, Math.Min(attempt - 1, 30));
        double wait = Math.Max(Math.Min(doubled, LongestWaitSeconds), Math.Min(asked?.TotalSeconds ?? 0, LongestWaitSeconds));
        return new NextAttempt.Wait(TimeSpan.FromSeconds(wait * (1 + (0.2 * Fraction(messageId, attempt)))), reason);
    }

    // Up to a fifth more, so that messages which failed together don't come back together.
    private static double Fraction(string messageId, int attempt) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{messageId}\n{attempt}"))) / (double)uint.MaxValue;
}

/// <summary>What to do with a message after an attempt.</summary>
public abstract record NextAttempt
{
    private NextAttempt() { }

    public sealed record Done : NextAttempt;

    public sealed record Wait(TimeSpan For, string Reason) : NextAttempt;

    public sealed record DeadLetter(string Reason) : NextAttempt;
}
