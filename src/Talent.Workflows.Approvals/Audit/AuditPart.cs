using NpgsqlTypes;
using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Letters;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Standing;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Audit;

/// <summary>One audit row for every step, chained to the one before; the head lives in the instance's row, under its version (R-AUD-1).</summary>
public sealed class AuditPart : StepPart
{
    public override string Name => "audit";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("service", NpgsqlDbType.Text),
        new("user", NpgsqlDbType.Text),
        new("action", NpgsqlDbType.Text),
        new("stage", NpgsqlDbType.Text),
        new("from", NpgsqlDbType.Text),
        new("to", NpgsqlDbType.Text),
        new("definition", NpgsqlDbType.Text),
        new("details", NpgsqlDbType.Text),
        new("hash", NpgsqlDbType.Bytea),
    ];

    public override string Sql => """
        audit as (
            insert into approvals.audit (case_id, seq, at, service_id, user_id, action, stage, from_status, to_status, definition_version_id, details, hash)
            select step.id, step.version, @now, @service, @user, @action, @stage, @from, @to, @definition, @details, @hash from step)
        """;

    public override void Bind(StepWrite step, StepParameters values)
    {
        var entry = EntryOf(step);
        var hash = AuditChain.Next(step.PreviousChainHash ?? AuditChain.Start, entry);
        step.NextChainHash = hash;
        values["service"] = entry.ServiceId;
        values["user"] = entry.UserId;
        values["action"] = entry.Action;
        values["stage"] = entry.Stage;
        values["from"] = entry.FromStatus;
        values["to"] = entry.ToStatus;
        values["definition"] = entry.DefinitionVersionId;
        values["details"] = entry.Details;
        values["hash"] = hash;
    }

    private static AuditEntry EntryOf(StepWrite step)
    {
        var action = step.Domain as CaseAction;
        var isCase = action is not null || step.State.Input(CaseFacts.ApplicantId) is not null;
        return new AuditEntry
        {
            CaseId = step.InstanceId.ToString(),
            Seq = step.VersionAfter,
            At = step.Now,
            ServiceId = step.Request.Actor.Credential,
            UserId = action?.User ?? step.Request.Actor.User,
            Action = action?.Name ?? ActionOf(step),
            Stage = StageOf(step),
            FromStatus = !isCase || step.IsStart ? null : step.Before.Status(),
            ToStatus = !isCase ? null : action is null && step.Request.Stimulus is Stimulus.Cancel ? CasesPart.CancelledCode : action?.StatusAfter(step.Before) ?? step.State.Status(),
            DefinitionVersionId = step.State.DefinitionVersionId,
            Details = WithGrants(action?.AuditDetails ?? DetailsOf(step.Effects, action?.Filing), step.Effects),
        };
    }

    private static string ActionOf(StepWrite step) => step.Request.Stimulus switch
    {
        Stimulus.Start => "started",
        Stimulus.Resume => "resumed",
        Stimulus.Signal => "signalled",
        Stimulus.TimersDue => "time.passed",
        Stimulus.Cancel => "cancelled",
        Stimulus.Retry => "retried",
        Stimulus.GiveUp => "given.up",
        Stimulus.MoveTo => "moved",
        Stimulus.Alter when step.Before.DefinitionVersionId != step.State.DefinitionVersionId => "migrated",
        _ => step.ImportedFrom is not null ? "imported" : step.IsStart ? "created" : "changed",
    };

    private static string? StageOf(StepWrite step)
    {
        var resumed = step.Request.Stimulus is Stimulus.Resume resume ? resume.BookmarkId : (step.Domain as CaseAction)?.TaskId;
        if (resumed is { } id)
            return step.Before.Bookmarks.Find(b => b.Id == id)?.ActivityId;
        return step.Request.Stimulus is Stimulus.TimersDue ? step.Before.Timers.MinBy(t => t.DueAt)?.ActivityId : null;
    }

    /// <summary>What the step gave an employer, and the letters that its activities issued, stand beside who decided it.</summary>
    private static string? WithGrants(string? details, IReadOnlyList<Effect> effects)
    {
        JsonArray? granted = null, letters = null;
        foreach (var effect in effects)
            if (effect is IssueLetterEffect letter)
                (letters ??= []).Add(new JsonObject { ["id"] = letter.Id, ["kind"] = letter.Kind });
            else if (effect is EmployerCertified or PermissionOpened)
                (granted ??= []).Add(effect is PermissionOpened opened ? $"permission: {opened.Service}" : $"employer certified: {((EmployerCertified)effect).Way}");
        if (granted is null && letters is null)
            return details;
        var all = details is null ? [] : JsonNode.Parse(details)!.AsObject();
        if (granted is not null)
            all["granted"] = granted;
        if (letters is not null)
            all["letters"] = letters;
        return all.ToJsonString();
    }

    /// <summary>What the server did of its own accord: whom it told of what, and what it decided; and what was filed with it.</summary>
    private static string? DetailsOf(IReadOnlyList<Effect> effects, FilingWrite? filing)
    {
        List<string>? did = null;
        foreach (var effect in effects)
        {
            var word = effect switch
            {
                NotifyEffect notify => notify.Event,
                ReassignTask => "reassigned",
                TaskDue => "due moved",
                ExtendNotice => "notice extended",
                GiveMark mark => $"{mark.Colour} mark",
                CloseTask { End: TaskEnd.Lapsed } => "lapsed",
                CloseTask { End: TaskEnd.Cancelled } => "task cancelled",
                CloseTask { DecidedBy: null } close => $"decided by rule: {close.Outcome}",
                _ => null,
            };
            if (word is not null)
                (did ??= []).Add(word);
        }
        if (filing?.Audit is { } filed)
            return new JsonObject { ["did"] = JsonSerializer.SerializeToNode(did ?? []), ["filing"] = filed }.ToJsonString();
        return did is null ? null : JsonSerializer.Serialize(new { did });
    }
}
