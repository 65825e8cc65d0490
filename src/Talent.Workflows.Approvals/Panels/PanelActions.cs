using System.Text.Json;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>What happens to a panel, with what its rows take of it.</summary>
public abstract record PanelAction : CaseAction
{
    public required Guid PanelId { get; init; }

    /// <summary>The revision of the draw that the action rests on; null: whatever it is.</summary>
    public int? Revision { get; init; }

    /// <summary>What the panel must be when the step commits.</summary>
    internal abstract PanelStatus Requires { get; }

    /// <summary>The new draw, null when it stays.</summary>
    internal virtual PanelDraw? NewDraw => null;
}

/// <summary>The panel was drawn. The audit holds seed, pool and outcome, so that the draw can't be exchanged afterwards.</summary>
public sealed record PanelDrawn : PanelAction
{
    public override string Name => "panel.drawn";
    public required PanelDraw Draw { get; init; }
    internal override PanelStatus Requires => PanelStatus.Drawing;
    internal override PanelDraw NewDraw => Draw;
    public override string AuditDetails => JsonSerializer.Serialize(new
    {
        panel = PanelId, seed = Draw.Seed, poolHash = Draw.PoolHash, seats = Draw.Seats.Select(s => s.ExpertId), excluded = Draw.Excluded.Length, drawSha256 = Digest.Of(PanelJson.Write(Draw)),
    });
}

/// <summary>An expert stands aside. The reason goes to the panel's rows.</summary>
public sealed record ExpertRecused : PanelAction
{
    public override string Name => "panel.recused";
    public required string Reason { get; init; }
    internal override PanelStatus Requires => PanelStatus.Open;
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId, reasonSha256 = Digest.Of(Reason) });
}

/// <summary>The next of the drawn sequence takes a seat, or it stays vacant.</summary>
public sealed record SeatReplaced : PanelAction
{
    public override string Name => "panel.replaced";
    public required PanelDraw Draw { get; init; }
    public required string Left { get; init; }
    public required string? Next { get; init; }
    internal override PanelStatus Requires => PanelStatus.Open;
    internal override PanelDraw NewDraw => Draw;
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId, left = Left, next = Next, drawSha256 = Digest.Of(PanelJson.Write(Draw)) });
}

/// <summary>The secretary fills the seats of a panel that had too few experts. The reason goes to the panel's rows.</summary>
public sealed record SeatsFilled : PanelAction
{
    public override string Name => "panel.filled";
    public required PanelDraw Draw { get; init; }
    public required IReadOnlyList<string> Seated { get; init; }
    public required IReadOnlyList<string> Appointed { get; init; }
    internal override PanelStatus Requires => PanelStatus.Open;
    internal override PanelDraw NewDraw => Draw;
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId, seated = Seated, appointed = Appointed, drawSha256 = Digest.Of(PanelJson.Write(Draw)) });
}

/// <summary>An expert votes. Only the fact is audited: the vote is in the ballot's row and nowhere else.</summary>
public sealed record BallotCast : PanelAction
{
    public override string Name => "panel.ballot";
    public required Vote Vote { get; init; }
    public string? ScoresJson { get; init; }
    public string? Comment { get; init; }
    internal override PanelStatus Requires => PanelStatus.Open;
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId });

    /// <summary>Says nothing of the vote: what is logged by accident tells nobody.</summary>
    public override string ToString() => Name;
}

/// <summary>The secretary closes the panel.</summary>
public sealed record PanelClosed : PanelAction
{
    public override string Name => "panel.closed";
    internal override PanelStatus Requires => PanelStatus.Open;
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId });
}

/// <summary>The ballots were counted.</summary>
public sealed record PanelCounted : PanelAction
{
    public override string Name => "panel.counted";
    public required PanelCount Count { get; init; }
    public required string Minutes { get; init; }
    internal override PanelStatus Requires => PanelStatus.Counting;
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId, result = JsonSerializer.SerializeToElement(Count, PanelJson.Options), minutesSha256 = Digest.Of(Minutes) });
}

/// <summary>How panels are kept as JSON.</summary>
internal static class PanelJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    public static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException("null");
}
