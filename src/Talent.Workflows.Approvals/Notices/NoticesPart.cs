using System.Text.Json;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>Notices and the objections to them.</summary>
public sealed class NoticesPart(WorkCalendar calendar) : StepPart
{
    /// <summary>The notice isn't open at the instant of the commit.</summary>
    public const string OpenGate = "notice_open";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public override string Name => "notices";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("id", NpgsqlDbType.Uuid), new("stage", NpgsqlDbType.Text), new("organisation", NpgsqlDbType.Text), new("number", NpgsqlDbType.Text),
        new("closes", NpgsqlDbType.TimestampTz), new("hash", NpgsqlDbType.Text), new("notice", NpgsqlDbType.Jsonb),
        new("ended", NpgsqlDbType.Array | NpgsqlDbType.Uuid), new("ending", NpgsqlDbType.Array | NpgsqlDbType.Text),
        new("objection", NpgsqlDbType.Uuid), new("objected", NpgsqlDbType.Uuid), new("task", NpgsqlDbType.Uuid), new("objection_number", NpgsqlDbType.Text),
        new("name", NpgsqlDbType.Text), new("phone", NpgsqlDbType.Text), new("email", NpgsqlDbType.Text), new("statement", NpgsqlDbType.Text),
        new("extended", NpgsqlDbType.Uuid), new("until", NpgsqlDbType.TimestampTz), new("edition", NpgsqlDbType.Jsonb),
    ];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new(new StepGate(OpenGate, """
            exists (select from approvals.notices n where n.id = @objected and n.case_id = @instance and n.ended_at is null
                and n.opened_at <= @now and n.closes_at > @now)
            """)),
        new("""
            notices_posted as (
                insert into approvals.notices (id, case_id, opened_at, closes_at, stage, organisation_id, number, content_hash, notice)
                select @id, step.id, @now, @closes, @stage, @organisation, @number, @hash, @notice from step)
            """),
        new("""
            notices_ended as (
                update approvals.notices n set ended_at = @now, ending = e.ending
                from step, unnest(@ended, @ending) e(id, ending) where n.id = e.id and n.case_id = step.id and n.ended_at is null)
            """),
        new("""
            notices_objection as (
                insert into approvals.objections (id, notice_id, case_id, task_id, filed_at, number, name, phone, email, statement)
                select @objection, @objected, step.id, @task, @now, @objection_number, @name, @phone, @email, @statement from step)
            """),
        // Another edition of what was shown last.
        new("""
            notices_extended as (
                update approvals.notices n set closes_at = @until, notice = jsonb_set(n.notice, '{editions}', (n.notice -> 'editions') || jsonb_build_array(
                    @edition || jsonb_build_object('number', jsonb_array_length(n.notice -> 'editions') + 1, 'content', n.notice -> 'editions' -> -1 -> 'content')))
                from step where n.id = @extended and n.case_id = step.id and n.ended_at is null)
            """),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        PostNotice? posted = null;
        ObjectionTaken? taken = null;
        ExtendNotice? extended = null;
        List<EndNotice>? ended = null;
        foreach (var effect in step.Effects)
            switch (effect)
            {
                case PrepareNotice prepare:
                    step.Outbox.Add(prepare.Id, NoticePreparation.WorkKind, JsonSerializer.SerializeToUtf8Bytes(new NoticeOrder(prepare.NoticeId, prepare.BookmarkId, prepare.Plan), Json), prepare.NoticeId.ToString());
                    break;
                case AnswerObjector answer:
                    step.Outbox.Add(answer.Id, ObjectionReply.WorkKind, JsonSerializer.SerializeToUtf8Bytes(new ReplyOrder(answer.ObjectionId, answer.Event, answer.NoticeNumber), Json));
                    break;
                case PostNotice post:
                    posted = post;
                    break;
                case EndNotice end:
                    (ended ??= []).Add(end);
                    break;
                case ObjectionTaken objection:
                    taken = objection;
                    break;
                case ExtendNotice extend:
                    extended = extend;
                    break;
            }
        values.SkipUnless(step.Domain is ObjectionFiled, 0);
        values.SkipUnless(posted is not null, 1);
        values.SkipUnless(ended is not null, 2);
        values.SkipUnless(taken is not null, 3);
        values.SkipUnless(extended is not null, 4);
        BindPosted(step, posted, values);
        values[7] = ended is null ? Array.Empty<Guid>() : ended.ConvertAll(e => e.NoticeId).ToArray();
        values[8] = ended is null ? Array.Empty<string>() : ended.ConvertAll(e => e.Ending).ToArray();
        BindObjection(step, taken, values);
        values[17] = extended?.NoticeId;
        values[18] = extended?.Window.DueAt;
        values[19] = extended is null ? null : JsonSerializer.Serialize(new { change = NoticeChange.Extended, shownFrom = step.Now, window = extended.Window }, Json);
    }

    private void BindPosted(StepWrite step, PostNotice? posted, StepParameters values)
    {
        var action = posted is null ? null : step.Domain as NoticePosted
            ?? throw new WorkflowException(ErrorCodes.InvalidRequest, $"Notice {posted.NoticeId} can't be posted without its content.", "公示内容尚未生成。");
        var notice = action is null ? null : PublicNotice.Post(action.Content, posted!.Rule, step.Now, calendar);
        values[0] = posted?.NoticeId;
        values[1] = posted?.Stage;
        values[2] = posted?.OrganisationId;
        values[3] = action?.Number;
        values[4] = notice?.ClosesAt;
        values[5] = action?.Content.Hash();
        values[6] = notice is null ? null : JsonSerializer.Serialize(notice, Json);
    }

    private static void BindObjection(StepWrite step, ObjectionTaken? taken, StepParameters values)
    {
        var action = taken is null ? null : step.Domain as ObjectionFiled
            ?? throw new WorkflowException(ErrorCodes.InvalidRequest, $"Notice {taken.NoticeId} takes objections at POST /notices/{taken.NoticeId}/objections only.", "请通过公示页面提出异议。");
        values[9] = taken?.ObjectionId;
        values[10] = (step.Domain as ObjectionFiled)?.NoticeId;
        values[11] = taken?.TaskId;
        values[12] = action?.Number;
        values[13] = action?.Objection.ContactName;
        values[14] = action?.Objection.Phone;
        values[15] = action?.Objection.Email;
        values[16] = action?.Objection.Statement;
    }
}

/// <summary>What an outbox row of an answer to an objector holds.</summary>
internal sealed record ReplyOrder(Guid ObjectionId, string Event, string NoticeNumber);

/// <summary>What an outbox row of a notice to prepare holds.</summary>
internal sealed record NoticeOrder(Guid NoticeId, Guid BookmarkId, NoticePlan Plan);
