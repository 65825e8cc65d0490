using NpgsqlTypes;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>The earliest due instant of the instance: one row, moved by an update, never deleted and inserted in one step.</summary>
internal sealed class TimerPart : StepPart
{
    private const int Set = 0, Remove = 1;

    public override string Name => "timer";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
        [new("due", NpgsqlDbType.TimestampTz)];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new("""
            timer_set as (
                insert into engine.timers (instance_id, due_at)
                select id, @due from step
                on conflict (instance_id) do update
                set due_at = excluded.due_at, hold_until = '-infinity', attempts = 0, set_aside = false, last_error = null)
            """),
        new("timer_removed as (delete from engine.timers where instance_id = (select id from step))"),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        var before = step.IsStart ? null : step.Before.NextDueAt();
        var after = step.State.NextDueAt();
        values.SkipUnless(before != after && after is not null, Set);
        values.SkipUnless(before != after && after is null, Remove);
        values["due"] = after is { } due ? RoundUp(due) : null;
    }

    /// <summary>PostgreSQL keeps microseconds: rounding down would wake the instance before its timer is due.</summary>
    internal static DateTimeOffset RoundUp(DateTimeOffset due)
    {
        var rest = due.Ticks % TimeSpan.TicksPerMicrosecond;
        return (rest == 0 ? due : due.AddTicks(TimeSpan.TicksPerMicrosecond - rest)).ToUniversalTime();
    }
}
