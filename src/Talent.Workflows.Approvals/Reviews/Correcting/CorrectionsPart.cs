using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Reviews.Correcting;

/// <summary>Keeps what returns ask to be corrected with the decisions themselves, and what each correction was opened for, from which version of the case to which (R-REV-3).</summary>
public sealed class CorrectionsPart : StepPart
{
    private const int Names = 0, Opens = 1, Answers = 2;

    public override string Name => "corrections";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("task", NpgsqlDbType.Uuid), new("items", NpgsqlDbType.Jsonb), new("only_these", NpgsqlDbType.Boolean), new("user", NpgsqlDbType.Text),
        new("opened", NpgsqlDbType.Array | NpgsqlDbType.Uuid), new("returns", NpgsqlDbType.Array | NpgsqlDbType.Text), new("taken_back", NpgsqlDbType.Array | NpgsqlDbType.Uuid),
        new("answered", NpgsqlDbType.Uuid),
    ];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new("""
            corrections_named as (
                insert into approvals.corrections (task_id, case_id, items, only_these, at, by_user)
                select @task, step.id, @items, @only_these, @now, @user from step
                on conflict (task_id) do update set items = excluded.items, only_these = excluded.only_these, at = excluded.at, by_user = excluded.by_user)
            """),
        // What a return takes back unanswered, as that of another branch, is asked for with it: it was told, and nobody has said that it needn't be.
        new("""
            corrections_opened as (
                insert into approvals.correction_requests (task_id, case_id, opened_seq, returns)
                select o.id, step.id, step.version, array(select distinct r.id from (
                    select unnest(string_to_array(o.returns, ',')::uuid[]) union all
                    select unnest(q.returns) from approvals.correction_requests q where q.task_id = any(@taken_back)) r(id))
                from step, unnest(@opened, @returns) o(id, returns))
            """),
        new("""
            corrections_answered as (
                update approvals.correction_requests q set answered_seq = step.version from step where q.task_id = @answered and q.case_id = step.id)
            """),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        var decided = step.Domain as TaskDecided;
        var answered = (step.Domain as SupplementGiven)?.TaskId;
        List<OpenTask>? opened = null;
        foreach (var effect in step.Effects)
            if (effect is OpenTask { Kind: TaskKinds.Supplement } open)
                (opened ??= []).Add(open);
        values.SkipUnless(decided?.Corrections is not null, Names);
        values.SkipUnless(opened is not null, Opens);
        values.SkipUnless(answered is not null, Answers);
        values["task"] = decided?.TaskId;
        values["items"] = decided?.Corrections is { } named ? Corrections.Write(named.Items) : null;
        values["only_these"] = decided?.Corrections?.Only;
        values["user"] = decided?.User;
        values["opened"] = opened?.Select(o => o.Id).ToArray();
        values["returns"] = opened?.Select(o => string.Join(',', o.ReturnedBy)).ToArray();
        values["taken_back"] = opened is null ? null : TakenBack(step);
        values["answered"] = answered;
    }

    private static Guid[] TakenBack(StepWrite step)
    {
        var gone = new List<Guid>();
        foreach (var effect in step.Effects)
            if (effect is CloseTask { End: TaskEnd.Cancelled } closed && step.Before.Bookmarks.Exists(b => b.Id == closed.TaskId && b.Name == TaskKinds.Supplement))
                gone.Add(closed.TaskId);
        return [.. gone];
    }
}
