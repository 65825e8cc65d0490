using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>A task's deadline and ladder while it waits: what its stage remembers between its timers, and the one timer that it re-arms.</summary>
/// <param name="scope">Distinguishes the tasks of a stage that opens several; empty for the only one.</param>
internal sealed class StageTimes(ActivityContext context, WorkCalendar country, string scope = "")
{
    private readonly WorkCalendar calendar = CaseTerms.Calendar(context.State, country);
    private readonly CaseTerms? terms = CaseTerms.Of(context.State);

    /// <summary>The ladder's only timer.</summary>
    private readonly string purpose = Ladders + scope;

    private const string Ladders = "ladder";

    /// <summary>
    /// A timer that fires this late means that no node ran: the sweep itself is late by seconds at most. What people could
    /// not decide because of that, no rule decides at once.
    /// </summary>
    public static readonly TimeSpan OutageAfter = TimeSpan.FromMinutes(15);

    public DateTimeOffset OpenedAt
    {
        get => Instant("opened") ?? context.Now;
        set => Keep("opened", value);
    }

    /// <summary>False: a task of a release before that didn't keep when it was opened.</summary>
    public bool KnowsOpening => Instant("opened") is not null;

    public DateTimeOffset? HeldUntil
    {
        get => Instant("held");
        set => Keep("held", value);
    }

    /// <summary>Keys of the ladder's steps that are behind. Tasks of earlier releases kept the place of the last one.</summary>
    private string[] Handled(EscalationLadder ladder) => context.GetData("handled" + scope) switch
    {
        { ValueKind: JsonValueKind.Array } keys => [.. keys.EnumerateArray().Select(k => k.GetString()!)],
        { ValueKind: JsonValueKind.Number } number => [.. ladder.Steps.Take(number.GetInt32() + 1).Select(s => s.Key)],
        _ => [],
    };

    /// <summary>What is left of a limit that is counted over the returns of its stage.</summary>
    public Deadline? Deadline(string? rule, StageClock? clock) => clock is null
        ? Deadline(rule, OpenedAt)
        : Deadline(rule, clock.From, clock.Extended) is { } whole ? clock.Apply(whole, calendar) : null;

    /// <summary>
    /// No node ran when a timer fell due, so that people couldn't act in time: they have another working day of the place where the case is, once.
    /// Null: a node ran, or they have had it.
    /// </summary>
    public Deadline? Grace(TimerWait timer)
    {
        if (HeldUntil is not null || context.Now - timer.DueAt < OutageAfter)
            return null;
        var grace = GraceFrom(context.Now, calendar);
        HeldUntil = grace.DueAt;
        return grace;
    }

    /// <summary>How much more time an outage gives.</summary>
    public static Deadline GraceFrom(DateTimeOffset now, WorkCalendar calendar) => Calendars.Deadline.Compute(DeadlineRule.Workdays(1), now, calendar);

    public Deadline? Deadline(string? rule, DateTimeOffset from, bool extended = false)
    {
        if (string.IsNullOrWhiteSpace(rule))
            return null;
        try
        {
            var limit = DeadlineRule.Parse(rule);
            return Calendars.Deadline.Compute(extended ? limit.Extended() : limit, from, calendar);
        }
        catch (Exception e) when (e is FormatException or ArgumentOutOfRangeException)
        {
            throw new WorkflowException(ErrorCodes.InvalidInput, $"The deadline of activity '{context.Node.Id}' can't be computed: {e.Message}", $"环节“{context.Node.DisplayText}”的期限无法计算。", e);
        }
    }

    public EscalationLadder? Ladder(Deadline? deadline, IReadOnlyList<JsonElement>? steps, bool mayDecideByRule)
    {
        if (deadline is null)
            return null;
        try
        {
            // Marks first: a limit that ends in a decision by rule was missed all the same.
            return EscalationLadder.Of([.. StageMarks.Rules(terms?.Clock.Marks, deadline.Rule), .. LadderText.Read(steps)], deadline, OpenedAt, calendar, mayDecideByRule, terms?.Clock.Office);
        }
        catch (FormatException e)
        {
            throw new WorkflowException(ErrorCodes.InvalidInput, $"The ladder of activity '{context.Node.Id}' can't be used: {e.Message}", $"环节“{context.Node.DisplayText}”的超时升级设置不正确。", e);
        }
    }

    /// <summary>What a late or punctual timer asks for; remembers how far it went and arms the next step.</summary>
    public DueSteps Take(EscalationLadder ladder, TimerWait timer)
    {
        DateTimeOffset? downSince = context.Now - timer.DueAt >= OutageAfter ? timer.DueAt : null;
        var due = ladder.DueAt(Handled(ladder), context.Now, calendar, downSince, HeldUntil);
        context.SetData("handled" + scope, JsonSerializer.SerializeToElement(due.Handled));
        if (due.HeldUntil != HeldUntil)
            HeldUntil = due.HeldUntil;
        Arm(due.NextAt);
        return due;
    }

    /// <summary>Arms what is next of a ladder whose instants have moved: what is behind stays behind, what is overdue falls due now.</summary>
    public void Rearm(EscalationLadder? ladder)
    {
        var handled = ladder is null ? [] : Handled(ladder);
        var next = HeldUntil ?? ladder?.Steps.FirstOrDefault(s => !handled.Contains(s.Key))?.At;
        Arm(next < context.Now ? context.Now : next);
    }

    /// <summary>What is still to come of a ladder, each step with its instant. A decision that is held comes when the hold ends; nothing comes after a decision.</summary>
    public IEnumerable<(EscalationStep Step, DateTimeOffset At)> Ahead(EscalationLadder ladder)
    {
        var handled = Handled(ladder);
        foreach (var step in ladder.Steps.Where(s => !handled.Contains(s.Key)))
        {
            var decides = step.Kind == EscalationKind.DecideByRule;
            yield return (step, decides && HeldUntil is { } held ? held : step.At);
            if (decides)
                yield break;
        }
    }

    public bool IsBehind(EscalationLadder ladder, string key) => Handled(ladder).Contains(key);

    public void Arm(DateTimeOffset? at)
    {
        if (at is { } instant)
            context.WaitUntil(instant, purpose);
        else
            context.CancelTimer(purpose);
    }

    /// <summary>The task is done: nothing of it falls due any more, and nothing is remembered.</summary>
    public void Forget() => Forget(context, scope);

    /// <summary>The same of one of a stage's tasks.</summary>
    public static void Forget(ActivityContext context, Guid task) => Forget(context, ScopeOf(task));

    private static void Forget(ActivityContext context, string scope)
    {
        context.CancelTimer(Ladders + scope);
        foreach (var name in (string[])["opened", "held", "handled"])
            context.SetData(name + scope, default);
    }

    /// <summary>Each task of a stage that opens several has a scope of its own.</summary>
    public static string ScopeOf(Guid task) => $"-{task:N}";

    /// <summary>The task whose ladder a timer belongs to; null: it is another timer.</summary>
    public static Guid? TaskOf(TimerWait timer) =>
        timer.Purpose.StartsWith($"{Ladders}-", StringComparison.Ordinal) && Guid.TryParseExact(timer.Purpose[(Ladders.Length + 1)..], "N", out var task) ? task : null;

    public static TaskDeadline? Row(Deadline? deadline) =>
        deadline is null ? null : new(deadline.DueAt, deadline.Provisional, deadline.Rule.ToString(), deadline.CalendarVersion);

    private DateTimeOffset? Instant(string name) =>
        context.GetData(name + scope) is { ValueKind: JsonValueKind.String } text
            ? DateTimeOffset.Parse(text.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) : null;

    private void Keep(string name, DateTimeOffset? value) =>
        context.SetData(name + scope, value is { } at ? JsonSerializer.SerializeToElement(at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)) : default);
}
