using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>What who deals with a case may do about its time: stop the clock on a ground, let it run on, ask for an extension; and who decides on that.</summary>
/// <remarks>Source: R-REV-4. Who deals with it is who may act on its open review or submission, checked inside the step.</remarks>
public sealed class ClockCommands(WorkflowRuntime runtime, NpgsqlDataSource database, ServiceCatalogue services)
{
    private const int Longest = 1000;

    /// <summary>Stops the clock on a ground of the service that is entered by hand, such as 听证.</summary>
    /// <returns>The pause's id.</returns>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: no such ground, or no document; <c>wrong_state</c>: it stands still already; <c>forbidden</c>, <c>not_found</c>.</exception>
    public async Task<Guid> StopAsync(Caller caller, Guid caseId, string groundCode, string? stage, string? document, string? reason, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var service = await ServiceAsync(caseId, cancellationToken);
        var grounds = service.Grounds is null ? StopGround.Usual : [.. service.Grounds, .. StopGround.Usual.Where(u => service.Grounds.All(g => g.Code != u.Code))];
        if (grounds.FirstOrDefault(g => g.Code == groundCode) is not { ByHand: true } ground)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"'{groundCode}' isn't a ground on which this clock is stopped by hand. Use one of {string.Join(", ", grounds.Where(g => g.ByHand).Select(g => g.Code))}.", $"“{groundCode}”不是可登记的停表事由。");
        var task = await TaskAsync(caller, caseId, stage, cancellationToken);
        var order = Required(document, "document", "停表须注明依据文书");
        var id = Guid.NewGuid();
        await ApplyAsync(caller, task.Id, new StepRequest
        {
            InstanceId = caseId, Actor = caller.Actor, Idempotency = idempotency,
            Stimulus = new StageRevision(id.ToString("N"), task.Known) { TaskId = task.Id, PauseId = id, Ground = ground, By = caller.User, Document = order }.Stimulus(StageRevision.Pause),
            Domain = new ClockStopped { User = caller.RequireUser(), TaskId = task.Id, Limits = CredentialLimits.Of(caller), Ground = ground.Code, Document = order, Reason = Optional(reason) },
        }, cancellationToken);
        return id;
    }

    /// <summary>Lets a clock that was stopped by hand run on.</summary>
    /// <exception cref="WorkflowException"><c>wrong_state</c>: that pause is over; <c>forbidden</c>, <c>not_found</c>.</exception>
    public async Task RunOnAsync(Caller caller, Guid caseId, Guid pauseId, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var stage = await database.SingleAsync("select stage from approvals.clock_pauses where id = $1 and case_id = $2", r => r.GetString(0), cancellationToken, pauseId, caseId)
            ?? throw new WorkflowException(ErrorCodes.NotFound, $"Case {caseId} has no pause {pauseId}. Read its clock.", "没有该停表记录。");
        var task = await TaskAsync(caller, caseId, stage, cancellationToken);
        await ApplyAsync(caller, task.Id, new StepRequest
        {
            InstanceId = caseId, Actor = caller.Actor, Idempotency = idempotency,
            Stimulus = new StageRevision($"end-{pauseId:N}", task.Known) { TaskId = task.Id, PauseId = pauseId }.Stimulus(StageRevision.Resume),
            Domain = new ClockResumed { User = caller.RequireUser(), TaskId = task.Id, Limits = CredentialLimits.Of(caller), PauseId = pauseId },
        }, cancellationToken);
    }

    /// <summary>Asks that the limit of a stage (its key) or the <c>total</c> be extended, once, by what its rule allows.</summary>
    /// <returns>The extension's id.</returns>
    /// <exception cref="WorkflowException"><c>wrong_state</c>: its rule has no extension, or it was asked for; <c>invalid_request</c>: no reason; <c>forbidden</c>, <c>not_found</c>.</exception>
    public async Task<Guid> AskAsync(Caller caller, Guid caseId, string limit, string? reason, string? document, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var total = limit == LimitKinds.Total;
        var task = await TaskAsync(caller, caseId, total ? null : limit, cancellationToken);
        var rule = total ? await TotalRuleAsync(caseId, cancellationToken) : task.Rule;
        if (rule is null || DeadlineRule.Parse(rule).Extension == 0)
            throw new WorkflowException(ErrorCodes.WrongState, $"The limit '{limit}' of case {caseId} ({rule ?? "none"}) can't be extended: its rule says no extension, or it was granted.", "该期限没有可批准的延长。");
        var id = Guid.NewGuid();
        await ApplyAsync(caller, task.Id, new StepRequest
        {
            InstanceId = caseId, Actor = caller.Actor, Idempotency = idempotency,
            Domain = new ExtensionAsked
            {
                User = caller.RequireUser(), TaskId = task.Id, Limits = CredentialLimits.Of(caller), Id = id, Limit = total ? LimitKinds.Total : LimitKinds.Stage, Stage = total ? "" : limit,
                Reason = Required(reason, "reason", "请填写延期理由"), Document = Optional(document),
            },
        }, cancellationToken);
        return id;
    }

    /// <summary>Grants or refuses an extension: a superior of who asked, or an administrator, and never who asked.</summary>
    /// <exception cref="WorkflowException"><c>forbidden</c>, <c>wrong_state</c>: decided already, or the task it was for is done; <c>not_found</c>, <c>invalid_request</c>.</exception>
    public async Task DecideAsync(Caller caller, Guid caseId, Guid extensionId, bool granted, string? opinion, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var asked = await database.SingleAsync("""
            select e.limit_kind, e.task_id, e.status, e.asked_by, t.due_at from approvals.extensions e join approvals.tasks t on t.id = e.task_id where e.id = $1 and e.case_id = $2
            """, r => new Asked(r.GetString(0), r.GetGuid(1), r.GetInt16(2), r.GetString(3), r.Instant(4)), cancellationToken, extensionId, caseId)
            ?? throw new WorkflowException(ErrorCodes.NotFound, $"Case {caseId} has no extension {extensionId}. Read its clock.", "没有该延期申请。");
        var total = asked.Limit == LimitKinds.Total;
        var revision = new StageRevision($"extension-{extensionId:N}", asked.Due is { } due ? new Dictionary<Guid, DateTimeOffset> { [asked.Task] = due } : new()) { TaskId = asked.Task };
        var answer = await runtime.ApplyAsync(new StepRequest
        {
            InstanceId = caseId, Actor = caller.Actor, Idempotency = idempotency,
            Stimulus = granted ? revision.Stimulus(total ? StageRevision.ExtendTotal : StageRevision.Extend) : null,
            Domain = new ExtensionDecided
            {
                User = user, Limits = CredentialLimits.Of(caller), Id = extensionId, Granted = granted, Opinion = Required(opinion, "opinion", "请填写批准意见"),
                ForTask = total ? null : asked.Task, ByAdministrator = caller.Scopes.Contains("admin"),
            },
        }, cancellationToken);
        if (answer.Applied)
            return;
        throw answer.GateFailed switch
        {
            CaseClocksPart.ExtensionGate when asked.Status != (short)ExtensionStatus.Asked => new WorkflowException(ErrorCodes.WrongState, $"Extension {extensionId} was decided already.", "该延期申请已有决定。"),
            CaseClocksPart.ExtensionGate => new WorkflowException(ErrorCodes.Forbidden, $"Extension {extensionId} isn't '{user}''s to decide: a superior of '{asked.By}' or an administrator does, and not who asked.", "延期须由申请人的上级或管理员批准，不能由本人批准。"),
            _ => CaseRefusal.Of(answer, caller),
        };
    }

    private async Task ApplyAsync(Caller caller, Guid task, StepRequest request, CancellationToken cancellationToken)
    {
        var answer = await runtime.ApplyAsync(request, cancellationToken);
        if (!answer.Applied)
            throw await TaskRefusal.ExplainAsync(database, task, caller, cancellationToken);
    }

    /// <summary>The open review or submission that the caller deals with: in a stage, or the one there is.</summary>
    private async Task<OpenReview> TaskAsync(Caller caller, Guid caseId, string? stage, CancellationToken cancellationToken)
    {
        caller.RequireUser();
        var open = await database.QueryAsync($"""
            select t.id, t.due_at, t.due_rule from approvals.tasks t
            where t.case_id = $1 and t.id between approvals.first_task($1) and approvals.last_task($1) and t.status < 2 and t.kind in ({TaskKinds.Clocked}) and ($2::text is null or t.stage = $2) order by t.opened_at, t.id
            """, r => new OpenReview(r.GetGuid(0), r.Instant(1), r.Text(2)), cancellationToken, caseId, stage);
        if (open.Count == 0)
            throw new WorkflowException(ErrorCodes.WrongState, $"Case {caseId} has no open review or submission{(stage is null ? "" : $" in stage '{stage}'")}. Read its stages.", "该业务当前没有相应的待审核、待报送环节。");
        var own = await TaskReader.ActionableAsync(database, caseId, caller, cancellationToken);
        return open.Find(t => own.Exists(o => o.Id == t.Id)) ?? throw await TaskRefusal.ExplainAsync(database, open[0].Id, caller, cancellationToken);
    }

    private async Task<ServiceClock> ServiceAsync(Guid caseId, CancellationToken cancellationToken)
    {
        var service = await database.SingleAsync("select service from approvals.cases where id = $1", r => r.GetString(0), cancellationToken, caseId) ?? throw CaseRefusal.NotFound(caseId);
        return (await services.GetAsync(service, cancellationToken)).Service.Clock;
    }

    private Task<string?> TotalRuleAsync(Guid caseId, CancellationToken cancellationToken) =>
        database.SingleAsync("select rule from approvals.case_clocks where case_id = $1 and not extended and ended_at is null and rule is not null", r => r.GetString(0), cancellationToken, caseId);

    private static string Required(string? text, string name, string zh) => Optional(text) ?? throw new WorkflowException(ErrorCodes.InvalidRequest, $"Say '{name}'.", $"{zh}。");

    private static string? Optional(string? text) => string.IsNullOrWhiteSpace(text) ? null
        : text.Length > Longest || text.Contains('\0') ? throw new WorkflowException(ErrorCodes.InvalidRequest, $"A text is longer than {Longest} characters or can't be kept.", "文字过长或含有无法保存的字符。")
        : text.Trim();

    private sealed record OpenReview(Guid Id, DateTimeOffset? Due, string? Rule)
    {
        public Dictionary<Guid, DateTimeOffset> Known => Due is { } due ? new() { [Id] = due } : [];
    }

    private sealed record Asked(string Limit, Guid Task, short Status, string By, DateTimeOffset? Due);
}
