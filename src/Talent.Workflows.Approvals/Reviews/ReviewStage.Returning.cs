using System.Text.Json;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Reviews.Signing;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>Where a review may be returned to, and what comes then.</summary>
public sealed partial class ReviewStage
{
    private static readonly Input<IReadOnlyList<string>> ReturnTo = new("returnTo", "可退回到 Return to", "由审核人在退回时选择：applicant 申报人（按“退回补正”的连线），previous 上一审核环节，earlier 之前任一审核环节，或审核环节的编号。不填则一律按连线退回。");
    private static readonly Input<string> AfterReturn = new("afterReturn", "退回审核环节之后 After return", "被退回的审核环节再次通过之后。")
    {
        Default = ReturnWays.Again, UiHint = "dropdown",
        Choices = [(ReturnWays.Again, "从该环节起重新办理 run again from there"), (ReturnWays.Here, "直接送回本环节 straight back here")],
    };
    private static readonly Input<string> StageNameEn = new("stageNameEn", "环节英文名称 Name in English", "给英文用户看的名称，如 Employer review；不填则用环节名称。");

    private static IInput[] ReturningInputs => [ReturnTo, AfterReturn, StageNameEn];

    /// <summary>Where the reviewer may return the case to now; empty: by the connection alone.</summary>
    private static List<ReturnTarget> TargetsOf(ActivityContext context)
    {
        if (context.Get(ReturnTo) is not { Count: > 0 } words)
            return [];
        var then = WayOf(context);
        var earlier = context.Earlier(activity => activity is ReviewStage);
        List<ReturnTarget> targets = [];
        if (words.Contains(ReturnWords.Applicant))
            targets.Add(new ReturnTarget(ReturnWords.Applicant, "申报人", "the applicant"));
        targets.AddRange(from found in earlier
                         where words.Contains(ReturnWords.Earlier) || (found.Direct && words.Contains(ReturnWords.Previous)) || words.Contains(found.Activity.Node.Id)
                         let zh = found.Activity.Literal(StageName) ?? found.Activity.Node.DisplayText
                         select new ReturnTarget(found.Activity.Node.Id, zh, Empty(found.Activity.Literal(StageNameEn)) ?? zh, then));
        return targets;
    }

    private static string WayOf(ActivityContext context) => Empty(context.Get(AfterReturn)) switch
    {
        ReturnWays.Here => ReturnWays.Here,
        null or ReturnWays.Again => ReturnWays.Again,
        var other => throw new WorkflowException(ErrorCodes.InvalidInput, $"afterReturn of stage '{context.Node.Id}' is '{other}'. Write again or here.", $"环节“{context.Node.DisplayText}”的“退回审核环节之后”只能是 again 或 here。"),
    };

    /// <summary>The review that a decision returns to; null: by the connection, as to the applicant.</summary>
    private static string? ChosenTarget(ActivityContext context, DecisionOutcome outcome, string? asked)
    {
        if (outcome != DecisionOutcome.Return)
            return asked is null ? null : throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest,
                $"A decision '{outcome.Code()}' returns to nobody. Leave 'returnTo' out, or return.", "只有退回时才能选择退回的环节。"));
        var targets = TargetsOf(context);
        if (asked is null && (targets.Count == 0 || targets[0].To == ReturnWords.Applicant))
            return null;
        if (asked is null && targets.Count == 1)
            return targets[0].To;
        if (asked == ReturnWords.Previous && Previous(context, targets) is [var only])
            return only;
        if (asked is not null && targets.Any(t => t.To == asked))
            return asked == ReturnWords.Applicant ? null : asked;
        throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest,
            $"Stage '{context.Node.Id}' can't be returned to '{asked}'. Name one of {string.Join(", ", targets.Select(t => t.To))} in 'returnTo'.",
            targets.Count == 0 ? "本环节不能选择退回的环节，请不填 returnTo。" : $"请选择退回到：{string.Join("、", targets.Select(t => t.Zh))}。")
        { Facts = new Dictionary<string, object?> { ["reason"] = "return_to", ["returnTo"] = targets } });
    }

    private static string[] Previous(ActivityContext context, IReadOnlyList<ReturnTarget> targets) =>
        [.. context.Earlier(activity => activity is ReviewStage).Where(e => e.Direct).Select(e => e.Activity.Node.Id).Intersect(targets.Select(t => t.To))];

    /// <summary>Where several who return a case together send it: as far back as one of them asked for.</summary>
    private static string? ChosenTarget(ActivityContext context, SignBoard board, DecisionOutcome result)
    {
        if (result != DecisionOutcome.Return)
            return null;
        string?[] asked = [.. board.Seats.Where(s => s.Vote == DecisionOutcome.Return).Select(s => s.ReturnTo)];
        return asked.Contains(null) ? null : context.Earlier(activity => activity is ReviewStage).Select(e => e.Activity.Node.Id).LastOrDefault(asked.Contains);
    }

    /// <summary>The tasks on which several decided that the case goes to its applicant.</summary>
    private static IEnumerable<Guid> ReturnersOf(SignBoard board) => board.Seats.Where(s => s is { Vote: DecisionOutcome.Return, ReturnTo: null }).Select(s => s.Voted).OfType<Guid>();

    /// <summary>Who decided in time to return it can keep it from being decided when time is over: then they take that back.</summary>
    private void RequireReturnable(ActivityContext context, SignBoard board, DecisionOutcome own, DecisionOutcome result, string? target)
    {
        if (result != DecisionOutcome.Return || target is not null || own == DecisionOutcome.Return || CorrectionRules.Refusal(context, calendar) is not { } refusal)
            return;
        string[] users = [.. board.Seats.Where(s => s.Vote == DecisionOutcome.Return).Select(s => s.Holder).OfType<string>()];
        throw ActivityContext.Reject(new WorkflowException(refusal.Code, $"{refusal.Message} It was to be returned by {string.Join(", ", users)}, who take that back (POST /tasks/{{id}}/recall) and decide anew first.",
            $"{refusal.MessageZh}此前选择退回补正的人员须先撤回其意见后重新办理。") { Facts = new Dictionary<string, object?>(refusal.Facts) { ["returnedBy"] = users } });
    }

    /// <summary>Goes back to an earlier review; that isn't a correction, and the stage has its whole limit again when the case is back.</summary>
    private static void Return(ActivityContext context, string target)
    {
        StageClock.Forget(context);
        var earlier = context.Earlier(activity => activity is ReviewStage).First(e => e.Activity.Node.Id == target).Activity.Node;
        if (WayOf(context) == ReturnWays.Here)
            context.Ask(earlier, nameof(DecisionOutcome.Return));
        else
            context.CompleteBackTo(earlier, nameof(DecisionOutcome.Return));
    }

    private static IEnumerable<UseProblem> CheckReturning(BoundActivity use)
    {
        if (use.Literal(AfterReturn) is { Length: > 0 } way && way is not (ReturnWays.Again or ReturnWays.Here))
            yield return new UseProblem($"goes on '{way}' after a return; write again or here.", "“退回审核环节之后”只能是 again 或 here。");
        foreach (var word in use.Literal(ReturnTo) ?? [])
            switch (word)
            {
                case ReturnWords.Previous or ReturnWords.Earlier:
                    break;
                case ReturnWords.Applicant when use.Node.Parent?.Connections.Any(c => c.Source == use.Node.Id && c.Port == nameof(DecisionOutcome.Return)) != true:
                    yield return new UseProblem("may be returned to the applicant, and nothing is connected to Return; connect it to a Talent.Supplement.", "可退回申报人，但“Return”没有连线，请连到补正环节。");
                    break;
                case not ReturnWords.Applicant when word == use.Node.Id || use.Node.Parent?.Activities.Any(a => a.Id == word && a.Type == TypeName) != true:
                    yield return new UseProblem($"may be returned to '{word}', which is no other review of its flowchart; write applicant, previous, earlier or the id of a review.", $"可退回到“{word}”，但本流程图中没有这个审核环节；请写 applicant、previous、earlier 或审核环节的编号。");
                    break;
            }
    }
}
