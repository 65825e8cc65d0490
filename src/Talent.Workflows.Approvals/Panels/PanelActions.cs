using System.Text.Json;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>What happens to a panel, with what its rows take of it.</summary>
public abstract record PanelAction : CaseAction
{
    public required Guid PanelId { get; init; }

    /// <summary>The round that the action rests on; null: whichever it is.</summary>
    public short? Round { get; init; }

    /// <summary>The revision of the draw that the action rests on; null: whatever it is.</summary>
    public int? Revision { get; init; }

    /// <summary>What the panel must be when the step commits.</summary>
    internal abstract PanelStatus Requires { get; }

    /// <summary>The pool that was read for it, null when none was.</summary>
    internal virtual PoolReading? NewPool => null;

    /// <summary>The new draw, null when it stays.</summary>
    internal virtual PanelDraw? NewDraw => null;
}

/// <summary>The panel was drawn. The audit holds seed, pool and outcome, so that the draw can't be exchanged afterwards.</summary>
public sealed record PanelDrawn : PanelAction
{
    public override string Name => "panel.drawn";
    public required PanelDraw Draw { get; init; }

    /// <summary>Null: it was recorded before.</summary>
    public PoolReading? Pool { get; init; }
    internal override PanelStatus Requires => PanelStatus.Drawing;
    internal override PanelDraw NewDraw => Draw;
    internal override PoolReading? NewPool => Pool;
    public override string AuditDetails => JsonSerializer.Serialize(new
    {
        panel = PanelId, seed = Draw.Seed, poolHash = Draw.PoolHash, seats = Draw.Seats.Select(s => s.ExpertId), excluded = Draw.Excluded.Length, drawSha256 = Digest.Of(PanelJson.Write(Draw)),
    });
}

/// <summary>The pool as it was read for a draw: kept to the letter.</summary>
/// <param name="Purpose"><c>draw-ATTEMPT</c> (<c>draw-0</c>: the server alone committed) or <c>addition-NUMBER</c>.</param>
public sealed record PoolReading(string Purpose, string Record)
{
    public string Hash { get; } = PoolRecord.HashOf(Record);
}

/// <summary>A party of the draw commits to a nonce, before the pool is read.</summary>
public sealed record DrawCommitted : PanelAction
{
    public override string Name => "panel.committed";
    public required short Attempt { get; init; }
    public required short Party { get; init; }
    public required DrawParty Of { get; init; }
    public required byte[] Commitment { get; init; }
    internal override PanelStatus Requires => PanelStatus.Drawing;
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId, attempt = Attempt, party = Party + 1, commitment = Convert.ToHexStringLower(Commitment) });
}

/// <summary>Both have committed: the pool is read, and its hash recorded before any nonce is revealed.</summary>
public sealed record PoolRecorded : PanelAction
{
    public override string Name => "panel.pooled";
    public required PoolReading Pool { get; init; }
    internal override PanelStatus Requires => PanelStatus.Drawing;
    internal override PoolReading NewPool => Pool;
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId, pool = Pool.Purpose, poolHash = Pool.Hash });
}

/// <summary>A party of the draw reveals its nonce. The audit doesn't hold it: the other party could read it there before it reveals its own.</summary>
public sealed record DrawRevealed : PanelAction
{
    public override string Name => "panel.revealed";
    public required short Attempt { get; init; }
    public required short Party { get; init; }
    public required byte[] Nonce { get; init; }
    internal override PanelStatus Requires => PanelStatus.Drawing;
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId, attempt = Attempt, party = Party + 1 });
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
    public required PoolReading? Pool { get; init; }
    internal override PoolReading? NewPool => Pool;
    internal override PanelStatus Requires => PanelStatus.Open;
    internal override PanelDraw NewDraw => Draw;
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId, seated = Seated, appointed = Appointed, drawSha256 = Digest.Of(PanelJson.Write(Draw)) });
}

/// <summary>An expert accepts a seat or declines it. What they state goes to the panel's rows.</summary>
public sealed record InvitationAnswered : PanelAction
{
    public override string Name => Accepted ? "panel.accepted" : "panel.declined";
    public required bool Accepted { get; init; }
    public required string Statement { get; init; }
    internal override PanelStatus Requires => PanelStatus.Open;
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId, statementSha256 = Digest.Of(Statement) });
}

/// <summary>The applicant or the supervisor asks that an expert stands aside. The reason goes to the panel's rows.</summary>
public sealed record ExpertChallenged : PanelAction
{
    public override string Name => "panel.challenged";
    public required Guid ChallengeId { get; init; }
    public required string ExpertId { get; init; }
    public required string Reason { get; init; }
    internal override PanelStatus Requires => PanelStatus.Open;
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId, challenge = ChallengeId, reasonSha256 = Digest.Of(Reason) });
}

/// <summary>The secretary decides a challenge. <see cref="Draw"/>: without the expert, when one is upheld that hadn't a seat.</summary>
public sealed record ChallengeDecided : PanelAction
{
    public override string Name => "panel.challenge-decided";
    public required Guid ChallengeId { get; init; }
    public required bool Upheld { get; init; }
    public required string Opinion { get; init; }
    public PanelDraw? Draw { get; init; }
    internal override PanelStatus Requires => PanelStatus.Open;
    internal override PanelDraw? NewDraw => Draw;
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId, challenge = ChallengeId, upheld = Upheld, opinionSha256 = Digest.Of(Opinion) });
}

/// <summary>The chair decides a tie. The minutes are written anew with the decision.</summary>
public sealed record TieDecided : PanelAction
{
    public override string Name => "panel.tie-decided";
    public required PanelCount Count { get; init; }
    public required string Minutes { get; init; }
    internal override PanelStatus Requires => PanelStatus.Closed;
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId, outcome = Count.Outcome, minutesSha256 = Digest.Of(Minutes) });
}

/// <summary>An expert votes. Only the fact is audited: the vote is in the ballot's row, sealed, and nowhere else.</summary>
public sealed record BallotCast : PanelAction
{
    public override string Name => "panel.ballot";
    public required byte[] Sealed { get; init; }
    internal override PanelStatus Requires => PanelStatus.Open;

    /// <summary>What the idempotency row says of it: which ballot it was, and nothing of the vote.</summary>
    internal static byte[] ReceiptOf(Guid task) => JsonSerializer.SerializeToUtf8Bytes(new { ballot = task });
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId });
}

/// <summary>The secretary closes the panel.</summary>
public sealed record PanelClosed : PanelAction
{
    public override string Name => "panel.closed";
    internal override PanelStatus Requires => PanelStatus.Open;
    public override string AuditDetails => JsonSerializer.Serialize(new { panel = PanelId });
}

/// <summary>The ballots were opened and counted. The audit holds the hash of the opened votes, and none of them.</summary>
public sealed record PanelCounted : PanelAction
{
    public override string Name => "panel.counted";
    public required PanelCount Count { get; init; }
    public required string Minutes { get; init; }

    /// <summary>The minutes' number, null when they have none.</summary>
    public required string? MinutesNumber { get; init; }

    /// <summary>In the order of their ids, which are random.</summary>
    public required IReadOnlyList<OpenedVote> Votes { get; init; }

    /// <summary>Hashes of the voters' receipts, sorted: none is beside a vote.</summary>
    public required IReadOnlyList<string> Receipts { get; init; }
    internal override PanelStatus Requires => PanelStatus.Counting;
    public override string AuditDetails => JsonSerializer.Serialize(new
    {
        panel = PanelId, result = JsonSerializer.SerializeToElement(Count, PanelJson.Options), minutesSha256 = Digest.Of(Minutes), votesSha256 = Digest.Of(PanelJson.Write(Votes)), receiptsSha256 = Digest.Of(string.Join('\n', Receipts)),
    });
}

/// <summary>How panels are kept as JSON.</summary>
internal static class PanelJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    public static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException("null");
}
