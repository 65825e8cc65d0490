namespace Talent.Workflows.Approvals.Integrations.Outside;

/// <summary>What came of asking a service of another office. Reasons hold no personal data.</summary>
public abstract record OutsideAnswer<T>
{
    private OutsideAnswer() { }

    /// <summary>It answered.</summary>
    public sealed record Answered(T Value) : OutsideAnswer<T>;

    /// <summary>It can't be reached, is too slow, refuses the credential, or says what nobody understands: worth asking again.</summary>
    /// <param name="After">How long it asks to wait; null leaves it to the policy.</param>
    public sealed record Unavailable(string Reason, TimeSpan? After = null) : OutsideAnswer<T>;

    /// <summary>It doesn't take the question: asking again can't help.</summary>
    public sealed record Refused(string Reason) : OutsideAnswer<T>;

    /// <summary>Reads an answer; what can't be read counts as unavailable, because the service may mend it.</summary>
    /// <param name="read">Null: it isn't what the contract says.</param>
    public OutsideAnswer<TRead> Read<TRead>(Func<T, TRead?> read) where TRead : class => this switch
    {
        Answered(var value) => read(value) is { } made ? new OutsideAnswer<TRead>.Answered(made) : new OutsideAnswer<TRead>.Unavailable("the answer isn't what the contract says"),
        Unavailable(var reason, var after) => new OutsideAnswer<TRead>.Unavailable(reason, after),
        Refused(var reason) => new OutsideAnswer<TRead>.Refused(reason),
        _ => throw new InvalidOperationException($"Unknown result {GetType().Name}."),
    };
}
