using System.Globalization;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>The clock of the whole case, marks, extensions, deadlines that were computed again. A step that has none of it pays nothing.</summary>
public sealed class CaseClocksPart(WorkCalendar country) : StepPart
{
    /// <summary>What fell due was handled by somebody else.</summary>
    public const string DueGate = "clock_due";

    /// <summary>The extension was decided already, or isn't the user's to decide.</summary>
    public const string ExtensionGate = "extension_decidable";

    private const int Due = 0, Decidable = 1, Filed = 2, Changed = 3, Ended = 4, Marked = 5, Asked = 6, Decided = 7, Moved = 8, Revised = 9;
    private const NpgsqlDbType Texts = NpgsqlDbType.Array | NpgsqlDbType.Text;

    public override string Name => "clocks";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("behind", Texts), new("happened", Texts), new("filed_at", NpgsqlDbType.TimestampTz), new("rule", NpgsqlDbType.Text), new("extended", NpgsqlDbType.Boolean),
        new("due", NpgsqlDbType.TimestampTz), new("provisional", NpgsqlDbType.Boolean), new("calendar", NpgsqlDbType.Text), new("stopped_by", NpgsqlDbType.Text),
        new("accept_by", NpgsqlDbType.TimestampTz), new("names", Texts), new("instants", NpgsqlDbType.Array | NpgsqlDbType.TimestampTz),
        new("marks", NpgsqlDbType.Jsonb), new("ext_id", NpgsqlDbType.Uuid), new("ext_limit", NpgsqlDbType.Text), new("ext_stage", NpgsqlDbType.Text), new("ext_task", NpgsqlDbType.Uuid),
        new("ext_reason", NpgsqlDbType.Text), new("ext_document", NpgsqlDbType.Text), new("ext_by", NpgsqlDbType.Text), new("ext_status", NpgsqlDbType.Smallint),
        new("ext_opinion", NpgsqlDbType.Text), new("ext_admin", NpgsqlDbType.Boolean), new("moved", NpgsqlDbType.Jsonb), new("red_id", NpgsqlDbType.Uuid),
        new("revised_by", NpgsqlDbType.Text), new("recalled", NpgsqlDbType.Boolean),
    ];

    // What a decision made needless isn't so any more once that is recalled.
    private const string Behind = $"case when @recalled and c.accepted_at is null then array_remove(array_remove(c.behind, '{TotalEvents.Accepted}'), '{TotalEvents.Accepted}-void') else c.behind end || @happened";

    // The first instant that isn't behind.
    private static string Next(string behind) => $"(select min(i.at) from unnest(@names, @instants) i(name, at) where not i.name = any({behind}))";

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new(new StepGate(DueGate, "exists (select from approvals.case_clocks c where c.case_id = @instance and c.behind = @behind and c.next_at <= @now)")),
        new(new StepGate(ExtensionGate, $"""
            exists (select from approvals.extensions e where e.id = @ext_id and e.case_id = @instance and e.status = 0 and e.asked_by <> @ext_by
                and not exists (select from approvals.cases c where c.id = e.case_id and {KeyLimits.Own("@ext_by")})
                and (@ext_admin or exists (select from approvals.superior_of(e.role, e.organisation_id) s
                    join approvals.user_roles r on r.role = s.role and r.organisation_id = s.organisation_id where r.user_id = @ext_by)))
            """)),
        new($"""
            clocks_filed as (
                insert into approvals.case_clocks (case_id, filed_at, rule, due_at, provisional, calendar, accept_by, next_at)
                select step.id, @filed_at, @rule, @due, @provisional, @calendar, @accept_by, {Next("'{}'::text[]")} from step)
            """),
        new($$"""
            clocks_changed as (
                update approvals.case_clocks c set due_at = @due, provisional = @provisional, calendar = @calendar, stopped_by = @stopped_by, extended = @extended,
                    accept_by = @accept_by, behind = {{Behind}},
                    accepted_at = case when '{{TotalEvents.Accepted}}' = any(@happened) and not '{{TotalEvents.Accepted}}-void' = any(@happened) then @accept_by else c.accepted_at end,
                    next_at = {{Next($"({Behind})")}}
                from step where c.case_id = step.id and c.ended_at is null)
            """),
        // What ended late is marked, though nothing fell due in between.
        new($"""
            clocks_late as (
                insert into approvals.marks (id, case_id, limit_kind, colour, at, due_at)
                select @red_id, step.id, '{LimitKinds.Total}', '{MarkColours.Red}', @now, @due
                from step join approvals.case_clocks c on c.case_id = step.id
                where '{TotalEvents.Red}' = any(@names) and not '{TotalEvents.Red}' = any(c.behind) and @due <= @now
                on conflict (id) do nothing),
            clocks_ended as (
                update approvals.case_clocks c set next_at = null, ended_at = @now, stopped_by = null, due_at = @due, provisional = @provisional, calendar = @calendar
                from step where c.case_id = step.id)
            """),
        new("""
            clocks_marked as (
                insert into approvals.marks (id, case_id, limit_kind, colour, at, due_at, task_id, stage, stage_name)
                select m.id, step.id, m."limit", m.colour, @now, m."dueAt", m."taskId", m.stage, m."stageName"
                from step, jsonb_to_recordset(@marks) m(id uuid, "limit" text, colour text, "dueAt" timestamptz, "taskId" uuid, stage text, "stageName" text)
                on conflict (id) do nothing)
            """),
        // A submission has two limits, one after the other: each is extended once.
        new($"""
            clocks_asked as (
                insert into approvals.extensions (id, case_id, limit_kind, stage, task_id, asked_at, asked_by, role, organisation_id, reason, document, for_decision)
                select @ext_id, step.id, @ext_limit, @ext_stage, @ext_task, @now, @ext_by, t.role, t.organisation_id, @ext_reason, @ext_document,
                    @ext_limit = '{LimitKinds.Stage}' and t.kind = '{TaskKinds.SubmissionDecision}'
                from step join approvals.tasks t on t.id = @ext_task)
            """),
        new("""
            clocks_decided as (
                update approvals.extensions e set status = @ext_status, decided_at = @now, decided_by = @ext_by, opinion = @ext_opinion
                from step where e.id = @ext_id and e.case_id = step.id)
            """),
        new("""
            clocks_moved as (
                insert into approvals.deadline_changes (id, case_id, limit_kind, task_id, stage, cause, at, old_due, new_due, provisional, calendar)
                select m.id, step.id, m."limit", m."taskId", m.stage, m.cause, @now, m."oldDue", m."newDue", m.provisional, m.calendar
                from step, jsonb_to_recordset(@moved) m(id uuid, "limit" text, "taskId" uuid, stage text, cause text, "oldDue" timestamptz, "newDue" timestamptz, provisional boolean, calendar text))
            """),
        new("""
            clocks_revised as (
                insert into approvals.calendar_revisions (case_id, calendar, at) select step.id, @revised_by, @now from step
                on conflict (case_id, calendar) do update set at = excluded.at)
            """),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        var terms = CaseTerms.Of(step.State);
        // Only a case that has one of the two has a row.
        var kept = terms is not null && (terms.Total is not null || terms.Clock.Corrections?.ToldWithin is not null);
        var filed = kept && step.Domain is CaseSubmitted;
        // What is done about a case that has ended, such as a letter issued again, doesn't end it once more.
        var ended = kept && !filed && step.State.Status == WorkflowStatus.Finished && step.Before.Status != WorkflowStatus.Finished;
        var changed = kept && !filed && !ended && (step.Domain is ClockFellDue or DecisionRecalled || step.Request.Stimulus is Stimulus.Revise || step.Effects.Any(e => e is PauseClock or ResumeClock));
        BindClock(step, values, filed || changed || ended ? terms : null, out var happened, out var total);
        var marks = step.Effects.OfType<GiveMark>().ToList();
        marks.AddRange(MarksOf(step, happened, total));
        values["marks"] = marks.Count == 0 ? null : JsonSerializer.Serialize(marks, JsonSerializerOptions.Web);
        BindExtension(step, values);
        var moved = MovedOf(step, total);
        values["moved"] = moved.Count == 0 ? null : JsonSerializer.Serialize(moved, JsonSerializerOptions.Web);
        values["red_id"] = TotalId(step, MarkColours.Red);
        values.SkipUnless(step.Domain is ClockFellDue, Due);
        values.SkipUnless(step.Domain is ExtensionDecided, Decidable);
        values.SkipUnless(filed, Filed);
        values.SkipUnless(changed, Changed);
        values.SkipUnless(ended, Ended);
        values.SkipUnless(marks.Count > 0, Marked);
        values.SkipUnless(step.Domain is ExtensionAsked, Asked);
        values.SkipUnless(step.Domain is ExtensionDecided, Decided);
        values["revised_by"] = (step.Domain as CalendarRevised)?.Calendar;
        values.SkipUnless(moved.Count > 0, Moved);
        values.SkipUnless(step.Domain is CalendarRevised, Revised);
        Tell(step, happened, total, moved);
    }

    public override WorkflowException? Explain(PostgresException violation) => violation.ConstraintName == "extensions_once"
        ? new WorkflowException(ErrorCodes.WrongState, "An extension of this limit was asked for or granted already; there is one at most.", "该期限已申请或已批准延期，只能延期一次。", violation) : null;

    private void BindClock(StepWrite step, StepParameters values, CaseTerms? terms, out List<string> happened, out Deadline? total)
    {
        (happened, total) = ([], null);
        var fell = step.Domain as ClockFellDue;
        var state = step.State;
        var calendar = CaseTerms.Calendar(state, country);
        IReadOnlyList<(string Name, DateTimeOffset At)> instants = [];
        if (terms is not null)
        {
            total = CaseClock.Total(state, step.Now, country);
            instants = CaseClock.Instants(state, step.Now, country);
        }
        if (fell is not null)
        {
            foreach (var (name, at) in instants)
                if (at <= step.Now && !fell.Behind.Contains(name))
                    happened.Add(name);
            // A review that was decided in time has accepted the case already.
            fell.Happened = [.. happened.Where(h => h != TotalEvents.Accepted || !fell.Decided)];
        }
        var clock = CaseClock.Of(state);
        values["recalled"] = step.Domain is DecisionRecalled;
        values["behind"] = fell?.Behind.ToArray() ?? [];
        values["happened"] = happened.Contains(TotalEvents.Accepted) && fell!.Decided ? [.. happened, $"{TotalEvents.Accepted}-void"] : happened.ToArray();
        values["filed_at"] = terms?.FiledAt ?? step.Now;
        values["rule"] = terms?.Total?.ToString();
        values["extended"] = clock.Extended;
        values["due"] = total?.DueAt;
        values["provisional"] = total?.Provisional ?? false;
        values["calendar"] = calendar.Version;
        values["stopped_by"] = clock.StoppedBy;
        values["accept_by"] = terms?.AcceptedFrom(calendar);
        values["names"] = instants.Select(i => i.Name).ToArray();
        values["instants"] = instants.Select(i => i.At).ToArray();
        if (fell is not null)
            happened = [.. fell.Happened];
    }

    private static void BindExtension(StepWrite step, StepParameters values)
    {
        var (asked, decided) = (step.Domain as ExtensionAsked, step.Domain as ExtensionDecided);
        // Granted means that the limit is longer from this step on.
        if (decided is { Granted: true } && !(decided.ForTask is { } task ? step.Before.Bookmarks.Exists(b => b.Id == task) : CaseClock.Of(step.State).Extended))
            throw new WorkflowException(ErrorCodes.WrongState, $"Extension {decided.Id} can't be granted now: what it was asked for is done, or case {step.InstanceId} waits for nothing that has a limit.", "该环节已办结，或当前没有可延长的期限。");
        values["ext_id"] = asked?.Id ?? decided?.Id;
        values["ext_limit"] = asked?.Limit;
        values["ext_stage"] = asked?.Stage;
        values["ext_task"] = asked?.TaskId;
        values["ext_reason"] = asked?.Reason;
        values["ext_document"] = asked?.Document;
        values["ext_by"] = asked?.User ?? decided?.User;
        values["ext_status"] = (short)(decided is { Granted: true } ? ExtensionStatus.Granted : ExtensionStatus.Refused);
        values["ext_opinion"] = decided?.Opinion;
        values["ext_admin"] = decided?.ByAdministrator ?? false;
    }

    private static IEnumerable<GiveMark> MarksOf(StepWrite step, List<string> happened, Deadline? total) =>
        happened.Where(h => h is TotalEvents.Yellow or TotalEvents.Red).Select(colour => new GiveMark(TotalId(step, colour), LimitKinds.Total, colour, total!.DueAt));

    private static List<MovedRow> MovedOf(StepWrite step, Deadline? total)
    {
        List<MovedRow> moved = [.. step.Effects.OfType<DeadlineRevised>().Select(r => new MovedRow(r.Id, r.Limit, r.TaskId, r.Stage, r.Cause, r.OldDue, r.New.At, r.New.Provisional, r.New.CalendarVersion))];
        if (step.Domain is CalendarRevised { PromisedAt: { } promised } && total is not null && total.DueAt != promised && CaseClock.Of(step.State).StoppedBy is null)
            moved.Add(new MovedRow(DerivedId.For(step.InstanceId, "total", (int)step.VersionAfter, "moved"), LimitKinds.Total, null, null, StageRevision.Calendar, promised, total.DueAt, total.Provisional, total.CalendarVersion));
        return moved;
    }

    private static void Tell(StepWrite step, List<string> happened, Deadline? total, List<MovedRow> moved)
    {
        var facts = new Dictionary<string, string>();
        if (total is not null)
            facts["dueAt"] = total.DueAt.ToString("O", CultureInfo.InvariantCulture);
        if (happened.Contains(TotalEvents.Accepted))
            Add("case.accepted", Recipient.Applicant);
        facts["stageName"] = "全部环节";
        facts["stageName@en"] = "the whole case";
        if (happened.Contains(TotalEvents.Yellow) && !happened.Contains(TotalEvents.Told))
            Add("mark.yellow", Recipient.Superiors());
        if (happened.Contains(TotalEvents.Told))
            Add("mark.red", Recipient.Superiors());
        if (moved.Find(m => m.Limit == LimitKinds.Total) is { } change)
        {
            facts["oldDate"] = change.OldDue.AddTicks(-1).ToString("O", CultureInfo.InvariantCulture);
            Add("deadline.moved", Recipient.Applicant);
        }
        if (step.Request.Stimulus is Stimulus.Revise { Name: StageRevision.ExtendTotal })
            Add("limit.extended", Recipient.Applicant);
        if (step.Domain is ExtensionAsked { TaskId: { } task })
        {
            facts["taskId"] = task.ToString();
            facts.Remove("stageName");
            facts.Remove("stageName@en");
            Add("extension.asked", Recipient.Superiors(task));
        }

        void Add(string name, Recipient to) => step.Outbox.Add(DerivedId.For(step.InstanceId, name, (int)step.VersionAfter, "clock"), MessagesPart.Kind,
            JsonSerializer.SerializeToUtf8Bytes(new MessageOrder(name, to, new Dictionary<string, string>(facts)), MessageJson.Options));
    }

    private static Guid TotalId(StepWrite step, string colour) => DerivedId.For(step.InstanceId, LimitKinds.Total, 1, colour);

    private sealed record MovedRow(Guid Id, string Limit, Guid? TaskId, string? Stage, string Cause, DateTimeOffset OldDue, DateTimeOffset NewDue, bool Provisional, string Calendar);
}

/// <summary>What became of an extension that was asked for.</summary>
internal enum ExtensionStatus : short
{
    Asked,
    Granted,
    Refused,
}
