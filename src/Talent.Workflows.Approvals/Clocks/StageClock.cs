using System.Collections.Immutable;
using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>
/// The legal clock of one review over its returns: since when it runs, when it stood still, whether it was extended. A case
/// that comes back from its correction finds the reviewer what was left of the limit, not the whole of it.
/// </summary>
/// <remarks>Source: R-REV-4 ("paused while waiting for the applicant").</remarks>
internal sealed record StageClock(DateTimeOffset From, ImmutableArray<ClockPause> Pauses, bool Extended = false)
{
    /// <summary>补正: the case lies with the applicant.</summary>
    public const string Correction = StopGround.Supplement;

    /// <summary>The pause that lasts; null: the clock runs.</summary>
    public ClockPause? Open => Pauses.FirstOrDefault(p => p.Until is null);

    /// <summary>Null: the stage never returned the case, or has decided it since.</summary>
    public static StageClock? Of(ActivityContext context) =>
        context.State.Output.TryGetValue(Key(context), out var clock) && clock.ValueKind == JsonValueKind.Object ? clock.Deserialize<StageClock>() : null;

    /// <summary>Stops the clock at a return, where the service has a correction stop it.</summary>
    public static void Pause(ActivityContext context, DateTimeOffset openedAt, Guid task, string? by)
    {
        if (CaseTerms.Of(context.State)?.Clock.Ground(Correction) is { } ground && !ground.Stops.Contains(LimitKinds.Stage))
            return;
        var id = context.NewId("clock-paused");
        Stop(context, openedAt, new ClockPause(id, context.Now, null, Correction));
        context.Emit(new PauseClock(id, context.Node.Id, task, Correction, by) { Limits = [LimitKinds.Stage] });
    }

    /// <summary>Stops the clock; whoever calls it enters the pause into the ledger.</summary>
    public static void Stop(ActivityContext context, DateTimeOffset openedAt, ClockPause pause)
    {
        var clock = Of(context) ?? new StageClock(openedAt, []);
        Keep(context, clock with { Pauses = clock.Pauses.Add(pause) });
        context.Log("ClockPaused", pause.Ground);
    }

    /// <summary>Ends a pause that the ledger knows by its id. False: it doesn't last.</summary>
    public static bool End(ActivityContext context, Guid pause)
    {
        if (Of(context) is not { Open: { } open } clock || open.Id != pause)
            return false;
        Keep(context, clock with { Pauses = clock.Pauses.Replace(open, open with { Until = context.Now }) });
        context.Log("ClockResumed", open.Ground);
        return true;
    }

    /// <summary>A task that is done needs no hearing any more: what somebody had stopped by hand runs on.</summary>
    public static void EndByHand(ActivityContext context, Guid? task)
    {
        if (task is { } done && Of(context) is { Open: { } open } && open.Ground != Correction && End(context, open.Id))
        {
            CaseClock.End(context, open.Id);
            context.Emit(new ResumeClock(DerivedId.For(open.Id, context.Node.Id, 1, "resumed"), open.Id, done));
        }
    }

    /// <summary>Grants the limit its extension.</summary>
    public static void Extend(ActivityContext context, DateTimeOffset openedAt) => Keep(context, (Of(context) ?? new StageClock(openedAt, [])) with { Extended = true });

    /// <summary>Lets the clock run on when the case is back; null: it never stood still.</summary>
    public static StageClock? Resume(ActivityContext context, Guid task)
    {
        if (Of(context)?.Open is { } open && End(context, open.Id))
            context.Emit(new ResumeClock(context.NewId("clock-resumed"), open.Id, task));
        return Of(context);
    }

    /// <summary>The review is decided: another one of the same stage begins anew.</summary>
    public static void Forget(ActivityContext context)
    {
        if (Of(context) is not null)
            context.SetWorkflowOutput(Key(context), default);
    }

    /// <summary>The end of a limit that began at <see cref="From"/>, later by what passed in the pauses that are over.</summary>
    public Deadline Apply(Deadline whole, WorkCalendar calendar) => ClockSpans.Union(Pauses.Where(p => p.Until is not null), From).Apply(whole, calendar);

    private static string Key(ActivityContext context) => $"clock:{context.Node.Id}";

    private static void Keep(ActivityContext context, StageClock clock) => context.SetWorkflowOutput(Key(context), JsonSerializer.SerializeToElement(clock));
}

/// <summary>A time in which the limit didn't run; <see cref="Until"/> is null while it lasts.</summary>
public sealed record ClockPause(Guid Id, DateTimeOffset At, DateTimeOffset? Until, string Ground);

/// <summary>Enters a pause of a review's limit into the ledger; its id is the pause's. <see cref="TaskId"/>: the task whose decision stopped the clock.</summary>
public sealed record PauseClock(Guid Id, string Stage, Guid TaskId, string Ground, string? By) : Effect(Id)
{
    /// <summary>What stands still: <see cref="LimitKinds"/>.</summary>
    public required IReadOnlyList<string> Limits { get; init; }

    /// <summary>The document that orders it, where there is one.</summary>
    public string? Document { get; init; }
}

/// <summary>Ends a pause. <see cref="TaskId"/>: the task that the case is back at.</summary>
public sealed record ResumeClock(Guid Id, Guid PauseId, Guid TaskId) : Effect(Id);
