using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>
/// A draw at random that anyone can repeat: the experts who may sit are ordered by SHA-256 of the published seed followed
/// by the expert's id (both UTF-8), and seats are filled from the front of that one sequence. A substitute is the next in it;
/// nothing is ever drawn again. Kept as JSON, it reads back the same.
/// </summary>
/// <remarks>Source: R-PAN-1. Recompute with <c>printf '%s%s' "$seed" "$id" | sha256sum</c>. Publish <see cref="PoolHash"/> before the seed is known.</remarks>
public sealed record PanelDraw
{
    [JsonConstructor]
    private PanelDraw()
    {
    }

    public required string Seed { get; init; }

    /// <summary>SHA-256, in hex, of the whole pool in canonical form: what was drawn from.</summary>
    public required string PoolHash { get; init; }

    public required PanelRules Rules { get; init; }

    /// <summary>Who may sit, in the drawn order.</summary>
    public required ImmutableArray<DrawnExpert> Sequence { get; init; }

    /// <summary>Who may not, in the order of their ids.</summary>
    public required ImmutableArray<ExcludedExpert> Excluded { get; init; }

    /// <summary>The seats, in the order they were filled; a substitute takes the place of the one who left.</summary>
    public required ImmutableArray<PanelSeat> Seats { get; init; }

    /// <summary>Who left the panel, in order.</summary>
    public ImmutableArray<string> Out { get; init; } = [];

    /// <summary>How seats were filled after nobody was left of the sequence, in order; null: they never had to be.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<PanelAddition>? Additions { get; init; }

    /// <summary>What became of the seats after the draw, in order; null: nothing, or the draw was made by a release that kept no such list.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<DrawMove>? Moves { get; init; }

    /// <summary>Seats that nobody could be found for; above 0 the panel is incomplete.</summary>
    [JsonIgnore]
    public int Vacant => Rules.Size - Seats.Length;

    /// <summary>Those of the sequence who neither sit nor left: substitutes in this order, as their fields allow.</summary>
    [JsonIgnore]
    public IEnumerable<DrawnExpert> Substitutes => Sequence.Where(e => Seats.All(s => s.ExpertId != e.Id) && !Out.Contains(e.Id));

    /// <summary>By a pool that is recorded with the rules.</summary>
    /// <exception cref="FormatException">As the other one.</exception>
    public static PanelDraw Draw(IReadOnlyCollection<Expert> pool, PanelSubject subject, PanelRules rules, string seed) => Draw(new PoolRecord(subject, [.. pool], rules), seed);

    /// <param name="pool">As it was recorded: its own rules count.</param>
    /// <param name="rules">For a pool that was recorded without any.</param>
    /// <exception cref="FormatException">Rules that can't be met, none at all, an empty seed, or an expert twice in the pool.</exception>
    public static PanelDraw Draw(PoolRecord pool, string seed, PanelRules? rules = null)
    {
        rules = pool.Rules ?? rules ?? throw new FormatException("A draw needs rules.");
        rules.Check();
        if (string.IsNullOrEmpty(seed))
        {
            throw new FormatException("A draw needs a seed.");
        }

        var record = pool.Write();
        var ordered = pool.Experts.OrderBy(e => e.Id, StringComparer.Ordinal);
        var reasons = ordered.Select(e => (Expert: e, Reasons: Recusal.Reasons(e, pool.Subject, rules))).ToArray();
        var draw = new PanelDraw
        {
            Seed = seed,
            PoolHash = PoolRecord.HashOf(record),
            Rules = rules,
            Sequence = [.. reasons.Where(r => r.Reasons.IsEmpty)
                .Select(r => new DrawnExpert(r.Expert.Id, OrderKey(seed, r.Expert.Id), [.. r.Expert.Fields.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]))
                .OrderBy(e => e.Key, StringComparer.Ordinal).ThenBy(e => e.Id, StringComparer.Ordinal)],
            Excluded = [.. reasons.Where(r => !r.Reasons.IsEmpty).Select(r => new ExcludedExpert(r.Expert.Id, r.Reasons))],
            Seats = [],
        };
        return draw.Fill();
    }

    /// <summary>
    /// Fills vacant seats when the sequence is at its end: whoever has become eligible since is put behind it, ordered by the
    /// same seed, and seats are filled from there; or those who are appointed sit.
    /// </summary>
    /// <param name="pool">As it was recorded: with the rules of the draw, or by a release before without any.</param>
    /// <param name="absent">Who lost the seat by not voting in time.</param>
    /// <param name="appointed">Empty: they are drawn.</param>
    /// <exception cref="FormatException">Somebody who can't be appointed: not in the pool, recused, seated already or off the panel; or more than there are seats. Or a pool with other rules.</exception>
    public PanelDraw Extend(PoolRecord pool, IReadOnlyCollection<string> absent, IReadOnlyList<string> appointed, string? reason)
    {
        if (pool.Rules is { } rules && PanelJson.Write(rules) != PanelJson.Write(Rules))
        {
            throw new FormatException("The pool was read by other rules than the draw's.");
        }

        var ordered = pool.Experts.OrderBy(e => e.Id, StringComparer.Ordinal).ToArray();
        var added = ordered.Where(e => Sequence.All(s => s.Id != e.Id) && Recusal.Reasons(e, pool.Subject, Rules).IsEmpty)
            .Select(e => new DrawnExpert(e.Id, OrderKey(Seed, e.Id), [.. e.Fields.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]))
            .OrderBy(e => e.Key, StringComparer.Ordinal).ThenBy(e => e.Id, StringComparer.Ordinal).ToArray();
        var gone = Seats.Select(s => s.ExpertId).Where(absent.Contains).ToArray();
        var draw = this with
        {
            Sequence = [.. Sequence, .. added],
            Excluded = [.. Excluded.Where(e => added.All(a => a.Id != e.Id))],
            Seats = [.. Seats.Where(s => !gone.Contains(s.ExpertId))],
            Out = [.. Out, .. gone],
            Additions = [.. Additions ?? [], new PanelAddition(PoolRecord.HashOf(pool.Write()), [.. added.Select(a => a.Id)], [.. appointed], reason)],
            Moves = [.. Moves ?? [], new DrawMove { Addition = Additions?.Length ?? 0, Absent = gone.Length == 0 ? null : [.. gone] }],
        };
        if (appointed.Count == 0)
        {
            return draw.Fill();
        }

        foreach (var id in appointed)
        {
            var expert = ordered.FirstOrDefault(e => e.Id == id) ?? throw new FormatException($"'{id}' isn't in the expert pool.");
            if (Recusal.Reasons(expert, pool.Subject, Rules) is { IsEmpty: false } reasons)
            {
                throw new FormatException($"'{id}' can't sit on this panel: {string.Join(", ", reasons)}.");
            }

            if (draw.Seats.Any(s => s.ExpertId == id) || draw.Out.Contains(id) || draw.Vacant == 0)
            {
                throw new FormatException(draw.Vacant == 0 ? "The panel has no seat for so many." : $"'{id}' sits on this panel, or has left it.");
            }

            draw = draw with { Seats = draw.Seats.Add(new PanelSeat(id, null, null)) };
        }

        return draw;
    }

    private PanelDraw Fill()
    {
        var draw = this;
        foreach (var quota in Rules.Fields)
        {
            // Who sits for an earlier field counts for this one too when they have it.
            while (draw.CountOf(quota.Field) + draw.Seats.Count(s => s.ForField == quota.Field && s.Fallback is not null) < quota.AtLeast && draw.Vacant > 0 && draw.FindFor(quota) is { } seat)
            {
                draw = draw with { Seats = draw.Seats.Add(seat) };
            }
        }

        while (draw.Vacant > 0 && draw.FindAny() is { } seat)
        {
            draw = draw with { Seats = draw.Seats.Add(seat) };
        }

        return draw;
    }

    /// <summary>
    /// Takes one expert off the panel and seats the next of the same sequence: of the same field when the seat was held for
    /// one. With nobody left the seat becomes vacant.
    /// </summary>
    /// <exception cref="ArgumentException">The expert doesn't sit on the panel.</exception>
    /// <seealso cref="Leave"/>
    public PanelDraw Substitute(string outId)
    {
        var place = Seats.IndexOf(Seats.FirstOrDefault(s => s.ExpertId == outId)
            ?? throw new ArgumentException($"Expert {outId} doesn't sit on this panel.", nameof(outId)));
        var left = this with { Seats = Seats.RemoveAt(place), Out = Out.Add(outId), Moves = [.. Moves ?? [], new DrawMove { Left = outId }] };

        // The seat's own field first, then any field that is now below its quota.
        var wanted = Rules.Fields.OrderByDescending(q => q.Field == Seats[place].ForField)
            .FirstOrDefault(q => left.CountOf(q.Field) + left.Seats.Count(s => s.ForField == q.Field && s.Fallback is not null) < q.AtLeast);
        var next = (wanted is null ? null : left.FindFor(wanted)) ?? left.FindAny();
        return next is null ? left : left with { Seats = left.Seats.Insert(place, next) };
    }

    /// <summary>Takes one expert out of the draw, wherever they stand in it: off the panel, as <see cref="Substitute"/>, or out of the substitutes, so that they never come on it.</summary>
    public PanelDraw Leave(string outId) => Seats.Any(s => s.ExpertId == outId) ? Substitute(outId)
        : Out.Contains(outId) || Sequence.All(e => e.Id != outId) ? this
        : this with { Out = Out.Add(outId), Moves = [.. Moves ?? [], new DrawMove { Left = outId }] };

    private int CountOf(string field) => Seats.Count(s => FieldsOf(s.ExpertId).Contains(field));

    private PanelSeat? FindFor(FieldQuota quota)
    {
        foreach (var field in quota.Fallback.Prepend(quota.Field))
        {
            if (Substitutes.FirstOrDefault(e => e.Fields.Contains(field) && Fits(e)) is { } found)
            {
                return new PanelSeat(found.Id, quota.Field, field == quota.Field ? null : field);
            }
        }

        return null;
    }

    /// <summary>For a seat that no quota holds. Where only the named fields may sit: of these, then of each that stands in for them in its order, then nobody.</summary>
    private PanelSeat? FindAny()
    {
        var free = Substitutes.Where(Fits);
        var found = Rules.OnlyFields is not true ? free.FirstOrDefault()
            : free.FirstOrDefault(e => Rules.Fields.Any(q => e.Fields.Contains(q.Field)))
                ?? Rules.Fields.SelectMany(q => q.Fallback).Select(f => free.FirstOrDefault(e => e.Fields.Contains(f))).FirstOrDefault(e => e is not null);
        return found is null ? null : new PanelSeat(found.Id, null, null);
    }

    private bool Fits(DrawnExpert expert) => Rules.Fields.All(q => q.AtMost is not { } most || !expert.Fields.Contains(q.Field) || CountOf(q.Field) < most);

    private ImmutableArray<string> FieldsOf(string id) => Sequence.First(e => e.Id == id).Fields;

    private static string OrderKey(string seed, string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(seed + id)));
}

/// <summary>An expert in the drawn sequence; <see cref="Key"/> is the hex hash it is ordered by.</summary>
public sealed record DrawnExpert(string Id, string Key, ImmutableArray<string> Fields);

public sealed record ExcludedExpert(string Id, ImmutableArray<RecusalReason> Reasons);

/// <summary>How seats were filled when the sequence was at its end.</summary>
/// <param name="PoolHash">Of the pool as it was then.</param>
/// <param name="Drawn">Who was put behind the sequence, in the drawn order.</param>
/// <param name="Appointed">Who was named instead of drawn.</param>
/// <param name="Reason">Why, in the words of who appointed.</param>
public sealed record PanelAddition(string PoolHash, ImmutableArray<string> Drawn, ImmutableArray<string> Appointed, string? Reason);

/// <summary>A seat; <see cref="ForField"/>: the field it was held for, <see cref="Fallback"/>: the field that stood in for it.</summary>
public sealed record PanelSeat(string ExpertId, string? ForField, string? Fallback);

/// <summary>One change after the draw: somebody left, or seats were filled by the addition with this number.</summary>
public sealed record DrawMove
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Left { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Addition { get; init; }

    /// <summary>Who had lost the seat by not voting in time.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<string>? Absent { get; init; }
}
