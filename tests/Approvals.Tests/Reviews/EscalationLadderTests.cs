using System.Collections.Immutable;
using System.Text.Json;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Reviews;
using static Talent.Workflows.Approvals.Tests.Calendars.ChineseCalendars;

namespace Talent.Workflows.Approvals.Tests.Reviews;

public sealed class EscalationLadderTests
{
    private static readonly EscalationRule[] Rules =
    [
        Rule(EscalationKind.Remind, "1wd before"),
        Rule(EscalationKind.Remind, "due"),
        Rule(EscalationKind.TellSuperior, "1wd after"),
        Rule(EscalationKind.Reassign, "2wd after"),
        Rule(EscalationKind.DecideByRule, "3wd after", DecisionOutcome.Approve),
    ];

    // Opened Monday 28 Sep 2026, five working days: due 24:00 of Saturday 10 Oct (made up).
    private static readonly EscalationLadder Ladder = Opened("2026-09-28 10:00");

    [Fact]
    public void Rules_WhenWrittenAsData_ThenRead_R_REV_5()
    {
        const string Json = """
            [ { "kind": "remind", "at": "1wd before" }, { "kind": "remind", "at": "due" }, { "kind": "tell_superior", "at": "1wd after" },
              { "kind": "reassign", "at": "2wd after" }, { "kind": "decide_by_rule", "at": "3wd after", "outcome": "approve" } ]
            """;

        Assert.Equal(Rules, JsonSerializer.Deserialize<EscalationRule[]>(Json, JsonSerializerOptions.Web));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<EscalationRule[]>("""[ { "kind": "nag", "at": "due" } ]""", JsonSerializerOptions.Web));
    }

    [Fact]
    public void Of_WhenAcrossTheNationalDay_ThenEachStepIsOnItsWorkingDay_R_REV_5()
    {
        Assert.Equal(
            [
                (EscalationKind.Remind, Local("2026-10-10 00:00")),
                (EscalationKind.Remind, Local("2026-10-11 00:00")),
                (EscalationKind.TellSuperior, Local("2026-10-13 00:00")),
                (EscalationKind.Reassign, Local("2026-10-14 00:00")),
                (EscalationKind.DecideByRule, Local("2026-10-15 00:00")),
            ],
            Ladder.Steps.Select(s => (s.Kind, s.At)));
        Assert.Equal(Local("2026-10-13 00:00"), Ladder.NextAfter(Local("2026-10-11 00:00"))!.At);
        Assert.Null(Ladder.NextAfter(Local("2026-10-15 00:00")));
    }

    [Fact]
    public void Of_WhenTheRulesArentInOrder_ThenTheStepsAre_AndNoneIsBeforeTheOpening_R_REV_5()
    {
        var deadline = Deadline.Compute(DeadlineRule.Workdays(1), Local("2026-11-02 10:00"), Shipped);
        var ladder = EscalationLadder.Of([.. Rules.Reverse(), Rule(EscalationKind.Remind, "2wd before")], deadline, Local("2026-11-03 10:00"), Shipped, mayDecideByRule: true);

        Assert.Equal([0, 1, 2, 3], ladder.Steps.Select(s => s.Index));
        Assert.Equal([EscalationKind.Remind, EscalationKind.TellSuperior, EscalationKind.Reassign, EscalationKind.DecideByRule], ladder.Steps.Select(s => s.Kind));
    }

    [Fact]
    public void Of_WhenTheServiceAllowsNoDecisionByRule_ThenRefused_R_REV_5()
    {
        var deadline = Ladder.Deadline;

        Assert.Contains("doesn't allow", Refusal([Rule(EscalationKind.DecideByRule, "3wd after", DecisionOutcome.Approve)], false), StringComparison.Ordinal);
        Assert.Contains("before the deadline", Refusal([Rule(EscalationKind.DecideByRule, "1wd before", DecisionOutcome.Approve)], true), StringComparison.Ordinal);
        Assert.Contains("outcome", Refusal([Rule(EscalationKind.DecideByRule, "3wd after")], true), StringComparison.Ordinal);
        Assert.Contains("outcome", Refusal([Rule(EscalationKind.Remind, "due", DecisionOutcome.Approve)], true), StringComparison.Ordinal);

        string Refusal(EscalationRule[] rules, bool allowed) =>
            Assert.Throws<FormatException>(() => EscalationLadder.Of(rules, deadline, Local("2026-09-28 10:00"), Shipped, allowed)).Message;
    }

    [Fact]
    public void DueAt_WhenAskedAtEachStep_ThenEachIsActedOnOnce_R_REV_5()
    {
        var (handled, acted) = (ImmutableArray<string>.Empty, new List<EscalationStep>());
        for (DateTimeOffset? at = Ladder.Steps[0].At; at is { } now;)
        {
            var due = Ladder.DueAt(handled, now, Shipped);
            Assert.Empty(due.Collapsed);
            Assert.Empty(Ladder.DueAt(due.Handled, now, Shipped).Act);
            acted.AddRange(due.Act);
            (handled, at) = (due.Handled, due.NextAt);
        }

        Assert.Equal(Ladder.Steps, acted);
    }

    [Fact]
    public void DueAt_WhenRemindersFellDueWhileDown_ThenOneIsSent_R_REV_5()
    {
        var due = Ladder.DueAt([], Local("2026-10-13 09:00"), Shipped, downSince: Local("2026-10-08 09:00"));

        Assert.Equal([1, 2], due.Act.Select(s => s.Index));
        Assert.Equal([0], due.Collapsed.Select(s => s.Index));
        Assert.Equal((2, Local("2026-10-14 00:00")), (due.Handled.Length - 1, due.NextAt!.Value));
    }

    [Fact]
    public void DueAt_WhenADecisionFellDueWhileDown_ThenItWaitsOneWorkingDay_R_REV_5()
    {
        // Down from before the deadline until Saturday the 17th: held through Monday the 19th.
        var back = Ladder.DueAt(Through(0), Local("2026-10-17 09:00"), Shipped, downSince: Local("2026-10-10 09:00"));
        var meanwhile = Ladder.DueAt(back.Handled, Local("2026-10-19 18:00"), Shipped, heldUntil: back.HeldUntil);
        var after = Ladder.DueAt(meanwhile.Handled, Local("2026-10-20 00:00"), Shipped, heldUntil: meanwhile.HeldUntil);

        Assert.Equal([1, 2, 3], back.Act.Select(s => s.Index));
        Assert.Equal((3, Local("2026-10-20 00:00"), back.HeldUntil), (back.Handled.Length - 1, back.HeldUntil!.Value, back.NextAt));
        Assert.Empty(meanwhile.Act);
        Assert.Equal(back.HeldUntil, meanwhile.HeldUntil);
        Assert.Equal([4], after.Act.Select(s => s.Index));
        Assert.Equal((4, null, null), (after.Handled.Length - 1, after.HeldUntil, after.NextAt));
    }

    [Fact]
    public void DueAt_WhenTheDecisionFellDueBeforeTheOutage_OrNothingWasDown_ThenItIsTaken_R_REV_5()
    {
        var now = Local("2026-10-16 09:00");

        Assert.Equal([2, 3, 4], Ladder.DueAt(Through(1), now, Shipped, downSince: Local("2026-10-15 12:00")).Act.Select(s => s.Index));
        var all = Ladder.DueAt([], now, Shipped);
        Assert.Equal([2, 3, 4], all.Act.Select(s => s.Index)); // no reminder for a task that is decided
        Assert.Equal([0, 1], all.Collapsed.Select(s => s.Index));
    }

    [Fact]
    public void DueAt_WhenAskedAtAnyInstants_ThenEveryStepIsHandledOnce_InOrder_R_REV_5() =>
        Property.Holds(Gen.Zip(Instants, Gen.ArrayOf(Gen.Choose(0, 60 * 24 * 20))), pair =>
        {
            var opened = pair.Item1;
            var deadline = Deadline.Compute(DeadlineRule.Workdays(5), opened, Shipped);
            var ladder = EscalationLadder.Of(Rules, deadline, opened, Shipped, mayDecideByRule: true);
            var (handled, seen) = (ImmutableArray<string>.Empty, new List<int>());
            foreach (var minutes in pair.Item2.Order().Append(60 * 24 * 60))
            {
                var due = ladder.DueAt(handled, opened.AddMinutes(minutes), Shipped);
                Assert.All(due.Act, s => Assert.True(s.At <= opened.AddMinutes(minutes)));
                Assert.True(due.Act.Count(s => s.Kind == EscalationKind.Remind) <= 1);
                seen.AddRange(due.Act.Concat(due.Collapsed).Select(s => s.Index).Order());
                handled = due.Handled;
            }

            Assert.Equal(ladder.Steps.Select(s => s.Index), seen);
        });

    [Fact]
    public void DueAt_WhenTheLadderWasEditedMeanwhile_ThenNoStepIsRepeatedOrSkipped_R_REV_5()
    {
        var deadline = Ladder.Deadline;
        EscalationLadder Of(params EscalationRule[] rules) => EscalationLadder.Of(rules, deadline, Local("2026-09-28 10:00"), Shipped, mayDecideByRule: false);
        var before = Of(Rule(EscalationKind.Remind, "1wd before") with { Id = "first" }, Rule(EscalationKind.TellSuperior, "1wd after"));
        // A reminder put before all, and the old one moved behind the deadline.
        var after = Of(Rule(EscalationKind.Remind, "2wd before"), Rule(EscalationKind.Remind, "due") with { Id = "first" }, Rule(EscalationKind.TellSuperior, "1wd after"), Rule(EscalationKind.Reassign, "2wd after"));

        var first = before.DueAt([], Local("2026-10-10 00:00"), Shipped);
        var second = after.DueAt(first.Handled, Local("2026-10-14 00:00"), Shipped);

        Assert.Equal([EscalationKind.Remind, EscalationKind.TellSuperior, EscalationKind.Reassign], second.Act.Select(s => s.Kind));
        Assert.Equal("Remind@2wd before", second.Act[0].Key);
        Assert.Empty(second.Collapsed);
        Assert.Empty(before.DueAt(second.Handled, Local("2026-10-20 00:00"), Shipped).Act);
        Assert.Contains("first", Assert.Throws<FormatException>(() => Of(Rule(EscalationKind.Remind, "due") with { Id = "first" }, Rule(EscalationKind.Remind, "1wd before") with { Id = "first" })).Message, StringComparison.Ordinal);
    }

    private static string[] Through(int index) => [.. Ladder.Steps.Take(index + 1).Select(s => s.Key)];

    private static EscalationRule Rule(EscalationKind kind, string at, DecisionOutcome? outcome = null) =>
        new() { Kind = kind, At = DeadlineOffset.Parse(at), Outcome = outcome };

    private static EscalationLadder Opened(string at) =>
        EscalationLadder.Of(Rules, Deadline.Compute(DeadlineRule.Workdays(5), Local(at), Shipped), Local(at), Shipped, mayDecideByRule: true);
}
