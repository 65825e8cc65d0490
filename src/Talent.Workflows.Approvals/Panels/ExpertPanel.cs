using System.Collections.Immutable;
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

    /// <summary>When the experts are told that they have more time: the deadline is moved at midnight.</summary>
    private const string PostponedTimer = "postponed";

    internal const string Drawn = "drawn";
    internal const string Replaced = "replaced";
    internal const string Counted = "counted";

    private static readonly Input<string> StageName = new("stageName", "环节名称 Stage name", "给人看的名称，如“专家评审”。") { Required = true };
    private static readonly Input<int> Seats = new("seats", "席位 Seats", "评审专家人数。") { Default = 5 };
    private static readonly Input<IReadOnlyList<JsonElement>> Fields = new("fields", "专业 Fields", "按专业抽取：[\"思想政治工作\"] 或 [{field, atLeast, atMost, fallback}]；不填则从全部专家中抽取。");
    private static readonly Input<bool> OtherFields = new("otherFields", "其他专业 Other fields", "满足各专业最低人数后，其余席位可从任何专业抽取；否则只从所列专业及其替补专业抽取，不足的席位空缺，由评审秘书补足。");
    private static readonly Input<string> Quorum = new("quorum", "法定人数 Quorum", "投票专家占席位的比例，如 2/3。") { Default = "2/3" };
    private static readonly Input<string> Pass = new("pass", "通过比例 Pass share", "赞成票占投票专家的比例，如 2/3 或 >1/2。") { Default = "2/3" };
    private static readonly Input<string> Due = new("due", "投票期限 Due", "自抽取之日起，如 5wd。") { Default = "5wd" };
    private static readonly Input<string> Extension = new("extension", "延期 Extension", "到期未达法定人数时延期一次，如 3wd；不填则不延期。");
    private static readonly Input<string> RemindAt = new("remindAt", "催办时间 Remind at", "相对期限，如 -1wd；不填则不催办。") { Default = "-1wd" };
    private static readonly Input<string> SecretaryRole = new("secretaryRole", "评审秘书角色 Secretary role", "谁组织评审，如 bureau.panel-secretary。") { Required = true, UiHint = "dropdown", ChoicesFrom = "roles" };
    private static readonly Input<string> Organisation = new("organisation", "单位 Organisation", "评审秘书所在单位。") { UiHint = "dropdown", ChoicesFrom = "organisations" };
    private static readonly Input<IReadOnlyList<JsonElement>> DrawParties = new("drawParties", "抽取双方 Draw parties", "两个角色，如 [\"bureau.panel-secretary\", {role, organisation}]：双方先提交随机数承诺，读取专家库后再公布；不填则由系统抽取。");
    private static readonly Input<string> DrawDue = new("drawDue", "抽取期限 Draw due", "双方提交承诺、公布随机数各自的期限；逾期未公布则重新抽取。") { Default = "1wd" };
    private static readonly Input<IReadOnlyList<JsonElement>> DrawLadder = new("drawLadder", "抽取超时升级 Draw ladder", "[{at, do}]：remind 催办，overdue 超期提醒，tell_superior 告知上级，reassign 改派。");
    private static readonly Input<int> MaxLoad = new("maxLoad", "评审次数上限 Load limit", "近期参加评审达到此次数的专家不再抽取；0 为不限。");
    private static readonly Input<int> LoadDays = new("loadDays", "次数统计天数 Load days", "统计最近多少天。") { Default = 30 };
    private static readonly Input<string> Accept = new("accept", "接受邀请期限 Accept within", "专家接受邀请并作出回避声明的期限，如 1wd；逾期视为不接受，递补下一位；不填则直接投票。");
    private static readonly Input<string> ChallengeDue = new("challengeDue", "回避申请办理期限 Challenge due", "秘书办理回避申请的期限。") { Default = "2wd" };
    private static readonly Input<string> SupervisorRole = new("supervisorRole", "监督角色 Supervisor role", "除申报人外，谁可以申请专家回避。") { UiHint = "dropdown", ChoicesFrom = "roles" };
    private static readonly Input<IReadOnlyList<JsonElement>> Criteria = new("criteria", "评分项 Criteria", "[{name, min, max}]；不填则专家自行列项，每项 0 至 100 分。");
    private static readonly Input<string> Tie = new("tie", "票数相同 Tie", "赞成与反对票数相同而未达通过比例时。")
        { Default = nameof(TieRule.Fail), UiHint = "dropdown", Choices = [(nameof(TieRule.Fail), "不通过 not passed"), (nameof(TieRule.Round), "再投一轮 another round"), (nameof(TieRule.Chair), "由主任委员裁定 the chair decides")] };
    private static readonly Input<int> Rounds = new("rounds", "最多轮数 Rounds", "票数相同时最多投几轮。") { Default = 2 };
    private static readonly Input<string> ChairRole = new("chairRole", "主任委员角色 Chair role", "票数相同时由谁裁定。") { UiHint = "dropdown", ChoicesFrom = "roles" };
    private static readonly Input<bool> Blind = new("blind", "盲审 Blind", "专家看不到申报人姓名、单位和证件号码。") { Default = true };
    private static readonly Output Result = new("result", "String", "评审结果 Result");

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Talent", "专家评审 Expert Panel", "随机抽取专家、回避递补、无记名投票、按比例计票。Experts drawn at random vote blindly.")
    {
        Inputs = [StageName, Seats, Fields, OtherFields, Quorum, Pass, Due, Extension, RemindAt, SecretaryRole, Organisation, DrawParties, DrawDue, DrawLadder, MaxLoad, LoadDays,
            Accept, ChallengeDue, SupervisorRole, Criteria, Tie, Rounds, ChairRole, Blind],
        Outputs = [Result],
        Outcomes = ["Passed", "Failed", "NoQuorum"],
        BackOutcomes = ["NoQuorum"],
        Waits = true,
    };

    protected override void Execute(ActivityContext context)
    {
        var (rules, count) = Checked(context.Get(Seats), context.Get(Fields), context.Get(OtherFields), context.Get(Quorum)!, context.Get(Pass)!, context.Get(MaxLoad), context.Get(LoadDays));
        count = count with { Criteria = Judged(context), Tie = TieOf(context), Rounds = Math.Max(1, context.Get(Rounds)) };
        if (count.Tie == TieRule.Chair && Text(context.Get(ChairRole)) is null)
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Panel '{context.Node.Id}' leaves a tie to its chair and names no 'chairRole'.", "票数相同由主任委员裁定的，须填写主任委员角色。");
        var parties = Parties(context);
        StageStatus.Enter(context, "panel");
        CaseClock.Stop(context, StopGround.ExpertReview);
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
            Parties = parties,
            Blind = context.Get(Blind),
            ChairRole = Text(context.Get(ChairRole)),
            SupervisorRole = Text(context.Get(SupervisorRole)),
        });
        if (parties.Length > 0)
            BeginDraw(context, 1);
        else
            Work(context, PanelDrawing.WorkKind, context.Wait(WorkBookmark, Drawn, purpose: Drawn), null);
    }

    protected override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        switch (bookmark.Name)
        {
            case TaskKinds.PanelCommit or TaskKinds.PanelReveal:
                PartyActs(context, bookmark, payload);
                break;
            case Pooled:
                OpenReveals(context);
                break;
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
            case TaskKinds.PanelInvitation:
                AnswerInvitation(context, bookmark, payload);
                break;
            case Challenged:
                TakeChallenge(context, payload);
                break;
            case TaskKinds.PanelChallenge:
                DecideChallenge(context, bookmark, payload);
                break;
            case TaskKinds.PanelChair:
                ChairDecides(context, bookmark, payload);
                break;
            case Counted:
                AfterCount(context, payload);
                break;
            default:
                throw new InvalidOperationException($"Bookmark '{bookmark.Name}' isn't a panel's.");
        }
    }

    protected override void TimerDue(ActivityContext context, TimerWait timer)
    {
        if (StageTimes.TaskOf(timer) is { } party)
        {
            EscalateParty(context, party, timer);
            return;
        }
        if (timer.Purpose == RevealTimer)
        {
            RevealMissed(context, timer);
            return;
        }
        if (timer.Purpose.StartsWith(InvitationTimer(""), StringComparison.Ordinal))
        {
            InvitationDue(context, timer);
            return;
        }
        if (timer.Purpose is ChairReminder or ChairOverdue)
        {
            RemindChair(context, timer);
            return;
        }
        var ballots = Waits(context, TaskKinds.Ballot);
        if (timer.Purpose == VacancyTimer)
        {
            foreach (var vacancy in Waits(context, TaskKinds.PanelVacancy))
                Tell(context, $"overdue-{vacancy.Id}-{timer.DueAt.UtcTicks}", "task.overdue", Recipient.Task(vacancy.Id), vacancy.Id, timer.Payload.ValueKind == JsonValueKind.String ? timer.Payload.GetDateTimeOffset() : timer.DueAt);
            return;
        }
        if (timer.Purpose == PostponedTimer)
        {
            TellOfPostponement(context, timer.Payload.GetString()!);
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
        if (times.Grace(timer) is { } grace)
        {
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
            Lapse(context, PanelClosing.Deadline);
            AskForExperts(context, "专家逾期未投票");
        }
        else
        {
            Close(context, PanelClosing.Deadline, null);
        }
    }

    protected override bool Heeds => true;

    protected override void Revise(ActivityContext context, string name, JsonElement payload)
    {
        CaseClock.Heed(context, name);
        if (name == RoundVoiding.Name)
        {
            VoidRound(context, payload);
            return;
        }
        if (name == StageRevision.Calendar)
            Recount(context, StageRevision.Of(payload));
    }

    protected override void Cancelled(ActivityContext context, string reason)
    {
        CaseClock.Run(context);
        foreach (var task in context.State.Bookmarks.Where(b => b.ExecutionId == context.Execution.Id && b.Kind == BookmarkKinds.Task))
            context.Emit(new CloseTask(context.NewId($"cancelled-{task.Id}"), task.Id, TaskEnd.Cancelled, Reason: reason));
        context.Emit(new ChangePanel(context.NewId("panel-cancelled"), PanelId(context), PanelStatus.Cancelled));
        context.Emit(new ForgetPanel(context.NewId("panel-forgotten"), PanelId(context)));
    }

    protected override IEnumerable<UseProblem> Validate(ActivityNode node)
    {
        var use = new BoundActivity(node, this);
        foreach (var (input, parse) in new (Input<string>, Action<string>)[]
            { (Due, t => DeadlineRule.Parse(t)), (DrawDue, t => DeadlineRule.Parse(t)), (Extension, t => DeadlineRule.Parse(t)), (Accept, t => DeadlineRule.Parse(t)), (ChallengeDue, t => DeadlineRule.Parse(t)), (RemindAt, t => LadderText.Offset(t)), (Quorum, t => Share.Parse(t)), (Pass, t => Share.Parse(t)) })
            if (use.Literal(input) is { Length: > 0 } text && Fault(() => parse(text)) is { } fault)
                yield return $"{input.Name}: {fault}";
    }

    private static (PanelRules, PanelCountRule) Checked(int seats, IReadOnlyList<JsonElement>? fields, bool otherFields, string quorum, string pass, int maxLoad, int loadDays)
    {
        try
        {
            var rules = new PanelRules { Size = seats, Fields = [.. (fields ?? []).Select(Quota)], OnlyFields = fields is { Count: > 0 } && !otherFields ? true : null, MaxLoad = maxLoad > 0 ? maxLoad : null, LoadDays = maxLoad > 0 ? loadDays : null };
            rules.Check();
            return (rules, new PanelCountRule { Quorum = Share.Parse(quorum), Pass = Share.Parse(pass) });
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw new WorkflowException(ErrorCodes.InvalidInput, $"The panel can't be set up: {e.Message}", "评审规则不正确。", e);
        }
    }

    private static TieRule TieOf(ActivityContext context) => Enum.TryParse<TieRule>(context.Get(Tie), ignoreCase: true, out var tie) ? tie
        : throw new WorkflowException(ErrorCodes.InvalidInput, $"Panel '{context.Node.Id}' can't treat a tie as '{context.Get(Tie)}'. Use Fail, Round or Chair.", "票数相同的处理方式不正确。");

    private static ImmutableArray<Criterion> Judged(ActivityContext context)
    {
        try
        {
            ImmutableArray<Criterion> criteria = [.. (context.Get(Criteria) ?? []).Select(c => c.ValueKind == JsonValueKind.String ? new Criterion(c.GetString()!) : c.Deserialize<Criterion>(PanelJson.Options)!)];
            if (criteria.All(c => c is { Name.Length: > 0 and <= 100 } && c.Min < c.Max) && criteria.DistinctBy(c => c.Name).Count() == criteria.Length && criteria.Length <= 20)
                return criteria;
        }
        catch (JsonException)
        {
            // Said below.
        }
        throw new WorkflowException(ErrorCodes.InvalidInput, $"The criteria of panel '{context.Node.Id}' can't be used: at most 20, each {{name, min, max}} with another name and min below max.", "评分项设置不正确。");
    }

    private static FieldQuota Quota(JsonElement field) => field.ValueKind == JsonValueKind.String
        ? new FieldQuota { Field = field.GetString()!, AtLeast = 1 }
        : field.Deserialize<FieldQuota>(PanelJson.Options) ?? throw new FormatException("A field is a name or {field, atLeast, atMost, fallback}.");

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
