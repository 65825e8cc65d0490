using System.Text.Json;
using NpgsqlTypes;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>The ledger of stopped clocks. A step that stops none pays nothing for it.</summary>
public sealed class ClockPart : StepPart
{
    public override string Name => "clock";

    public override IReadOnlyList<StepParameter> Parameters { get; } = [new("paused", NpgsqlDbType.Jsonb), new("resumed", NpgsqlDbType.Jsonb), new("reason", NpgsqlDbType.Text)];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new("""
            clock_paused as (
                insert into approvals.clock_pauses (id, case_id, task_id, stage, ground, paused_at, paused_by, limits, document, reason)
                select p.id, step.id, nullif(p."taskId", '00000000-0000-0000-0000-000000000000'), p.stage, p.ground, @now, p.by, p.limits, p.document, @reason
                from step, jsonb_to_recordset(@paused) p(id uuid, "taskId" uuid, stage text, ground text, by text, limits text[], document text))
            """),
        new("""
            clock_resumed as (
                update approvals.clock_pauses p set resumed_at = @now, resumed_task = nullif(r."taskId", '00000000-0000-0000-0000-000000000000')
                from step, jsonb_to_recordset(@resumed) r("pauseId" uuid, "taskId" uuid)
                where p.id = r."pauseId" and p.case_id = step.id)
            """),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        List<PauseClock>? paused = null;
        List<ResumeClock>? resumed = null;
        foreach (var effect in step.Effects)
            if (effect is PauseClock pause)
                (paused ??= []).Add(pause);
            else if (effect is ResumeClock resume)
                (resumed ??= []).Add(resume);
        values.SkipUnless(paused is not null, 0);
        values.SkipUnless(resumed is not null, 1);
        values["paused"] = paused is null ? null : JsonSerializer.Serialize(paused, JsonSerializerOptions.Web);
        values["reason"] = (step.Domain as ClockStopped)?.Reason;
        values["resumed"] = resumed is null ? null : JsonSerializer.Serialize(resumed, JsonSerializerOptions.Web);
    }
}
