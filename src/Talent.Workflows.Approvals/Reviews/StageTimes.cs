using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>A stage's deadline and ladder while it waits: what it remembers between its timers, and the one timer that it re-arms.</summary>
internal sealed class StageTimes(ActivityContext context, WorkCalendar calendar)
{
    /// <summary>The ladder's only timer.</summary>
    public const string Purpose = "ladder";

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

    public DateTimeOffset? HeldUntil
    {
        get => Instant("held");
        set => Keep("held", value);
    }

    public int HandledThrough
    {
        get => context.GetData("handled") is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : -1;
        set => context.SetData("handled", JsonSerializer.SerializeToElement(value));
    }

    public Deadline? Deadline(string? rule, DateTimeOffset from)
    {
        if (string.IsNullOrWhiteSpace(rule))
            return null;
        try
        {
            return Calendars.Deadline.Compute(DeadlineRule.Parse(rule), from, calendar);
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
            return EscalationLadder.Of(LadderText.Read(steps), deadline, OpenedAt, calendar, mayDecideByRule);
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
        var due = ladder.DueAt(HandledThrough, context.Now, calendar, downSince, HeldUntil);
        HandledThrough = due.HandledThrough;
        if (due.HeldUntil != HeldUntil)
            HeldUntil = due.HeldUntil;
        Arm(due.NextAt);
        return due;
    }

    public void Arm(DateTimeOffset? at)
    {
        if (at is { } instant)
            context.WaitUntil(instant, Purpose);
        else
            context.CancelTimer(Purpose);
    }

    public static TaskDeadline? Row(Deadline? deadline) =>
        deadline is null ? null : new(deadline.DueAt, deadline.Provisional, deadline.Rule.ToString(), deadline.CalendarVersion);

    private DateTimeOffset? Instant(string name) =>
        context.GetData(name) is { ValueKind: JsonValueKind.String } text
            ? DateTimeOffset.Parse(text.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) : null;

    private void Keep(string name, DateTimeOffset? value) =>
        context.SetData(name, value is { } at ? JsonSerializer.SerializeToElement(at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)) : default);
}
