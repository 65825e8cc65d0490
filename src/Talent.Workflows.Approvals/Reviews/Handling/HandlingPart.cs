using System.Text.Json;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Reviews.Signing;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>What people do with tasks besides deciding their own. A step that does none of it pays nothing: three sections, nearly always skipped.</summary>
public sealed class HandlingPart : StepPart
{
    /// <summary>The task can't go to that user: they can't do it, have it already or have left; or it isn't the leaver's any more.</summary>
    public const string TransferGate = "task_transferable";

    /// <summary>The jump was settled, has expired, or is one's own.</summary>
    public const string JumpGate = "jump_open";

    private const NpgsqlDbType Texts = NpgsqlDbType.Array | NpgsqlDbType.Text;
    private const NpgsqlDbType Ids = NpgsqlDbType.Array | NpgsqlDbType.Uuid;

    public override string Name => "handling";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("user", NpgsqlDbType.Text), new("task", NpgsqlDbType.Uuid), new("principal", NpgsqlDbType.Text), new("chain", Ids),
        new("services", Texts), new("organisations", Texts), new("roles", Texts),
        new("transfer", NpgsqlDbType.Uuid), new("moved", NpgsqlDbType.Uuid), new("from", NpgsqlDbType.Text), new("to", NpgsqlDbType.Text), new("reason", NpgsqlDbType.Text),
        new("recalled", NpgsqlDbType.Uuid),
        new("jump", NpgsqlDbType.Uuid), new("jump_to", NpgsqlDbType.Text), new("waiting", Ids), new("expires", NpgsqlDbType.TimestampTz),
        new("settled", NpgsqlDbType.Uuid), new("settled_as", NpgsqlDbType.Smallint),
        new("urged", Ids), new("copies", NpgsqlDbType.Jsonb), new("comment", NpgsqlDbType.Uuid), new("text", NpgsqlDbType.Text), new("for_applicant", NpgsqlDbType.Boolean),
        new("leaving", Texts), new("seats", Texts),
    ];

    private const int ActsFor = 0, Transfers = 1, Others = 2;

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        // As TasksPart asks of somebody with a right of their own: the right is the principal's, and neither may be excluded.
        new($"""
            handling_decided_for as (
                insert into approvals.decisions_for (task_id, case_id, decided_by, principal, chain, decided_at)
                select @task, step.id, @user, @principal, @chain, @now from step)
            """,
            new StepGate(null, $"""
                nullif(coalesce((
                    select case
                        when t.case_id <> @instance or t.status > 1 then '{TasksPart.OpenGate}'
                        when (u.id is not null and p.id is not null and {TaskRights.For("@user", "@principal")}
                            and (select count(*) from approvals.delegations d where d.id = any(@chain) and d.revoked_at is null and d.from_at <= @now and d.until_at > @now
                                and (d.services is null or c.service = any(d.services)) and (d.roles is null or t.role = any(d.roles))) = cardinality(@chain)
                            and {KeyLimits.Service("@services")} and {KeyLimits.Task("@principal", "@organisations", "@roles")}) is not true then '{TasksPart.PermittedGate}'
                        else '' end
                    from approvals.tasks t join approvals.cases c on c.id = t.case_id
                        left join approvals.users u on u.id = @user and u.active left join approvals.users p on p.id = @principal and p.active
                    where t.id = @task), '{TasksPart.OpenGate}'), '')
                """)),
        // A role's task is claimed for the other one, who needs the role still when they decide; one that was given by name gets another name.
        new("""
            handling_moved as (
                update approvals.tasks t set
                    assignee = case when t.assignee is not null then @to end,
                    claimed_by = case when t.assignee is null then @to end,
                    claimed_at = case when t.assignee is null then @now end,
                    status = case when t.assignee is null then 1 else 0 end
                from step where t.id = @moved and t.case_id = step.id),
            handling_transferred as (
                insert into approvals.transfers (id, case_id, task_id, from_user, to_user, by_user, reason, at)
                select @transfer, step.id, @moved, coalesce(t.assignee, t.claimed_by, @user), @to, @user, @reason, @now
                from step join approvals.tasks t on t.id = @moved)
            """,
            new StepGate(TransferGate, $"""
                exists (select from approvals.tasks t join approvals.users u on u.id = @to and u.active
                    where t.id = @moved and t.case_id = @instance and t.status < 2 and t.kind not in ({TaskKinds.Personal})
                    and coalesce(t.assignee, t.claimed_by) is distinct from @to and not (@to = any(t.excluded))
                    and (@from is null or coalesce(t.assignee, t.claimed_by) = @from) and (t.assignee is not null or {TaskRights.Holds("@to")})
                    and not exists (select from approvals.handovers h where h.user_id = @to))
                """)),
        // All that is rare, together: a step has room for few sections.
        new($"""
            handling_recalled as (
                update approvals.tasks t set status = 3, reason = 'recalled' from step where t.id = @recalled and t.case_id = step.id and t.status = 2),
            handling_jump as (
                insert into approvals.jumps (id, case_id, stage, reason, waiting, leaving, asked_at, asked_by, expires_at)
                select @jump, step.id, @jump_to, @reason, @waiting, @leaving, @now, @user, @expires from step where @jump is not null),
            handling_settled as (
                update approvals.jumps j set state = @settled_as, settled_at = @now, settled_by = @user, answer = @reason
                from step where j.id = @settled and j.case_id = step.id),
            handling_urged as (
                insert into approvals.urges (case_id, task_id, at, by_user)
                select step.id, u.id, @now, @user from step, unnest(@urged) u(id)),
            handling_copied as (
                insert into approvals.copies (task_id, user_id, case_id, by_user, note, at)
                select distinct k."taskId", u.id, step.id, @user, k.note, @now
                from step, jsonb_to_recordset(@copies) k("taskId" uuid, "user" text, role text, organisation text, note text)
                    join approvals.users u on u.active and (u.id = k."user" or k.role is not null and exists (
                        select from approvals.user_roles r where r.user_id = u.id and r.role = k.role and r.organisation_id = k.organisation))
                order by 1, 2 limit {CopyCommands.MostPeople}
                on conflict (task_id, user_id) do nothing),
            handling_commented as (
                insert into approvals.comments (id, case_id, at, by_user, for_applicant, text)
                select @comment, step.id, @now, @user, @for_applicant, @text from step where @comment is not null),
            handling_seats as (
                insert into approvals.waiting_seats (user_id, case_id) select distinct s.id, step.id from step, unnest(@seats) s(id)
                on conflict do nothing)
            """,
            new StepGate(JumpGate, """
                (@settled is null or exists (select from approvals.jumps j where j.id = @settled and j.case_id = @instance and j.state = 0 and j.expires_at > @now and j.asked_by <> @user))
                """)),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        var action = step.Domain as CaseAction;
        var (transfer, copies, seats) = (action as TaskTransferred, Copies(step), Seats(step));
        values.SkipUnless(action?.For is not null, ActsFor);
        values.SkipUnless(transfer is not null, Transfers);
        values.SkipUnless(copies is not null || seats is not null || action is DecisionRecalled or JumpAsked or JumpSettled or CaseUrged or CommentMade, Others);
        values["user"] = action?.User;
        if (action?.For is { } acting)
        {
            values["task"] = action.TaskId;
            values["principal"] = acting.Principal;
            values["chain"] = acting.Chain.ToArray();
            values["services"] = action.Limits?.Services?.ToArray();
            values["organisations"] = action.Limits?.Organisations?.ToArray();
            values["roles"] = action.Limits?.Roles?.ToArray();
        }
        if (transfer is not null)
        {
            values["transfer"] = transfer.Id;
            values["moved"] = transfer.Task;
            values["from"] = transfer.From;
            values["to"] = transfer.To;
        }
        values["seats"] = seats ?? [];
        if (action is CommentMade comment)
            step.ReceiptAnswer = JsonSerializer.SerializeToUtf8Bytes(comment.Id);
        BindOthers(action, copies, values);
    }

    private static void BindOthers(CaseAction? action, string? copies, StepParameters values)
    {
        var (asked, settled, comment) = (action as JumpAsked, action as JumpSettled, action as CommentMade);
        values["reason"] = (action as TaskTransferred)?.Reason ?? asked?.Reason ?? settled?.Answer;
        values["recalled"] = (action as DecisionRecalled)?.Task;
        values["jump"] = asked?.Id;
        values["jump_to"] = asked?.Stage;
        values["waiting"] = asked?.Waiting.ToArray();
        values["expires"] = asked?.ExpiresAt;
        values["settled"] = settled?.Id;
        values["settled_as"] = settled is null ? null : settled.Confirmed ? (short)1 : (short)2;
        values["urged"] = (action as CaseUrged)?.Tasks.ToArray() ?? [];
        values["copies"] = copies ?? "[]";
        values["comment"] = comment?.Id;
        values["text"] = comment?.Text;
        values["for_applicant"] = comment?.ForApplicant;
        values["leaving"] = asked?.Leaving.ToArray();
    }

    private static string[]? Seats(StepWrite step)
    {
        string[]? seats = null;
        foreach (var effect in step.Effects)
            if (effect is SeatsWait wait)
                seats = [.. seats ?? [], .. wait.Users];
        return seats;
    }

    private static string? Copies(StepWrite step)
    {
        List<CopyOrder>? copies = null;
        foreach (var effect in step.Effects)
            if (effect is CopyTask copy)
                (copies ??= []).Add(new CopyOrder(copy.TaskId, copy.User, copy.Role, copy.OrganisationId, null));
        if (step.Domain is TaskCopied copied)
            (copies ??= []).AddRange(copied.Copies);
        return copies is null ? null : JsonSerializer.Serialize(copies, JsonSerializerOptions.Web);
    }
}
