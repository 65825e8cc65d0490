using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Why;

/// <summary>What will happen by itself, when and by which rule. Pure.</summary>
internal sealed class WhyTimes(WhyFacts facts, WorkCalendar country)
{
    /// <summary>In the order in which it falls due.</summary>
    public IReadOnlyList<WhyInstant> All()
    {
        // An incident that stops the whole case holds its timers too.
        if (facts.Case.Ended || facts.State.Halted)
            return [];
        return [.. facts.Of<ExplainedInstant>().Select(Of).Concat(Total()).Concat(Timers()).OrderBy(i => i.At).ThenBy(i => i.Kind, StringComparer.Ordinal).ThenBy(i => i.Stage, StringComparer.Ordinal)];
    }

    private WhyInstant Of(ExplainedInstant instant)
    {
        var (zh, en) = What(instant);
        var (rules, rulesEn) = (new List<string>(), new List<string>());
        if (instant.Offset is { } offset)
        {
            rules.Add(WhyWords.Zh(offset));
            rulesEn.Add(WhyWords.En(offset));
        }
        if (instant.Deadline is { } limit)
        {
            rules.Add(WhyWords.Zh(limit));
            rulesEn.Add(WhyWords.En(limit));
        }
        if (instant.Held)
        {
            rules.Add("因系统停机顺延");
            rulesEn.Add("put off because the system was down");
        }
        return new WhyInstant(instant.Kind, instant.At, instant.Stage, instant.StageName, instant.TaskId, instant.Deadline is null ? null : LimitKinds.Stage, instant.Deadline?.Rule.ToString(),
            instant.Offset?.ToString(), instant.Outcome is { } outcome ? TaskReader.OutcomeWord(outcome) : null, instant.Deadline?.Provisional == true,
            Sentence(instant.At, zh, rules), SentenceEn(instant.At, en, rulesEn));
    }

    private (string Zh, string En) What(ExplainedInstant instant)
    {
        var (zh, en) = ($"“{instant.StageName}”", $"'{facts.En(instant.Stage)}'");
        return instant.Kind switch
        {
            WhyKinds.Remind => ($"自动催办{zh}", $"a reminder about {en} goes out"),
            WhyKinds.TellSuperior => ($"{zh}超时情况告知上级", $"the superior is told about {en}"),
            WhyKinds.Reassign => ($"{zh}改派上级办理", $"{en} goes to the superior"),
            WhyKinds.DecideByRule => Decides(zh, en, TaskReader.OutcomeWord(instant.Outcome!)),
            WhyKinds.YellowMark => ($"{zh}记黄牌", $"{en} gets a yellow mark"),
            WhyKinds.RedMark => ($"{zh}记红牌", $"{en} gets a red mark"),
            WhyKinds.TellOfMark => ($"{zh}的红牌告知上级", $"the superior is told of the red mark of {en}"),
            WhyKinds.Due => ($"{zh}期限届满", $"the limit of {en} ends"),
            WhyKinds.Lapse => ($"{zh}逾期未提交的，不再等待，按流程终止或继续", $"{en} isn't waited for any longer, and the case is closed or goes on as its flow says"),
            WhyKinds.CountVotes => ($"{zh}按已投的票计票", $"the votes of {en} are counted"),
            WhyKinds.PanelDeadline => ($"{zh}投票截止：达到法定人数即计票，未达到的{(instant.Extension is { } more ? $"延期{more}" : "请秘书补充专家")}",
                $"voting in {en} ends: with a quorum it is counted, without one {(instant.Extension is { } longer ? $"it is extended by {longer}" : "the secretary is asked for more experts")}"),
            WhyKinds.PanelTold => ($"将{zh}延期通知专家", $"the experts of {en} are told of their new deadline"),
            WhyKinds.VacancyDue => ($"催请秘书为{zh}补充专家", $"the secretary is reminded to find experts for {en}"),
            WhyKinds.InvitationLapses => ($"{zh}未答复邀请的专家视为谢绝，由下一位递补", $"experts who haven't answered the invitation to {en} count as declining, and the next are asked"),
            WhyKinds.DrawRestarts => ($"{zh}未公布随机数的，专家重新抽取", $"the draw for {en} begins anew if a party hasn't revealed its nonce"),
            WhyKinds.NoticeEnd => ($"{zh}期满", $"{en} ends"),
            _ => ($"{zh}到时", $"{en} is due"),
        };
    }

    private static (string Zh, string En) Decides(string zh, string en, Worded outcome) => ($"{zh}仍无人办理的，按规定视为{outcome.Zh}", $"{en} is decided by rule if nobody has: {outcome.En}");

    /// <summary>Of the case as a whole: what hasn't fallen due, as its steps reckon it.</summary>
    private IEnumerable<WhyInstant> Total()
    {
        if (facts.Clock is not { EndedAt: null } clock)
            yield break;
        foreach (var (name, at) in CaseClock.Instants(facts.State, facts.Now, country).Where(i => !clock.Behind.Contains(i.Name)))
        {
            var accepted = name == TotalEvents.Accepted;
            var rule = accepted ? CaseTerms.Of(facts.State)?.Clock.Corrections?.ToldWithin?.ToString() : facts.Promise?.Rule;
            var (kind, zh, en) = name switch
            {
                TotalEvents.Accepted => (WhyKinds.Accepted, "未退回补正的，视为受理", "the case counts as accepted unless it is returned before"),
                TotalEvents.Yellow => (WhyKinds.YellowMark, "总时限记黄牌", "the total limit gets a yellow mark"),
                TotalEvents.Red => (WhyKinds.RedMark, "总时限届满，记红牌", "the total limit ends and gets a red mark"),
                _ => (WhyKinds.TellOfMark, "总时限的红牌告知上级", "the superior is told of the red mark of the total limit"),
            };
            yield return Whole(kind, at, accepted ? null : LimitKinds.Total, rule, zh, en, accepted);
        }
        if (facts.Promise is { } promise && promise.DueAt > facts.Now && CaseClock.Of(facts.State).StoppedBy is null && CaseTerms.Of(facts.State)?.Clock.Marks is null)
            yield return Whole(WhyKinds.Due, promise.DueAt, LimitKinds.Total, promise.Rule, "总时限届满", "the total limit ends", accepted: false);
    }

    private WhyInstant Whole(string kind, DateTimeOffset at, string? limit, string? rule, string zh, string en, bool accepted)
    {
        var promise = accepted ? null : facts.Promise;
        return new WhyInstant(kind, at, null, null, null, limit, rule, null, null, promise?.Provisional == true,
            Sentence(at, zh, promise is null ? [] : [promise.Zh.TrimEnd('。')]), SentenceEn(at, en, promise is null ? [] : [promise.En.TrimEnd('.')]));
    }

    /// <summary>Timers of activities that say nothing of them: a delay, an instant, a rhythm.</summary>
    private IEnumerable<WhyInstant> Timers()
    {
        var told = facts.Said.Select(s => s.Stage).ToHashSet(StringComparer.Ordinal);
        foreach (var timer in facts.State.Timers.Where(t => !told.Contains(t.ActivityId) && facts.Workflow.Activity(t.ActivityId).Implementation is not (ReviewStage or Supplement)))
        {
            var name = facts.Workflow.Activity(timer.ActivityId).Node.DisplayText;
            yield return new WhyInstant(WhyKinds.Timer, timer.DueAt, timer.ActivityId, name, null, null, null, null, null, false,
                Sentence(timer.DueAt, $"流程定时“{name}”到时，流程继续", []), SentenceEn(timer.DueAt, $"the timer '{timer.ActivityId}' is due and the flow goes on", []));
        }
    }

    private static string Sentence(DateTimeOffset at, string what, IEnumerable<string> rules) =>
        $"{WhyWords.Zh(at)}：{what}{(string.Join("；", rules) is { Length: > 0 } why ? $"（{why}）" : "")}。";

    private static string SentenceEn(DateTimeOffset at, string what, IEnumerable<string> rules) =>
        $"{WhyWords.En(at)}: {what}{(string.Join("; ", rules) is { Length: > 0 } why ? $" ({why})" : "")}.";
}
