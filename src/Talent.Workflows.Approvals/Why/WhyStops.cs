namespace Talent.Workflows.Approvals.Why;

/// <summary>What stopped.</summary>
public static class WhyStops
{
    /// <summary>An activity failed; its branch waits for an operator.</summary>
    public const string Incident = "incident";

    /// <summary>An incident stopped the whole case: nobody can act, no timer runs.</summary>
    public const string Halted = "halted";

    /// <summary>Work or a message that can't be delivered.</summary>
    public const string Delivery = "delivery";

    /// <summary>停表: a limit stands still.</summary>
    public const string Clock = "clock";
}
