using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>
/// Talent.ListSubmission: the case goes to the city together with others (报市人才工作局). It waits until an office puts it on a
/// list and seals that, and then until the office enters what the city has decided; each case of a list goes on by itself.
/// </summary>
/// <remarks>
/// Source: R-REV-10, Chaoyang 五. <c>Returned</c> leads back: the office took the case off, with a reason. The limit counts until
/// the list is sealed, and from then on another one for the city's decision; each is stopped and extended as a review's is (R-REV-4).
/// Nothing is decided here by rule.
/// </remarks>
public sealed partial class ListSubmission(WorkCalendar calendar) : Activity
{
    public const string TypeName = "Talent.ListSubmission";

    /// <summary>Kind of its bookmark that no task belongs to: the decision, by whoever carries it from the list to the case.</summary>
    public const string WorkBookmark = "Talent.Submission";

    /// <summary>Name of the stimulus by which a case learns that its list was sealed.</summary>
    internal const string Sealing = "submission-sealed";

    private const string Decision = "decision";

    private static readonly Input<string> StageName = new("stageName", "环节名称 Stage name", "给人看的名称，如“报市人才工作局”。") { Required = true };
    private static readonly Input<string> Title = new("title", "名单标题 List title", "如“留学回国人员引进拟推荐名单”。") { Required = true };
    private static readonly Input<IReadOnlyList<JsonElement>> Columns = new("columns", "名单内容 Columns", "[{label, kind, from, text, texts}]；kind 为 resident_id、phone 等的，导出时默认脱敏。不填则为业务编号、姓名、单位。");
    private static readonly Input<string> Role = new("role", "角色 Role", "谁组成名单并登记批复，如 district.reviewer。") { Required = true, UiHint = "dropdown", ChoicesFrom = "roles" };
    private static readonly Input<string> Organisation = new("organisation", "单位 Organisation", "由哪个单位报送。") { Required = true, UiHint = "dropdown", ChoicesFrom = "organisations" };
    private static readonly Input<string> Receiver = new("receiver", "报送对象 Receiver", "名单报送给谁。") { Default = "市人才工作局" };
    private static readonly Input<string> Due = new("due", "报送期限 Due", "列入名单并封存的期限，如 10wd，可延期的如 10wd+5wd；不填则不限期。");
    private static readonly Input<string> DecisionDue = new("decisionDue", "批复期限 Decision due", "自封存之日起登记批复的期限，如 30wd，可延期的如 30wd+10wd；不填则不限期。");
    private static readonly Input<IReadOnlyList<JsonElement>> Ladder = new("ladder", "超时升级 Ladder", "[{at, do}]：remind 催办，overdue 超期提醒，tell_superior 告知上级，reassign 改派。");
    private static readonly Output Result = new("result", "String", "市级决定 The city's decision");
    private static readonly Output Document = new("document", "String", "批复文号 Number of the decision document");

    /// <summary>What a list says of a case where the definition doesn't say it.</summary>
    private static readonly IReadOnlyList<NoticeSource> Usual =
        [new("业务编号", From: "case.number"), new("姓名", NoticeFieldKind.Name, "applicant.name"), new("单位", From: "employer.name")];

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Talent", "名单报送 List Submission", "多件业务列入一份名单报送上级，一份批复决定全部或部分。Cases go to the city on one list, and one document decides all or some of them.")
    {
        Inputs = [StageName, Title, Columns, Role, Organisation, Receiver, Due, DecisionDue, Ladder],
        Outputs = [Result, Document],
        Outcomes = ["Approved", "Rejected", "Returned"],
        BackOutcomes = ["Returned"],
        Waits = true,
    };

    protected override void Execute(ActivityContext context)
    {
        var columns = context.Get(Columns) is { Count: > 0 } given ? [.. given.Select(Column)] : Usual;
        var office = Office(context);
        // No bookmark of the activity's own: whoever carries the decision looks for this one.
        var entry = context.Wait(WorkBookmark, Decision, purpose: Decision).Id;
        var task = Open(context, TaskKinds.Submission, context.Get(StageName)!, "list");
        context.Emit(new OpenSubmission(entry, task, context.Node.Id, context.Get(Title)!, columns, context.Get(Role)!, office));
    }

    protected override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        var state = Text(payload, "state");
        if (bookmark.Kind == BookmarkKinds.Task || state is not (SubmissionStates.Approved or SubmissionStates.Rejected or SubmissionStates.Returned))
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest,
                $"Stage '{context.Node.Id}' isn't decided case by case: put the case on a list, seal it and enter the city's decision under /submissions.", "本环节不能直接办结：请列入名单、封存后登记市级批复。"));
        var (outcome, message) = state switch
        {
            SubmissionStates.Approved => (DecisionOutcome.Approve, "submission.approved"),
            SubmissionStates.Rejected => (DecisionOutcome.Reject, "submission.rejected"),
            _ => (DecisionOutcome.Return, "submission.returned"),
        };
        EndClock(context);
        foreach (var task in Tasks(context))
        {
            context.Emit(new CloseTask(context.NewId($"decided-{task}"), task, TaskEnd.Done, outcome.Code(), Text(payload, "user")));
            context.CancelWait(task);
        }
        new StageTimes(context, calendar, Scope(context)).Arm(null);
        context.Emit(state == SubmissionStates.Returned
            ? new LeaveSubmission(context.NewId("left"), Entry(context), state)
            : new CarrySubmission(context.NewId("settled"), Entry(context), SubmissionStates.Settled));
        context.Set(Result, JsonSerializer.SerializeToElement(state));
        if (Text(payload, "document") is { } document)
            context.Set(Document, JsonSerializer.SerializeToElement(document));
        TellApplicant(context, message, ("documentNumber", Text(payload, "document")));
        if (outcome == DecisionOutcome.Return)
            context.CompleteBack("Returned");
        else
            context.Complete(outcome == DecisionOutcome.Approve ? "Approved" : "Rejected");
    }

    protected override void TimerDue(ActivityContext context, TimerWait timer)
    {
        var times = new StageTimes(context, calendar, Scope(context));
        if (Tasks(context) is [var task] && DeadlineOf(context, times) is { } due && times.Ladder(due, context.Get(Ladder), mayDecideByRule: false) is { } ladder)
            LadderActs.Run(context, new LadderTask(task, NameNow(context), context.Get(Role), Office(context), due, Scope(context)), times.Take(ladder, timer));
    }

    protected override bool Heeds => true;

    protected override void Revise(ActivityContext context, string name, JsonElement payload)
    {
        CaseClock.Heed(context, name);
        var revision = StageRevision.Of(payload);
        if (name == Sealing)
        {
            if (revision.TaskId == Entry(context) && Number(context) is null)
                GoToTheCity(context, revision);
            return;
        }
        if (Tasks(context) is not [var task])
            return;
        var times = new StageTimes(context, calendar, Scope(context));
        if (name is StageRevision.Calendar or StageRevision.Extend or StageRevision.Pause or StageRevision.Resume)
            revision.Apply(context, name, task, times, () => DeadlineOf(context, times), due => times.Ladder(due, context.Get(Ladder), mayDecideByRule: false));
    }

    protected override void Cancelled(ActivityContext context, string reason)
    {
        EndClock(context);
        foreach (var task in Tasks(context))
            context.Emit(new CloseTask(context.NewId($"cancelled-{task}"), task, TaskEnd.Cancelled, Reason: reason));
        context.Emit(new LeaveSubmission(context.NewId("left"), Entry(context), SubmissionStates.Cancelled));
        // The city has the name: somebody has to say that it doesn't count any more.
        if (Number(context) is { } number)
            context.Emit(new NotifyEffect(context.NewId("left-told"), "submission.left", [Recipient.Holders(context.Get(Role)!, Office(context))], Facts(context, ("listNumber", number))));
    }

    protected override IEnumerable<UseProblem> Validate(ActivityNode node)
    {
        if (node.Json.TryGetProperty(Columns.Name, out var json) && InputExpression.Read(json) is { Type: "Object" or "Literal", Problem: null, Value: { ValueKind: JsonValueKind.Array } columns })
            foreach (var column in columns.EnumerateArray())
                if (NoticeSource.Fault(column) is { } fault)
                    yield return fault;
    }

    /// <summary>The list is sealed: from now on the office waits for the city.</summary>
    private void GoToTheCity(ActivityContext context, StageRevision sealing)
    {
        EndClock(context);
        foreach (var task in Tasks(context))
        {
            context.Emit(new CloseTask(context.NewId($"listed-{task}"), task, TaskEnd.Done, "submit", sealing.By));
            context.CancelWait(task);
        }
        new StageTimes(context, calendar).Forget();
        context.SetData("number", JsonSerializer.SerializeToElement(sealing.Document));
        context.SetData("since", JsonSerializer.SerializeToElement(context.Now));
        var decides = Open(context, TaskKinds.SubmissionDecision, NameNow(context), Decision + "-task");
        context.Emit(new CarrySubmission(context.NewId("sealed"), Entry(context), SubmissionStates.Sealed, decides));
        TellApplicant(context, "submission.sealed");
    }

    private Guid Open(ActivityContext context, string kind, string name, string purpose)
    {
        var times = new StageTimes(context, calendar, Scope(context)) { OpenedAt = context.Now };
        var deadline = DeadlineOf(context, times);
        times.Arm(times.Ladder(deadline, context.Get(Ladder), mayDecideByRule: false)?.NextAfter(context.Now)?.At);
        var task = context.Wait(BookmarkKinds.Task, kind, purpose: purpose).Id;
        context.Emit(new OpenTask(task)
        {
            Stage = context.Node.Id, StageName = name, Kind = kind, Role = context.Get(Role), OrganisationId = Office(context),
            Excluded = context.State.Input(CaseFacts.ApplicantId) is { } applicant ? [applicant] : [],
            Outcomes = kind == TaskKinds.Submission ? ["submit", "return"] : ["approve", "reject", "return"], Phase = context.State.Phase(), Due = StageTimes.Row(deadline),
        });
        var facts = Facts(context, ("taskId", task.ToString()), ("dueAt", deadline?.DueAt.ToString("O", CultureInfo.InvariantCulture)));
        facts["stageName"] = name;
        // On the second one nobody has to act until the city has decided.
        if (kind == TaskKinds.Submission)
            context.Emit(new NotifyEffect(context.NewId("opened-told"), "stage.opened", [Recipient.Task(task)], facts));
        return task;
    }

    /// <summary>Tells the applicant, and who filed the case for them: they file in the city's own system when it has passed (Chaoyang 五).</summary>
    private static void TellApplicant(ActivityContext context, string message, params (string Name, string? Value)[] more)
    {
        List<Recipient> to = [Recipient.Applicant];
        if (context.State.Input(CaseFacts.FiledBy) is { } filer && filer != context.State.Input(CaseFacts.ApplicantId))
            to.Add(Recipient.User(filer));
        context.Emit(new NotifyEffect(context.NewId($"{message}-told"), message, to, Facts(context, [.. more, ("listNumber", Number(context)), ("receiver", context.Get(Receiver))])));
    }

    private static Dictionary<string, string> Facts(ActivityContext context, params (string Name, string? Value)[] more)
    {
        var facts = new Dictionary<string, string> { ["stage"] = context.Node.Id, ["stageName"] = context.Get(StageName)! };
        foreach (var (name, value) in more)
            if (value is not null)
                facts[name] = value;
        return facts;
    }

    private static string Office(ActivityContext context) => context.GetOrganisation(Organisation)
        ?? throw new WorkflowException(ErrorCodes.InvalidInput, $"Stage '{context.Node.Id}' names no organisation that forms its lists. Set 'organisation'.", $"环节“{context.Node.DisplayText}”没有设置报送单位。");

    private static NoticeSource Column(JsonElement column) => NoticeSource.Fault(column) is { } fault
        ? throw new WorkflowException(ErrorCodes.InvalidInput, $"A column of the list {fault}", "名单内容设置不正确。")
        : column.Deserialize<NoticeSource>(NoticeSource.Json)!;

    private static Deadline? DeadlineOf(ActivityContext context, StageTimes times) => times.Deadline(context.Get(Number(context) is null ? Due : DecisionDue), StageClock.Of(context));

    /// <summary>One of the two limits is over: what had stopped it runs on, and the other, or another visit, begins anew.</summary>
    private static void EndClock(ActivityContext context)
    {
        StageClock.EndByHand(context, Tasks(context) is [var task, ..] ? task : null);
        StageClock.Forget(context);
    }

    /// <summary>What follows the sealing has ladder steps of its own.</summary>
    private static string Scope(ActivityContext context) => Number(context) is null ? "" : "-decision";

    private static string NameNow(ActivityContext context) => Number(context) is null ? context.Get(StageName)! : $"{context.Get(StageName)}·待批复";

    private static string? Number(ActivityContext context) => context.GetData("number") is { ValueKind: JsonValueKind.String } number ? number.GetString() : null;

    private static Guid Entry(ActivityContext context) => context.NewId(Decision);

    private static Guid[] Tasks(ActivityContext context) => [.. context.State.Bookmarks.Where(b => b.ExecutionId == context.Execution.Id && b.Kind == BookmarkKinds.Task).Select(b => b.Id)];

    private static string? Text(JsonElement payload, string name) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
