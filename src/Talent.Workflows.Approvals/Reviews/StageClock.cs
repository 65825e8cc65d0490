using System.Collections.Immutable;
using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>
/// The legal clock of one review over its returns: since when it runs, and when it stood still. A case that comes back from
/// its correction finds the reviewer what was left of the limit, not the whole of it.
/// </summary>
/// <remarks>Source: R-REV-4 ("paused while waiting for the applicant").</remarks>
internal sealed record StageClock(DateTimeOffset From, ImmutableArray<ClockPause> Pauses)
{
    /// <summary>补正: the case lies with the applicant.</summary>
    public const string Correction = "supplement";

    /// <summary>Null: the stage never returned the case, or has decided it since.</summary>
    public static StageClock? Of(ActivityContext context) =>
        context.State.Output.TryGetValue(Key(context), out var clock) && clock.ValueKind == JsonValueKind.Object ? clock.Deserialize<StageClock>() : null;

    /// <summary>Stops the clock at a return.</summary>
    public static void Pause(ActivityContext context, DateTimeOffset openedAt, Guid task, string? by)
    {
        var id = context.NewId("clock-paused");
        var clock = Of(context) ?? new StageClock(openedAt, []);
        Keep(context, clock with { Pauses = clock.Pauses.Add(new ClockPause(id, context.Now, null, Correction)) });
        context.Log("ClockPaused", Correction);
        context.Emit(new PauseClock(id, context.Node.Id, task, Correction, by));
    }

    /// <summary>Lets the clock run on when the case is back; null: it never stood still.</summary>
    public static StageClock? Resume(ActivityContext context, Guid task)
    {
        if (Of(context) is not { Pauses: [.. var earlier, { Until: null } open] } clock)
            return Of(context);
        clock = clock with { Pauses = [.. earlier, open with { Until = context.Now }] };
        Keep(context, clock);
        context.Log("ClockResumed", open.Ground);
        context.Emit(new ResumeClock(context.NewId("clock-resumed"), open.Id, task));
        return clock;
    }

    /// <summary>The review is decided: another one of the same stage begins anew.</summary>
    public static void Forget(ActivityContext context)
    {
        if (Of(context) is not null)
            context.SetWorkflowOutput(Key(context), default);
    }

    /// <summary>The end of a limit that began at <see cref="From"/>, later by what passed in each pause.</summary>
    public Deadline Apply(Deadline whole, WorkCalendar calendar) =>
        Pauses.Where(p => p.Until is not null).Aggregate(whole, (deadline, pause) => deadline.AfterPause(pause.At, pause.Until!.Value, calendar));

    private static string Key(ActivityContext context) => $"clock:{context.Node.Id}";

    private static void Keep(ActivityContext context, StageClock clock) => context.SetWorkflowOutput(Key(context), JsonSerializer.SerializeToElement(clock));
}

/// <summary>A time in which the limit didn't run; <see cref="Until"/> is null while it lasts.</summary>
internal sealed record ClockPause(Guid Id, DateTimeOffset At, DateTimeOffset? Until, string Ground);

/// <summary>Enters a pause of a review's limit into the ledger; its id is the pause's. <see cref="TaskId"/>: the task whose decision stopped the clock.</summary>
public sealed record PauseClock(Guid Id, string Stage, Guid TaskId, string Ground, string? By) : Effect(Id);

/// <summary>Ends a pause. <see cref="TaskId"/>: the task that the case is back at.</summary>
public sealed record ResumeClock(Guid Id, Guid PauseId, Guid TaskId) : Effect(Id);
