namespace Talent.Workflows.Bench.Limits;

/// <summary>What PostgreSQL alone reached in this run, per second with eight clients.</summary>
/// <param name="SingleRow">Updates of one row (limit a).</param>
/// <param name="Step">The statement of a decision (limit b).</param>
internal sealed record Measured(double SingleRow, double Step);
