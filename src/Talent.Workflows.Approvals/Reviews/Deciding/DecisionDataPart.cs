using NpgsqlTypes;
using Talent.Workflows.Approvals.Reviews.Correcting;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Reviews.Deciding;

/// <summary>Keeps what a decider filled in, and what a return asks to be corrected, with the decision itself.</summary>
public sealed class DecisionDataPart : StepPart
{
    public override string Name => "decisions";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
        [new("task", NpgsqlDbType.Uuid), new("outcome", NpgsqlDbType.Text), new("data", NpgsqlDbType.Jsonb), new("user", NpgsqlDbType.Text),
            new("corrections", NpgsqlDbType.Jsonb), new("only_these", NpgsqlDbType.Boolean)];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new("""
            decisions_data as (
                insert into approvals.decision_data (task_id, case_id, stage, outcome, data, saved_at, saved_by)
                select t.id, step.id, t.stage, @outcome, @data, @now, @user from step join approvals.tasks t on t.id = @task)
            """),
        new("""
            decisions_corrections as (
                insert into approvals.corrections (task_id, case_id, items, only_these, at, by_user)
                select @task, step.id, @corrections, @only_these, @now, @user from step
                on conflict (task_id) do update set items = excluded.items, only_these = excluded.only_these, at = excluded.at, by_user = excluded.by_user)
            """),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        var decided = step.Domain as TaskDecided;
        values.SkipUnless(decided?.Data is not null, 0);
        values.SkipUnless(decided?.Corrections is not null, 1);
        values["task"] = decided?.TaskId;
        values["outcome"] = decided?.Outcome;
        values["data"] = decided?.Data;
        values["user"] = decided?.User;
        values["corrections"] = decided?.Corrections is { } corrections ? Corrections.Write(corrections.Items) : null;
        values["only_these"] = decided?.Corrections?.Only;
    }
}
