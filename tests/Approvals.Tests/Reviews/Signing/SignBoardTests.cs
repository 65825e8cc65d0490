using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Signing;

namespace Talent.Workflows.Approvals.Tests.Reviews.Signing;

/// <summary>会签、或签、票签 and 加签 as rules, without a workflow.</summary>
public sealed class SignBoardTests
{
    private const DecisionOutcome Yes = DecisionOutcome.Approve, Back = DecisionOutcome.Return, No = DecisionOutcome.Reject, Out = DecisionOutcome.Refuse, Nothing = DecisionOutcome.Abstain;

    private static readonly Gen<DecisionOutcome> Votes = Gen.Elements(Yes, Yes, Back, No, Out, Nothing);

    private static readonly Gen<DecisionOutcome> Decisions = Gen.Elements(Yes, Yes, Yes, Back, No, Out);

    [Theory]
    [InlineData(SignMode.All, false, "1,1,1", Yes)]
    [InlineData(SignMode.All, false, "1,1,", null)]
    [InlineData(SignMode.All, false, "1,r,", Back)]
    [InlineData(SignMode.All, true, "1,r,", null)]
    [InlineData(SignMode.All, true, "1,r,n", No)]
    [InlineData(SignMode.Sequential, false, "1,,", null)]
    [InlineData(SignMode.Sequential, false, "1,n,", No)]
    [InlineData(SignMode.Any, false, ",1,", Yes)]
    [InlineData(SignMode.Any, false, ",n,", No)]
    public void Stage_WhenSomeHaveSigned_ThenItIsDecidedAsItsModeSays_R_REV_6(SignMode mode, bool waitForAll, string votes, DecisionOutcome? expected) =>
        Assert.Equal(expected, Voted(new SignRule { Mode = mode, WaitForAll = waitForAll }, votes).Result);

    [Theory]
    [InlineData(">1/2", VoteBase.All, "1,1,n,", null)]
    [InlineData(">1/2", VoteBase.All, "1,1,1,", Yes)]
    [InlineData(">1/2", VoteBase.All, "1,1,n,n", No)]
    [InlineData("2/3", VoteBase.All, "1,1,n", Yes)]
    [InlineData("2/3", VoteBase.All, "1,n,n", No)]
    [InlineData("2/3", VoteBase.All, "1,1,a,a", No)]
    [InlineData("2/3", VoteBase.Cast, "1,1,a,a", Yes)]
    [InlineData(">1/2", VoteBase.All, "r,n,n,", null)]
    [InlineData(">1/2", VoteBase.All, "r,r,n,r", Back)]
    [InlineData(">1/2", VoteBase.Cast, "a,a,a", No)]
    public void Vote_WhenItIsCounted_ThenTheShareDecides_R_REV_6(string pass, VoteBase of, string votes, DecisionOutcome? expected) =>
        Assert.Equal(expected, Voted(new SignRule { Mode = SignMode.Vote, Pass = Share.Parse(pass), Of = of }, votes).Result);

    [Fact]
    public void Vote_WhenItIsEven_ThenTheTieRuleDecides_R_REV_6()
    {
        foreach (var tie in (DecisionOutcome[])[Yes, Back, No])
            Assert.Equal(tie, Voted(new SignRule { Mode = SignMode.Vote, Tie = tie }, "1,1,n,r").Result);
    }

    [Fact]
    public void Vote_WhenSomebodyHasAVeto_ThenNothingPassesBeforeOrAgainstThem_R_REV_6()
    {
        var rule = new SignRule { Mode = SignMode.Vote };
        var board = SignBoard.Of(rule, [Member("a"), Member("b"), Member("chief") with { Veto = true }]);

        Assert.Null(board.Decide(0, Yes).Decide(1, Yes).Result);
        Assert.Equal(Yes, board.Decide(0, Yes).Decide(1, Yes).Decide(2, Nothing).Result);
        Assert.Equal(Back, board.Decide(0, Yes).Decide(2, Back).Result);
    }

    [Fact]
    public void Vote_WhenTheDeadlineComes_ThenItCountsOnlyWithAQuorum_R_REV_6()
    {
        var rule = new SignRule { Mode = SignMode.Vote, Quorum = Share.Parse("2/3"), Of = VoteBase.Present };

        Assert.Null(Voted(rule, "1,,").Close());
        Assert.Equal(Yes, Voted(rule, "1,1,").Close());
        Assert.Equal(No, Voted(rule, "1,n,").Close());
    }

    [Fact]
    public void Vote_WhenSomebodyWeighsMore_ThenTheirVoteCountsAsMuch_R_REV_6()
    {
        var board = SignBoard.Of(new SignRule { Mode = SignMode.Vote }, [Member("chief") with { Weight = 3 }, Member("a"), Member("b")]);

        Assert.Equal(Yes, board.Decide(0, Yes).Result);
        Assert.Null(board.Decide(1, No).Decide(2, No).Result);
        Assert.Equal(No, board.Decide(0, No).Result);
    }

    [Fact]
    public void Vote_WhenItIsDecidedEarly_ThenNoLaterVoteWouldHaveChangedIt_R_REV_6() =>
        Property.Holds(
            from seats in Gen.Choose(1, 7)
            from weights in Gen.ArrayOf(Gen.Choose(1, 3), seats)
            from veto in Gen.ArrayOf(Gen.Frequency((5, Gen.Constant(false)), (1, Gen.Constant(true))), seats)
            from votes in Gen.ArrayOf(Votes, seats)
            from order in Gen.Shuffle(Enumerable.Range(0, seats).ToArray())
            from pass in Gen.Elements(">1/2", "2/3", "1/2", ">2/3", "1/1")
            from of in Gen.Elements(VoteBase.All, VoteBase.Present, VoteBase.Cast)
            from tie in Gen.Elements(Yes, Back, No)
            select (Rule: new SignRule { Mode = SignMode.Vote, Pass = Share.Parse(pass), Of = of, Tie = tie }, Weights: weights, Veto: veto, Votes: votes, Order: order),
            c =>
            {
                var board = SignBoard.Of(c.Rule, c.Weights.Select((w, i) => Member($"u{i}") with { Weight = w, Veto = c.Veto[i] }));
                DecisionOutcome? early = null;
                foreach (var key in c.Order)
                {
                    board = board.Decide(key, c.Votes[key]);
                    early ??= board.Result;
                    // A veto ends the vote for good: what would have come after it doesn't count.
                    if (early is not null && board.Seats.Any(s => s is { Veto: true, Vote: Back or No or Out }))
                        return;
                }
                Assert.Equal(board.Result, early);
                Assert.Equal(Recount(c.Rule, c.Weights, c.Votes), board.Result);
            }, 100);

    [Fact]
    public void Countersigning_WhenEverybodyIsWaitedFor_ThenTheOrderDoesntMatter_R_REV_6() =>
        Property.Holds(
            from seats in Gen.Choose(1, 6)
            from votes in Gen.ArrayOf(Decisions, seats)
            from order in Gen.Shuffle(Enumerable.Range(0, seats).ToArray())
            select (Votes: votes, Order: order),
            c =>
            {
                var board = SignBoard.Of(new SignRule { Mode = SignMode.All, WaitForAll = true }, c.Votes.Select((_, i) => Member($"u{i}")));
                Assert.Equal(c.Order.Aggregate(board, (b, key) => b.Decide(key, c.Votes[key])).Result, c.Votes.Max());
            }, 100);

    [Fact]
    public void Signers_WhenTheyAreAddedAndRemovedAtAnyTime_ThenNobodyIsSkippedAndNobodyHasTwoTasks_R_REV_7() =>
        Property.Holds(
            from mode in Gen.Elements(SignMode.Single, SignMode.All, SignMode.Sequential)
            from seats in mode == SignMode.Single ? Gen.Constant(1) : Gen.Choose(1, 4)
            from acts in Gen.ListOf(from act in Gen.Choose(0, 9) from which in Gen.Choose(0, 100) from position in Gen.Elements(SignPosition.Before, SignPosition.After, SignPosition.Beside) select (Act: act, Which: which, Position: position))
            select (Mode: mode, Seats: seats, Acts: acts),
            c =>
            {
                var board = Opened(SignBoard.Of(new SignRule { Mode = c.Mode }, Enumerable.Range(0, c.Seats).Select(i => Member($"u{i}"))));
                var people = c.Seats;
                var removed = new HashSet<string>();
                foreach (var (act, which, position) in c.Acts)
                {
                    if (board.Result is not null)
                        break;
                    var open = board.Open.ToArray();
                    // Undecided means that somebody can act: nobody waits for nobody.
                    Assert.NotEmpty(open);
                    Assert.Equal(open.Length, open.Select(s => s.User).Distinct().Count());
                    if (c.Mode == SignMode.Sequential)
                        Assert.True(open.Count(s => s.For is null) <= 1);
                    var seat = open[which % open.Length];
                    if (act < 3)
                        board = board.Add(seat.Key, seat.User!, position, [$"added{people++}"]);
                    else if (act == 3 && seat.AddedBy is not null)
                    {
                        removed.UnionWith(board.Seats.Select(s => s.User!));
                        board = board.Remove(seat.Key);
                        removed.ExceptWith(board.Seats.Select(s => s.User!));
                    }
                    else
                        board = board.Decide(seat.Key, Yes);
                    board = Opened(board);
                }
                while (board.Result is null)
                    board = Opened(board.Decide(board.Open.First().Key, Yes));
                Assert.Equal(Yes, board.Result);
                Assert.Equal(people, board.Seats.Length + removed.Count);
                Assert.All(board.Seats, s => Assert.Equal(Yes, s.Vote));
            }, 100);

    [Fact]
    public void Signer_WhenAskedBefore_ThenTheAskersTurnComesAgain_R_REV_7()
    {
        var board = Opened(SignBoard.Of(new SignRule { Mode = SignMode.Single }, [Member("a")])).Add(0, "a", SignPosition.Before, ["b"]);
        board = Opened(board);

        Assert.Equal("b", Assert.Single(board.Open).User);
        board = Opened(board.Decide(1, Yes));
        var again = Assert.Single(board.Open);
        Assert.Equal(("a", 2), (again.User, again.Turns));
    }

    [Theory]
    [InlineData()]
    [InlineData("a")]
    [InlineData("b")]
    [InlineData("c", "c")]
    public void Signers_WhenTheyCantBeAdded_ThenNothingChanges_R_REV_7(params string[] users)
    {
        var board = SignBoard.Of(new SignRule { Mode = SignMode.All }, [Member("a"), Member("b")]);

        Assert.Throws<FormatException>(() => board.Add(0, "a", SignPosition.Beside, users));
    }

    [Fact]
    public void Members_WhenTheyAreWrong_ThenTheyAreRefused_R_REV_6()
    {
        var rule = new SignRule { Mode = SignMode.All };
        Assert.Throws<FormatException>(() => SignBoard.Of(rule, []));
        Assert.Throws<FormatException>(() => SignBoard.Of(rule, [Member("a"), Member("a")]));
        Assert.Throws<FormatException>(() => SignBoard.Of(rule, [Member("a") with { Weight = 0 }]));
        Assert.Throws<FormatException>(() => SignBoard.Of(rule, Enumerable.Range(0, 101).Select(i => Member($"u{i}"))));
    }

    private static SignSeat Member(string user) => new() { Key = 0, User = user };

    /// <summary>Everyone whose turn it is has a task, as the stage does it.</summary>
    private static SignBoard Opened(SignBoard board) => board.ToOpen.ToArray().Aggregate(board, (b, s) => b.WithTask(s.Key, Guid.NewGuid()));

    /// <summary>1 approves, r returns, n rejects, a abstains, nothing hasn't voted.</summary>
    private static SignBoard Voted(SignRule rule, string votes)
    {
        var words = votes.Split(',');
        var board = SignBoard.Of(rule, words.Select((_, i) => Member($"u{i}")));
        for (var i = 0; i < words.Length; i++)
            if (words[i].Length > 0)
                board = board.Decide(i, words[i] switch { "1" => Yes, "r" => Back, "a" => Nothing, _ => No });
        return board;
    }

    /// <summary>The plain count of a whole vote, by fractions.</summary>
    private static DecisionOutcome Recount(SignRule rule, int[] weights, DecisionOutcome[] votes)
    {
        int Of(params DecisionOutcome[] which) => weights.Where((_, i) => which.Contains(votes[i])).Sum();
        var (yes, against) = (Of(Yes), Of(Back, No, Out));
        decimal whole = rule.Of == VoteBase.Cast ? yes + against : weights.Sum();
        var share = (decimal)rule.Pass.Numerator / rule.Pass.Denominator;
        if (whole > 0 && (rule.Pass.More ? yes * rule.Pass.Denominator > whole * rule.Pass.Numerator : yes * rule.Pass.Denominator >= whole * rule.Pass.Numerator) && share >= 0)
            return Yes;
        if (yes == against)
            return rule.Tie;
        var most = new[] { Of(Back), Of(No), Of(Out) }.Max();
        return most > 0 && Of(Back) == most ? Back : Of(No) == most ? No : Out;
    }
}
