using System.Text.Json;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>Notices and the objections to them.</summary>
public sealed class NoticesPart(WorkCalendar calendar) : StepPart
{
    /// <summary>The notice isn't open at the instant of the commit.</summary>
    public const string OpenGate = "notice_open";

    /// <summary>The user isn't a clerk of the notice, or has to do with the case themselves.</summary>
    public const string ClerkGate = "notice_clerk";

    /// <summary>Somebody else changed the notice meanwhile, or it is over.</summary>
    public const string EditionGate = "notice_edition";

    private const int Open = 0, Posted = 1, Ended = 2, Objected = 3, Proven = 4, Accepted = 5, Changeable = 6, Changed = 7;
    private const NpgsqlDbType Texts = NpgsqlDbType.Array | NpgsqlDbType.Text;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public override string Name => "notices";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("id", NpgsqlDbType.Uuid), new("stage", NpgsqlDbType.Text), new("organisation", NpgsqlDbType.Text), new("number", NpgsqlDbType.Text),
        new("closes", NpgsqlDbType.TimestampTz), new("hash", NpgsqlDbType.Text), new("notice", NpgsqlDbType.Jsonb),
        new("ended", NpgsqlDbType.Array | NpgsqlDbType.Uuid), new("ending", Texts),
        new("objection", NpgsqlDbType.Uuid), new("objected", NpgsqlDbType.Uuid), new("task", NpgsqlDbType.Uuid), new("objection_number", NpgsqlDbType.Text),
        new("name", NpgsqlDbType.Text), new("phone", NpgsqlDbType.Text), new("email", NpgsqlDbType.Text), new("statement", NpgsqlDbType.Text),
        new("changed", NpgsqlDbType.Uuid), new("until", NpgsqlDbType.TimestampTz), new("edition", NpgsqlDbType.Jsonb),
        new("changed_hash", NpgsqlDbType.Text), new("editions", NpgsqlDbType.Integer), new("clerk", NpgsqlDbType.Text), new("clerk_role", NpgsqlDbType.Text),
        new("clerk_organisation", NpgsqlDbType.Text), new("key_services", Texts), new("key_organisations", Texts), new("key_roles", Texts),
        new("receipt", NpgsqlDbType.Text), new("file_ids", NpgsqlDbType.Array | NpgsqlDbType.Uuid), new("file_kinds", Texts), new("file_hashes", Texts),
        new("files", NpgsqlDbType.Array | NpgsqlDbType.Bytea), new("list", NpgsqlDbType.Uuid), new("list_name", NpgsqlDbType.Text), new("posted_clerk_role", NpgsqlDbType.Text),
        new("sealed", NpgsqlDbType.Bytea), new("key_id", NpgsqlDbType.Integer),
    ];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new(new StepGate(OpenGate, """
            exists (select from approvals.notices n where n.id = @objected and n.case_id = @instance and n.ended_at is null
                and n.opened_at <= @now and n.closes_at > @now)
            """)),
        new("""
            notices_posted as (
                insert into approvals.notices (id, case_id, opened_at, closes_at, stage, organisation_id, number, content_hash, notice, list_id, list_name, clerk_role)
                select @id, step.id, @now, @closes, @stage, @organisation, @number, @hash, @notice, @list, @list_name, @posted_clerk_role from step)
            """),
        new("""
            notices_ended as (
                update approvals.notices n set ended_at = @now, ending = e.ending
                from step, unnest(@ended, @ending) e(id, ending) where n.id = e.id and n.case_id = step.id and n.ended_at is null)
            """),
        new("""
            notices_objection as (
                insert into approvals.objections (id, notice_id, case_id, task_id, filed_at, number, name, phone, email, statement, receipt, sealed, key_id)
                select @objection, @objected, step.id, @task, @now, @objection_number, @name, @phone, @email, @statement, @receipt, @sealed, @key_id from step)
            """),
        new("""
            notices_evidence as (
                insert into approvals.objection_files (id, objection_id, place, kind, sha256, content, key_id)
                select f.id, @objection, f.place, f.kind, f.hash, f.content, @key_id
                from step, unnest(@file_ids, @file_kinds, @file_hashes, @files) with ordinality f(id, kind, hash, content, place))
            """),
        new("""
            notices_accepted as (
                update approvals.objections o set task_id = @task, accepted_at = @now from step where o.id = @objection and o.case_id = step.id)
            """),
        new("",
            new StepGate(ClerkGate, $"""
                exists (select from approvals.user_roles r join approvals.users u on u.id = r.user_id and u.active join approvals.cases c on c.id = @instance
                    where r.user_id = @clerk and r.role = @clerk_role and (@clerk_organisation is null or r.organisation_id = @clerk_organisation)
                        and not {KeyLimits.Own("@clerk")}
                        and {KeyLimits.Service("@key_services")} and {KeyLimits.Office("@key_organisations", "@key_roles")})
                """),
            new StepGate(EditionGate, """
                exists (select from approvals.notices n where n.id = @changed and n.case_id = @instance and n.ended_at is null and n.closes_at > @now
                    and jsonb_array_length(n.notice -> 'editions') = @editions)
                """)),
        // Another edition: the one before, with what is new about it.
        new("""
            notices_changed as (
                update approvals.notices n set closes_at = coalesce(@until, n.closes_at), content_hash = coalesce(@changed_hash, n.content_hash),
                    notice = jsonb_set(n.notice, '{editions}', (n.notice -> 'editions') || jsonb_build_array(
                        ((n.notice -> 'editions' -> -1) - 'reason') || @edition || jsonb_build_object('number', jsonb_array_length(n.notice -> 'editions') + 1)))
                from step where n.id = @changed and n.case_id = step.id and n.ended_at is null)
            """),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        PostNotice? posted = null;
        ObjectionTaken? taken = null;
        ObjectionAccepted? accepted = null;
        ExtendNotice? extended = null;
        ChangeNotice? changed = null;
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
                case ObjectionAccepted acceptance:
                    accepted = acceptance;
                    break;
                case ExtendNotice extend:
                    extended = extend;
                    break;
                case ChangeNotice change:
                    changed = change;
                    break;
            }
        values.SkipUnless(step.Domain is ObjectionFiled, Open);
        values.SkipUnless(posted is not null, Posted);
        values.SkipUnless(ended is not null, Ended);
        values.SkipUnless(taken is not null, Objected);
        values.SkipUnless(taken is not null && step.Domain is ObjectionFiled { Objection.Evidence.Count: > 0 }, Proven);
        values.SkipUnless(accepted is not null, Accepted);
        values.SkipUnless(step.Domain is NoticeChanged, Changeable);
        values.SkipUnless(extended is not null || changed is not null, Changed);
        BindPosted(step, posted, values);
        values["ended"] = ended is null ? Array.Empty<Guid>() : ended.ConvertAll(e => e.NoticeId).ToArray();
        values["ending"] = ended is null ? Array.Empty<string>() : ended.ConvertAll(e => e.Ending).ToArray();
        BindObjection(step, taken, accepted, values);
        BindChange(step, extended, changed, values);
    }

    private void BindPosted(StepWrite step, PostNotice? posted, StepParameters values)
    {
        var action = posted is null ? null : step.Domain as NoticePosted
            ?? throw new WorkflowException(ErrorCodes.InvalidRequest, $"Notice {posted.NoticeId} can't be posted without its content.", "公示内容尚未生成。");
        var notice = action is null ? null : PublicNotice.Post(action.Content, posted!.Rule, step.Now, CaseTerms.Calendar(step.State, calendar));
        values["id"] = posted?.NoticeId;
        values["stage"] = posted?.Stage;
        values["organisation"] = posted?.OrganisationId;
        values["number"] = action?.Number;
        values["closes"] = notice?.ClosesAt;
        values["hash"] = action?.Content.Hash();
        values["notice"] = notice is null ? null : JsonSerializer.Serialize(notice, Json);
        values["list"] = action?.List?.Id;
        values["list_name"] = action?.List?.Name;
        values["posted_clerk_role"] = posted?.ClerkRole;
    }

    private static void BindObjection(StepWrite step, ObjectionTaken? taken, ObjectionAccepted? accepted, StepParameters values)
    {
        var action = taken is null ? null : step.Domain as ObjectionFiled
            ?? throw new WorkflowException(ErrorCodes.InvalidRequest, $"Notice {taken.NoticeId} takes objections at POST /notices/{taken.NoticeId}/objections only.", "请通过公示页面提出异议。");
        var evidence = action?.Objection.Evidence ?? [];
        values["objection"] = taken?.ObjectionId ?? accepted?.ObjectionId;
        values["objected"] = (step.Domain as ObjectionFiled)?.NoticeId;
        values["task"] = taken?.TaskId ?? accepted?.TaskId;
        values["objection_number"] = action?.Number;
        var (said, ring) = (action?.Objection, action?.Ring);
        values["name"] = ring is null ? said?.ContactName : null;
        values["phone"] = ring is null ? said?.Phone : null;
        values["email"] = ring is null ? said?.Email : null;
        values["statement"] = ring is null ? said?.Statement : null;
        values["sealed"] = ring is null ? null : new SealedObjection(said!.ContactName, said.Phone, said.Email, said.Statement).Seal(ring, taken!.ObjectionId);
        values["key_id"] = ring?.Current;
        values["receipt"] = action?.Receipt;
        Guid[] ids = [.. evidence.Select((e, place) => DerivedId.For(taken!.ObjectionId, e.Sha256, place + 1, "evidence"))];
        values["file_ids"] = ids;
        values["file_kinds"] = evidence.Select(e => e.Extension).ToArray();
        values["file_hashes"] = evidence.Select(e => e.Sha256).ToArray();
        values["files"] = evidence.Select((e, place) => ring is null ? e.Content : ring.Seal(e.Content, SealedObjection.Files.At("content", ids[place]))).ToArray();
    }

    private static void BindChange(StepWrite step, ExtendNotice? extended, ChangeNotice? changed, StepParameters values)
    {
        var action = step.Domain as NoticeChanged;
        if ((changed is null) != (action is null))
            throw NoticeCommands.NotOpen(action?.NoticeId ?? changed!.NoticeId);
        var window = extended?.Window ?? changed?.Window;
        values["changed"] = extended?.NoticeId ?? changed?.NoticeId;
        values["until"] = window?.DueAt;
        values["edition"] = extended is null && changed is null ? null : JsonSerializer.Serialize(Edition(step, changed?.Change ?? NoticeChange.Extended, window, action), Json);
        values["changed_hash"] = action?.Content?.Hash();
        values["editions"] = action?.Editions;
        values["clerk"] = action?.User;
        values["clerk_role"] = changed?.Role;
        values["clerk_organisation"] = changed?.OrganisationId;
        values["key_services"] = action?.Limits?.Services?.ToArray();
        values["key_organisations"] = action?.Limits?.Organisations?.ToArray();
        values["key_roles"] = action?.Limits?.Roles?.ToArray();
    }

    /// <summary>What is new: everything else is as in the edition before.</summary>
    private static Dictionary<string, object> Edition(StepWrite step, NoticeChange change, Deadline? window, NoticeChanged? action)
    {
        var edition = new Dictionary<string, object> { ["change"] = change, ["shownFrom"] = step.Now };
        if (window is not null)
            edition["window"] = window;
        if (action is not null)
            edition["reason"] = action.Reason;
        if (action?.Content is { } content)
            edition["content"] = content;
        return edition;
    }
}

/// <summary>What an outbox row of an answer to an objector holds.</summary>
internal sealed record ReplyOrder(Guid ObjectionId, string Event, string NoticeNumber);

/// <summary>What an outbox row of a notice to prepare holds.</summary>
internal sealed record NoticeOrder(Guid NoticeId, Guid BookmarkId, NoticePlan Plan);
