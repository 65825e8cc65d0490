using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>作废重投: a round that was given up because its key is lost.</summary>
public sealed record PanelVoid(string Reason, string AskedBy, string ConfirmedBy, DateTimeOffset At);

/// <summary>What one of the panel's office has asked for, until another confirms it.</summary>
public sealed record PanelVoidAsked(Guid Id, int Round, string Reason, string AskedBy, DateTimeOffset AskedAt);

/// <summary>The secretary asks that a round be voided. The reason goes to the panel's rows.</summary>
public sealed record VoidAsked : PanelAction
{
    public override string Name => "panel.void-asked";
    public required Guid VoidId { get; init; }
    public required string Reason { get; init; }
    public required PanelStatus Status { get; init; }
    internal override PanelStatus Requires => Status;
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId, round = Round, reasonSha256 = Digest.Of(Reason) });
}

/// <summary>Another one confirms: the ballots of the round are given up, and all vote again under another key.</summary>
public sealed record RoundVoided : PanelAction
{
    public override string Name => "panel.round-voided";
    public required Guid VoidId { get; init; }
    public required PanelVoid Void { get; init; }
    public required PanelStatus Status { get; init; }
    internal override PanelStatus Requires => Status;
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId, round = Round, askedBy = Void.AskedBy, reasonSha256 = Digest.Of(Void.Reason) });
}

/// <summary>Tells the panel that its round is void: as a revision, which whoever else waits in the case lets pass.</summary>
internal sealed record RoundVoiding(string Key, IReadOnlyDictionary<Guid, DateTimeOffset> Due, Guid? TaskId, IReadOnlyList<string> Experts)
{
    public const string Name = "void-round";

    public static Stimulus.Revise Stimulus(PanelRow panel, IEnumerable<string> experts) =>
        new(Name, JsonSerializer.SerializeToElement(new RoundVoiding($"void-{panel.Id:N}-{panel.Round}", new Dictionary<Guid, DateTimeOffset>(), panel.Id, [.. experts])));

    public static RoundVoiding Of(JsonElement payload) => payload.Deserialize<RoundVoiding>()!;
}
