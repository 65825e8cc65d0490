namespace Talent.Workflows.Engine.Activities;

/// <summary>What starts a new instance at an activity that may start its workflow.</summary>
public abstract record TriggerSource
{
    private TriggerSource() { }

    /// <summary>An event of that name is published.</summary>
    public sealed record Named(string EventName) : TriggerSource;

    /// <summary>An instant of the business clock comes: the first one after the instant given; null: none is left.</summary>
    public sealed record Timed(Func<DateTimeOffset, DateTimeOffset?> Next) : TriggerSource;
}
