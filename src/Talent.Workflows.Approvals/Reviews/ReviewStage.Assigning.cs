using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Reviews.Assigning;
using Talent.Workflows.Approvals.Reviews.Signing;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>Who gets a stage when the directory has to be asked: by region, by place in the tree of organisations, by workload, everybody of a role.</summary>
public sealed partial class ReviewStage
{
    /// <summary>Name of the wait for the answer, and its kind: no task belongs to it.</summary>
    private const string Assigned = "assigned";

    /// <inheritdoc cref="Assigned"/>
    internal const string AssignmentBookmark = "Talent.Assignment";

    private const string HeldAtData = "heldAt";

    private static readonly Input<string> AssignBy = new("assignBy", "分派方式 Assign by", "待办池由担任该角色的人自行领取；工作量最少则指定给手头待办最少的人。")
        { Default = AssignmentWays.Pool, UiHint = "dropdown", Choices = [(AssignmentWays.Pool, "待办池 whoever takes it"), (AssignmentWays.LeastWorkload, "工作量最少 least workload")] };
    private static readonly Input<int> LevelsUp = new("levelsUp", "上级层数 Levels up", "由所填单位往上几级的单位办理，如 1 为直接上级单位。");
    private static readonly Input<string> Region = new("region", "地区 Region", "由该地区（六位行政区划代码）担任该角色的单位办理；该地区没有的，由所属地市办理。");
    private static readonly Input<string> WhenNobody = new("whenNobody", "无人可办 When nobody fits", "没有人担任该角色，或担任的人都须回避时。")
    {
        Default = AssignmentWays.Wait,
        UiHint = "dropdown",
        Choices = [(AssignmentWays.Wait, "等到有人 wait for somebody"), (AssignmentWays.Escalate, "交上级 escalate to the superior"), (AssignmentWays.Skip, "跳过本环节 skip the stage"), (AssignmentWays.Incident, "报故障 raise an incident")],
    };

    private static readonly Input<int> Within = new("within", "工作量统计天数 Within", "待办相同时，最近这么多天（日历日）内办结较少的人优先。") { Default = AssignmentOrder.UsualDays };

    private static IInput[] AssigningInputs => [AssignBy, Within, LevelsUp, Region, WhenNobody];

    private static IEnumerable<UseProblem> CheckAssigning(BoundActivity use)
    {
        if (use.LiteralOr(Within) is < 1 or > AssignmentOrder.MostDays)
            yield return new UseProblem($"counts workload within {use.LiteralOr(Within)} days; write 1 to {AssignmentOrder.MostDays}.", $"工作量统计天数须为 1 至 {AssignmentOrder.MostDays}。");
    }

    /// <summary>Nothing is to be done when nobody fits.</summary>
    private static bool OnlyWaits(ActivityContext context) => context.Get(WhenNobody) is null or AssignmentWays.Wait;

    // Whoever is named may have left meanwhile, which only the directory knows.
    private static bool AsksWho(ActivityContext context, SignRule rule, string? assignee, IReadOnlyList<SignSeat> members) =>
        assignee is not null || rule.Mode != SignMode.Single
        || !OnlyWaits(context)
        || (members.Count == 0 && (context.Get(AssignBy) == AssignmentWays.LeastWorkload || context.Get(LevelsUp) != 0 || Empty(context.Get(Region)) is not null));

    private static void Ask(ActivityContext context, SignRule rule, string? role, string? assignee, IReadOnlyList<SignSeat> members)
    {
        var times = (int)(context.GetData("asked") is { ValueKind: JsonValueKind.Number } asked ? asked.GetInt32() : 0);
        context.SetData("asked", JsonSerializer.SerializeToElement(times + 1));
        var answer = context.Wait(AssignmentBookmark, Assigned, purpose: $"assigned-{times}");
        context.Emit(new AskWho(context.NewId($"ask-{times}"), new AssignmentOrder
        {
            BookmarkId = answer.Id,
            Stage = context.Node.Id,
            Several = rule.Mode != SignMode.Single,
            Role = role,
            OrganisationId = context.GetOrganisation(Organisation),
            LevelsUp = context.Get(LevelsUp),
            Region = Empty(context.Get(Region)),
            Users = assignee is not null ? [assignee] : [.. members.Select(m => m.User!)],
            By = context.Get(AssignBy) ?? AssignmentWays.Pool,
            Within = Math.Clamp(context.Get(Within), 1, AssignmentOrder.MostDays),
            WhenNobody = context.Get(WhenNobody) ?? AssignmentWays.Wait,
            // Whom the definition names though they may not decide is a fault of it, unless it says what to do then.
            Excluded = (assignee is not null || members.Count > 0) && OnlyWaits(context) ? [] : Excluded(context),
        }));
    }

    /// <summary>The directory has answered.</summary>
    private void Open(ActivityContext context, JsonElement payload)
    {
        var found = payload.Deserialize<AssignmentFound>(AssignmentJson.Options)!;
        var role = found.Role;
        if (found.OrganisationId is { } at && found.OrganisationId != context.GetOrganisation(Organisation))
            context.SetData(HeldAtData, JsonSerializer.SerializeToElement(at));
        switch (found.Kind)
        {
            case AssignmentKinds.Users when RuleOf(context) is { Mode: not SignMode.Single } rule:
                var members = MembersOf(context);
                OpenSeveral(context, rule, [.. found.Users.Select(user => members.FirstOrDefault(m => m.User == user) ?? new SignSeat { Key = 0, User = user })]);
                break;
            case AssignmentKinds.Users:
                OpenOne(context, new Holder(role, found.OrganisationId, found.Users[0]));
                break;
            case AssignmentKinds.Superior:
                context.Log("Escalated", "nobody fits");
                OpenOne(context, new Holder(role, found.OrganisationId, null));
                break;
            case AssignmentKinds.Pool:
                OpenOne(context, new Holder(role, found.OrganisationId, null));
                break;
            case AssignmentKinds.Skip:
                context.Log("Skipped", "nobody fits");
                context.Set(Decision, JsonSerializer.SerializeToElement(new Dictionary<string, string?> { ["outcome"] = "skipped", ["user"] = null }));
                StageClock.Forget(context);
                // On as if it had approved; what was decided says that nobody did.
                Go(context, DecisionOutcome.Approve, nameof(DecisionOutcome.Approve));
                break;
            // Tried again: somebody may hold the role by now.
            case AssignmentKinds.Nobody when context.IsRetry:
                Ask(context, RuleOf(context), Empty(context.Get(Role)), Empty(context.Get(Assignee)), MembersOf(context));
                break;
            default:
                throw new WorkflowException(ErrorCodes.InvalidInput,
                    $"Nobody can decide stage '{context.Node.Id}': no active user {(role is null ? "of those named" : $"holds the role '{role}'{(found.OrganisationId is null ? "" : $" at '{found.OrganisationId}'")}")} who may. Give somebody the role, or name somebody else, then retry.",
                    $"环节“{context.Node.DisplayText}”没有人可以办理，请在目录中指定人员后重试。");
        }
    }

    /// <summary>The organisation whose people decide: the one that was found, else the one of the definition.</summary>
    private static string? HeldAt(ActivityContext context) =>
        context.GetData(HeldAtData) is { ValueKind: JsonValueKind.String } at ? at.GetString() : context.GetOrganisation(Organisation);
}
