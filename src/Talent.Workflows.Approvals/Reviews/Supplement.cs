using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers.Handlers;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Reviews.Correcting;
using Talent.Workflows.Approvals.Why;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>
/// Talent.Supplement: waits for the applicant to correct what was returned (补正) or to complete the materials (完善材料).
/// What isn't handed in by the deadline lapses; a deadline that passed while no node ran is put off by a working day.
/// </summary>
/// <remarks>Source: R-REV-3. Resumed with <c>{ do: "hand-in", user }</c> by whoever has validated the form; the data goes to the domain's tables in the same step.</remarks>
public sealed class Supplement(WorkCalendar calendar) : Activity
{
    public const string TypeName = "Talent.Supplement";

    /// <summary>The word that says the form was validated; a decision like a reviewer's doesn't carry it.</summary>
    internal const string HandIn = "hand-in";

    private static readonly Input<string> StageName = new("stageName", "环节名称 Stage name", "给人看的名称，如“补正”。") { Required = true };
    private static readonly Input<string> Kind = new("kind", "类型 Kind", "补正，或完善材料。")
        { Default = TaskKinds.Supplement, UiHint = "dropdown", Choices = [(TaskKinds.Supplement, "补正 correction"), (TaskKinds.Materials, "完善材料 materials")] };
    private static readonly Input<string> Due = new("due", "办理期限 Due", "如 10wd；不填则不限期。");
    private static readonly Input<string> RemindAt = new("remindAt", "催办时间 Remind at", "相对期限，如 -2wd。") { Default = "-1wd" };
    private static readonly Input<int> Phase = new("phase", "阶段 Phase", "修改哪一阶段的数据；不填则为当前阶段。");

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Talent", "补正/完善材料 Supplement", "等待申报人补正或完善材料，逾期按设定处理。Waits for the applicant.")
        { Inputs = [StageName, Kind, Due, RemindAt, Phase], Outcomes = ["Done", "Lapsed"], Waits = true };

    protected override void Execute(ActivityContext context)
    {
        var owner = OwnerOf(context);
        var kind = context.Get(Kind)!;
        var times = new StageTimes(context, calendar) { OpenedAt = context.Now };
        var deadline = times.Deadline(context.Get(Due), context.Now);
        times.Arm(RemindInstant(context, deadline) ?? deadline?.DueAt);
        var task = context.Wait(BookmarkKinds.Task, kind);
        CaseClock.Stop(context, StopGround.Supplement, tell: false);
        context.Emit(new OpenTask(task.Id)
        {
            Stage = context.Node.Id,
            StageName = context.Get(StageName)!,
            Kind = kind,
            Assignee = owner.Assignee,
            Role = owner.Role,
            OrganisationId = owner.OrganisationId,
            Outcomes = ["submit"],
            Phase = PhaseOf(context),
            Due = StageTimes.Row(deadline),
            ReturnedBy = kind == TaskKinds.Supplement ? ReturnedBy.Take(context) : [],
        });
        Tell(context, "opened", kind == TaskKinds.Materials ? "phase2.opened" : "case.returned", task.Id, deadline?.DueAt);
    }

    protected override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        if (Text(payload, "do") != HandIn)
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest,
                $"Stage '{context.Node.Id}' isn't decided: hand in what it asks for by POST /cases/{context.InstanceId}/supplement.", "补正或完善材料须通过业务的补正接口提交，不能直接办结。"));
        var user = Text(payload, "user");
        context.Emit(new CloseTask(context.NewId("decided"), bookmark.Id, TaskEnd.Done, "submit", user));
        CaseClock.Run(context);
        context.Complete();
    }

    protected override void TimerDue(ActivityContext context, TimerWait timer)
    {
        var times = new StageTimes(context, calendar);
        if (context.State.Bookmarks.Find(b => b.ExecutionId == context.Execution.Id) is not { } task || times.Deadline(context.Get(Due), times.OpenedAt) is not { } deadline)
            return;
        var ends = times.HeldUntil ?? deadline.DueAt;
        if (context.Now < ends)
        {
            times.Arm(ends);
            Tell(context, "reminded", "supplement.due_soon", task.Id, ends);
        }
        else if (times.Grace(timer) is { } grace)
        {
            times.Arm(grace.DueAt);
            context.Log("Held", grace.DueAt.ToString("O", CultureInfo.InvariantCulture));
            context.Emit(new TaskDue(context.NewId("held"), task.Id, StageTimes.Row(grace)!));
            Tell(context, "held-told", "supplement.due_soon", task.Id, grace.DueAt);
        }
        else
        {
            context.Emit(new CloseTask(context.NewId("lapsed"), task.Id, TaskEnd.Lapsed, Reason: "lapsed"));
            context.CancelWait(task.Id);
            CaseClock.Run(context);
            context.Complete("Lapsed");
        }
    }

    protected override void Explain(ActivityContext context)
    {
        var times = new StageTimes(context, calendar);
        if (context.State.Bookmarks.Find(b => b.ExecutionId == context.Execution.Id) is not { } task || times.Deadline(context.Get(Due), times.OpenedAt) is not { } deadline)
            return;
        var ends = times.HeldUntil ?? deadline.DueAt;
        if (context.State.Timers.Find(t => t.ExecutionId == context.Execution.Id && t.DueAt < ends) is { } reminder)
            context.Emit(new ExplainedInstant(context.Node.Id, context.Get(StageName)!, task.Id, WhyKinds.Remind, reminder.DueAt) { Deadline = deadline, Offset = LadderText.Offset(context.Get(RemindAt)!) });
        context.Emit(new ExplainedInstant(context.Node.Id, context.Get(StageName)!, task.Id, WhyKinds.Lapse, ends) { Deadline = deadline, Held = times.HeldUntil is not null });
    }

    protected override bool Heeds => true;

    protected override void Revise(ActivityContext context, string name, JsonElement payload)
    {
        CaseClock.Heed(context, name);
        var times = new StageTimes(context, calendar);
        if (name != StageRevision.Calendar || times.HeldUntil is not null || context.State.Bookmarks.Find(b => b.ExecutionId == context.Execution.Id) is not { } task
            || times.Deadline(context.Get(Due), times.OpenedAt) is not { } deadline)
            return;
        if (StageRevision.Of(payload).Move(context, name, task.Id, deadline))
            times.Arm(RemindInstant(context, deadline) ?? (deadline.DueAt > context.Now ? deadline.DueAt : context.Now));
    }

    protected override void Cancelled(ActivityContext context, string reason)
    {
        CaseClock.Run(context);
        if (context.State.Bookmarks.Find(b => b.ExecutionId == context.Execution.Id) is { } task)
            context.Emit(new CloseTask(context.NewId("cancelled"), task.Id, TaskEnd.Cancelled, Reason: reason));
    }

    private DateTimeOffset? RemindInstant(ActivityContext context, Deadline? deadline)
    {
        if (deadline is null || context.Get(RemindAt) is not { Length: > 0 } text)
            return null;
        try
        {
            var here = CaseTerms.Calendar(context.State, calendar);
            var at = LadderText.Offset(text).From(deadline, here);
            if (CaseTerms.Of(context.State) is { } terms)
                at = terms.Clock.Office.Speak(at, deadline.DueAt, context.Now, here);
            return at > context.Now && at < deadline.DueAt ? at : null;
        }
        catch (FormatException e)
        {
            throw new WorkflowException(ErrorCodes.InvalidInput, $"remindAt of activity '{context.Node.Id}': {e.Message}", "催办时间不正确。", e);
        }
    }

    /// <summary>Whose task it is: the applicant's, or, when their employer filed for them, whoever handles the employer's matters when it is handed in (R-EMP-3).</summary>
    private static (string? Assignee, string? Role, string? OrganisationId) OwnerOf(ActivityContext context)
    {
        var (applicant, filer) = (context.State.Input(CaseFacts.ApplicantId), context.State.Input(CaseFacts.FiledBy));
        if ((context.State.IsOfEmployer() || filer is not null && filer != applicant) && context.State.Input(CaseFacts.EmployerId) is { } employer)
            return (null, HandlerRights.Role, employer);
        return (filer ?? applicant ?? throw new WorkflowException(ErrorCodes.InvalidInput, $"Stage '{context.Node.Id}' waits for the applicant, but instance {context.InstanceId} has none. Submit it as a case.", "该流程没有申报人。"), null, null);
    }

    private static string? Text(JsonElement payload, string property) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static short PhaseOf(ActivityContext context)
    {
        var phase = context.Get(Phase);
        return phase is 1 or 2 ? (short)phase : context.State.Phase();
    }

    private static void Tell(ActivityContext context, string purpose, string message, Guid task, DateTimeOffset? dueAt)
    {
        var facts = new Dictionary<string, string> { ["stage"] = context.Node.Id, ["stageName"] = context.Get(StageName)!, ["taskId"] = task.ToString() };
        if (dueAt is { } due)
            facts["dueAt"] = due.ToString("O", CultureInfo.InvariantCulture);
        context.Emit(new NotifyEffect(context.NewId($"{purpose}-told"), message, [Recipient.Task(task)], facts));
    }
}
