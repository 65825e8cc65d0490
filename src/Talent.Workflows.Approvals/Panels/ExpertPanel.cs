using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>
/// Talent.ExpertPanel: experts drawn at random vote blindly on a case (专家评审). It opens the panel, has it drawn, gives each
/// seat a ballot task, replaces who stands aside, and closes when all have voted, at the deadline, or when the secretary
/// closes it. Votes never reach the engine: it knows who has voted, not how; the result comes from the stored ballots.
/// </summary>
/// <remarks>Source: R-PAN-1, R-PAN-2. The quorum is a share of the seats, whether they could be filled or not.</remarks>
public sealed partial class ExpertPanel(WorkCalendar calendar) : Activity
{
    public const string TypeName = "Talent.ExpertPanel";

    /// <summary>Kind of its bookmarks that no task belongs to.</summary>
    public const string WorkBookmark = "Talent.Panel";

    internal const string Drawn = "drawn";
    internal const string Replaced = "replaced";
    internal const string Counted = "counted";

    private static readonly Input<string> StageName = new("stageName", "环节名称 Stage name", "给人看的名称，如“专家评审”。") { Required = true };
    private static readonly Input<int> Seats = new("seats", "席位 Seats", "评审专家人数。") { Default = 5 };
    private static readonly Input<IReadOnlyList<JsonElement>> Fields = new("fields", "专业 Fields", "按专业抽取：[\"思想政治工作\"] 或 [{field, atLeast, atMost, fallback}]；不填则从全部专家中抽取。");
    private static readonly Input<string> Quorum = new("quorum", "法定人数 Quorum", "投票专家占席位的比例，如 2/3。") { Default = "2/3" };
    private static readonly Input<string> Pass = new("pass", "通过比例 Pass share", "赞成票占投票专家的比例，如 2/3 或 >1/2。") { Default = "2/3" };
    private static readonly Input<string> Due = new("due", "投票期限 Due", "自抽取之日起，如 5wd。") { Default = "5wd" };
    private static readonly Input<string> Extension = new("extension", "延期 Extension", "到期未达法定人数时延期一次，如 3wd；不填则不延期。");
    private static readonly Input<string> RemindAt = new("remindAt", "催办时间 Remind at", "相对期限，如 -1wd；不填则不催办。") { Default = "-1wd" };
    private static readonly Input<string> SecretaryRole = new("secretaryRole", "评审秘书角色 Secretary role", "谁组织评审，如 bureau.panel-secretary。") { Required = true, UiHint = "dropdown", ChoicesFrom = "roles" };
    private static readonly Input<string> Organisation = new("organisation", "单位 Organisation", "评审秘书所在单位。") { UiHint = "dropdown", ChoicesFrom = "organisations" };
    private static readonly Output Result = new("result", "String", "评审结果 Result");

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Talent", "专家评审 Expert Panel", "随机抽取专家、回避递补、无记名投票、按比例计票。Experts drawn at random vote blindly.")
    {
        Inputs = [StageName, Seats, Fields, Quorum, Pass, Due, Extension, RemindAt, SecretaryRole, Organisation],
        Outputs = [Result],
        Outcomes = ["Passed", "Failed", "NoQuorum"],
        Waits = true,
    };

    protected override void Execute(ActivityContext context)
    {
        var (rules, count) = Checked(context.Get(Seats), context.Get(Fields), context.Get(Quorum)!, context.Get(Pass)!);
        StageStatus.Enter(context, "panel");
        var panel = PanelId(context);
        context.Emit(new OpenPanel(panel)
        {
            Stage = context.Node.Id,
            StageName = context.Get(StageName)!,
            Visit = context.Execution.Visit,
            Rules = rules,
            Count = count,
            SecretaryRole = context.Get(SecretaryRole)!,
            OrganisationId = context.GetOrganisation(Organisation),
        });
        Work(context, PanelDrawing.WorkKind, context.Wait(WorkBookmark, Drawn, purpose: Drawn), null);
    }

    protected override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        switch (bookmark.Name)
        {
            case Drawn:
                OpenBallots(context, [.. payload.GetProperty("experts").EnumerateArray().Select(e => e.GetString()!)]);
                break;
            case TaskKinds.Ballot:
                Answer(context, bookmark, payload);
                break;
            case Replaced:
                FillSeat(context, Word(payload, "expert"), bookmark.Payload.GetString()!);
                break;
            case TaskKinds.PanelSecretary:
                CloseBySecretary(context, bookmark, payload);
                break;
            case TaskKinds.PanelVacancy:
                FillVacancy(context, bookmark, payload);
                break;
            case Counted:
                Leave(context, Word(payload, "outcome"));
                break;
            default:
                throw new InvalidOperationException($"Bookmark '{bookmark.Name}' isn't a panel's.");
        }
    }

    protected override void TimerDue(ActivityContext context, TimerWait timer)
    {
        var ballots = Waits(context, TaskKinds.Ballot);
        if (timer.Purpose == VacancyTimer)
        {
            foreach (var vacancy in Waits(context, TaskKinds.PanelVacancy))
                Tell(context, $"overdue-{vacancy.Id}", "task.overdue", Recipient.Task(vacancy.Id), vacancy.Id, timer.DueAt);
            return;
        }
        if (timer.Purpose == "remind")
        {
            foreach (var ballot in ballots)
                // A moved deadline has a reminder of its own, which isn't the first one sent again.
                Tell(context, $"remind-{timer.DueAt.UtcTicks}-{Expert(ballot)}", "task.reminder", Recipient.Task(ballot.Id), ballot.Id);
            return;
        }
        var times = new StageTimes(context, calendar);
        if (times.HeldUntil is null && context.Now - timer.DueAt >= StageTimes.OutageAfter)
        {
            // No node ran at the deadline: who couldn't vote because of that gets another working day.
            var grace = Calendars.Deadline.Compute(DeadlineRule.Workdays(1), context.Now, calendar);
            times.HeldUntil = grace.DueAt;
            Postpone(context, grace, "held");
        }
        else if (Cast(context) < QuorumNeeds(context) && Text(context.Get(Extension)) is { } rule && context.GetData("extended").ValueKind != JsonValueKind.True)
        {
            context.SetData("extended", JsonSerializer.SerializeToElement(true));
            Postpone(context, times.Deadline(rule, context.Now)!, "extended");
        }
        else if (Cast(context) < QuorumNeeds(context))
        {
            // Whoever hasn't voted is off the panel; somebody has to say who sits instead.
            foreach (var ballot in ballots)
            {
                context.Emit(new CloseTask(context.NewId($"lapsed-{Expert(ballot)}"), ballot.Id, TaskEnd.Lapsed, Reason: PanelClosing.Deadline));
                context.CancelWait(ballot.Id);
            }
            AskForExperts(context, "专家逾期未投票");
        }
        else
        {
            Close(context, PanelClosing.Deadline, null);
        }
    }

    protected override void Cancelled(ActivityContext context, string reason)
    {
        foreach (var task in context.State.Bookmarks.Where(b => b.ExecutionId == context.Execution.Id && b.Kind == BookmarkKinds.Task))
            context.Emit(new CloseTask(context.NewId($"cancelled-{task.Id}"), task.Id, TaskEnd.Cancelled, Reason: reason));
        context.Emit(new ChangePanel(context.NewId("panel-cancelled"), PanelId(context), PanelStatus.Cancelled));
    }

    protected override IEnumerable<string> Validate(ActivityNode node)
    {
        foreach (var (input, parse) in new (Input<string>, Action<string>)[]
            { (Due, t => DeadlineRule.Parse(t)), (Extension, t => DeadlineRule.Parse(t)), (RemindAt, t => LadderText.Offset(t)), (Quorum, t => Share.Parse(t)), (Pass, t => Share.Parse(t)) })
            if (Literal(node, input.Name) is { Length: > 0 } text && Fault(() => parse(text)) is { } fault)
                yield return $"{input.Name}: {fault}";
    }

    private static (PanelRules, PanelCountRule) Checked(int seats, IReadOnlyList<JsonElement>? fields, string quorum, string pass)
    {
        try
        {
            var rules = new PanelRules { Size = seats, Fields = [.. (fields ?? []).Select(Quota)] };
            rules.Check();
            return (rules, new PanelCountRule { Quorum = Share.Parse(quorum), Pass = Share.Parse(pass) });
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw new WorkflowException(ErrorCodes.InvalidInput, $"The panel can't be set up: {e.Message}", "评审规则不正确。", e);
        }
    }

    private static FieldQuota Quota(JsonElement field) => field.ValueKind == JsonValueKind.String
        ? new FieldQuota { Field = field.GetString()!, AtLeast = 1 }
        : field.Deserialize<FieldQuota>(PanelJson.Options) ?? throw new FormatException("A field is a name or {field, atLeast, atMost, fallback}.");

    private static string? Literal(ActivityNode node, string input) =>
        node.Json.TryGetProperty(input, out var json) && InputExpression.Read(json) is { Type: "Literal", Value.ValueKind: JsonValueKind.String } literal ? literal.Value.GetString() : null;

    private static string? Fault(Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }
}
