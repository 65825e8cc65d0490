using System.Collections.Immutable;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Clocks;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>What happens to a task that nobody decides: remind → tell the superior → reassign → decide by rule, each at its instant.</summary>
/// <remarks>Source: R-REV-5; after an outage, architecture "Time".</remarks>
public sealed record EscalationLadder
{
    private EscalationLadder(ImmutableArray<EscalationStep> steps, Deadline deadline) => (Steps, Deadline) = (steps, deadline);

    /// <summary>In the order they fall due; at one instant, in the order of the rules.</summary>
    public ImmutableArray<EscalationStep> Steps { get; }

    public Deadline Deadline { get; }

    /// <summary>Puts the rules on the calendar. Steps that would have fallen due before the task opened don't exist: nobody is reminded of what they just got.</summary>
    /// <param name="mayDecideByRule">Whether the service's data allows automatic decisions.</param>
    /// <param name="hours">When people are told of something: in these hours. What is decided or recorded keeps its instant. Null: at any time.</param>
    /// <exception cref="FormatException">A decision by rule where none is allowed, before the deadline, or without an outcome (the others have none).</exception>
    public static EscalationLadder Of(IEnumerable<EscalationRule> rules, Deadline deadline, DateTimeOffset openedAt, WorkCalendar calendar, bool mayDecideByRule, OfficeHours? hours = null)
    {
        var timed = new List<(EscalationRule Rule, DateTimeOffset At, string Key)>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var rule in rules)
        {
            if ((rule.Kind == EscalationKind.DecideByRule) != (rule.Outcome is not null))
            {
                throw new FormatException($"Escalation {rule.Kind} at \"{rule.At}\": a decision by rule names its outcome, nothing else has one.");
            }

            if (rule.Kind == EscalationKind.DecideByRule && (!mayDecideByRule || rule.At.Amount < 0))
            {
                throw new FormatException(mayDecideByRule
                    ? $"Escalation decides by rule at \"{rule.At}\": it can't before the deadline."
                    : $"Escalation decides by rule at \"{rule.At}\", which this service doesn't allow: allow it in the service's data, or tell the superior instead.");
            }

            var at = rule.At.From(deadline, calendar);
            timed.Add((rule, hours is null || rule.Kind is EscalationKind.DecideByRule or EscalationKind.RedMark ? at : hours.Speak(at, deadline.DueAt, openedAt, calendar), KeyOf(rule, keys)));
        }

        var steps = timed.Where(t => t.At > openedAt).OrderBy(t => t.At)
            .Select((t, i) => new EscalationStep(i, t.Rule.Kind, t.At, t.Rule.Outcome, t.Key) { Offset = t.Rule.At });
        return new EscalationLadder([.. steps], deadline);
    }

    /// <summary>The first step after an instant, for the timer; null: none is left.</summary>
    public EscalationStep? NextAfter(DateTimeOffset instant) => Steps.FirstOrDefault(s => s.At > instant);

    /// <summary>
    /// What is to be done now. Several reminders become one. An automatic decision that fell due while no node ran is held
    /// for one working day after they run again, so that people can decide what the outage kept them from.
    /// </summary>
    /// <param name="handled">Keys of the steps handled before, <see cref="DueSteps.Handled"/> of the last time. By key, so that a ladder that was edited meanwhile neither repeats nor skips one.</param>
    /// <param name="downSince">Since when no node ran, on the first call after an outage; else null.</param>
    /// <param name="heldUntil">What an earlier call returned in <see cref="DueSteps.HeldUntil"/>, while it hasn't passed.</param>
    public DueSteps DueAt(IReadOnlyCollection<string> handled, DateTimeOffset now, WorkCalendar calendar, DateTimeOffset? downSince = null, DateTimeOffset? heldUntil = null)
    {
        var due = Steps.Where(s => !handled.Contains(s.Key) && s.At <= now).ToArray();
        var decision = Array.FindIndex(due, s => s.Kind == EscalationKind.DecideByRule);
        DateTimeOffset? held = null;
        if (decision >= 0)
        {
            held = heldUntil > now ? heldUntil
                : downSince is { } down && due[decision].At >= down ? StageTimes.GraceFrom(now, calendar).DueAt
                : null;

            // Nothing follows a decision: the task is closed. Nothing overtakes one that is held.
            due = due[..(held is null ? decision + 1 : decision)];
        }

        var lastReminder = Array.FindLastIndex(due, s => s.Kind == EscalationKind.Remind);
        var decides = due.Length > 0 && due[^1].Kind == EscalationKind.DecideByRule;
        var act = due.Where((s, i) => s.Kind != EscalationKind.Remind || (i == lastReminder && !decides)).ToImmutableArray();
        return new DueSteps
        {
            Act = act,
            Collapsed = [.. due.Except(act)],
            Handled = [.. handled, .. due.Select(s => s.Key)],
            HeldUntil = held,
            NextAt = held ?? (decides ? null : NextAfter(now)?.At),
        };
    }

    private static string KeyOf(EscalationRule rule, HashSet<string> keys)
    {
        if (rule.Id is { } id)
        {
            return keys.Add(id) ? id : throw new FormatException($"Two escalation steps have the id \"{id}\".");
        }

        var key = $"{rule.Kind}@{rule.At}";
        for (var number = 2; !keys.Add(key); number++)
        {
            key = $"{rule.Kind}@{rule.At}#{number}";
        }

        return key;
    }
}

/// <summary>What a ladder asks for at an instant.</summary>
public sealed record DueSteps
{
    /// <summary>To be done now, in order.</summary>
    public required ImmutableArray<EscalationStep> Act { get; init; }

    /// <summary>Reminders that a later one, or the decision itself, stands for; recorded, not sent.</summary>
    public required ImmutableArray<EscalationStep> Collapsed { get; init; }

    /// <summary>Keys of all steps handled so far; to be stored with the task and handed in next time.</summary>
    public required ImmutableArray<string> Handled { get; init; }

    /// <summary>An automatic decision waits until then, or for an operator's release; to be stored too. Null: none waits.</summary>
    public required DateTimeOffset? HeldUntil { get; init; }

    /// <summary>When to ask again; null: the ladder has ended.</summary>
    public required DateTimeOffset? NextAt { get; init; }
}
