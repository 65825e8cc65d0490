using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>
/// Talent.ReviewStage: one review 审核 by whoever holds a role at an organisation, or by one user. It has a deadline in
/// working days and a ladder for what happens when nobody decides; the applicant can never decide it.
/// </summary>
/// <remarks>
/// Source: R-REV-1, 2, 4, 5, 9. <c>Return</c> leads back: what the stage it leads to dominates is cancelled. Resumed with
/// <c>{ outcome, user, hasOpinion }</c>; the opinion itself never reaches the engine.
/// </remarks>
public sealed class ReviewStage(WorkCalendar calendar) : Activity
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
    private static readonly Input<bool> TellApplicant = new("tellApplicant", "通过后告知申报人 Tell the applicant", "") { Default = true };
    private static readonly Output Decision = new("decision", "Object", "审核结果 Decision");

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Talent", "审核环节 Review Stage", "由指定角色在期限内审核，超时按规则升级。A review with a deadline and an escalation ladder.")
    {
        Inputs = [StageName, Role, Organisation, Assignee, Due, Ladder, MayDecide, RequireOpinion, Outcomes, TellApplicant],
        Outputs = [Decision],
        Outcomes = ["Approve", "Return", "Reject"],
        DynamicOutcomes = Ports,
        Waits = true,
    };

    protected override void Execute(ActivityContext context)
    {
        var (role, assignee) = (context.Get(Role), context.Get(Assignee));
        if (string.IsNullOrEmpty(role) && string.IsNullOrEmpty(assignee))
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Stage '{context.Node.Id}' names neither a role nor an assignee. Set one of them.", $"环节“{context.Node.DisplayText}”没有角色，也没有办理人。");
        var applicant = context.State.Input(CaseFacts.ApplicantId);
        if (assignee is { Length: > 0 } && assignee == applicant)
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Stage '{context.Node.Id}' gives the case to its own applicant. Name somebody else.", "申报人不能审核自己的业务。");
        var times = new StageTimes(context, calendar) { OpenedAt = context.Now };
        var task = context.Wait(BookmarkKinds.Task, TaskKinds.Review);
        StageClock.Resume(context, task.Id);
        var deadline = DeadlineOf(context, times);
        times.Arm(times.Ladder(deadline, context.Get(Ladder), context.Get(MayDecide))?.NextAfter(context.Now)?.At);
        context.Emit(new OpenTask(task.Id)
        {
            Stage = context.Node.Id,
            StageName = context.Get(StageName)!,
            Kind = TaskKinds.Review,
            Role = Empty(role),
            OrganisationId = context.GetOrganisation(Organisation),
            Assignee = Empty(assignee),
            Excluded = applicant is null ? [] : [applicant],
            Outcomes = [.. Allowed(context).Select(o => o.Code())],
            OpinionRequired = context.Get(RequireOpinion),
            Phase = context.State.Phase(),
            Due = StageTimes.Row(deadline),
        });
        Tell(context, "opened", "stage.opened", Recipient.Task(task.Id), task.Id, deadline);
    }

    protected override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        var asked = Text(payload, "outcome");
        var allowed = Allowed(context);
        if (!DecisionWords.TryParse(asked, out var outcome) || !allowed.Contains(outcome))
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest,
                $"Stage '{context.Node.Id}' can't be decided by '{asked}'. Use one of {string.Join(", ", allowed.Select(o => o.Code()))}.", $"本环节不能作出“{asked}”的决定。"));
        if ((outcome != DecisionOutcome.Approve || context.Get(RequireOpinion)) && !(payload.TryGetProperty("hasOpinion", out var has) && has.ValueKind == JsonValueKind.True))
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest,
                $"A decision '{asked}' at stage '{context.Node.Id}' needs an opinion. Say why in 'opinion'.", "请填写审核意见。"));
        var user = Text(payload, "user");
        context.Emit(new CloseTask(context.NewId("decided"), bookmark.Id, TaskEnd.Done, asked, user));
        if (outcome == DecisionOutcome.Approve && context.Get(TellApplicant))
            Tell(context, "approved", "stage.approved", Recipient.Applicant, bookmark.Id, null);
        if (outcome == DecisionOutcome.Return)
            StageClock.Pause(context, new StageTimes(context, calendar).OpenedAt, bookmark.Id, user);
        Leave(context, outcome, user, Port(outcome));
    }

    protected override void TimerDue(ActivityContext context, TimerWait timer)
    {
        var times = new StageTimes(context, calendar);
        var deadline = DeadlineOf(context, times);
        if (times.Ladder(deadline, context.Get(Ladder), context.Get(MayDecide)) is not { } ladder || TaskOf(context) is not { } task)
            return;
        var row = new LadderTask(task, context.Get(StageName)!, Empty(context.Get(Role)), context.GetOrganisation(Organisation), deadline!);
        if (LadderActs.Run(context, row, times.Take(ladder, timer)) is not { Outcome: { } outcome })
            return;
        context.Emit(new CloseTask(context.NewId("decided"), task, TaskEnd.Done, outcome.Code(), null, "by_rule"));
        context.CancelWait(task);
        Leave(context, outcome, null, TimeoutPort);
    }

    protected override void Cancelled(ActivityContext context, string reason)
    {
        if (TaskOf(context) is { } task)
            context.Emit(new CloseTask(context.NewId("cancelled"), task, TaskEnd.Cancelled, Reason: reason));
    }

    private static List<DecisionOutcome> Allowed(ActivityContext context) => context.Get(Outcomes)!.Select(word => DecisionWords.TryParsePort(word, out var outcome) ? outcome
        : throw new WorkflowException(ErrorCodes.InvalidInput, $"Stage '{context.Node.Id}' offers the outcome '{word}', which doesn't exist. Use Approve, Return, Reject or Refuse.", $"环节“{context.Node.DisplayText}”的可选结果“{word}”不存在，可用 Approve、Return、Reject、Refuse。")).Distinct().ToList();

    private static Guid? TaskOf(ActivityContext context) => context.State.Bookmarks.Find(b => b.ExecutionId == context.Execution.Id)?.Id;

    /// <summary>What is left of the limit when the case was returned before, else the whole from its opening.</summary>
    private Deadline? DeadlineOf(ActivityContext context, StageTimes times) => StageClock.Of(context) is { } clock
        ? times.Deadline(context.Get(Due), clock.From) is { } whole ? clock.Apply(whole, calendar) : null
        : times.Deadline(context.Get(Due), times.OpenedAt);

    private static void Leave(ActivityContext context, DecisionOutcome outcome, string? user, string port)
    {
        context.Set(Decision, JsonSerializer.SerializeToElement(new Dictionary<string, string?> { ["outcome"] = outcome.Code(), ["user"] = user }));
        if (outcome == DecisionOutcome.Return)
        {
            context.CompleteBack(port);
            return;
        }
        StageClock.Forget(context);
        context.Complete(port);
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
        List<string> ports = ["Approve", "Return", "Reject"];
        if (Mentions(node, "outcomes", "refuse") || Mentions(node, "outcomes", "Refuse"))
            ports.Add("Refuse");
        if (Mentions(node, "ladder", "decide"))
            ports.Add(TimeoutPort);
        return ports;
    }

    private static bool Mentions(ActivityNode node, string input, string word) =>
        node.Json.TryGetProperty(input, out var value) && value.GetRawText().Contains(word, StringComparison.Ordinal);

    private static string Port(DecisionOutcome outcome) => outcome.ToString();

    private static string? Empty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static string? Text(JsonElement payload, string name) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
