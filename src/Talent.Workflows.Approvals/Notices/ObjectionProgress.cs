namespace Talent.Workflows.Approvals.Notices;

/// <summary>What became of an objection, for whoever has its receipt. Nothing in it says who objected, or to what.</summary>
/// <param name="State">received (已收到), investigating (调查中), refused (不予受理), upheld (成立), dismissed (不成立) or closed (公示已终止).</param>
/// <param name="DueAt">By when the next answer is due, UTC and exclusive; null: nothing is due any more.</param>
/// <param name="Reply">The answer; null while there is none.</param>
public sealed record ObjectionProgress(string Number, string NoticeNumber, string State, DateTimeOffset FiledAt, DateTimeOffset? AcceptedAt, DateTimeOffset? DueAt, DateTimeOffset? DecidedAt, string? Reply)
{
    private const short Done = 2;

    internal static ObjectionProgress Of(string number, string notice, DateTimeOffset filedAt, DateTimeOffset? acceptedAt, short taskStatus, string? outcome, DateTimeOffset? decidedAt, string? opinion, DateTimeOffset? dueAt)
    {
        var state = taskStatus < Done ? acceptedAt is null ? "received" : "investigating"
            : outcome switch { "refuse" => "refused", "uphold" => "upheld", "dismiss" => "dismissed", _ => "closed" };
        return new ObjectionProgress(number, notice, state, filedAt, acceptedAt, taskStatus < Done ? dueAt : null, taskStatus < Done ? null : decidedAt, state == "closed" ? null : opinion);
    }
}
