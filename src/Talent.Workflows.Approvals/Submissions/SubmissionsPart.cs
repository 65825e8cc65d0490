using System.Text.Json;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>The rows of cases that go to the city on lists, as their workflows change them. What the city decided is written by <see cref="SubmissionSettlement"/>.</summary>
public sealed class SubmissionsPart : StepPart
{
    /// <summary>The city has decided on the case already, though its workflow may not know it yet.</summary>
    public const string UndecidedGate = "submission_undecided";

    /// <summary>The workflow was told before, or the case has left its list.</summary>
    public const string CarriedGate = "submission_carried";

    private const int Undecided = 0, Opened = 1, Carried = 2, Left = 3;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public override string Name => "submissions";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("opened", NpgsqlDbType.Jsonb), new("entry", NpgsqlDbType.Uuid), new("carries", NpgsqlDbType.Smallint), new("task", NpgsqlDbType.Uuid),
        new("left", NpgsqlDbType.Array | NpgsqlDbType.Uuid), new("states", NpgsqlDbType.Array | NpgsqlDbType.Text), new("user", NpgsqlDbType.Text), new("reason", NpgsqlDbType.Text),
    ];

    // Both gates lock the row: a list that is being sealed or settled at this instant is waited for, and what it made of the row counts.
    // They ask for rows that are as they should be: PostgreSQL asks again of a row that it waited for, but doesn't lock one that it leaves out.
    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new(new StepGate(UndecidedGate, """
            (select count(*) from (select e.id from approvals.submission_cases e where e.id = any(@left) and e.state in ('waiting', 'listed') for update) l) = cardinality(@left)
            """)),
        new("""
            submissions_opened as (
                insert into approvals.submission_cases (id, case_id, opened_at, task_id, service, stage, organisation_id, role, title, columns)
                select o.id, step.id, @now, o."taskId", c.service, o.stage, o."organisationId", o.role, o.title, o.columns
                from step join approvals.cases c on c.id = step.id, jsonb_to_recordset(@opened) o(id uuid, "taskId" uuid, stage text, title text, columns jsonb, role text, "organisationId" text))
            """),
        new("""
            submissions_carried as (
                update approvals.submission_cases e set carried = @carries, task_id = coalesce(@task, e.task_id) from step where e.id = @entry and e.case_id = step.id)
            """,
            new StepGate(CarriedGate, """
                exists (select from (select e.id from approvals.submission_cases e where e.id = @entry and e.case_id = @instance
                    and e.carried < @carries and e.state in ('listed', 'approved', 'rejected') for update) l)
                """)),
        // What the city has decided stays: an operator may end a case that can't go on.
        new("""
            submissions_left as (
                update approvals.submission_cases e set state = l.state, decided_at = @now, decided_by = @user, reason = @reason
                from step, unnest(@left, @states) l(id, state) where e.id = l.id and e.case_id = step.id and e.state in ('waiting', 'listed'))
            """),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        List<OpenSubmission>? opened = null;
        List<LeaveSubmission>? left = null;
        CarrySubmission? carried = null;
        foreach (var effect in step.Effects)
            switch (effect)
            {
                case OpenSubmission open:
                    (opened ??= []).Add(open);
                    break;
                // Opened and left in one step: it never waited.
                case LeaveSubmission leave when opened?.RemoveAll(o => o.Id == leave.EntryId) > 0:
                    break;
                case LeaveSubmission leave:
                    (left ??= []).Add(leave);
                    break;
                case CarrySubmission carry:
                    carried = carry;
                    break;
            }
        var action = step.Domain as SubmissionAction;
        // Only what the list's tables say goes on with a case: neither a hand-made signal nor another feature's.
        if (carried is not null && (action is not (CaseListed or CaseSettled) || action.EntryId != carried.EntryId) || left?.Exists(l => l.State == SubmissionStates.Returned && (action as CaseReturned)?.EntryId != l.EntryId) == true)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Case {step.InstanceId} goes on by its list only: seal, settle or return it under /submissions.", "该业务须通过名单报送接口办理。");
        if (action is CaseListed or CaseSettled && carried is null || action is CaseReturned && left is null)
            throw new WorkflowException(ErrorCodes.BookmarkGone, $"Case {step.InstanceId} doesn't wait for its list any more.", "该业务已不在报送环节。");
        values.SkipUnless(step.Domain is CaseWithdrawn or CaseReturned && left is not null, Undecided);
        values.SkipUnless(opened is { Count: > 0 }, Opened);
        values.SkipUnless(carried is not null, Carried);
        values.SkipUnless(left is not null, Left);
        values["opened"] = opened is { Count: > 0 } ? JsonSerializer.Serialize(opened.Select(o => new Row(o.Id, o.TaskId, o.Stage, o.Title, o.Columns, o.Role, o.OrganisationId)), Json) : null;
        values["entry"] = carried?.EntryId;
        values["carries"] = carried?.Carried;
        values["task"] = carried?.TaskId;
        values["left"] = left?.ConvertAll(l => l.EntryId).ToArray();
        values["states"] = left?.ConvertAll(l => l.State).ToArray();
        values["user"] = (step.Domain as CaseAction)?.User;
        values["reason"] = (action as CaseReturned)?.Reason;
    }

    private sealed record Row(Guid Id, Guid TaskId, string Stage, string Title, IReadOnlyList<NoticeSource> Columns, string Role, string OrganisationId);
}
