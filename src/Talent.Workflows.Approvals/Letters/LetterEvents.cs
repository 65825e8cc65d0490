using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>What a letter may be issued on by itself: <c>on</c> in <c>letters.json</c>. They happen in steps, and are told from what a step decides.</summary>
public static class LetterEvents
{
    /// <summary>提交</summary>
    public const string Submitted = "case.submitted";

    /// <summary>受理: the status 已受理, or by the lapse of time (视为受理). Once in a case.</summary>
    public const string Accepted = "case.accepted";

    /// <summary>退回补正: the applicant has to correct something.</summary>
    public const string Returned = "case.returned";

    /// <summary>The first phase is passed, and the applicant has to complete the materials (完善材料).</summary>
    public const string Materials = "phase2.opened";

    /// <summary>公示</summary>
    public const string NoticeOpened = "notice.opened";

    /// <summary>办结</summary>
    public const string Completed = "case.completed";

    /// <summary>未通过、退案</summary>
    public const string Rejected = "case.rejected";

    /// <summary>不予受理</summary>
    public const string Refused = "case.refused";

    /// <summary>撤回</summary>
    public const string Withdrawn = "case.withdrawn";

    /// <summary>重新出具: somebody had a letter issued again. None is issued on it by itself.</summary>
    internal const string Reissued = "letter.reissued";

    public static readonly IReadOnlyList<string> All = [Submitted, Accepted, Returned, Materials, NoticeOpened, Completed, Rejected, Refused, Withdrawn];

    /// <summary>What happens in a step, each with what its letters have to know of it.</summary>
    internal static IEnumerable<(string Event, LetterOrder Order)> Of(StepWrite step)
    {
        var order = OrderOf(step);
        if (step.Domain is CaseSubmitted)
            yield return (Submitted, order);
        foreach (var effect in step.Effects)
            switch (effect)
            {
                case OpenTask { Kind: TaskKinds.Supplement } correction:
                    yield return (Returned, order with { DueAt = correction.Due?.At, DueRule = correction.Due?.Rule, Correction = correction.Id });
                    break;
                case OpenTask { Kind: TaskKinds.Materials } materials:
                    yield return (Materials, order with { DueAt = materials.Due?.At, DueRule = materials.Due?.Rule });
                    break;
                case PostNotice post:
                    yield return (NoticeOpened, order with { NoticeId = post.NoticeId });
                    break;
            }
        if (StatusEvent(step) is { } reached)
            yield return (reached, order);
        else if (step.Domain is ClockFellDue fell && fell.Happened.Contains(TotalEvents.Accepted))
            yield return (Accepted, order);
    }

    /// <summary>The step, and the task that was decided in it or, handed in by nobody, lapsed.</summary>
    internal static LetterOrder OrderOf(StepWrite step)
    {
        foreach (var effect in step.Effects)
            if (effect is CloseTask { End: TaskEnd.Done, Outcome: not "submit" } decided)
                return new LetterOrder { Seq = step.VersionAfter, TaskId = decided.TaskId, Stage = step.Before.Bookmarks.Find(b => b.Id == decided.TaskId)?.ActivityId };
            else if (effect is CloseTask { End: TaskEnd.Lapsed } lapsed && step.Before.Bookmarks.Find(b => b.Id == lapsed.TaskId)?.Name is TaskKinds.Supplement or TaskKinds.Materials)
                return new LetterOrder { Seq = step.VersionAfter, Lapsed = lapsed.TaskId };
        return new LetterOrder { Seq = step.VersionAfter };
    }

    private static string? StatusEvent(StepWrite step)
    {
        var code = (step.Domain as CaseAction)?.StatusAfter(step.Before);
        if (code is null)
            foreach (var effect in step.Effects)
                if (effect is SetCaseStatus set)
                    code = set.Code;
        if (code is null || StatusWord.Find(code) is not { } word || code == step.Before.Status())
            return null;
        return word.Status switch
        {
            CaseStatus.Completed => Completed,
            CaseStatus.Rejected => Rejected,
            CaseStatus.Refused => Refused,
            CaseStatus.Withdrawn => Withdrawn,
            CaseStatus.InReview when code == "accepted" => Accepted,
            _ => null,
        };
    }
}
