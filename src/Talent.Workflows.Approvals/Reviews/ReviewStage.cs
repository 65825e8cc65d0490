using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Reviews.Assigning;
using Talent.Workflows.Approvals.Reviews.Correcting;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Reviews.Signing;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>
/// Talent.ReviewStage: a review 审核 by whoever holds a role at an organisation, by one user, or by several people together.
/// It has a deadline in working days and a ladder for what happens when nobody decides; the applicant can never decide it.
/// </summary>
/// <remarks>
/// Source: R-REV-1, 2, 4, 5, 6, 9. <c>Return</c> leads back: what the stage it leads to dominates is cancelled. Resumed with
/// <c>{ outcome, user, hasOpinion, principal }</c>; the opinion itself never reaches the engine.
/// </remarks>
public sealed partial class ReviewStage(WorkCalendar calendar) : Activity
{
    public const string TypeName = "Talent.ReviewStage";
    private const string TimeoutPort = "Timeout";

    private static readonly Input<string> StageName = new("stageName", "环节名称 Stage name", "给人看的名称，如“用人单位审核”。") { Required = true };
    private static readonly Input<string> Role = new("role", "角色 Role", "谁可以办理，如 employer.reviewer。") { UiHint = "dropdown", ChoicesFrom = "roles" };
    private static readonly Input<string> Organisation = new("organisation", "单位 Organisation", "在哪个单位担任该角色；不填则不限单位。") { UiHint = "dropdown", ChoicesFrom = "organisations" };
    private static readonly Input<string> Assignee = new("assignee", "指定办理人 Assignee", "只由这一个用户办理。");
    private static readonly Input<string> Due = new("due", "办理期限 Due", "如 5wd（工作日）、15d、48h、5wd@17:00。");
    private static readonly Input<IReadOnlyList<JsonElement>> Ladder = new("ladder", "超时升级 Ladder", "[{at, do, outcome}]：remind 催办，overdue 超期提醒，tell_superior 告知上级，reassign 改派，decide 按规则办理。");
    private static readonly Input<bool> MayDecide = new("mayDecideByRule", "允许按规则办理 May decide by rule", "只有本事项的规定允许（如视为同意）才勾选。");
    private static readonly Input<bool> RequireOpinion = new("requireOpinion", "必须填写意见 Opinion required", "退回和不通过总要填写意见。") { Default = true };
    private static readonly Input<IReadOnlyList<string>> Outcomes = new("outcomes", "可选结果 Outcomes", "Approve 通过，Return 退回补正，Reject 不通过，Refuse 不予受理。")
        { Default = ["Approve", "Return", "Reject"], UiHint = "dynamic-outcomes", FixedOutcomes = [TimeoutPort] };
    private static readonly Input<IReadOnlyList<string>> DecisionData = new("decisionData", "须填写内容的结果 Data for", "作出哪些结果须填写 form.json 中 decisions 的内容，如 Approve。");
    private static readonly Input<bool> TellApplicant = new("tellApplicant", "通过后告知申报人 Tell the applicant", "") { Default = true };
    private static readonly Input<IReadOnlyList<string>> CopyTo = new("copyTo", "抄送 Copy to", "办结后抄送：user:用户编号、role:角色@单位（如 role:bureau.reviewer@case:bureau）；不能抄送给申报人或专家角色。");
    private static readonly Output Decision = new("decision", "Object", "审核结果 Decision");

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Talent", "审核环节 Review Stage", "由指定角色或人员在期限内审核：单人、会签、或签、票签；超时按规则升级。A review by one or several people, with a deadline and an escalation ladder.")
    {
        // What nearly every stage sets comes first.
        Inputs =
        [
            StageName, Role, Organisation, Assignee, Due, Ladder, MayDecide, RequireOpinion, Outcomes, DecisionData, TellApplicant, .. ReturningInputs, .. SigningInputs, .. AssigningInputs, FourEyes, CopyTo,
        ],
        Outputs = [Decision],
        Outcomes = ["Approve", "Return", "Reject"],
        BackOutcomes = ["Return"],
        DynamicOutcomes = Ports,
        Waits = true,
    };

    protected override void Execute(ActivityContext context)
    {
        var (role, assignee) = (Empty(context.Get(Role)), Empty(context.Get(Assignee)));
        var rule = RuleOf(context);
        var members = MembersOf(context);
        if (role is null && assignee is null && members.Count == 0)
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Stage '{context.Node.Id}' names neither a role nor an assignee nor people who sign. Set one of them.", $"环节“{context.Node.DisplayText}”没有角色，也没有办理人。");
        new StageTimes(context, calendar).OpenedAt = context.Now;
        ReturnedBy.Forget(context);
        if (OnlyWaits(context) && assignee is not null && Excluded(context).Contains(assignee))
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Stage '{context.Node.Id}' gives the case to '{assignee}', who may not decide it: their own case, or decided before. Name somebody else.", "办理人是申报人本人，或已办理过本业务的其他环节，不能办理。");
        if (OnlyWaits(context) && members.FirstOrDefault(m => Excluded(context).Contains(m.User!)) is { } own)
            throw OwnCase(context, own.User!);
        if (AsksWho(context, rule, assignee, members))
            Ask(context, rule, role, assignee, members);
        else
            OpenOne(context, new Holder(role, context.GetOrganisation(Organisation), null));
    }

    protected override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        if (bookmark.Name == Assigned)
        {
            Open(context, payload);
            return;
        }
        var board = BoardOf(context);
        switch (Text(payload, "do"))
        {
            case AddSigners:
                Add(context, bookmark, payload, board);
                return;
            case RemoveSigner:
                Remove(context, bookmark, payload, board);
                return;
        }
        var asked = Text(payload, "outcome");
        var allowed = Allowed(context, board is { Rule.Mode: SignMode.Vote });
        if (!DecisionWords.TryParse(asked, out var outcome) || !allowed.Contains(outcome))
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest,
                $"Stage '{context.Node.Id}' can't be decided by '{asked}'. Use one of {string.Join(", ", allowed.Select(o => o.Code()))}.", $"本环节不能作出“{asked}”的决定。"));
        if ((outcome is not (DecisionOutcome.Approve or DecisionOutcome.Abstain) || context.Get(RequireOpinion)) && !(payload.TryGetProperty("hasOpinion", out var has) && has.ValueKind == JsonValueKind.True))
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest,
                $"A decision '{asked}' at stage '{context.Node.Id}' needs an opinion. Say why in 'opinion'.", "请填写审核意见。"));
        if ((context.Get(DecisionData) ?? []).Any(word => DecisionWords.TryParsePort(word, out var needs) && needs == outcome) && !(payload.TryGetProperty("hasData", out var filled) && filled.ValueKind == JsonValueKind.True))
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidForm,
                $"A decision '{asked}' at stage '{context.Node.Id}' needs 'data': the fields that the service's form asks the decider for.", "请填写本环节要求的内容后再提交。"));
        var (user, principal, target) = (Text(payload, "user"), Text(payload, "principal"), ChosenTarget(context, outcome, Text(payload, "returnTo")));
        RequireFreshEyes(context, user, principal);
        if (outcome == DecisionOutcome.Refuse)
            CorrectionRules.RequireNotAccepted(context, calendar);
        var times = new StageTimes(context, calendar);
        MarkWhenLate(context, times, bookmark.Id, board);
        context.Emit(new CloseTask(context.NewId(board is null ? "decided" : $"decided-{bookmark.Id}"), bookmark.Id, TaskEnd.Done, asked, user));
        if (board is not null)
        {
            RequireOneSeat(context, board, bookmark.Id, user, principal);
            // Whoever couldn't return it as the last can't as the first either: else those who come after are bound by it.
            if (outcome == DecisionOutcome.Return && target is null && CorrectionRules.Refusal(context, calendar) is { } refusal)
                throw ActivityContext.Reject(refusal);
            var own = outcome;
            board = board.Decide(board.OfTask(bookmark.Id)!.Key, outcome, user, principal, target);
            if (board.Result is not { } result)
            {
                Continue(context, board);
                return;
            }
            (outcome, target) = (result, ChosenTarget(context, board, result));
            RequireReturnable(context, board, own, outcome, target);
            CloseOthers(context, board, "decided_by_others");
        }
        if (outcome == DecisionOutcome.Return && target is null)
            CorrectionRules.Count(context, calendar);
        Conclude(context, outcome, target, user, bookmark.Id, board, principal);
    }

    protected override void TimerDue(ActivityContext context, TimerWait timer)
    {
        var times = new StageTimes(context, calendar);
        var (deadline, board) = (DeadlineOf(context, times), BoardOf(context));
        if (timer.Purpose == CountTimer)
        {
            CountVotes(context, times, timer, board);
            return;
        }
        if (times.Ladder(deadline, context.Get(Ladder), context.Get(MayDecide)) is not { } ladder)
            return;
        var due = times.Take(ladder, timer);
        DecisionOutcome? decided = null;
        foreach (var task in TasksOf(context, deadline!, board))
            decided = LadderActs.Run(context, task, due)?.Outcome ?? decided;
        if (board is not null && due.Act.Any(step => step.Kind == EscalationKind.Reassign))
            Keep(context, board = board.Raise());
        // No rule refuses what counts as accepted: it stays with the people.
        if (decided is not { } outcome || outcome == DecisionOutcome.Refuse && CorrectionRules.DeemedAccepted(context, calendar) is not null)
            return;
        foreach (var task in Tasks(context))
        {
            context.Emit(new CloseTask(context.NewId(board is null ? "decided" : $"decided-{task}"), task, TaskEnd.Done, outcome.Code(), null, "by_rule"));
            context.CancelWait(task);
        }
        Leave(context, outcome, null, null, TimeoutPort, board);
    }

    protected override bool Heeds => true;

    protected override void Revise(ActivityContext context, string name, JsonElement payload)
    {
        CaseClock.Heed(context, name);
        if (name == SeatHandedOn.Name)
        {
            HandOn(context, payload.Deserialize<SeatHandedOn>()!);
            return;
        }
        if (name == StageRevision.Accepted)
        {
            CorrectionRules.TakeIn(context, calendar);
            return;
        }
        var (times, revision, tasks) = (new StageTimes(context, calendar), StageRevision.Of(payload), Tasks(context).ToArray());
        if (name == StageRevision.TakeBack)
        {
            TakeBack(context, revision.TaskId!.Value);
            return;
        }
        if (Array.Find(tasks, t => revision.TaskId is null || t == revision.TaskId) is var first && first == Guid.Empty)
            return;
        revision.Apply(context, name, first, times, () => DeadlineOf(context, times), due => times.Ladder(due, context.Get(Ladder), context.Get(MayDecide)));
        // All who decide together have one limit.
        if (BoardOf(context) is null)
            return;
        var runs = StageClock.Of(context)?.Open is null ? DeadlineOf(context, times) : null;
        foreach (var other in tasks.Where(t => t != first && runs is not null))
            revision.Move(context, name, other, runs!, tells: name == StageRevision.Calendar);
        CountWhenDue(context, runs);
    }

    protected override void Cancelled(ActivityContext context, string reason)
    {
        var tasks = Tasks(context).ToArray();
        StageClock.EndByHand(context, tasks.Length == 0 ? null : tasks[0]);
        var several = BoardOf(context) is not null;
        foreach (var task in tasks)
            context.Emit(new CloseTask(context.NewId(several ? $"cancelled-{task}" : "cancelled"), task, TaskEnd.Cancelled, Reason: reason));
        // A review that is given up begins anew: the time until then isn't counted against whoever gets it next.
        StageClock.Forget(context);
    }

    protected override IEnumerable<UseProblem> Validate(ActivityNode node)
    {
        var use = new BoundActivity(node, this);
        return [.. CheckReturning(use), .. CheckSigning(use), .. CheckAssigning(use), .. CheckCopies(use)];
    }

    private static IEnumerable<UseProblem> CheckCopies(BoundActivity use) =>
        (use.Literal(CopyTo) ?? []).Where(target => CopyTargets.Parse(target) is null).Select(target => new UseProblem(
            $"copies its decisions to '{target}'; write user:ID or role:ROLE@ORGANISATION, and no role of {string.Join(" or ", CopyTargets.OutsideRoles)}: everybody copied sees the case.",
            $"抄送对象“{target}”不正确：请写 user:用户编号 或 role:角色@单位，且不能抄送给申报人或专家角色。"));

    /// <summary>One task for whoever holds the role, or for one user.</summary>
    private void OpenOne(ActivityContext context, Holder holder)
    {
        var times = new StageTimes(context, calendar);
        var task = context.Wait(BookmarkKinds.Task, TaskKinds.Review);
        StageClock.Resume(context, task.Id);
        var deadline = DeadlineOf(context, times);
        times.Arm(times.Ladder(deadline, context.Get(Ladder), context.Get(MayDecide))?.NextAfter(context.Now)?.At);
        OpenTask(context, task.Id, holder, deadline, vote: false, "opened");
    }

    private static void OpenTask(ActivityContext context, Guid task, Holder holder, Deadline? deadline, bool vote, string told, IEnumerable<string>? takingPart = null)
    {
        context.Emit(new OpenTask(task)
        {
            Stage = context.Node.Id,
            StageName = context.Get(StageName)!,
            Kind = TaskKinds.Review,
            Role = holder.Role,
            OrganisationId = holder.OrganisationId,
            Assignee = holder.User,
            Excluded = [.. Excluded(context).Union(takingPart ?? [], StringComparer.Ordinal)],
            Outcomes = [.. Allowed(context, vote).Select(o => o.Code())],
            OpinionRequired = context.Get(RequireOpinion),
            Phase = context.State.Phase(),
            Due = StageTimes.Row(deadline),
            ReturnTo = Allowed(context, vote).Contains(DecisionOutcome.Return) ? TargetsOf(context) : [],
        });
        Tell(context, told, "stage.opened", Recipient.Task(task), task, deadline);
    }

    private void Conclude(ActivityContext context, DecisionOutcome outcome, string? target, string? user, Guid task, SignBoard? board, string? principal = null)
    {
        StageClock.EndByHand(context, task);
        CopyTargets.Emit(context, context.Get(CopyTo), task);
        // The applicant knows already what is approved a second time between reviewers.
        if (outcome == DecisionOutcome.Approve && !context.IsAsked && context.Get(TellApplicant))
            Tell(context, "approved", "stage.approved", Recipient.Applicant, task, null);
        if (outcome == DecisionOutcome.Return && target is null)
        {
            StageClock.Pause(context, new StageTimes(context, calendar).OpenedAt, task, user);
            ReturnedBy.Keep(context, board is null ? [task] : ReturnersOf(board));
        }
        Leave(context, outcome, target, user, outcome.ToString(), board, principal);
    }

    /// <summary>What is left of the limit when the case was returned before, else the whole from its opening.</summary>
    private static Deadline? DeadlineOf(ActivityContext context, StageTimes times) => times.Deadline(context.Get(Due), StageClock.Of(context));

    private static LadderTask Row(ActivityContext context, Guid task, Deadline deadline, SignBoard? board) =>
        new(task, context.Get(StageName)!, Empty(context.Get(Role)), HeldAt(context), deadline, board is null ? "" : StageTimes.ScopeOf(task));

    /// <summary>Whoever decides late is marked, though no timer could do it.</summary>
    private static void MarkWhenLate(ActivityContext context, StageTimes times, Guid task, SignBoard? board)
    {
        if (DeadlineOf(context, times) is { } due)
            StageMarks.Closing(context, Row(context, task, due, board), times, times.Ladder(due, context.Get(Ladder), context.Get(MayDecide)));
    }

    private static void Leave(ActivityContext context, DecisionOutcome outcome, string? target, string? user, string port, SignBoard? board, string? principal = null)
    {
        var decision = new Dictionary<string, object?> { ["outcome"] = outcome.Code(), ["user"] = user };
        if (principal is not null)
            decision["principal"] = principal;
        if (target is not null)
            decision["returnTo"] = target;
        if (board is not null)
            decision["votes"] = VotesOf(board);
        context.Set(Decision, JsonSerializer.SerializeToElement(decision));
        Remember(context, user, principal, board);
        if (outcome == DecisionOutcome.Return && target is not null)
        {
            Return(context, target);
            return;
        }
        if (outcome == DecisionOutcome.Return)
        {
            context.CompleteBack(port);
            return;
        }
        StageClock.Forget(context);
        Go(context, outcome, port);
    }

    /// <summary>On; or back to who has asked the stage again.</summary>
    private static void Go(ActivityContext context, DecisionOutcome outcome, string port)
    {
        if (outcome == DecisionOutcome.Approve && context.IsAsked)
            context.ComeBack(port);
        else
            context.Complete(port);
    }

    private static IEnumerable<Guid> Tasks(ActivityContext context) =>
        [.. context.State.Bookmarks.Where(b => b.ExecutionId == context.Execution.Id && b.Kind == BookmarkKinds.Task).Select(b => b.Id)];

    private static List<DecisionOutcome> Allowed(ActivityContext context, bool vote)
    {
        var allowed = context.Get(Outcomes)!.Select(word => DecisionWords.TryParsePort(word, out var outcome) && outcome != DecisionOutcome.Abstain ? outcome
            : throw new WorkflowException(ErrorCodes.InvalidInput, $"Stage '{context.Node.Id}' offers the outcome '{word}', which doesn't exist. Use Approve, Return, Reject or Refuse.", $"环节“{context.Node.DisplayText}”的可选结果“{word}”不存在，可用 Approve、Return、Reject、Refuse。")).Distinct().ToList();
        if (vote)
            allowed.Add(DecisionOutcome.Abstain);
        return allowed;
    }

    private static void Tell(ActivityContext context, string purpose, string message, Recipient to, Guid task, Deadline? deadline)
    {
        var facts = new Dictionary<string, string> { ["stage"] = context.Node.Id, ["stageName"] = context.Get(StageName)!, ["taskId"] = task.ToString() };
        if (deadline is not null)
            facts["dueAt"] = deadline.DueAt.ToString("O", CultureInfo.InvariantCulture);
        context.Emit(new NotifyEffect(context.NewId($"{purpose}-told"), message, [to], facts));
    }

    private static List<string> Ports(ActivityNode node)
    {
        // A stage that lists what can be decided, and no return, has no way back.
        var lists = (Mentions(node, "outcomes", "\"Literal\"") || Mentions(node, "outcomes", "\"Object\"")) && Mentions(node, "outcomes", "pprove");
        List<string> ports = lists && !Mentions(node, "outcomes", "eturn") ? ["Approve", "Reject"] : ["Approve", "Return", "Reject"];
        if (Mentions(node, "outcomes", "refuse") || Mentions(node, "outcomes", "Refuse"))
            ports.Add("Refuse");
        if (Mentions(node, "ladder", "decide"))
            ports.Add(TimeoutPort);
        return ports;
    }

    private static bool Mentions(ActivityNode node, string input, string word) =>
        node.Json.TryGetProperty(input, out var value) && value.GetRawText().Contains(word, StringComparison.Ordinal);

    private static string? Empty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static string? Text(JsonElement payload, string name) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static WorkflowException Wrong(ActivityContext context, string what, string zh, Exception? cause = null) =>
        new(ErrorCodes.InvalidInput, $"Stage '{context.Node.Id}': {what}", $"环节“{context.Node.DisplayText}”：{zh}", cause);

    /// <summary>Who may take a task: whoever holds the role at the organisation, or one user.</summary>
    private sealed record Holder(string? Role, string? OrganisationId, string? User);
}
