using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>Panels and their ballots. A ballot is inserted once, sealed; the count opens all of a round in one statement.</summary>
public sealed class PanelsPart : StepPart
{
    /// <summary>The panel isn't any more what the action rests on: closed, or drawn on.</summary>
    public const string CurrentGate = "panel_current";

    /// <summary>Nobody else has asked to void this round, or it is done.</summary>
    public const string VoidGate = "panel_void_asked";

    private static readonly JsonSerializerOptions RowJson = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public override string Name => "panels";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("opened", NpgsqlDbType.Jsonb), new("changed", NpgsqlDbType.Jsonb),
        new("panel", NpgsqlDbType.Uuid), new("status", NpgsqlDbType.Smallint), new("revision", NpgsqlDbType.Integer), new("round", NpgsqlDbType.Smallint),
        new("expert", NpgsqlDbType.Text), new("recusal", NpgsqlDbType.Text), new("sealed", NpgsqlDbType.Bytea), new("votes", NpgsqlDbType.Jsonb),
        new("attempt", NpgsqlDbType.Smallint), new("party", NpgsqlDbType.Smallint), new("role", NpgsqlDbType.Text), new("organisation", NpgsqlDbType.Text), new("user", NpgsqlDbType.Text),
        new("digest", NpgsqlDbType.Bytea), new("statement", NpgsqlDbType.Text), new("accepted", NpgsqlDbType.Boolean), new("challenge", NpgsqlDbType.Uuid), new("task", NpgsqlDbType.Uuid),
        new("purpose", NpgsqlDbType.Text), new("pool_hash", NpgsqlDbType.Text), new("pool", NpgsqlDbType.Text), new("void", NpgsqlDbType.Uuid), new("voids", NpgsqlDbType.Boolean),
    ];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new(new StepGate(CurrentGate, """
            exists (select from approvals.panels p where p.id = @panel and p.case_id = @instance and p.status = @status
                and (@revision is null or p.revision = @revision) and (@round is null or p.round = @round))
            """)),
        new("""
            panels_opened as (
                insert into approvals.panels (id, case_id, opened_at, visit, status, stage, stage_name, secretary_role, organisation_id, nonce, rules, count_rule, draw_parties, blind, chair_role, supervisor_role)
                select o.id, step.id, @now, o.visit, o.status, o.stage, o."stageName", o."secretaryRole", o."organisationId", decode(o.nonce, 'hex'), o.rules, o.count, o.parties, o.blind, o."chairRole", o."supervisorRole"
                from step, jsonb_to_recordset(@opened) o(id uuid, visit integer, status smallint, stage text, "stageName" text, "secretaryRole" text,
                    "organisationId" text, nonce text, rules jsonb, count jsonb, parties jsonb, blind boolean, "chairRole" text, "supervisorRole" text))
            """),
        // A new round: what the one before has come to is kept beside it.
        new("""
            panels_changed as (
                update approvals.panels p set
                    status = coalesce(c.status, p.status),
                    due_at = coalesce(c."dueAt", p.due_at),
                    closed_by = case when c.round is null then coalesce(c."closedBy", p.closed_by) end,
                    closed_at = case when c.round is not null then null when c.status > 1 and p.closed_at is null then @now else p.closed_at end,
                    draw = coalesce(c.draw, p.draw),
                    revision = p.revision + (c.draw is not null)::integer,
                    rounds = case when c.round is null then p.rounds else p.rounds || (jsonb_build_object('round', p.round, 'result', c.result, 'receipts', to_jsonb(c.receipts), 'minutes', c.minutes)
                        || case when c.voided is null then '{}'::jsonb else jsonb_build_object('voided', c.voided) end) end,
                    round = coalesce(c.round, p.round),
                    result = case when c.round is null then coalesce(c.result, p.result) end,
                    minutes = case when c.round is null then coalesce(c.minutes, p.minutes) end,
                    minutes_number = coalesce(c."minutesNumber", p.minutes_number),
                    receipts = coalesce(c.receipts, p.receipts),
                    attempt = coalesce(c.attempt, p.attempt)
                from step, jsonb_to_recordset(@changed) c(id uuid, status smallint, "dueAt" timestamptz, "closedBy" text, draw jsonb, result jsonb, minutes text, receipts text[], attempt smallint,
                    round smallint, "minutesNumber" text, voided jsonb)
                where p.id = c.id and p.case_id = step.id
                returning p.id, p.round)
            """),
        new("""
            panels_ballot as (
                insert into approvals.ballots (panel_id, round, expert_id, cast_at, recusal, sealed)
                select @panel, p.round, @expert, @now, @recusal, @sealed from step join approvals.panels p on p.id = @panel)
            """),
        // One statement and one transaction for all votes of the round: nothing tells which envelope one came from.
        new("""
            panels_opened_votes as (
                insert into approvals.panel_votes (id, panel_id, round, vote, scores, comment)
                select v.id, @panel, @round, v.vote, v.scores, v.comment from step, jsonb_to_recordset(@votes) v(id uuid, vote text, scores jsonb, comment text)),
            panels_emptied as (
                update approvals.ballots b set vote = null, scores = null, comment = null, sealed = null from step where b.panel_id = @panel and b.round = @round and b.recusal is null)
            """),
        new("""
            panels_pledged as (
                insert into approvals.draw_pledges (panel_id, attempt, party, role, organisation_id, user_id, commitment, committed_at)
                select @panel, @attempt, @party, @role, @organisation, @user, @digest, @now from step)
            """),
        new("""
            panels_revealed as (
                update approvals.draw_pledges d set nonce = @digest, revealed_at = @now from step where d.panel_id = @panel and d.attempt = @attempt and d.party = @party and d.nonce is null)
            """),
        new("""
            panels_pooled as (
                insert into approvals.panel_pools (panel_id, purpose, hash, record, read_at) select @panel, @purpose, @pool_hash, @pool, @now from step)
            """),
        new("""
            panels_invitation as (
                insert into approvals.panel_invitations (panel_id, expert_id, answered_at, accepted, statement) select @panel, @user, @now, @accepted, @statement from step)
            """),
        new("""
            panels_challenge as (
                insert into approvals.panel_challenges (id, panel_id, task_id, expert_id, filed_by, filed_at, reason) select @challenge, @panel, @task, @expert, @user, @now, @statement from step)
            """),
        new("""
            panels_challenge_decided as (
                update approvals.panel_challenges c set upheld = @accepted, decided_by = @user, decided_at = @now, opinion = @statement from step where c.id = @challenge and c.panel_id = @panel)
            """),
        new("""
            panels_void_asked as (
                insert into approvals.panel_voids (id, panel_id, round, reason, asked_at, asked_by) select @void, @panel, @round, @statement, @now, @user from step where not @voids),
            panels_void_confirmed as (
                update approvals.panel_voids v set confirmed_at = @now, confirmed_by = @user from step where v.id = @void and @voids)
            """,
            new StepGate(VoidGate, """
                (not @voids or exists (select from approvals.panel_voids v where v.id = @void and v.panel_id = @panel and v.round = @round and v.confirmed_at is null and v.asked_by <> @user))
                """)),
        // After the panel has its next round, which the table asks for.
        new("""
            panels_voided as (
                update approvals.ballots b set sealed = null from panels_changed p where b.panel_id = p.id and b.round = @round and b.round < p.round and b.sealed is not null)
            """),
    ];

    /// <summary>The rules of who may commit to what are constraints: two commitments at once meet there.</summary>
    public override WorkflowException? Explain(PostgresException violation) => violation.ConstraintName switch
    {
        "draw_pledges_user" => new(ErrorCodes.Conflict, "The two parties of a draw are two people: you have committed for the other one.", "抽取双方须为不同人员，您已代表另一方提交承诺。"),
        "draw_pledges_commitment" => new(ErrorCodes.Conflict, "This commitment was given before in this panel. Make a new nonce.", "该承诺在本次评审中已使用，请重新生成随机数。"),
        "panel_voids_round" => new(ErrorCodes.WrongState, "It was asked before that this round be voided. Another one confirms it.", "本轮已提出作废申请，须由另一人确认。"),
        _ => null,
    };

    public override void Bind(StepWrite step, StepParameters values)
    {
        Dictionary<Guid, OpenedRow>? opened = null;
        Dictionary<Guid, ChangedRow>? changed = null;
        AnswerTaken? answer = null;
        ChallengeTaken? challenged = null;
        foreach (var effect in step.Effects)
            switch (effect)
            {
                case OpenPanel open:
                    (opened ??= [])[open.Id] = new(open.Id, open.Visit, PanelStatus.Drawing, open.Stage, open.StageName, open.SecretaryRole, open.OrganisationId,
                        Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)), open.Rules, open.Count, open.Parties.IsEmpty ? null : open.Parties, open.Blind, open.ChairRole, open.SupervisorRole);
                    break;
                // A panel that is opened and cancelled in one step is born cancelled: an update couldn't see its row yet.
                case ChangePanel { Status: { } status } change when opened is not null && opened.TryGetValue(change.PanelId, out var born):
                    opened[change.PanelId] = born with { Status = status };
                    break;
                case ChangePanel change:
                    Change(change.PanelId, row => row with { Status = change.Status ?? row.Status, DueAt = change.DueAt ?? row.DueAt, ClosedBy = change.ClosedBy ?? row.ClosedBy, Attempt = change.Attempt ?? row.Attempt, Round = change.Round ?? row.Round });
                    break;
                case PanelWork work:
                    step.Outbox.Add(work.Id, work.Kind, JsonSerializer.SerializeToUtf8Bytes(new PanelOrder(work.PanelId, work.BookmarkId, work.ExpertId), RowJson), work.PanelId.ToString());
                    break;
                case ForgetPanel forget:
                    step.Outbox.Add(forget.Id, PanelKeyDestruction.WorkKind, JsonSerializer.SerializeToUtf8Bytes(new PanelOrder(forget.PanelId, Guid.Empty, null), RowJson), forget.PanelId.ToString());
                    break;
                case ChallengeTaken taken:
                    challenged = taken;
                    break;
                case AnswerTaken taken:
                    answer = taken;
                    break;
            }

        var action = step.Domain as PanelAction;
        if (action?.NewDraw is { } draw)
            Change(action.PanelId, row => row with { Draw = draw });
        if (action is PanelCounted counted)
            Change(counted.PanelId, row => row with { Status = row.Round is null ? PanelStatus.Closed : row.Status, MinutesNumber = counted.MinutesNumber, Result = counted.Count, Minutes = counted.Minutes, Receipts = counted.Receipts });
        if (action is TieDecided decided)
            Change(decided.PanelId, row => row with { Result = decided.Count, Minutes = decided.Minutes });
        if (action is BallotCast { TaskId: { } ballot })
            step.ReceiptAnswer = BallotCast.ReceiptOf(ballot);
        if (action is RoundVoided voided)
            Change(voided.PanelId, row => row with { Voided = voided.Void });
        if (answer is not null && (action is not (BallotCast or ExpertRecused) || action.PanelId != answer.PanelId || action.User != answer.ExpertId))
            throw new WorkflowException(ErrorCodes.InvalidRequest,
                $"Panel {answer.PanelId} takes ballots and recusals at its own address only: POST /panels/{answer.PanelId}/ballot or /recuse.", "请通过评审会的投票或回避接口办理。");

        values.SkipUnless(action is not null, 0);
        values.SkipUnless(opened is not null, 1);
        values.SkipUnless(changed is not null, 2);
        values.SkipUnless(answer is not null, 3);
        values.SkipUnless(action is PanelCounted, 4);
        values.SkipUnless(action is DrawCommitted, 5);
        values.SkipUnless(action is DrawRevealed, 6);
        values.SkipUnless(action?.NewPool is not null, 7);
        values.SkipUnless(action is InvitationAnswered, 8);
        values.SkipUnless(action is ExpertChallenged && challenged is not null, 9);
        values.SkipUnless(action is ChallengeDecided, 10);
        values.SkipUnless(action is VoidAsked or RoundVoided, 11);
        values.SkipUnless(action is RoundVoided, 12);
        values["opened"] = opened is null ? null : JsonSerializer.Serialize(opened.Values, RowJson);
        values["changed"] = changed is null ? null : JsonSerializer.Serialize(changed.Values, RowJson);
        values["panel"] = action?.PanelId;
        values["status"] = (short?)action?.Requires;
        values["revision"] = action?.Revision;
        values["round"] = action?.Round;
        values["expert"] = answer?.ExpertId ?? (action as ExpertChallenged)?.ExpertId;
        values["recusal"] = (action as ExpertRecused)?.Reason;
        values["sealed"] = (action as BallotCast)?.Sealed;
        values["votes"] = (action as PanelCounted)?.Votes is { } votes ? JsonSerializer.Serialize(votes.Select(Row), RowJson) : null;
        values["attempt"] = (action as DrawCommitted)?.Attempt ?? (action as DrawRevealed)?.Attempt;
        values["party"] = (action as DrawCommitted)?.Party ?? (action as DrawRevealed)?.Party;
        values["role"] = (action as DrawCommitted)?.Of.Role;
        values["organisation"] = (action as DrawCommitted)?.Of.OrganisationId;
        values["user"] = action?.User;
        values["digest"] = (action as DrawCommitted)?.Commitment ?? (action as DrawRevealed)?.Nonce;
        values["statement"] = (action as InvitationAnswered)?.Statement ?? (action as ExpertChallenged)?.Reason ?? (action as ChallengeDecided)?.Opinion ?? (action as VoidAsked)?.Reason;
        values["accepted"] = (action as InvitationAnswered)?.Accepted ?? (action as ChallengeDecided)?.Upheld;
        values["challenge"] = (action as ExpertChallenged)?.ChallengeId ?? (action as ChallengeDecided)?.ChallengeId;
        values["task"] = challenged?.TaskId;
        values["purpose"] = action?.NewPool?.Purpose;
        values["pool_hash"] = action?.NewPool?.Hash;
        values["pool"] = action?.NewPool?.Record;
        values["void"] = (action as VoidAsked)?.VoidId ?? (action as RoundVoided)?.VoidId;
        values["voids"] = action is RoundVoided;

        void Change(Guid id, Func<ChangedRow, ChangedRow> change)
        {
            changed ??= [];
            changed[id] = change(changed.TryGetValue(id, out var row) ? row : new ChangedRow(id));
        }
    }

    private static object Row(OpenedVote vote) => new
    {
        vote.Id, vote = VoteWords.Code(vote.Paper.Vote), vote.Paper.Comment, scores = vote.Paper.Scores.Count == 0 ? null : vote.Paper.Scores.ToDictionary(s => s.Criterion, s => s.Score),
    };

    private sealed record OpenedRow(
        Guid Id, int Visit, PanelStatus Status, string Stage, string StageName, string SecretaryRole, string? OrganisationId, string Nonce, PanelRules Rules, PanelCountRule Count,
        IReadOnlyList<DrawParty>? Parties, bool Blind, string? ChairRole, string? SupervisorRole);

    private sealed record ChangedRow(
        Guid Id, PanelStatus? Status = null, DateTimeOffset? DueAt = null, string? ClosedBy = null, PanelDraw? Draw = null, PanelCount? Result = null, string? Minutes = null,
        IReadOnlyList<string>? Receipts = null, short? Attempt = null, short? Round = null, string? MinutesNumber = null, PanelVoid? Voided = null);
}

/// <summary>What an outbox row of a panel's work holds.</summary>
internal sealed record PanelOrder(Guid PanelId, Guid BookmarkId, string? ExpertId);
