using System.Numerics;
using System.Text.Json;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Panels;

namespace Talent.Workflows.Approvals.Tests.Panels;

public sealed class PanelCountTests
{
    [Theory]
    [InlineData(9, 6, 0, 0, "2/3", "2/3", PassBase.Present, PanelOutcome.Passed)] // exactly the quorum
    [InlineData(9, 5, 0, 0, "2/3", "2/3", PassBase.Present, PanelOutcome.NoQuorum)]
    [InlineData(9, 6, 3, 0, "2/3", "2/3", PassBase.Present, PanelOutcome.Passed)] // exactly two thirds
    [InlineData(9, 5, 4, 0, "2/3", "2/3", PassBase.Present, PanelOutcome.Failed)]
    [InlineData(9, 5, 1, 2, "2/3", "2/3", PassBase.Present, PanelOutcome.Failed)] // abstentions are present
    [InlineData(9, 5, 1, 1, "2/3", "2/3", PassBase.Present, PanelOutcome.Passed)] // 5 of 7
    [InlineData(9, 5, 1, 1, "2/3", "2/3", PassBase.All, PanelOutcome.Failed)] // 5 of 9
    [InlineData(7, 5, 0, 0, "2/3", "2/3", PassBase.All, PanelOutcome.Passed)]
    [InlineData(4, 2, 2, 0, "1/2", ">1/2", PassBase.Present, PanelOutcome.Failed)]
    [InlineData(4, 3, 1, 0, "1/2", ">1/2", PassBase.Present, PanelOutcome.Passed)]
    [InlineData(5, 0, 0, 0, "0/1", "0/1", PassBase.Present, PanelOutcome.NoQuorum)]
    [InlineData(5, 0, 0, 5, "0/1", "0/1", PassBase.Present, PanelOutcome.Failed)]
    [InlineData(0, 0, 0, 0, "2/3", "2/3", PassBase.All, PanelOutcome.NoQuorum)]
    public void Tally_WhenCountedByHand_ThenAgrees_R_PAN_2(int invited, int pass, int fail, int abstain, string quorum, string share, PassBase of, PanelOutcome outcome)
    {
        var count = Count(invited, pass, fail, abstain, new PanelCountRule { Quorum = Share.Parse(quorum), Pass = Share.Parse(share), Of = of });

        Assert.Equal((outcome, invited, pass + fail + abstain, pass, fail, abstain), (count.Outcome, count.Invited, count.Present, count.Pass, count.Fail, count.Abstain));
    }

    [Fact]
    public void Tally_WhenAnyBallots_ThenAgreesWithExactFractions_AndWithTheFiguresNeeded_R_PAN_2()
    {
        var cases =
            from invited in Gen.Choose(1, 30)
            from pass in Gen.Choose(0, invited)
            from fail in Gen.Choose(0, invited - pass)
            from abstain in Gen.Choose(0, invited - pass - fail)
            from quorum in Gen.Elements("1/2", "2/3", ">1/2", "3/4", "1/1")
            from share in Gen.Elements("1/2", "2/3", ">1/2", ">2/3", "4/5", "1/1")
            from of in Gen.Elements(PassBase.Present, PassBase.All)
            select (invited, pass, fail, abstain, Rule: new PanelCountRule { Quorum = Share.Parse(quorum), Pass = Share.Parse(share), Of = of });
        Property.Holds(cases, c =>
        {
            var present = c.pass + c.fail + c.abstain;
            var count = Count(c.invited, c.pass, c.fail, c.abstain, c.Rule);

            Assert.Equal(present >= count.QuorumNeeds, count.Outcome != PanelOutcome.NoQuorum);
            Assert.Equal(present >= count.QuorumNeeds && c.pass >= count.PassNeeds, count.Outcome == PanelOutcome.Passed);
            var whole = c.Rule.Of == PassBase.All ? c.invited : present;
            var difference = (new BigInteger(c.pass) * c.Rule.Pass.Denominator).CompareTo(new BigInteger(whole) * c.Rule.Pass.Numerator);
            Assert.True(count.Outcome == PanelOutcome.NoQuorum || (count.Outcome == PanelOutcome.Passed) == (c.Rule.Pass.More ? difference > 0 : difference >= 0));
        }, count: 200);
    }

    [Fact]
    public void Tally_WhenOneMoreVotesPassInsteadOfFail_ThenNeverWorse_R_PAN_2()
    {
        var cases =
            from pass in Gen.Choose(0, 10)
            from fail in Gen.Choose(1, 10)
            from abstain in Gen.Choose(0, 5)
            select (pass, fail, abstain);
        var rule = new PanelCountRule { Quorum = Share.Parse("2/3"), Pass = Share.Parse("2/3") };
        Property.Holds(cases, c =>
        {
            var before = Count(26, c.pass, c.fail, c.abstain, rule).Outcome;
            var after = Count(26, c.pass + 1, c.fail - 1, c.abstain, rule).Outcome;

            Assert.True(before != PanelOutcome.Passed || after == PanelOutcome.Passed);
        });
    }

    [Fact]
    public void Tally_WhenABallotIsntOfThePanelOrTwice_ThenRefused_R_PAN_2()
    {
        var rule = new PanelCountRule { Quorum = Share.Parse("2/3"), Pass = Share.Parse("2/3") };

        Assert.Throws<ArgumentException>(() => PanelCount.Tally([new Ballot("E-9", Vote.Pass)], ["E-1"], rule));
        Assert.Throws<ArgumentException>(() => PanelCount.Tally([new Ballot("E-1", Vote.Pass), new Ballot("E-1", Vote.Pass)], ["E-1", "E-2"], rule));
    }

    [Theory]
    [InlineData("2/3", "2/3")]
    [InlineData(">=2/3", "2/3")]
    [InlineData(">1/2", ">1/2")]
    [InlineData("1/1", "1/1")]
    public void Share_WhenWritten_ThenParsedBack(string text, string canonical)
    {
        Assert.Equal(canonical, Share.Parse(text).ToString());
        Assert.Equal(Share.Parse(text), JsonSerializer.Deserialize<Share>(JsonSerializer.Serialize(Share.Parse(text))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0.66")]
    [InlineData("2/0")]
    [InlineData("4/3")]
    [InlineData(">1/1")]
    [InlineData("-1/2")]
    public void Share_WhenNotOne_ThenRefused(string text)
    {
        Assert.Throws<FormatException>(() => Share.Parse(text));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Share>(JsonSerializer.Serialize(text)));
    }

    private static PanelCount Count(int invited, int pass, int fail, int abstain, PanelCountRule rule)
    {
        var votes = Enumerable.Repeat(Vote.Pass, pass).Concat(Enumerable.Repeat(Vote.Fail, fail)).Concat(Enumerable.Repeat(Vote.Abstain, abstain));
        return PanelCount.Tally([.. votes.Select((v, i) => new Ballot($"E-{i}", v))], [.. Enumerable.Range(0, invited).Select(i => $"E-{i}")], rule);
    }
}
