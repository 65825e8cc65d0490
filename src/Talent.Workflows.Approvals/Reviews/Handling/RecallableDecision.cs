using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>A decision that its maker may want back: the task, its case as it is now, and all that has happened to it since.</summary>
internal sealed record RecallableDecision
{
    /// <summary>What moves nothing on: words between people, and what the server does by itself.</summary>
    private static readonly HashSet<string> Harmless = ["case.commented", "task.copied", "case.urged", "jump.asked", "jump.refused", "task.assigned", "calendar.revised", "clock.fell_due"];

    /// <summary>The same as SQL, for lists.</summary>
    public static readonly string HarmlessSql = string.Join(", ", Harmless.Order(StringComparer.Ordinal).Select(action => $"'{action}'"));

    /// <summary>What passing time does without moving the case.</summary>
    private static readonly HashSet<string> Reminders = ["task.reminder", "task.overdue", "task.escalated", "supplement.due_soon"];

    /// <summary>What leaves the house: it can't be taken back.</summary>
    private static readonly HashSet<string> Irrevocable =
    [
        "Elsa.SendHttpRequest", "Elsa.FlowSendHttpRequest", "Elsa.SendEmail", "Elsa.PublishEvent", "Elsa.DispatchWorkflow", "Elsa.ExecuteWorkflow", "Elsa.BulkDispatchWorkflows",
        "Elsa.RunTask", "Elsa.WriteHttpResponse", NoticeStage.TypeName, ExpertPanel.TypeName,
    ];

    public required Guid Id { get; init; }
    public required Guid CaseId { get; init; }
    public required string Stage { get; init; }
    public required string? Outcome { get; init; }
    public required string? DecidedBy { get; init; }

    /// <summary>委托: in whose place it was decided.</summary>
    public required string? Principal { get; init; }

    /// <summary>The phase that the case was in.</summary>
    public required short Phase { get; init; }

    /// <summary>The case as it is now.</summary>
    public required long Version { get; init; }
    public required string DefinitionVersionId { get; init; }
    public required WorkflowState State { get; init; }

    private string Kind { get; init; } = "";
    private short Status { get; init; }
    private bool Recalled { get; init; }
    private string Service { get; init; } = "";
    private string? Role { get; init; }
    private string? OrganisationId { get; init; }

    /// <summary>Decided tasks of the same stage that were open at the same time.</summary>
    private Guid[] Beside { get; init; } = [];

    /// <summary>How many tasks the stage has had.</summary>
    private int Tasks { get; init; }

    /// <summary>The decision in the case's audit, and what follows it.</summary>
    private List<Entry> Since { get; init; } = [];

    private List<JournalEntry> Journal { get; init; } = [];

    /// <summary>What the decision itself has led to: its own step.</summary>
    private IReadOnlyList<JournalEntry> Step { get; init; } = [];

    /// <summary>The earlier review that it returned the case to, by the reviewer's choice; null: none.</summary>
    public string? ReturnedTo => Completion is { } completion ? ReturnWay.ReturnedTo(completion) : null;

    private JournalEntry? Completion => Journal.Find(e => e.Event == "Completed" && e.ActivityId == Stage);

    /// <summary>Those of the tasks that exist; one round trip.</summary>
    public static async Task<IReadOnlyList<RecallableDecision>> ReadAsync(NpgsqlDataSource database, IReadOnlyCollection<Guid> tasks, CancellationToken cancellationToken)
    {
        const string Made = """
            with made as (
                select t.id, t.case_id, (select max(d.seq) from approvals.audit d where d.case_id = t.case_id and d.action = 'task.decided' and d.user_id = t.decided_by and d.stage = t.stage and d.at = t.decided_at) as seq
                from approvals.tasks t where t.id = any($1))
            """;
        Guid[] ids = [.. tasks];
        var snapshot = new Snapshot(database);
        var found = snapshot.Add("""
            select t.id, t.case_id, t.stage, t.kind, t.status, t.phase, t.decided_by, t.outcome, t.reason is not distinct from 'recalled', c.service, t.role, t.organisation_id,
                array(select o.id from approvals.tasks o where o.case_id = t.case_id and o.id between approvals.first_task(t.case_id) and approvals.last_task(t.case_id)
                    and o.stage = t.stage and o.opened_at <= t.decided_at and o.decided_at >= t.opened_at and o.id <> t.id and o.reason is distinct from 'recalled' and o.status = 2),
                (select count(*)::int from approvals.tasks o where o.case_id = t.case_id and o.id between approvals.first_task(t.case_id) and approvals.last_task(t.case_id) and o.stage = t.stage),
                f.principal, i.version, i.definition_version_id, i.state
            from approvals.tasks t join approvals.cases c on c.id = t.case_id join engine.instances i on i.id = t.case_id left join approvals.decisions_for f on f.task_id = t.id where t.id = any($1)
            """, r => new RecallableDecision
        {
            Id = r.GetGuid(0), CaseId = r.GetGuid(1), Stage = r.GetString(2), Kind = r.GetString(3), Status = r.GetInt16(4), Phase = r.GetInt16(5), DecidedBy = r.Text(6), Outcome = r.Text(7), Recalled = r.GetBoolean(8),
            Service = r.GetString(9), Role = r.Text(10), OrganisationId = r.Text(11), Beside = r.GetFieldValue<Guid[]>(12), Tasks = r.GetInt32(13),
            Principal = r.Text(14), Version = r.GetInt64(15), DefinitionVersionId = r.GetString(16), State = StateSerializer.Read(r.GetFieldValue<byte[]>(17)),
        }, (object)ids);
        var since = snapshot.Add($"""
            {Made} select m.id, a.action, a.stage, a.details, a.from_status from made m join approvals.audit a on a.case_id = m.case_id and a.seq >= m.seq order by m.id, a.seq
            """, r => (Task: r.GetGuid(0), Entry: new Entry(r.GetString(1), r.Text(2), r.Text(3), r.Text(4))), (object)ids);
        var journal = snapshot.Add($"{Made} select m.id, j.entries from made m join engine.journal j on j.instance_id = m.case_id and j.seq >= m.seq order by m.id, j.seq",
            r => (Task: r.GetGuid(0), Entries: r.GetFieldValue<byte[]>(1)), (object)ids);
        await snapshot.ReadAsync(cancellationToken);

        var (entries, steps, reader) = (since.ToLookup(s => s.Task, s => s.Entry), journal.ToLookup(j => j.Task, j => j.Entries), new JournalReader());
        return [.. found.Select(d =>
        {
            var journal = steps[d.Id].Select(step => reader.Read(step).ToArray()).ToArray();
            return d with { Since = [.. entries[d.Id]], Journal = [.. journal.SelectMany(step => step)], Step = journal is [var own, ..] ? own : [] };
        })];
    }

    /// <summary>What takes the decision back, tried out on the case as it is.</summary>
    /// <exception cref="WorkflowException">As <see cref="RecallCommands.RecallAsync"/>.</exception>
    public RecallPlan Plan(Caller caller, string user, ExecutableWorkflow workflow, DateTimeOffset now)
    {
        Check(caller, user);
        if (State.Status == WorkflowStatus.Finished)
            throw Refused("ended", "The case has ended by this decision.", "业务已因该决定办结，不能撤回。");
        // One of several who decide together, before the stage is decided: nothing has followed yet.
        var own = new StageRevision($"take-back-{Id:N}", new Dictionary<Guid, DateTimeOffset>()) { TaskId = Id }.Stimulus(StageRevision.TakeBack);
        var tried = Interpreter.Advance(workflow, State, own, now).Effects;
        if (tried.Any(e => e is OpenTask))
            return new RecallPlan(own, Cancelled(tried), null);
        if (SeveralDecided())
            throw Refused("several", "Several people have decided this stage together, and the others' decisions would be lost.", "该环节由多人办理且已办结，撤回会影响他人的决定。");
        var status = RequireUntouched(workflow);
        var returned = Outcome == DecisionOutcome.Return.Code();
        var move = MoveBack(workflow, State, Stage, returned, Completion);
        if (!returned)
            return new RecallPlan(move, Cancelled(Interpreter.Advance(workflow, State, move, now).Effects), status);
        move = move with { Leaving = [.. move.Leaving.Union(Begun(), StringComparer.Ordinal)] };
        var back = Interpreter.Advance(workflow, State, move, now);
        RequireSiblings(workflow, back.State);
        return new RecallPlan(move, Cancelled(back.Effects), status);
    }

    /// <summary>What the return itself has begun and is under way, such as a correction that branches side by side share. Whom others have asked goes on for these.</summary>
    private IEnumerable<string> Begun() => Step.Where(e => e.Event == "Started" && e.ActivityId != Stage && Completion is { } own && e.ParentId == own.ParentId
        && State.Executions.Exists(x => x.Id == e.ExecutionId) && !State.Executions.Exists(o => o.Awaits == e.ExecutionId)).Select(e => e.ActivityId);

    /// <summary>A move brings back the one stage. Where a join waits only for what is under way, nobody would see that a review beside it, which the return had ended, is gone.</summary>
    private void RequireSiblings(ExecutableWorkflow workflow, WorkflowState back)
    {
        if (Completion is not { ParentId: { } parent } || State.Executions.Find(e => e.Id == parent) is not { } chart)
            return;
        // What comes after the stage is come to again.
        var graph = workflow.Activity(chart.ActivityId).GraphFrom(chart.Entry);
        if (Step.FirstOrDefault(e => e is { Event: "Canceled", Type: ReviewStage.TypeName } && e.ParentId == parent && e.ActivityId != Stage && !graph.ForwardAncestors(e.ActivityId).Contains(Stage)
            && !back.Executions.Exists(x => x.ActivityId == e.ActivityId)) is { } ended)
            throw Refused("siblings_ended", $"The return has ended the review '{ended.ActivityId}' beside it, which a recall wouldn't bring back. Let the correction be handed in, or ask an administrator to move the case to where the branches begin.",
                $"该退回已结束并行的环节“{workflow.Activity(ended.ActivityId).Node.DisplayText}”，撤回后不能恢复。请待补正提交后重新办理，或由管理员将业务转到并行分支开始之前的环节。", ended.ActivityId);
    }

    /// <summary>The move that takes a stage's decision back, when nothing has followed it.</summary>
    /// <param name="returned">The decision was to return.</param>
    /// <param name="completion">The line of the journal by which the stage completed.</param>
    internal static Stimulus.MoveTo MoveBack(ExecutableWorkflow workflow, WorkflowState state, string stage, bool returned, JournalEntry? completion)
    {
        // Who had asked the stage again when it was decided waits for it once more.
        string[] askers = state.Executions.Find(e => e.ActivityId == stage && e.Awaits is not null) is { } waiting
            ? [.. state.Executions.Where(e => e.Awaits == waiting.Id).Select(e => e.ActivityId)]
            : completion is null ? [] : ReturnWay.BackTo(completion);
        return new Stimulus.MoveTo(stage, "recalled") { Leaving = returned ? Earlier(workflow, state, stage) : [], For = askers };
    }

    /// <summary>Where a return has sent the case: earlier stages that run because of it, which the move to a later one wouldn't end. Whom others have asked goes on for these.</summary>
    private static string[] Earlier(ExecutableWorkflow workflow, WorkflowState state, string stage)
    {
        if (workflow.Activity(stage).Node.Parent is not { } parent || state.Executions.FindLast(e => e.ActivityId == parent.Id) is not { } chart)
            return [];
        var graph = workflow.Activity(parent.Id).GraphFrom(chart.Entry);
        // Of a correction, what it had restored at the joins before the stage goes with it.
        HashSet<string> before = [.. graph.ForwardAncestors(stage), .. graph.Dominated(stage).Where(id => id != stage)];
        return [.. state.Executions.Where(e => e.ParentId == chart.Id && before.Contains(e.ActivityId) && !state.Executions.Exists(o => o.Awaits == e.Id)).Select(e => e.ActivityId).Distinct(StringComparer.Ordinal)];
    }

    private static Guid[] Cancelled(IEnumerable<Effect> effects) => [.. effects.OfType<CloseTask>().Where(c => c.End == TaskEnd.Cancelled).Select(c => c.TaskId)];

    /// <summary>Tasks of one person at a time follow one another at a stage that is returned to; those of several overlap.</summary>
    private bool SeveralDecided()
    {
        var alone = Enumerable.Range(1, Tasks).Select(visit => DerivedId.For(CaseId, Stage, visit, "bookmark")).ToHashSet();
        return Beside.Any(other => !alone.Contains(other) || !alone.Contains(Id));
    }

    private void Check(Caller caller, string user)
    {
        if (DecidedBy != user)
            throw new WorkflowException(ErrorCodes.Forbidden, $"Task {Id} wasn't decided by '{user}'. Only one's own decision can be recalled.", "只能撤回本人作出的决定。");
        caller.RequireService(Service);
        if (caller.Organisations is not null && (OrganisationId is null || !caller.MayActFor(OrganisationId)) || Role is not null && !caller.MayActAs(Role))
            throw new WorkflowException(ErrorCodes.Forbidden, $"This key may not act for task {Id}.", "此密钥无权办理该待办。");
        if (Recalled)
            throw Refused("recalled", $"The decision on task {Id} was recalled before.", "该决定已撤回。");
        if (Status != TaskStatusCodes.Done || Kind != TaskKinds.Review)
            throw Refused("kind", $"Task {Id} isn't a decided review.", "该待办不是已作出决定的审核，不能撤回。");
    }

    /// <returns>The case's status before the decision.</returns>
    private string RequireUntouched(ExecutableWorkflow workflow)
    {
        if (Since is not [{ From: { } status }, .. var later])
            throw Refused("kind", "The decision isn't in the case's history.", "办理过程中没有该决定。");
        var following = new Following(workflow, Stage);
        if (later.Find(e => !IsHarmless(e) && (following.Holds(e.Stage) || e.Stage == ReturnedTo)) is { } act)
            throw Refused("acted", $"The next stage has acted ({act.Action}).", "后续环节已经办理，不能撤回。", act.Action);
        return Journal.Find(e => Irrevocable.Contains(e.Type) && following.Holds(e.ActivityId)) is { } sent
            ? throw Refused("sent", $"'{sent.ActivityId}' has sent or published something since.", "后续步骤已对外发送或公示，不能撤回。", sent.ActivityId) : status;
    }

    private static bool IsHarmless(Entry entry)
    {
        if (entry.Action != "time.passed")
            return Harmless.Contains(entry.Action);
        if (entry.Details is null)
            return false;
        using var details = JsonDocument.Parse(entry.Details);
        return details.RootElement.TryGetProperty("did", out var did) && did.EnumerateArray().All(word => Reminders.Contains(word.GetString()!));
    }

    private static WorkflowException Refused(string reason, string message, string zh, string? what = null) => new(ErrorCodes.WrongState, $"The decision can't be recalled. {message}", zh)
    {
        Facts = new Dictionary<string, object?> { ["reason"] = reason, ["what"] = what },
    };

    private sealed record Entry(string Action, string? Stage, string? Details, string? From);
}

/// <summary>How a decision is taken back. <see cref="Undone"/>: tasks that end by it. <see cref="StatusBefore"/>: the case's status that it changed; null when it is one of several seats.</summary>
internal sealed record RecallPlan(Stimulus Move, Guid[] Undone, string? StatusBefore);
