using System.Collections.Immutable;

namespace Talent.Workflows.Approvals.Reviews.Signing;

/// <summary>
/// Who takes part in a stage of several people, whose turn it is, how they have decided and what that makes of the stage.
/// Pure: the stage opens and closes the tasks that follow from it.
/// </summary>
/// <remarks>Source: R-REV-6 (会签、或签、票签), R-REV-7 (加签、减签).</remarks>
public sealed record SignBoard
{
    /// <summary>Most people of one stage.</summary>
    public const int Most = 100;

    public required SignRule Rule { get; init; }

    public required ImmutableArray<SignSeat> Seats { get; init; }

    /// <summary>Seats the members in the order they are given.</summary>
    /// <exception cref="FormatException">Nobody, too many, somebody twice, a weight below 1 or above 1000.</exception>
    public static SignBoard Of(SignRule rule, IEnumerable<SignSeat> members)
    {
        SignSeat[] seats = [.. members.Select((seat, key) => seat with { Key = key, After = rule.Mode == SignMode.Sequential && key > 0 ? [key - 1] : [] })];
        if (seats.Length is 0 or > Most)
        {
            throw new FormatException($"A stage has 1 to {Most} people, not {seats.Length}.");
        }

        if (seats.Where(s => s.User is not null).GroupBy(s => s.User).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new FormatException($"\"{twice.Key}\" is named twice.");
        }

        if (Array.Find(seats, s => s.Weight is < 1 or > 1000) is { } wrong)
        {
            throw new FormatException($"The weight of \"{wrong.User}\" is {wrong.Weight}; write 1 to 1000.");
        }

        return new SignBoard { Rule = rule, Seats = [.. seats] };
    }

    /// <summary>Seats whose turn it is and that have no task yet.</summary>
    public IEnumerable<SignSeat> ToOpen => Result is not null ? [] : Seats.Where(s => s is { Vote: null, Task: null } && s.After.All(HasVoted));

    public IEnumerable<SignSeat> Open => Seats.Where(s => s.Task is not null);

    /// <summary>Those whose turn hasn't come.</summary>
    public IEnumerable<SignSeat> Waiting => Seats.Where(s => s is { Vote: null, Task: null });

    public SignSeat? OfTask(Guid task) => Seats.FirstOrDefault(s => s.Task == task);

    public SignBoard WithTask(int key, Guid task) => With(key, s => s with { Task = task, Turns = s.Turns + 1 });

    /// <param name="by">Who decides, with their own right or that of a principal; null: by rule.</param>
    public SignBoard Decide(int key, DecisionOutcome vote, string? by = null, string? principal = null, string? returnTo = null) =>
        With(key, s => s with { Task = null, Vote = vote, Voted = s.Task, By = by, Principal = principal, ReturnTo = returnTo });

    /// <summary>Whether somebody has, or has decided, a part besides this one: nobody signs twice.</summary>
    public bool SignsBeside(int key, string user) => Seats.Any(s => s.Key != key && s.IsOf(user));

    /// <summary>Who may not decide this part because of another that is theirs, or was decided by them or with their right. Superiors to whom the ladder gave several may.</summary>
    public IEnumerable<string> TakingPart(SignSeat seat) => seat.Raised ? []
        : Seats.Where(s => s.Key != seat.Key).SelectMany(s => new[] { s.Holder, s.Principal }).OfType<string>().Distinct(StringComparer.Ordinal);

    /// <summary>转办: another takes somebody's part, who doesn't sign already.</summary>
    public SignBoard HandOn(int key, string to) => With(key, s => s with { User = to });

    /// <summary>The ladder gives what is open to the superiors.</summary>
    public SignBoard Raise() => this with { Seats = [.. Seats.Select(s => s.Task is null ? s : s with { Raised = true })] };

    /// <summary>Everybody who has decided, and with whose right.</summary>
    public IEnumerable<string> Deciders => Seats.Where(s => s.Vote is not null).SelectMany(s => new[] { s.Holder, s.Principal }).OfType<string>();

    /// <summary>拿回: somebody takes their vote back while the stage isn't decided. Whoever comes after them, and hasn't decided, waits again. The seat is theirs, though it was another's before.</summary>
    /// <exception cref="FormatException">Somebody who came after them has decided.</exception>
    public SignBoard TakeBack(int key)
    {
        if (Seats.FirstOrDefault(s => s.Vote is not null && s.After.Contains(key)) is { } later)
        {
            throw new FormatException($"\"{later.Holder}\", who came after, has decided.");
        }

        return this with { Seats = [.. Seats.Select(s => s.Key == key ? s with { User = s.Principal ?? s.Holder, Vote = null, Voted = null, By = null, Principal = null, ReturnTo = null } : s.After.Contains(key) ? s with { Task = null } : s)] };
    }

    /// <summary>加签: others decide too. Whoever is asked <see cref="SignPosition.Before"/> comes first: who asks loses their task until then.</summary>
    /// <param name="asker">The seat of who asks, who becomes its holder.</param>
    /// <exception cref="FormatException">Nobody, too many, or somebody who takes part already.</exception>
    public SignBoard Add(int asker, string by, SignPosition position, IReadOnlyList<string> users)
    {
        if (users.Count == 0)
        {
            throw new FormatException("nobody is named.");
        }

        if (users.FirstOrDefault(u => u == by || Seats.Any(s => s.IsOf(u)) || users.Count(other => other == u) > 1) is { } twice)
        {
            throw new FormatException($"\"{twice}\" takes part already.");
        }

        if (Seats.Length + users.Count > Most)
        {
            throw new FormatException($"a stage has at most {Most} people.");
        }

        var next = Seats.Max(s => s.Key) + 1;
        SignSeat[] added = [.. users.Select((user, i) => new SignSeat { Key = next + i, User = user, For = asker, AddedBy = by, After = position == SignPosition.After ? [asker] : [] })];
        int[] keys = [.. added.Select(a => a.Key)];
        return this with
        {
            Seats =
            [
                .. Seats.Select(s => s.Key == asker
                    ? position == SignPosition.Before ? s with { User = by, Task = null, After = [.. s.After, .. keys] } : s with { User = by }
                    // Whoever comes after who asks comes after those asked, too.
                    : s.After.Contains(asker) ? s with { After = [.. s.After, .. keys] } : s),
                .. added,
            ],
        };
    }

    /// <summary>减签: one who was asked in addition takes no part any more, nor do those whom they asked.</summary>
    public SignBoard Remove(int key)
    {
        var gone = Seats.Where(s => s.Key == key || IsFor(s, key)).Select(s => s.Key).ToHashSet();
        return this with { Seats = [.. Seats.Where(s => !gone.Contains(s.Key)).Select(s => s with { After = [.. s.After.Where(a => !gone.Contains(a))] })] };
    }

    /// <summary>What the stage is decided by; null: it isn't yet. Once decided, no vote that is still to come would change it.</summary>
    public DecisionOutcome? Result => Rule.Mode switch
    {
        SignMode.Vote => Counted(),
        SignMode.Any => Negative() ?? (Seats.Any(s => s.For is null && Approved(s)) ? DecisionOutcome.Approve : null),
        _ when Rule.WaitForAll && Rule.Mode != SignMode.Sequential => Seats.All(s => s.Vote is not null) ? Severest() : null,
        _ => Negative() ?? (Seats.All(s => s.Vote == DecisionOutcome.Approve) ? DecisionOutcome.Approve : null),
    };

    /// <summary>到期计票: what the votes given so far decide; null: too few have voted.</summary>
    public DecisionOutcome? Close()
    {
        if (Result is { } decided)
        {
            return decided;
        }

        var tally = Tally();
        return Rule.Mode == SignMode.Vote && tally.Present > 0 && Quorate(tally) ? Verdict(tally) : null;
    }

    /// <summary>A seat has approved, and so has everybody whom its holder asked.</summary>
    private bool Approved(SignSeat seat) => seat.Vote == DecisionOutcome.Approve && Seats.Where(s => s.For == seat.Key).All(Approved);

    private bool HasVoted(int key) => Seats.All(s => s.Key != key || s.Vote is not null);

    private bool IsFor(SignSeat seat, int asker)
    {
        for (var current = seat; current?.For is { } key; current = Seats.FirstOrDefault(s => s.Key == key))
        {
            if (key == asker)
            {
                return true;
            }
        }

        return false;
    }

    private DecisionOutcome? Negative() => Seats.FirstOrDefault(s => s.Vote is { } vote && IsNegative(vote))?.Vote;

    private DecisionOutcome Severest() => Seats.Max(s => Severity(s.Vote!.Value)) switch
    {
        3 => DecisionOutcome.Refuse,
        2 => DecisionOutcome.Reject,
        1 => DecisionOutcome.Return,
        _ => DecisionOutcome.Approve,
    };

    private DecisionOutcome? Counted()
    {
        if (Seats.FirstOrDefault(s => s.Veto && s.Vote is { } vote && IsNegative(vote)) is { } veto)
        {
            return veto.Vote;
        }

        var tally = Tally();
        var left = tally.Total - tally.Present;
        if (left == 0)
        {
            return Verdict(tally);
        }

        // Whoever has a veto may still use it.
        if (Seats.Any(s => s is { Veto: true, Vote: null }))
        {
            return null;
        }

        // Decided early when the rest could only confirm it: they may all come and vote either way, or not come at all.
        if (Quorate(tally) && Rule.Pass.IsReached(tally.For, WholeWithAll(tally)))
        {
            return DecisionOutcome.Approve;
        }

        if (Rule.Pass.IsReached(tally.For + left, WholeWithAll(tally)) || (tally.For + left >= tally.Against && Rule.Tie == DecisionOutcome.Approve))
        {
            return null;
        }

        // Whether it is returned or rejected may still depend on the rest; so may a tie.
        DecisionOutcome[] possible =
        [
            Failed(tally with { Returns = tally.Returns + left }), Failed(tally with { Rejects = tally.Rejects + left }),
            Failed(tally with { Refusals = tally.Refusals + left }), Failed(tally),
        ];
        var canTie = tally.For + left >= tally.Against && Rule.Tie != possible[0];
        return !canTie && possible.Distinct().Count() == 1 ? possible[0] : null;

        int WholeWithAll(Votes votes) => Rule.Of == VoteBase.Cast ? votes.For + votes.Against + left : votes.Total;
    }

    private DecisionOutcome Verdict(Votes votes)
    {
        var whole = Rule.Of switch { VoteBase.All => votes.Total, VoteBase.Present => votes.Present, _ => votes.For + votes.Against };
        return whole > 0 && Rule.Pass.IsReached(votes.For, whole) ? DecisionOutcome.Approve
            : votes.For == votes.Against ? Rule.Tie
            : Failed(votes);
    }

    /// <summary>What most of those against want; the milder where they are even.</summary>
    private static DecisionOutcome Failed(Votes votes) =>
        votes.Returns >= votes.Rejects && votes.Returns >= votes.Refusals && votes.Returns > 0 ? DecisionOutcome.Return
        : votes.Rejects >= votes.Refusals ? DecisionOutcome.Reject
        : DecisionOutcome.Refuse;

    private bool Quorate(Votes votes) => Rule.Quorum is not { } quorum || quorum.IsReached(votes.Present, votes.Total);

    private Votes Tally()
    {
        return new Votes(Weight(null), Weight(DecisionOutcome.Approve), Weight(DecisionOutcome.Return), Weight(DecisionOutcome.Reject), Weight(DecisionOutcome.Refuse), Weight(DecisionOutcome.Abstain));

        int Weight(DecisionOutcome? vote) => Seats.Sum(s => vote is null || s.Vote == vote ? s.Weight : 0);
    }

    private SignBoard With(int key, Func<SignSeat, SignSeat> change) => this with { Seats = [.. Seats.Select(s => s.Key == key ? change(s) : s)] };

    private static bool IsNegative(DecisionOutcome vote) => Severity(vote) > 0;

    private static int Severity(DecisionOutcome vote) => vote switch
    {
        DecisionOutcome.Refuse => 3,
        DecisionOutcome.Reject => 2,
        DecisionOutcome.Return => 1,
        _ => 0,
    };

    private sealed record Votes(int Total, int For, int Returns, int Rejects, int Refusals, int Abstentions)
    {
        public int Against => Returns + Rejects + Refusals;

        public int Present => For + Against + Abstentions;
    }
}
