using NpgsqlTypes;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Signals;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>
/// What became of signals. The row of the one being applied is inserted without ON CONFLICT: a signal id that was applied
/// before, by whatever route, rolls the step back.
/// </summary>
internal sealed class SignalPart(PayloadHash payloads) : StepPart
{
    public const string Key = "signals_pkey";

    public override string Name => "signal";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("id", NpgsqlDbType.Text),
        new("name", NpgsqlDbType.Text),
        new("outcome", NpgsqlDbType.Smallint),
        new("applied", NpgsqlDbType.Array | NpgsqlDbType.Text),
        new("superseded", NpgsqlDbType.Array | NpgsqlDbType.Text),
        new("sender", NpgsqlDbType.Text),
        new("hash", NpgsqlDbType.Bytea),
    ];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new("""
            signal_new as (
                insert into engine.signals (instance_id, signal_id, name, outcome, at, sender, payload_hash)
                select id, @id, @name, @outcome, @now, @sender, @hash from step)
            """),
        new("""
            signal_kept as (
                update engine.signals s set outcome = case when s.signal_id = any(@applied) then 0 else 2 end, at = @now
                from step where s.instance_id = step.id and s.signal_id = any(@applied || @superseded))
            """),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        if (step.Request.Stimulus is Stimulus.Signal { SignalId: not null } signal)
        {
            values["id"] = signal.SignalId;
            values["name"] = signal.Name;
            values["outcome"] = (short)(step.Result?.Outcome == StepOutcome.Waiting ? SignalOutcome.Waiting : SignalOutcome.Applied);
            values["sender"] = step.Request.Sender;
            values["hash"] = payloads.Of(signal.Payload);
        }
        else
        {
            values.Skip(0);
        }
        string[] applied = step.Result is { AppliedEarlySignals.Count: > 0 } result ? [.. result.AppliedEarlySignals] : [];
        string[] superseded = step.State.Status == WorkflowStatus.Finished && step.Before.EarlySignals.Count > 0
            ? [.. step.Before.EarlySignals.Select(s => s.SignalId).Except(applied)]
            : [];
        values.SkipUnless(applied.Length + superseded.Length > 0, 1);
        values["applied"] = applied;
        values["superseded"] = superseded;
    }
}
