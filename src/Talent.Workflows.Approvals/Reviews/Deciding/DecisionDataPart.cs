using NpgsqlTypes;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Reviews.Deciding;

/// <summary>Keeps what a decider filled in with the decision itself.</summary>
public sealed class DecisionDataPart : StepPart
{
    public override string Name => "decisions";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
        [new("task", NpgsqlDbType.Uuid), new("outcome", NpgsqlDbType.Text), new("data", NpgsqlDbType.Jsonb), new("user", NpgsqlDbType.Text)];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new("""
            decisions_data as (
                insert into approvals.decision_data (task_id, case_id, stage, outcome, data, saved_at, saved_by)
                select t.id, step.id, t.stage, @outcome, @data, @now, @user from step join approvals.tasks t on t.id = @task)
            """),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        var decided = step.Domain as TaskDecided;
        values.SkipUnless(decided?.Data is not null, 0);
        values["task"] = decided?.TaskId;
        values["outcome"] = decided?.Outcome;
        values["data"] = decided?.Data;
        values["user"] = decided?.User;
    }
}
