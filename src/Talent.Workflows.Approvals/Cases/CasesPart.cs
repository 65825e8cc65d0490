using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Employers.Handlers;
using Talent.Workflows.Approvals.Filings.Recognitions;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>The case's own row, its number and its data.</summary>
public sealed class CasesPart : StepPart
{
    /// <summary>Only who filed the case or whom it is about may do this, and only a credential that may act for its service and employer.</summary>
    public const string OwnerGate = "case_owner";

    /// <summary>Only who the case is about, or a handler of the employer at that instant, begins it.</summary>
    public const string FilerGate = "case_filer";

    /// <summary>The data can't be changed now: it is neither the first phase of a draft nor waits for the applicant in that phase.</summary>
    public const string EditableGate = "case_editable";

    /// <summary>Accepted already: it counts as accepted by the lapse of time; the stage that accepts has passed it; where no stage does, the bureau has decided, or a review of the second phase has been decided.</summary>
    public const string WithdrawableGate = "case_withdrawable";

    /// <summary>Who is a handler of the employer that the case is about, or has operated it as one, doesn't decide on it.</summary>
    public const string JudgeGate = "case_judge";

    /// <summary>
    /// Whether the case <c>c</c> can be withdrawn (R-CASE-6). Whose review it was is told by its role: a review that was let
    /// lapse is handed to the superior of that role, maybe at the organisation above.
    /// </summary>
    internal const string Withdrawable = $"""
        not exists (select from approvals.case_clocks k where k.case_id = c.id and k.accepted_at is not null)
        and c.ended_at is null and c.status in ('draft', 'submitted', 'in_review', 'pending_review', 'pending_second_review', 'supplement', 'materials', 'to_confirm')
        and not exists (select from approvals.tasks t where t.case_id = c.id and t.id between approvals.first_task(c.id) and approvals.last_task(c.id) and {Accepts})
        """;

    /// <summary>Whether the task <c>t</c> is a decision by which the case <c>c</c> was accepted. To return it for correction isn't yet to accept it where a stage is 受理.</summary>
    internal const string Accepts = """
        t.status = 2 and t.kind = 'review' and case when c.acceptance is null then t.phase = 2 or t.role like 'bureau.%' else t.outcome = 'approve' and t.stage = any(c.acceptance) end
        """;

    internal const string CancelledCode = "cancelled";

    public override string Name => "cases";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("service", NpgsqlDbType.Text), new("applicant", NpgsqlDbType.Text), new("employer", NpgsqlDbType.Text), new("unit", NpgsqlDbType.Text),
        new("bureau", NpgsqlDbType.Text), new("region", NpgsqlDbType.Text), new("filed_by", NpgsqlDbType.Text),
        new("status", NpgsqlDbType.Text), new("phase", NpgsqlDbType.Smallint), new("ended", NpgsqlDbType.Boolean),
        new("number_code", NpgsqlDbType.Text), new("number_region", NpgsqlDbType.Text), new("number_year", NpgsqlDbType.Smallint), new("number_digits", NpgsqlDbType.Text),
        new("data_phase", NpgsqlDbType.Smallint), new("data", NpgsqlDbType.Text), new("saved_by", NpgsqlDbType.Text),
        new("owner", NpgsqlDbType.Text),
        new("services", NpgsqlDbType.Array | NpgsqlDbType.Text), new("organisations", NpgsqlDbType.Array | NpgsqlDbType.Text),
        new("end_reason", NpgsqlDbType.Text), new("roles", NpgsqlDbType.Array | NpgsqlDbType.Text),
        new("sealed", NpgsqlDbType.Bytea), new("key_id", NpgsqlDbType.Integer),
        new("subject", NpgsqlDbType.Text), new("round", NpgsqlDbType.Smallint), new("previous", NpgsqlDbType.Uuid),
        new("judges", NpgsqlDbType.Array | NpgsqlDbType.Text), new("form_version", NpgsqlDbType.Text),
        new("series", NpgsqlDbType.Uuid), new("carried", NpgsqlDbType.Text), new("carried_sealed", NpgsqlDbType.Bytea), new("carried_key_id", NpgsqlDbType.Integer),
        new("acceptance", NpgsqlDbType.Array | NpgsqlDbType.Text),
        new("before_task", NpgsqlDbType.Uuid), new("before_phase", NpgsqlDbType.Smallint), new("before", NpgsqlDbType.Text), new("before_sealed", NpgsqlDbType.Bytea), new("before_key_id", NpgsqlDbType.Integer), new("before_seq", NpgsqlDbType.Bigint),
    ];

    private const int Owner = 0, Editable = 1, Withdraws = 2, Created = 3, Submitted = 4, Changed = 5, Saved = 6, Judged = 7, Carried = 8, Before = 9;

    private const string Changes = """
        status = coalesce(@status, c.status),
                    phase = coalesce(@phase, c.phase),
                    end_reason = coalesce(@end_reason, c.end_reason),
                    ended_at = case when @ended then @now else c.ended_at end
        """;

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new(new StepGate(OwnerGate, $"""
            exists (select from approvals.cases c where c.id = @instance and {KeyLimits.Service("@services")} and {KeyLimits.Owner("@owner", "@organisations", "@roles")})
            """)),
        new(new StepGate(EditableGate, $"""
            exists (select from approvals.cases c where c.id = @instance and (c.status = 'draft' and @data_phase = 1 or exists (
                select from approvals.tasks t where t.case_id = c.id and t.id between approvals.first_task(c.id) and approvals.last_task(c.id) and t.status < 2 and t.kind in ('supplement', 'materials')
                and t.phase = @data_phase and (t.assignee = @owner or t.assignee is null and {TaskRights.Holds("@owner")}))))
            """)),
        new(new StepGate(WithdrawableGate, $"exists (select from approvals.cases c where c.id = @instance and {Withdrawable})")),
        new("""
            cases_created as (
                insert into approvals.cases (id, service, status, applicant_id, employer_id, unit_id, bureau_id, region, filed_by, created_at, subject, round, previous_id, series_id)
                select step.id, @service, @status, @applicant, @employer, @unit, @bureau, @region, @filed_by, @now, @subject, @round, @previous, @series from step)
            """,
            new StepGate(FilerGate, $"(@subject = '{CaseSubjects.Person}' and @filed_by = @applicant or @employer in {HandlerRights.EmployersOf("@filed_by")})")),
        new($"""
            cases_serial as (
                insert into approvals.case_serials as s (service, region, year, last)
                select @number_code, @number_region, @number_year, 1 from step
                on conflict (service, region, year) do update set last = s.last + 1
                returning lpad(s.last::text, greatest(6, length(s.last::text)), '0') as serial),
            cases_submitted as (
                update approvals.cases c set
                    number = (select concat_ws('-', @number_code, @number_region, @number_year::text, n.serial,
                        lpad((98 - (@number_digits || n.serial || '00')::numeric % 97)::int::text, 2, '0')) from cases_serial n),
                    submitted_at = @now,
                    acceptance = @acceptance,
                    {Changes}
                from step where c.id = step.id)
            """),
        new($"""
            cases_changed as (
                update approvals.cases c set
                    {Changes}
                from step where c.id = step.id)
            """),
        new("""
            cases_data as (
                insert into approvals.case_data (case_id, phase, data, sealed, key_id, saved_at, saved_by, form_version)
                select step.id, @data_phase, @data::jsonb, @sealed, @key_id, @now, @saved_by, @form_version from step
                on conflict (case_id, phase) do update set data = excluded.data, sealed = excluded.sealed, key_id = excluded.key_id, saved_at = excluded.saved_at, saved_by = excluded.saved_by,
                    form_version = excluded.form_version)
            """),
        new(new StepGate(JudgeGate, $"""
            not exists (select from approvals.cases c, unnest(@judges) j(id) where c.id = @instance and ({KeyLimits.Own("j.id")}
                or exists (select from approvals.audit a where a.case_id = c.id and a.user_id = j.id and a.action in ('case.created', 'case.saved', 'case.submitted', 'case.supplemented'))))
            """)),
        new("""
            cases_carried as (
                insert into approvals.case_data (case_id, phase, data, sealed, key_id, saved_at, saved_by, form_version)
                select step.id, 2, @carried::jsonb, @carried_sealed, @carried_key_id, @now, @saved_by, @form_version from step)
            """),
        // Once after each opening and each hand-in of a correction, so that what was there at either can be read for good.
        new("""
            cases_before as (
                insert into approvals.case_data_before (task_id, phase, seq, case_id, data, sealed, key_id)
                select @before_task, @before_phase, @before_seq, step.id, @before::jsonb, @before_sealed, @before_key_id
                from step cross join lateral (select max(greatest(q.opened_seq, q.answered_seq)) as seq from approvals.correction_requests q where q.case_id = step.id) last
                where last.seq is not null and not exists (
                    select from approvals.case_data_before b where b.case_id = step.id and b.phase = @before_phase and b.seq > last.seq))
            """),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        var action = step.Domain as CaseAction;
        var created = action as CaseCreated;
        var submitted = action as CaseSubmitted;
        values["service"] = created?.Service;
        values["applicant"] = created?.ApplicantId;
        values["employer"] = created?.EmployerId;
        values["unit"] = created?.UnitId;
        values["bureau"] = created?.BureauId;
        values["region"] = created?.Region;
        values["filed_by"] = created?.FiledBy;

        var (status, phase) = StatusOf(step, action);
        values["status"] = created is null ? status : "draft";
        values["phase"] = phase;
        values["ended"] = status is not null && CaseTransitions.IsFinal(StatusWord.Find(status)!.Status);

        values["number_code"] = submitted?.NumberCode;
        values["number_region"] = submitted?.Region;
        values["number_year"] = submitted?.Year;
        values["number_digits"] = submitted is null ? null : Digits(submitted);

        var data = created?.Data ?? (action as DataSaved)?.Data ?? (action as SupplementGiven)?.Data ?? (action as RecognitionAnswered)?.Data ?? (action as RecognitionCancelled)?.Data;
        var owner = action is { EditsPhase: not null } or CaseSubmitted or CaseWithdrawn or CaseUrged ? action.User : null;
        values["data_phase"] = data?.Phase ?? action?.EditsPhase ?? (short)0;
        var stored = data?.For(step.InstanceId);
        values["data"] = stored?.Data;
        values["saved_by"] = data?.SavedBy;
        values["owner"] = owner;
        values["services"] = action?.Limits?.Services?.ToArray();
        values["organisations"] = action?.Limits?.Organisations?.ToArray();
        values["end_reason"] = (action as CaseWithdrawn)?.Reason ?? (action is null && step.Request.Stimulus is Stimulus.Cancel cancel ? cancel.Reason : Lapsed(step));
        values["roles"] = action?.Limits?.Roles?.ToArray();
        values["sealed"] = stored?.Sealed;
        values["key_id"] = stored?.KeyId;
        values["subject"] = created?.Subject;
        values["round"] = created?.Round;
        values["previous"] = created?.PreviousId;
        var judged = step.State.IsOfEmployer() && action is TaskDecided;
        values["judges"] = judged ? new[] { action!.User, action.For?.Principal }.OfType<string>().ToArray() : null;

        values["form_version"] = data?.FormVersion;

        values["series"] = created?.SeriesId;
        var carried = created?.Carried?.For(step.InstanceId);
        values["carried"] = carried?.Data;
        values["carried_sealed"] = carried?.Sealed;
        values["carried_key_id"] = carried?.KeyId;
        values["acceptance"] = submitted?.Acceptance?.ToArray();

        var before = action?.Before?.Row(step.VersionAfter);
        values["before_task"] = action?.Before?.TaskId;
        values["before_phase"] = action?.Before?.Data.Phase;
        values["before"] = before?.Data;
        values["before_sealed"] = before?.Sealed;
        values["before_key_id"] = before?.KeyId;
        values["before_seq"] = step.VersionAfter;
        values.SkipUnless(before is not null, Before);
        values.SkipUnless(owner is not null, Owner);
        values.SkipUnless(action?.EditsPhase is not null, Editable);
        values.SkipUnless(action is CaseWithdrawn, Withdraws);
        values.SkipUnless(created is not null, Created);
        values.SkipUnless(submitted is not null, Submitted);
        values.SkipUnless(created is null && submitted is null && (status is not null || phase is not null), Changed);
        values.SkipUnless(data?.Json is not null, Saved);
        values.SkipUnless(judged, Judged);
        values.SkipUnless(carried is not null, Carried);
    }

    /// <summary>An employer has one case of a service at a time, and a person one next round.</summary>
    public override WorkflowException? Explain(PostgresException violation) => violation.ConstraintName switch
    {
        CaseRound.OfEmployer => new(ErrorCodes.WrongState, "The employer has a case of this service under way (a draft counts too). Go on with that one, withdraw it, or wait until it has ended.",
            "本单位已有一件在办的同类业务（含草稿），请继续办理或撤回该业务，办结后可再次提交。", violation) { Facts = Taken },
        CaseRound.OfPerson => new(ErrorCodes.Conflict, "The case is being filed again at this moment. Read it again.", "该业务刚刚已重新申报，请刷新后查看。", violation) { Facts = Taken },
        _ => null,
    };

    /// <summary>Whether a round was refused because another took its number.</summary>
    public static bool IsRoundTaken(WorkflowException refusal) => refusal.Facts.TryGetValue("reason", out var reason) && reason is RoundTaken;

    private const string RoundTaken = "round_taken";

    private static Dictionary<string, object?> Taken => new(StringComparer.Ordinal) { ["reason"] = RoundTaken };

    /// <summary>What the step changes: the action's own status goes before the flow's.</summary>
    private static (string? Status, short? Phase) StatusOf(StepWrite step, CaseAction? action)
    {
        if (action?.StatusAfter(step.Before) is { } own)
            return (own, null);
        // Cancelled as a workflow by whoever runs the installation: the case ends with it.
        if (action is null && step.Request.Stimulus is Stimulus.Cancel)
            return (CancelledCode, null);
        string? status = null;
        short? phase = null;
        foreach (var effect in step.Effects)
            if (effect is SetCaseStatus set)
                (status, phase) = (set.Code, set.Phase ?? phase);
        // A move puts back the status that the stage it goes to had.
        if (status is null && step.Request.Stimulus is Stimulus.MoveTo && step.State.Status() != step.Before.Status())
            (status, phase) = (step.State.Status(), step.State.Phase());
        return (status ?? (action is CaseSubmitted ? step.State.Status() : null), phase);
    }

    /// <summary>Nothing was supplied in time, and the case ends by it (R-REV-3).</summary>
    private static string? Lapsed(StepWrite step)
    {
        if (step.State.Status != WorkflowStatus.Finished)
            return null;
        foreach (var effect in step.Effects)
            if (effect is CloseTask { End: TaskEnd.Lapsed } lapsed && step.Before.Bookmarks.Find(b => b.Id == lapsed.TaskId)?.Name is TaskKinds.Supplement or TaskKinds.Materials)
                return EndReasons.Lapsed;
        return null;
    }

    // ISO 7064 reads a letter as two digits; see CaseNumber, which the tests hold this against.
    private static string Digits(CaseSubmitted submitted)
    {
        var digits = new StringBuilder(16);
        foreach (var letter in submitted.NumberCode)
            digits.Append(CultureInfo.InvariantCulture, $"{letter - 'A' + 10}");
        return digits.Append(submitted.Region).Append(CultureInfo.InvariantCulture, $"{submitted.Year}").ToString();
    }
}
