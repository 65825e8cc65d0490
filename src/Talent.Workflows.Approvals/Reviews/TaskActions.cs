using System.Text.Json;
using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>A reviewer decides. The opinion goes to the task's row; the audit holds its hash.</summary>
public sealed record TaskDecided : CaseAction
{
    public override string Name => "task.decided";
    public required string Outcome { get; init; }
    public string? Opinion { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new
    {
        outcome = Outcome, opinionSha256 = Opinion is null ? null : Digest.Of(Opinion), decidedFor = For?.Principal, delegations = For?.Chain,
    }, Known);

    private static readonly JsonSerializerOptions Known = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
}

/// <summary>One of the candidates takes the task.</summary>
public sealed record TaskClaimed : CaseAction
{
    public override string Name => "task.claimed";
}

/// <summary>Who has the task gives it back to all candidates.</summary>
public sealed record TaskReleased : CaseAction
{
    public override string Name => "task.released";
}
