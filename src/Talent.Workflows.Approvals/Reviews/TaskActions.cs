using System.Text.Json;
using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Reviews.Correcting;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>A reviewer decides. The opinion goes to the task's row; the audit holds its hash.</summary>
public sealed record TaskDecided : CaseAction
{
    public override string Name => "task.decided";
    public required string Outcome { get; init; }
    public string? Opinion { get; init; }

    /// <summary>What the decider filled in, canonical JSON; null: nothing. It goes to <c>approvals.decision_data</c>.</summary>
    public string? Data { get; init; }
    public string? ReturnTo { get; init; }

    /// <summary>What to correct; null: nothing is named. It goes to <c>approvals.corrections</c>.</summary>
    internal AskedCorrections? Corrections { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new
    {
        outcome = Outcome, returnTo = ReturnTo, opinionSha256 = Opinion is null ? null : Digest.Of(Opinion), dataSha256 = Data is null ? null : Digest.Of(Data), correctionsSha256 = Corrections is null ? null : Digest.Of(Correcting.Corrections.Write(Corrections.Items)), decidedFor = For?.Principal, delegations = For?.Chain,
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
