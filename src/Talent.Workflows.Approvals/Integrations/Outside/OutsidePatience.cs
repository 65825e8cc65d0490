using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Integrations.Outside;

/// <summary>When a service that couldn't be reached is asked again: by the outbox's growing pauses, then every hour, for as long as it takes.</summary>
internal static class OutsidePatience
{
    /// <summary>Failed attempts after which it is asked every hour; an hour and more of growing pauses.</summary>
    private const int Attempts = 12;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public static OutboxResult Unconfigured { get; } = new OutboxResult.Hold(TimeSpan.FromMinutes(5), "the service isn't configured");

    /// <param name="after">How long the service asks to wait; null: it says nothing.</param>
    public static OutboxResult AskAgain(OutboxMessage message, string why, TimeSpan? after) =>
        message.Attempts < Attempts ? new OutboxResult.Retry(after, why) : new OutboxResult.Hold(after is { } asked && asked >= Minute ? asked : Hour, why);
}
