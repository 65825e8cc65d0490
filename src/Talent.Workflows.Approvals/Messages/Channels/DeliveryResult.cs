using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Messages.Channels;

/// <summary>What became of one attempt to deliver a message. Reasons never hold the recipient: numbers and addresses in what a provider says are masked.</summary>
public abstract record DeliveryResult
{
    private DeliveryResult() { }

    /// <summary>The provider took it.</summary>
    /// <param name="ProviderId">The provider's own id, when it gives one.</param>
    public sealed record Sent(string? ProviderId) : DeliveryResult;

    /// <summary>Not taken, and worth trying again.</summary>
    /// <param name="After">How long the provider asks to wait; null leaves it to the policy.</param>
    public sealed record Retry(string Reason, TimeSpan? After = null) : DeliveryResult
    {
        public string Reason { get; } = Masking.Said(Reason);
    }

    /// <summary>Nothing was tried: the channel isn't set up, or these are hours in which it sends nothing. Counts as no attempt.</summary>
    public sealed record Waiting(string Reason, TimeSpan After) : DeliveryResult
    {
        public string Reason { get; } = Masking.Said(Reason);
    }

    /// <summary>Refused for good: trying again can't help.</summary>
    public sealed record Dead(string Reason) : DeliveryResult
    {
        public string Reason { get; } = Masking.Said(Reason);
    }

    /// <summary>The provider may or may not have taken it; it is sent again with the same id, which the provider recognises.</summary>
    public sealed record Unknown(string Reason) : DeliveryResult
    {
        public string Reason { get; } = Masking.Said(Reason);
    }
}
