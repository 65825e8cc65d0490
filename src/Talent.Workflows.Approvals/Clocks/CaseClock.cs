using System.Collections.Immutable;
using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>The clock of a whole case: when it stood still, whether its limit was extended, how often it was returned. Kept in the state of its workflow.</summary>
/// <param name="Returns">Rounds of correction in the first and second phase.</param>
public sealed record CaseClock(ImmutableArray<ClockPause> Pauses, bool Extended, ImmutableArray<int> Returns)
{
    /// <summary>The workflow's output that keeps it.</summary>
    internal const string Key = "caseClock";

    /// <summary>The clock as the state has it; a case that never stood still has an empty one.</summary>
    public static CaseClock Of(WorkflowState state) =>
        state.Output.TryGetValue(Key, out var clock) && clock.ValueKind == JsonValueKind.Object ? clock.Deserialize<CaseClock>()! : new CaseClock([], false, [0, 0]);

    /// <summary>The ground on which it stands still now; null: it runs.</summary>
    public string? StoppedBy => Pauses.FirstOrDefault(p => p.Until is null)?.Ground;

    public int ReturnsIn(short phase) => Returns[phase - 1];

    /// <summary>The end of the total limit as the state has it; a pause that lasts is reckoned until now. Null: the service has no total limit.</summary>
    public static Deadline? Total(WorkflowState state, DateTimeOffset now, WorkCalendar country)
    {
        if (CaseTerms.Of(state) is not { Total: { } rule } terms)
            return null;
        var (clock, calendar) = (Of(state), CaseTerms.Calendar(state, country));
        return ClockSpans.Union(clock.Pauses, now).Apply(Deadline.Compute(clock.Extended ? rule.Extended() : rule, terms.FiledAt, calendar), calendar);
    }

    /// <summary>Stops the case's clock for as long as the activity lasts, where the ground stops it, and tells the applicant.</summary>
    /// <param name="tell">False: they are told by a message of their own, such as the request for a correction.</param>
    public static void Stop(ActivityContext context, string ground, bool tell = true)
    {
        if (CaseTerms.Of(context.State) is not { Total: not null } terms || terms.Clock.Ground(ground) is not { } found || !found.Stops.Contains(LimitKinds.Total))
            return;
        var id = context.NewId("case-clock");
        Add(context, new ClockPause(id, context.Now, null, ground));
        context.Log("CaseClockPaused", ground);
        context.Emit(new PauseClock(id, context.Node.Id, Guid.Empty, ground, null) { Limits = [LimitKinds.Total] });
        if (tell)
            Tell(context, id, found);
    }

    /// <summary>Lets the case's clock run on where this activity had stopped it.</summary>
    public static void Run(ActivityContext context)
    {
        var id = context.NewId("case-clock");
        if (End(context, id))
        {
            context.Log("CaseClockResumed");
            context.Emit(new ResumeClock(context.NewId("case-clock-resumed"), id, Guid.Empty));
        }
    }

    public static void Add(ActivityContext context, ClockPause pause)
    {
        var clock = Of(context.State);
        Keep(context, clock with { Pauses = clock.Pauses.Add(pause) });
    }

    public static bool End(ActivityContext context, Guid pause)
    {
        var clock = Of(context.State);
        var index = clock.Pauses.IndexOf(clock.Pauses.FirstOrDefault(p => p.Id == pause && p.Until is null)!);
        if (index < 0)
            return false;
        Keep(context, clock with { Pauses = clock.Pauses.SetItem(index, clock.Pauses[index] with { Until = context.Now }) });
        return true;
    }

    /// <summary>Takes an extension of the whole case in, in whichever activity waits; once.</summary>
    public static void Heed(ActivityContext context, string name)
    {
        if (name == StageRevision.ExtendTotal && Of(context.State) is { Extended: false } clock)
            Keep(context, clock with { Extended = true });
    }

    public static void CountReturn(ActivityContext context, short phase)
    {
        var clock = Of(context.State);
        Keep(context, clock with { Returns = clock.Returns.SetItem(phase - 1, clock.Returns[phase - 1] + 1) });
    }

    /// <summary>The clock without the last return of a phase, which was taken back; null: none was counted.</summary>
    internal static JsonElement? Uncounted(WorkflowState state, short phase) =>
        Of(state) is var clock && clock.ReturnsIn(phase) is > 0 and var returns ? JsonSerializer.SerializeToElement(clock with { Returns = clock.Returns.SetItem(phase - 1, returns - 1) }) : null;

    /// <summary>What of the total limit falls due when, as the state has it: names of <see cref="TotalEvents"/> with their instants.</summary>
    public static IReadOnlyList<(string Name, DateTimeOffset At)> Instants(WorkflowState state, DateTimeOffset now, WorkCalendar country)
    {
        if (CaseTerms.Of(state) is not { } terms)
            return [];
        var (clock, calendar, instants) = (Of(state), CaseTerms.Calendar(state, country), new List<(string, DateTimeOffset)>());
        // A case that was returned was told in time; its clock begins anew for nobody.
        if (clock.Returns[0] == 0 && terms.AcceptedFrom(calendar) is { } accepted)
            instants.Add((TotalEvents.Accepted, accepted));
        if (clock.StoppedBy is null && terms.Clock.Marks is { } marks && Total(state, now, country) is { } total)
        {
            if (marks.Offset(total.Rule) is { Amount: < 0 } near)
                instants.Add((TotalEvents.Yellow, terms.Clock.Office.Speak(near.From(total, calendar), total.DueAt, terms.FiledAt, calendar)));
            instants.Add((TotalEvents.Red, total.DueAt));
            instants.Add((TotalEvents.Told, terms.Clock.Office.NextOpen(total.DueAt, calendar)));
        }
        return instants;
    }

    /// <summary>The law has the applicant told of every pause.</summary>
    public static void Tell(ActivityContext context, Guid pause, StopGround ground) =>
        context.Emit(new NotifyEffect(DerivedId.For(pause, ground.Code, 1, "told"), "clock.paused", [Recipient.Applicant], new Dictionary<string, string>
        {
            ["stage"] = context.Node.Id, ["ground"] = ground.Zh, ["ground@en"] = ground.En,
        }));

    private static void Keep(ActivityContext context, CaseClock clock) => context.SetWorkflowOutput(Key, JsonSerializer.SerializeToElement(clock));
}

/// <summary>What falls due of a case as a whole, once each.</summary>
public static class TotalEvents
{
    /// <summary>视为受理</summary>
    public const string Accepted = "accepted";

    public const string Yellow = MarkColours.Yellow;
    public const string Red = MarkColours.Red;

    /// <summary>The superiors are told of the red mark, in office hours.</summary>
    public const string Told = "red_told";
}
