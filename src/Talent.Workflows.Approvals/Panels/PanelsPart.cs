using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using NpgsqlTypes;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>Panels and their ballots. A ballot is inserted once and never changed.</summary>
public sealed class PanelsPart : StepPart
{
    /// <summary>The panel isn't any more what the action rests on: closed, or drawn on.</summary>
    public const string CurrentGate = "panel_current";

    private static readonly JsonSerializerOptions RowJson = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public override string Name => "panels";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("opened", NpgsqlDbType.Jsonb), new("changed", NpgsqlDbType.Jsonb),
        new("panel", NpgsqlDbType.Uuid), new("status", NpgsqlDbType.Smallint), new("revision", NpgsqlDbType.Integer),
        new("expert", NpgsqlDbType.Text), new("vote", NpgsqlDbType.Text), new("recusal", NpgsqlDbType.Text), new("scores", NpgsqlDbType.Jsonb), new("comment", NpgsqlDbType.Text),
    ];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new(new StepGate(CurrentGate, """
            exists (select from approvals.panels p where p.id = @panel and p.case_id = @instance and p.status = @status
                and (@revision is null or p.revision = @revision))
            """)),
        new("""
            panels_opened as (
                insert into approvals.panels (id, case_id, opened_at, visit, status, stage, stage_name, secretary_role, organisation_id, nonce, rules, count_rule)
                select o.id, step.id, @now, o.visit, o.status, o.stage, o."stageName", o."secretaryRole", o."organisationId", decode(o.nonce, 'hex'), o.rules, o.count
                from step, jsonb_to_recordset(@opened) o(id uuid, visit integer, status smallint, stage text, "stageName" text, "secretaryRole" text,
                    "organisationId" text, nonce text, rules jsonb, count jsonb))
            """),
        new("""
            panels_changed as (
                update approvals.panels p set
                    status = coalesce(c.status, p.status),
                    due_at = coalesce(c."dueAt", p.due_at),
                    closed_by = coalesce(c."closedBy", p.closed_by),
                    closed_at = case when c.status > 1 and p.closed_at is null then @now else p.closed_at end,
                    draw = coalesce(c.draw, p.draw),
                    revision = p.revision + (c.draw is not null)::integer,
                    result = coalesce(c.result, p.result),
                    minutes = coalesce(c.minutes, p.minutes)
                from step, jsonb_to_recordset(@changed) c(id uuid, status smallint, "dueAt" timestamptz, "closedBy" text, draw jsonb, result jsonb, minutes text)
                where p.id = c.id and p.case_id = step.id)
            """),
        new("""
            panels_ballot as (
                insert into approvals.ballots (panel_id, expert_id, cast_at, vote, recusal, scores, comment)
                select @panel, @expert, @now, @vote, @recusal, @scores, @comment from step)
            """),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        Dictionary<Guid, OpenedRow>? opened = null;
        Dictionary<Guid, ChangedRow>? changed = null;
        AnswerTaken? answer = null;
        foreach (var effect in step.Effects)
            switch (effect)
            {
                case OpenPanel open:
                    (opened ??= [])[open.Id] = new(open.Id, open.Visit, PanelStatus.Drawing, open.Stage, open.StageName, open.SecretaryRole, open.OrganisationId,
                        Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)), open.Rules, open.Count);
                    break;
                // A panel that is opened and cancelled in one step is born cancelled: an update couldn't see its row yet.
                case ChangePanel { Status: { } status } change when opened is not null && opened.TryGetValue(change.PanelId, out var born):
                    opened[change.PanelId] = born with { Status = status };
                    break;
                case ChangePanel change:
                    Change(change.PanelId, row => row with { Status = change.Status ?? row.Status, DueAt = change.DueAt ?? row.DueAt, ClosedBy = change.ClosedBy ?? row.ClosedBy });
                    break;
                case PanelWork work:
                    step.Outbox.Add(work.Id, work.Kind, JsonSerializer.SerializeToUtf8Bytes(new PanelOrder(work.PanelId, work.BookmarkId, work.ExpertId), RowJson), work.PanelId.ToString());
                    break;
                case AnswerTaken taken:
                    answer = taken;
                    break;
            }

        var action = step.Domain as PanelAction;
        if (action?.NewDraw is { } draw)
            Change(action.PanelId, row => row with { Draw = draw });
        if (action is PanelCounted counted)
            Change(counted.PanelId, row => row with { Status = PanelStatus.Closed, Result = counted.Count, Minutes = counted.Minutes });
        if (answer is not null && (action is not (BallotCast or ExpertRecused) || action.PanelId != answer.PanelId || action.User != answer.ExpertId))
            throw new WorkflowException(ErrorCodes.InvalidRequest,
                $"Panel {answer.PanelId} takes ballots and recusals at its own address only: POST /panels/{answer.PanelId}/ballot or /recuse.", "请通过评审会的投票或回避接口办理。");

        values.SkipUnless(action is not null, 0);
        values.SkipUnless(opened is not null, 1);
        values.SkipUnless(changed is not null, 2);
        values.SkipUnless(answer is not null, 3);
        values[0] = opened is null ? null : JsonSerializer.Serialize(opened.Values, RowJson);
        values[1] = changed is null ? null : JsonSerializer.Serialize(changed.Values, RowJson);
        values[2] = action?.PanelId;
        values[3] = (short?)action?.Requires;
        values[4] = action?.Revision;
        values[5] = answer?.ExpertId;
        values[6] = action is BallotCast { Vote: var vote } ? VoteWords.Code(vote) : null;
        values[7] = (action as ExpertRecused)?.Reason;
        values[8] = (action as BallotCast)?.ScoresJson;
        values[9] = (action as BallotCast)?.Comment;

        void Change(Guid id, Func<ChangedRow, ChangedRow> change)
        {
            changed ??= [];
            changed[id] = change(changed.TryGetValue(id, out var row) ? row : new ChangedRow(id));
        }
    }

    private sealed record OpenedRow(
        Guid Id, int Visit, PanelStatus Status, string Stage, string StageName, string SecretaryRole, string? OrganisationId, string Nonce, PanelRules Rules, PanelCountRule Count);

    private sealed record ChangedRow(
        Guid Id, PanelStatus? Status = null, DateTimeOffset? DueAt = null, string? ClosedBy = null, PanelDraw? Draw = null, PanelCount? Result = null, string? Minutes = null);
}

/// <summary>What an outbox row of a panel's work holds.</summary>
internal sealed record PanelOrder(Guid PanelId, Guid BookmarkId, string? ExpertId);
