using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>
/// The draw that two parties commit to: each gives the hash of a nonce, then the pool is read and its hash recorded, then each
/// reveals the nonce. Who doesn't reveal in time could have done so because the outcome would not have pleased them: that is
/// recorded, and the draw begins anew with fresh commitments. The engine counts who has done what; hashes and nonces stay in their rows.
/// </summary>
public sealed partial class ExpertPanel
{
    internal const string Pooled = "pooled";

    private const string RevealTimer = "reveal";

    private void BeginDraw(ActivityContext context, int attempt)
    {
        context.SetData("attempt", JsonSerializer.SerializeToElement(attempt));
        if (attempt > 1)
            context.Emit(new ChangePanel(context.NewId($"attempt-{attempt}"), PanelId(context), Attempt: (short)attempt));
        for (var party = 0; party < Parties(context).Length; party++)
            OpenParty(context, TaskKinds.PanelCommit, attempt, party);
    }

    private void OpenParty(ActivityContext context, string kind, int attempt, int party)
    {
        var of = Parties(context)[party];
        var task = context.Wait(BookmarkKinds.Task, kind, JsonSerializer.SerializeToElement(party), PartyPurpose(kind, attempt, party));
        var times = new StageTimes(context, calendar, StageTimes.ScopeOf(task.Id)) { OpenedAt = context.Now };
        var due = times.Deadline(context.Get(DrawDue), context.Now)!;
        times.Arm(times.Ladder(due, context.Get(DrawLadder), mayDecideByRule: false)?.NextAfter(context.Now)?.At);
        if (kind == TaskKinds.PanelReveal)
            context.WaitUntil(due.DueAt, RevealTimer);
        context.Emit(new OpenTask(task.Id)
        {
            Stage = context.Node.Id,
            StageName = PartyStage(context, kind),
            Kind = kind,
            Role = of.Role,
            OrganisationId = of.OrganisationId,
            Excluded = Excluded(context),
            Outcomes = [kind == TaskKinds.PanelCommit ? "commit" : "reveal"],
            Phase = context.State.Phase(),
            Due = StageTimes.Row(due),
        });
        context.Emit(new NotifyEffect(context.NewId($"{PartyPurpose(kind, attempt, party)}-told"), "stage.opened", [Recipient.Task(task.Id)], new Dictionary<string, string>
        {
            ["stage"] = context.Node.Id, ["stageName"] = PartyStage(context, kind), ["taskId"] = task.Id.ToString(), ["dueAt"] = due.DueAt.ToString("O", CultureInfo.InvariantCulture),
        }));
    }

    private void PartyActs(ActivityContext context, Bookmark task, JsonElement payload)
    {
        var act = task.Name == TaskKinds.PanelCommit ? "commit" : "reveal";
        if (Word(payload, "do") != act)
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest,
                $"The parties of a draw act at POST /panels/{PanelId(context)}/draw/{(act == "commit" ? "commitment" : "nonce")}.", "请通过评审会的抽取接口办理。"));
        context.Emit(new CloseTask(context.NewId($"{act}-{task.Id}"), task.Id, TaskEnd.Done, act, Word(payload, "user")));
        new StageTimes(context, calendar, StageTimes.ScopeOf(task.Id)).Forget();
        if (Waits(context, task.Name!).Length > 0)
            return;
        var attempt = Attempt(context);
        if (act == "commit")
        {
            Work(context, PanelPooling.WorkKind, context.Wait(WorkBookmark, Pooled, purpose: $"{Pooled}-{attempt}"), null);
            return;
        }
        context.CancelTimer(RevealTimer);
        Work(context, PanelDrawing.WorkKind, context.Wait(WorkBookmark, Drawn, purpose: Drawn), null);
    }

    private void OpenReveals(ActivityContext context)
    {
        for (var party = 0; party < Parties(context).Length; party++)
            OpenParty(context, TaskKinds.PanelReveal, Attempt(context), party);
    }

    private void RevealMissed(ActivityContext context, TimerWait timer)
    {
        if (RevealTimes(context).Grace(timer) is { } grace)
        {
            context.WaitUntil(grace.DueAt, RevealTimer);
            foreach (var task in Waits(context, TaskKinds.PanelReveal))
                context.Emit(new TaskDue(context.NewId($"held-{task.Id}"), task.Id, StageTimes.Row(grace)!));
            return;
        }
        foreach (var task in Waits(context, TaskKinds.PanelReveal))
        {
            context.Log("NotRevealed", $"attempt {Attempt(context)}, party {task.Payload.GetInt32() + 1}");
            context.Emit(new CloseTask(context.NewId($"unrevealed-{task.Id}"), task.Id, TaskEnd.Lapsed, Reason: "not_revealed"));
            new StageTimes(context, calendar, StageTimes.ScopeOf(task.Id)).Forget();
            context.CancelWait(task.Id);
        }
        BeginDraw(context, Attempt(context) + 1);
    }

    /// <summary>Of both reveals of the present attempt, which fall due together; each has a ladder of its own.</summary>
    private StageTimes RevealTimes(ActivityContext context) => new(context, calendar, $"-{RevealTimer}-{Attempt(context)}");

    private void EscalateParty(ActivityContext context, Guid task, TimerWait timer)
    {
        if (context.State.Bookmarks.Find(b => b.Id == task) is not { } bookmark)
            return;
        var times = new StageTimes(context, calendar, StageTimes.ScopeOf(task));
        var deadline = times.Deadline(context.Get(DrawDue), times.OpenedAt);
        var party = Parties(context)[bookmark.Payload.GetInt32()];
        if (times.Ladder(deadline, context.Get(DrawLadder), mayDecideByRule: false) is { } ladder)
            LadderActs.Run(context, new LadderTask(task, PartyStage(context, bookmark.Name!), party.Role, party.OrganisationId, deadline!, StageTimes.ScopeOf(task)), times.Take(ladder, timer));
    }

    internal static string PartyPurpose(string kind, int attempt, int party) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{attempt}-{party}");

    private static string PartyStage(ActivityContext context, string kind) => $"{context.Get(StageName)}·{(kind == TaskKinds.PanelCommit ? "提交抽取承诺" : "公布抽取随机数")}";

    private static int Attempt(ActivityContext context) => context.GetData("attempt") is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : 1;

    /// <summary>None, or two.</summary>
    private static ImmutableArray<DrawParty> Parties(ActivityContext context)
    {
        var parties = context.Get(DrawParties) ?? [];
        if (parties.Count is not (0 or 2))
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Panel '{context.Node.Id}' names {parties.Count} parties of the draw. Name two, or none.", "抽取须由两方共同承诺，请填写两个角色，或不填。");
        return [.. parties.Select(p => Party(context, p))];
    }

    private static DrawParty Party(ActivityContext context, JsonElement party)
    {
        var (role, organisation) = party.ValueKind == JsonValueKind.String ? (party.GetString(), null) : (Word(party, "role"), Word(party, "organisation"));
        return string.IsNullOrEmpty(role)
            ? throw new WorkflowException(ErrorCodes.InvalidInput, $"A party of the draw of panel '{context.Node.Id}' is a role, or {{role, organisation}}, not {party.GetRawText()}.", "抽取一方须写明角色。")
            : new DrawParty(role, organisation is null ? context.GetOrganisation(Organisation) : context.OrganisationOf(organisation));
    }
}

/// <summary>Who gives one half of a draw's seed. <see cref="OrganisationId"/> null: the role anywhere.</summary>
public sealed record DrawParty(string Role, string? OrganisationId);
