using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>Who keeps a seat: invitations, challenges. And the chair, who decides a tie.</summary>
public sealed partial class PanelCommands
{
    /// <summary>Challenges that one person may file at a panel, over all its rounds.</summary>
    public const int MostChallengesOfOne = 30;

    /// <summary>Challenges that a panel takes, over all its rounds.</summary>
    public const int MostChallenges = 100;

    /// <summary>An expert accepts a seat, with a statement on conflicts of interest, or declines it with the reason.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>invalid_request</c>, <c>task_closed</c> (answered already, or too late).</exception>
    public async Task AnswerInvitationAsync(Caller caller, Guid panelId, bool? accept, string? statement, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        if (accept is not { } accepts)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "Say in 'accept' whether you take the seat: true or false.", "请填写是否接受邀请（accept）。");
        var said = TextOf(statement) ?? throw new WorkflowException(ErrorCodes.InvalidRequest,
            accepts ? "Accepting needs your statement on conflicts of interest in 'statement'." : "Say in 'statement' why you decline.", accepts ? "接受邀请须作出回避声明（statement）。" : "请填写谢绝的原因（statement）。");
        var (panel, user) = await SeatAsync(caller, panelId, cancellationToken);
        await AnswerAsync(caller, panel, accepts ? "accept" : "decline", new InvitationAnswered
        {
            PanelId = panelId, User = user, TaskId = panel.InvitationTask(user), Limits = LimitsOf(caller), Accepted = accepts, Statement = said,
        }, idempotency, cancellationToken);
    }

    /// <summary>The applicant or the supervisor asks that an expert stands aside (申请回避); the secretary decides.</summary>
    /// <returns>The challenge's id.</returns>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>invalid_request</c> (no reason, no such expert), <c>wrong_state</c> (the panel is closed, or not drawn yet),
    /// <c>conflict</c> (the same person's challenge of this expert isn't decided yet: fact <c>reason</c> is <c>open</c>; or there are too many: <c>limit</c>).</exception>
    public async Task<Guid> ChallengeAsync(Caller caller, Guid panelId, string? expert, string? reason, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var why = TextOf(reason) ?? throw new WorkflowException(ErrorCodes.InvalidRequest, "Say in 'reason' why the expert has to stand aside.", "请填写申请回避的理由。");
        for (var attempt = 1; ; attempt++)
        {
            var panel = await FindAsync(caller, panelId, cancellationToken);
            var applicant = user == panel.ApplicantId && caller.MayActAs("applicant") && caller.MayActFor(panel.EmployerId);
            if (!applicant && !(panel.SupervisorRole is { } role && await store.HoldsAsync(caller, role, panel.OrganisationId, cancellationToken)))
                throw new WorkflowException(ErrorCodes.Forbidden, $"Experts of panel {panelId} are challenged by the applicant or the supervisor; '{user}' is neither.", "只有申报人或监督人员可以申请专家回避。");
            // Of anybody in the pool: who challenges needn't know who sits, and isn't told.
            if (expert is null || (await store.RolesAsync(expert, null, cancellationToken)).Contains(PanelStore.ExpertRole) is false)
                throw new WorkflowException(ErrorCodes.InvalidRequest, $"'{expert}' isn't in the expert pool. Name an expert's id in 'expert'.", "所申请回避的人员不在专家库中。");
            var id = DerivedId.For(panel.CaseId, panel.Stage, panel.Visit, $"challenge {idempotency?.Key ?? Guid.NewGuid().ToString()}");
            if (await runtime.FindAnswerAsync(idempotency, cancellationToken) is not null)
                return id;
            if (panel.Status != PanelStatus.Open)
                throw new WorkflowException(ErrorCodes.WrongState, $"Panel {panelId} takes no challenges now: it isn't drawn yet, or has closed.", "本次评审尚未抽取专家或已结束，不能申请回避。");
            // Another one that comes meanwhile takes the wait that these lead to, so that what is checked holds when it is taken.
            var before = await store.ChallengesAsync(panelId, cancellationToken);
            RequireRoom(panel, before, user, expert);
            try
            {
                var answer = await runtime.ApplyAsync(new StepRequest
                {
                    InstanceId = panel.CaseId, Stimulus = new Stimulus.Resume(panel.ChallengeWait(before.Count), System.Text.Json.JsonSerializer.SerializeToElement(new { @do = "challenge", expert, user })),
                    Actor = caller.Actor, Idempotency = idempotency, Domain = new ExpertChallenged { PanelId = panelId, User = user, Limits = LimitsOf(caller), ChallengeId = id, ExpertId = expert, Reason = why },
                }, cancellationToken);
                if (answer.Applied)
                    return id;
            }
            catch (WorkflowException e) when (e.Code is ErrorCodes.BookmarkGone)
            {
                // Another challenge took this wait and has left the next one.
            }
            if (attempt == 5)
                throw new WorkflowException(ErrorCodes.Conflict, $"Panel {panelId} changed while it was acted on. Try again.", "评审刚刚发生变化，请重试。");
        }
    }

    private static void RequireRoom(PanelRow panel, List<StoredChallenge> before, string user, string expert)
    {
        if (before.Exists(c => c.IsOpen && c.FiledBy == user && c.ExpertId == expert))
            throw new WorkflowException(ErrorCodes.Conflict, $"You have challenged '{expert}' at panel {panel.Id} before, and it isn't decided yet. Wait for the decision.", "您已申请该专家回避，正在办理，请勿重复申请。")
            { Facts = new Dictionary<string, object?> { ["reason"] = "open" } };
        if (before.Count >= MostChallenges || before.Count(c => c.FiledBy == user) >= MostChallengesOfOne)
            throw new WorkflowException(ErrorCodes.Conflict,
                $"Panel {panel.Id} takes {MostChallenges} challenges, {MostChallengesOfOne} of one person; it has {before.Count}. Tell its secretary what else there is to say.",
                $"本次评审最多受理 {MostChallenges} 件回避申请，每人最多 {MostChallengesOfOne} 件，现已达上限，其他情况请直接向评审秘书反映。")
            { Facts = new Dictionary<string, object?> { ["reason"] = "limit", ["allowed"] = MostChallenges, ["ofOne"] = MostChallengesOfOne } };
    }

    /// <summary>The secretary decides a challenge. One upheld takes the expert out of the draw: off the panel, where the next of the sequence sits, or out of the substitutes.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>invalid_request</c>, <c>task_closed</c>, <c>wrong_state</c> (the expert has voted).</exception>
    public async Task DecideChallengeAsync(Caller caller, Guid panelId, Guid challengeId, bool? uphold, string? opinion, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var said = TextOf(opinion);
        if (uphold is not { } upheld || said is null)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "A challenge is decided by 'uphold' (true or false) with an 'opinion'.", "请填写是否准予回避（uphold）和意见（opinion）。");
        var panel = await FindAsync(caller, panelId, cancellationToken);
        if (!await store.HoldsAsync(caller, panel.SecretaryRole, panel.OrganisationId, cancellationToken))
            throw new WorkflowException(ErrorCodes.Forbidden, $"Challenges of panel {panelId} are decided by the role '{panel.SecretaryRole}', which '{user}' doesn't hold.", $"回避申请由“{panel.SecretaryRole}”办理。");
        var challenge = (await store.ChallengesAsync(panelId, cancellationToken)).Find(c => c.Id == challengeId)
            ?? throw new WorkflowException(ErrorCodes.NotFound, $"Panel {panelId} has no challenge {challengeId}. Check the id.", "该回避申请不存在。");
        var seated = panel.Draw?.Seats.Any(s => s.ExpertId == challenge.ExpertId) == true;
        await AnswerAsync(caller, panel, new { @do = upheld ? "uphold" : "dismiss", user, seated }, new ChallengeDecided
        {
            PanelId = panelId, User = user, TaskId = challenge.TaskId, Limits = LimitsOf(caller), Revision = panel.Revision, ChallengeId = challengeId, Upheld = upheld, Opinion = said,
            // Also where the draw doesn't know them: its next revision says that whatever was worked out before no longer applies.
            Draw = upheld && !seated ? panel.Draw?.Leave(challenge.ExpertId) : null,
        }, idempotency, cancellationToken);
    }

    /// <summary>The chair decides a tie: pass or fail.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>invalid_request</c>, <c>task_closed</c>, <c>wrong_state</c> (there is no tie).</exception>
    public async Task DecideTieAsync(Caller caller, Guid panelId, string? vote, string? reason, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var why = TextOf(reason);
        if (VoteWords.Find(vote) is not { } cast || cast == Vote.Abstain || why is null)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "A tie is decided by 'vote' (pass or fail) with a 'reason'.", "请填写裁定结果（pass 或 fail）和理由。");
        var panel = await FindAsync(caller, panelId, cancellationToken);
        if (panel is not { Result: { } count, Minutes: { } minutes } || panel.Count.Tie != TieRule.Chair || (count.Outcome != PanelOutcome.Tied && !count.ByChair))
            throw new WorkflowException(ErrorCodes.WrongState, $"Panel {panelId} has no tie that its chair would decide.", "本次评审没有需要裁定的票数相同情形。");
        if (panel.ChairRole is not { } role || !await store.HoldsAsync(caller, role, panel.OrganisationId, cancellationToken))
            throw new WorkflowException(ErrorCodes.Forbidden, $"A tie of panel {panelId} is decided by the role '{panel.ChairRole}', which '{user}' doesn't hold.", $"票数相同由“{panel.ChairRole}”裁定。");
        var outcome = cast == Vote.Pass ? PanelOutcome.Passed : PanelOutcome.Failed;
        await AnswerAsync(caller, panel, VoteWords.Code(cast), new TieDecided
        {
            PanelId = panelId, User = user, TaskId = panel.ChairTask, Limits = LimitsOf(caller), Round = panel.Round, Count = count with { Outcome = outcome, ByChair = true },
            Minutes = $"{minutes}主任委员裁定 Decided by the chair: {OutcomeWords.Zh(outcome)} {OutcomeWords.En(outcome)}。{why}\n",
        }, idempotency, cancellationToken);
    }
}
