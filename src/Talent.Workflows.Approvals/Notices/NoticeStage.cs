using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>
/// Talent.PublicNotice: shows the masked result to the public for a number of working days (公示). Anyone may object; each
/// objection is a task. One upheld ends the notice at once; otherwise it closes at its time, or when the last objection is
/// decided after it. When no node ran at its end, nobody could see it or object: it stays up for another working day.
/// </summary>
/// <remarks>Source: R-NOT-1. The engine knows ids and dates; what is shown and what is said against it stays in the domain's tables.</remarks>
public sealed partial class NoticeStage(WorkCalendar calendar) : Activity
{
    public const string TypeName = "Talent.PublicNotice";

    /// <summary>Kind of its bookmarks that no task belongs to.</summary>
    public const string WorkBookmark = "Talent.Notice";

    internal const string Posted = "posted";

    /// <summary>Name of the bookmark that the next objection resumes.</summary>
    public const string Objected = "objected";

    private const string Closing = "close";

    private static readonly Input<string> StageName = new("stageName", "环节名称 Stage name", "给人看的名称，如“公示”。") { Required = true };
    private static readonly Input<string> Title = new("title", "公示标题 Title", "公示页面的标题。") { Required = true };
    private static readonly Input<string> Series = new("series", "公示编号前缀 Number series", "如“示才公示”，编号为 示才公示〔2026〕18号。") { Default = "公示" };
    private static readonly Input<IReadOnlyList<JsonElement>> Content = new("content", "公示内容 Content", "[{label, kind, from, text, texts}]；kind 为 name、resident_id 等时按公示规则脱敏。") { Required = true };
    private static readonly Input<int> Workdays = new("workdays", "公示期（工作日） Working days", "发布当日不计。") { Default = 5 };
    private static readonly Input<string> ClerkRole = new("clerkRole", "异议处理角色 Clerk role", "谁处理异议，如 bureau.notice-clerk。") { Required = true, UiHint = "dropdown", ChoicesFrom = "roles" };
    private static readonly Input<string> Organisation = new("organisation", "单位 Organisation", "异议由哪个单位处理。") { UiHint = "dropdown", ChoicesFrom = "organisations" };
    private static readonly Input<string> ObjectionDue = new("objectionDue", "异议处理期限 Objection due", "如 5wd。") { Default = "5wd" };
    private static readonly Input<IReadOnlyList<JsonElement>> ObjectionLadder = new("objectionLadder", "异议超时升级 Objection ladder", "[{at, do}]：remind 催办，overdue 超期提醒，tell_superior 告知上级，reassign 改派。");
    private static readonly Input<string> AcceptDue = new("acceptDue", "异议受理期限 Acceptance due", "如 2wd；填写后先决定是否受理，再调查处理。");
    private static readonly Input<string> Objectors = new("objections", "异议人 Who may object", "reachable 须留联系方式，named 须实名，any 可匿名。") { Default = "reachable", UiHint = "dropdown", Choices = [("reachable", "可联系 reachable"), ("named", "实名 named"), ("any", "可匿名 anonymous too")] };
    private static readonly Input<string> Correction = new("correction", "更正后的公示期 After a correction", "restart 重新起算，extend 顺延，keep 不变。") { Default = CorrectionWays.Restart, UiHint = "dropdown", Choices = [(CorrectionWays.Restart, "重新起算 restart"), (CorrectionWays.Extend, "顺延 extend"), (CorrectionWays.Keep, "不变 keep")] };
    private static readonly Input<int> CorrectionWorkdays = new("correctionWorkdays", "更正顺延（工作日） Extended by", "correction 为 extend 时顺延的工作日。") { Default = 1 };
    private static readonly Input<string> List = new("list", "名单 List", "同一编号前缀、同一名单的公示列在一页，如“2026年第一批”。");
    private static readonly Output Result = new("result", "String", "公示结果 Result");

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Talent", "公示 Public Notice", "脱敏公示若干工作日，任何人可以提出异议。Shows the masked result to the public.")
    {
        Inputs = [StageName, Title, Series, Content, Workdays, ClerkRole, Organisation, ObjectionDue, ObjectionLadder, AcceptDue, Objectors, Correction, CorrectionWorkdays, List],
        Outputs = [Result],
        Outcomes = ["Closed", "Upheld"],
        BackOutcomes = ["Upheld"],
        Waits = true,
    };

    protected override void Execute(ActivityContext context)
    {
        if (context.Get(Workdays) < 1)
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Notice '{context.Node.Id}' is up for {context.Get(Workdays)} working days; it takes at least 1.", "公示期至少为 1 个工作日。");
        var plan = new NoticePlan(context.Get(Title)!, context.Get(Series)!, [.. context.Get(Content)!.Select(Line)], Empty(context.Get(List)));
        CheckRules(context);
        StageStatus.Enter(context, "notice");
        CaseClock.Stop(context, StopGround.Notice);
        var posted = context.Wait(WorkBookmark, Posted, purpose: Posted);
        context.Emit(new PrepareNotice(context.NewId("prepare"), NoticeId(context), posted.Id, plan));
    }

    protected override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        if (bookmark.Kind == BookmarkKinds.Task)
            Decide(context, bookmark, payload);
        else if (bookmark.Name == Posted)
            Open(context, payload);
        else
            Object(context, payload);
    }

    protected override void TimerDue(ActivityContext context, TimerWait timer)
    {
        if (StageTimes.TaskOf(timer) is { } objected)
        {
            Escalate(context, objected, timer);
            return;
        }
        if (new StageTimes(context, calendar).Grace(timer) is { } window)
        {
            ShowUntil(context, window, context.Now, 1);
            context.Emit(new ExtendNotice(context.NewId("extended"), NoticeId(context), window));
            context.Log("NoticeExtended", "No node ran when it was to close.");
            return;
        }
        foreach (var wait in Waits(context, WorkBookmark))
            context.CancelWait(wait.Id);
        if (Waits(context, BookmarkKinds.Task).Length == 0)
            End(context, "concluded", "Closed");
        else
            context.Log("NoticeOver", "Waits for its objections to be decided.");
    }

    protected override void Cancelled(ActivityContext context, string reason)
    {
        CaseClock.Run(context);
        foreach (var task in Waits(context, BookmarkKinds.Task))
            context.Emit(new CloseTask(context.NewId($"cancelled-{task.Id}"), task.Id, TaskEnd.Cancelled, Reason: reason));
        if (Number(context).Length > 0)
            context.Emit(new EndNotice(context.NewId("ended"), NoticeId(context), "cancelled"));
    }

    protected override IEnumerable<UseProblem> Validate(ActivityNode node)
    {
        if (node.Json.TryGetProperty(Content.Name, out var json) && InputExpression.Read(json) is { Type: "Object" or "Literal", Problem: null, Value: { ValueKind: JsonValueKind.Array } lines })
            foreach (var line in lines.EnumerateArray())
                if (NoticeSource.Fault(line) is { } fault)
                    yield return fault;
    }

    private void Open(ActivityContext context, JsonElement payload)
    {
        var window = Deadline.Compute(DeadlineRule.Workdays(context.Get(Workdays)), context.Now, CaseTerms.Calendar(context.State, calendar));
        context.SetData("number", payload.GetProperty("number"));
        context.Emit(new PostNotice(context.NewId("post"), NoticeId(context), context.Node.Id, RuleOf(context), context.GetOrganisation(Organisation), context.Get(ClerkRole)!));
        context.SetData("since", JsonSerializer.SerializeToElement(context.Now));
        ShowUntil(context, window, context.Now, context.Get(Workdays));
        context.Wait(WorkBookmark, Objected, purpose: "objection-1");
        Tell(context, "opened", "notice.opened", Recipient.Applicant, new() { ["noticeFrom"] = Iso(context.Now), ["noticeUntil"] = LastDay(window.DueAt) });
    }

    private static void End(ActivityContext context, string ending, string port)
    {
        CaseClock.Run(context);
        foreach (var task in Waits(context, BookmarkKinds.Task))
            context.Emit(new CloseTask(context.NewId($"superseded-{task.Id}"), task.Id, TaskEnd.Cancelled, Reason: ending));
        foreach (var wait in context.State.Bookmarks.Where(b => b.ExecutionId == context.Execution.Id).ToArray())
            context.CancelWait(wait.Id);
        context.CancelTimer(Closing);
        context.Emit(new EndNotice(context.NewId("ended"), NoticeId(context), ending));
        context.Set(Result, JsonSerializer.SerializeToElement(ending));
        Tell(context, "ended", "notice.closed", Recipient.Applicant, new() { ["outcome"] = ending == "upheld" ? "异议成立" : "无异议或异议不成立", ["noticeUntil"] = LastDay(Closes(context)) });
        if (port == "Upheld")
            context.CompleteBack(port);
        else
            context.Complete(port);
    }

    private static void Tell(ActivityContext context, string purpose, string message, Recipient to, Dictionary<string, string> facts)
    {
        facts["stage"] = context.Node.Id;
        facts["stageName"] = context.Get(StageName)!;
        facts["noticeId"] = NoticeId(context).ToString();
        facts["noticeNumber"] = Number(context);
        context.Emit(new NotifyEffect(context.NewId($"{purpose}-told"), message, [to], facts));
    }

    private static void CheckRules(ActivityContext context)
    {
        if (context.Get(Correction) == CorrectionWays.Extend && context.Get(CorrectionWorkdays) < 1)
            throw new WorkflowException(ErrorCodes.InvalidInput, $"A correction of notice '{context.Node.Id}' extends it by {context.Get(CorrectionWorkdays)} working days; say at least 1.", "更正顺延至少为 1 个工作日。");
        _ = RuleOf(context);
    }

    private static NoticeRule RuleOf(ActivityContext context) => new()
    {
        Workdays = context.Get(Workdays),
        Objections = Enum.TryParse<ObjectorRule>(context.Get(Objectors), ignoreCase: true, out var rule) ? rule
            : throw new WorkflowException(ErrorCodes.InvalidInput, $"'{context.Get(Objectors)}' doesn't say who may object to notice '{context.Node.Id}': use reachable, named or any.", "异议人设置不正确。"),
    };

    private static NoticeSource Line(JsonElement line) => NoticeSource.Fault(line) is { } fault
        ? throw new WorkflowException(ErrorCodes.InvalidInput, $"A line of the notice {fault}", "公示内容设置不正确。")
        : line.Deserialize<NoticeSource>(NoticeSource.Json)!;

    private static Guid NoticeId(ActivityContext context) => context.NewId("notice");

    private static string Number(ActivityContext context) => context.GetData("number") is { ValueKind: JsonValueKind.String } number ? number.GetString()! : "";

    private static DateTimeOffset Closes(ActivityContext context) => context.GetData("closes").GetDateTimeOffset();

    private static Bookmark[] Waits(ActivityContext context, string kind) => [.. context.State.Bookmarks.Where(b => b.ExecutionId == context.Execution.Id && b.Kind == kind)];

    // The window ends at 24:00 of its last day, which is the day to name.
    private static string LastDay(DateTimeOffset closes) => Iso(closes.AddTicks(-1));

    private static string Iso(DateTimeOffset at) => at.ToString("O", CultureInfo.InvariantCulture);

    private static string? Empty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static string? Text(JsonElement payload, string name) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
