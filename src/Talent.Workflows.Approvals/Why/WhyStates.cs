using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Messages.Mail;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Submissions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Why;

/// <summary>What a case waits for, and what of it has stopped. Pure.</summary>
internal sealed class WhyStates(WhyFacts facts)
{
    public IReadOnlyList<WhyWait> WaitsFor()
    {
        if (facts.Case.Ended)
            return [];
        if (facts.Case.Status == "draft")
            return [new WhyWait(WhyWaits.Draft, "", "草稿", [], null, "等待申报人提交申报。", "Waits for the applicant to submit it.")];
        return [.. Tasks(), .. facts.Of<ExplainedPanel>().Select(Panel), .. facts.Of<ExplainedNotice>().Select(Notice), .. facts.Of<ExplainedSubmission>().Select(Submission), .. facts.Of<ExplainedSearch>().Select(Search), .. facts.Of<ExplainedOutside>().Select(Outside), .. Others(), .. Timers()];
    }

    public IReadOnlyList<WhyStop> Stopped() => facts.Case.Ended ? [] :
    [
        .. facts.State.Incidents.Select(Incident),
        .. facts.State.Halted ? [new WhyStop(WhyStops.Halted, null, null, null, facts.State.Incidents.Select(i => i.At).DefaultIfEmpty(facts.Now).Min(), "operator",
            "流程已整体停止，期间不能办理，也不计时，须由管理员排除故障后重试。", "The whole case has stopped: nobody can act and no timer runs until an operator has mended it and retried.")] : (IEnumerable<WhyStop>)[],
        .. facts.Undelivered.Select(d => new WhyStop(WhyStops.Delivery, null, null, facts.ShowsFaults ? d.Kind : null, d.Since, "operator",
            "有一项后台工作未能完成，须由管理员处理后重发。", "Some work behind the case couldn't be done; an operator has to send it again.")),
        .. facts.Pauses.Where(p => p.To is null).Select(Pause),
    ];

    private IEnumerable<WhyWait> Tasks()
    {
        // A panel and a notice say themselves what they wait for.
        foreach (var stage in facts.Tasks.Where(t => t.Kind is TaskKinds.Review or TaskKinds.Supplement or TaskKinds.Materials or TaskKinds.Objection).GroupBy(t => (t.Stage, t.Kind)))
        {
            var (first, ids) = (stage.First(), stage.Select(t => t.Id).ToArray());
            var stands = facts.Pauses.Any(p => p.To is null && p.Stage == first.Stage && p.Limits.Contains(LimitKinds.Stage));
            var due = stands ? null : stage.Min(t => t.DueAt);
            var (until, untilEn) = due is { } at ? ($"，{WhyWords.Zh(at)}截止", $", due {WhyWords.En(at)}") : ("", "");
            var (many, manyEn) = ids.Length > 1 ? ($"（{ids.Length}项待办）", $" ({ids.Length} tasks)") : ("", "");
            var en = facts.En(first.Stage);
            yield return first.Kind switch
            {
                TaskKinds.Supplement => Wait(WhyWaits.Correction, $"等待申报人补正{until}。", $"Waits for the applicant's correction{untilEn}."),
                TaskKinds.Materials => Wait(WhyWaits.Materials, $"等待申报人完善材料{until}。", $"Waits for the applicant's materials{untilEn}."),
                TaskKinds.Objection => Wait(WhyWaits.Objection, $"等待处理公示异议{many}{until}。", $"Waits for objections to be decided{manyEn}{untilEn}."),
                _ => Wait(WhyWaits.Review, $"等待“{first.StageName}”办理{many}{until}。", $"Waits for '{en}'{manyEn}{untilEn}."),
            };

            WhyWait Wait(string kind, string zh, string english) => new(kind, first.Stage, first.StageName, ids, due, zh, english);
        }
    }

    private WhyWait Panel(ExplainedPanel panel)
    {
        var tasks = facts.Tasks.Where(t => t.Stage == panel.Stage && !t.IsSeat).ToArray();
        // How many have voted is for the secretary, as in the panel's own view.
        var (cast, castEn) = facts.Case.Reader.SeesPanel ? ($"，已投{panel.Cast}票", $", {panel.Cast} cast") : ("", "");
        var (round, roundEn) = panel.Round > 1 ? ($"第{panel.Round}轮", $" round {panel.Round},") : ("", "");
        var (zh, en) = panel.State switch
        {
            "drawing" => ("抽取专家", "experts are being drawn"),
            "vacancy" => ("专家不足，等待秘书补充专家", "too few experts are left, and the secretary has to find more"),
            "counting" => ("投票已结束，正在计票", "voting has ended and the ballots are being counted"),
            "chair" => ("票数相同，等待主任委员裁定", "a tie, which the chair decides"),
            _ => ($"{round}投票中（席位{panel.Seats}，法定人数{panel.Needed}{cast}）", $"{roundEn} voting ({panel.Seats} seats, quorum {panel.Needed}{castEn})".TrimStart()),
        };
        DateTimeOffset? due = facts.Of<ExplainedInstant>().FirstOrDefault(i => i.Stage == panel.Stage && i.Kind == WhyKinds.PanelDeadline)?.At;
        return new WhyWait(WhyWaits.ExpertPanel, panel.Stage, panel.StageName, [.. tasks.Select(t => t.Id)], due,
            $"等待“{panel.StageName}”：{zh}{(due is { } at ? $"，{WhyWords.Zh(at)}截止" : "")}。", $"Waits for '{facts.En(panel.Stage)}': {en}{(due is { } end ? $", until {WhyWords.En(end)}" : "")}.")
        { State = new Worded(panel.State, zh, en) };
    }

    private WhyWait Notice(ExplainedNotice notice)
    {
        var (zh, en) = notice switch
        {
            { Number: null } => ("正在准备公示", "the notice is being prepared"),
            { Over: true } => ("公示期已满，等待异议处理完毕", "its time is over, and the last objections are being decided"),
            { Until: { } until } => ($"{notice.Number}，公示至{WhyWords.Zh(until)}", $"{notice.Number} is up until {WhyWords.En(until)}"),
            _ => ("公示中", "it is up"),
        };
        return new WhyWait(WhyWaits.PublicNotice, notice.Stage, notice.StageName, [], notice.Over ? null : notice.Until, $"等待“{notice.StageName}”：{zh}。", $"Waits for '{facts.En(notice.Stage)}': {en}.") { Number = notice.Number };
    }

    private WhyWait Submission(ExplainedSubmission submission)
    {
        var tasks = facts.Tasks.Where(t => t.Stage == submission.Stage).ToArray();
        var office = tasks.Select(t => t.OrganisationZh).FirstOrDefault(n => n is not null) ?? submission.Office;
        var officeEn = tasks.Select(t => t.OrganisationEn).FirstOrDefault(n => n is not null) ?? submission.Office;
        var due = tasks.Min(t => t.DueAt);
        var (until, untilEn) = due is { } at ? ($"，{WhyWords.Zh(at)}截止", $", due {WhyWords.En(at)}") : ("", "");
        var (state, zh, en) = submission.Number is { } number
            ? ("listed", $"{WhyWords.Zh(submission.Since!.Value)}列入报送名单{number}，等待{submission.Receiver}决定", $"on list {number} since {WhyWords.En(submission.Since.Value)}, waits for {submission.Receiver} to decide")
            : ("waiting", $"等待列入报送{submission.Receiver}的名单", $"waits to be put on a list to {submission.Receiver}");
        return new WhyWait(WhyWaits.ListSubmission, submission.Stage, submission.StageName, [.. tasks.Select(t => t.Id)], due,
            $"等待“{submission.StageName}”：{zh}，由{office}（{submission.Role}）办理{until}。", $"Waits for '{facts.En(submission.Stage)}': {en}; {officeEn} ({submission.Role}) deals with it{untilEn}.")
        { State = new Worded(state, zh, en), Number = submission.Number };
    }

    private WhyWait Search(ExplainedSearch search) => new(WhyWaits.Assignment, search.Stage, search.StageName, [], null,
        $"“{search.StageName}”正在确定办理人{(search.Role is { } role ? $"（{role}）" : "")}；无人可办的，等到有人时再办。",
        $"'{facts.En(search.Stage)}' looks for who can act{(search.Role is { } needed ? $" ({needed})" : "")}, and waits until somebody is there.");

    /// <summary>Parked: the service couldn't be reached, or isn't set up; asking goes on by itself.</summary>
    private WhyWait Outside(ExplainedOutside asked)
    {
        var (service, parked) = (asked.Service, facts.Parked.TryGetValue(asked.Question, out var failures));
        var (often, oftenEn) = failures > 0 ? ($"（已尝试{failures}次）", $" (tried {failures} time{(failures == 1 ? "" : "s")})") : ("", "");
        var (zh, en) = parked
            ? ($"{service.Zh}服务暂不可用，自{WhyWords.Zh(asked.Since)}起等待{often}，恢复后自动继续", $"{service.En} isn't available; the case has waited since {WhyWords.En(asked.Since)}{oftenEn} and goes on by itself afterwards")
            : ($"已请求{service.Zh}，等待答复", $"{service.En} was asked");
        return new WhyWait(WhyWaits.OutsideSystem, asked.Stage, asked.StageName, [], null, $"等待“{asked.StageName}”：{zh}。", $"Waits for '{facts.En(asked.Stage)}': {en}.")
        { State = new Worded(parked ? "parked" : "asked", zh, en), Name = service.Code };
    }

    /// <summary>What workflows wait for besides people.</summary>
    private IEnumerable<WhyWait> Others()
    {
        foreach (var wait in facts.State.Bookmarks.Where(b => b.Kind is not (BookmarkKinds.Task or ExpertPanel.WorkBookmark or NoticeStage.WorkBookmark or ListSubmission.WorkBookmark or ReviewStage.AssignmentBookmark or OutsideActivity.BookmarkKind)))
        {
            var name = facts.Workflow.Activity(wait.ActivityId).Node.DisplayText;
            var (kind, zh, en) = wait.Kind switch
            {
                BookmarkKinds.Event when wait.Name?.StartsWith(HttpArrival.NameOf(""), StringComparison.Ordinal) == true => (WhyWaits.OutsideSystem, $"等待外部系统的请求“{name}”", $"Waits for a request from outside at '{wait.ActivityId}'"),
                BookmarkKinds.Event => (WhyWaits.Event, $"等待事件“{wait.Name}”", $"Waits for the event '{wait.Name}'"),
                BookmarkKinds.Work => (WhyWaits.OutsideSystem, $"等待外部系统完成“{wait.Name}”", $"Waits for outside work '{wait.Name}'"),
                BookmarkKinds.HttpCall => (WhyWaits.OutsideSystem, $"等待外部系统答复“{name}”", $"Waits for an outside system to answer '{wait.ActivityId}'"),
                BookmarkKinds.Children => (WhyWaits.ChildWorkflow, $"等待子流程“{name}”结束", $"Waits for the child workflows of '{wait.ActivityId}' to end"),
                SendEmail.BookmarkKind => (WhyWaits.OutsideSystem, $"等待邮件“{name}”发出", $"Waits for the mail of '{wait.ActivityId}' to be sent"),
                _ => (WhyWaits.Other, $"等待“{name}”", $"Waits for '{wait.ActivityId}'"),
            };
            yield return new WhyWait(kind, wait.ActivityId, name, [], null, $"{zh}。", $"{en}.") { Name = wait.Kind is BookmarkKinds.Event or BookmarkKinds.Work ? wait.Name : null };
        }
    }

    /// <summary>An activity that waits for nothing but an instant.</summary>
    private IEnumerable<WhyWait> Timers() =>
        facts.State.Timers.Where(t => facts.State.Bookmarks.TrueForAll(b => b.ExecutionId != t.ExecutionId) && facts.Said.All(s => s.Stage != t.ActivityId)).Select(t =>
        {
            var name = facts.Workflow.Activity(t.ActivityId).Node.DisplayText;
            return new WhyWait(WhyWaits.Timer, t.ActivityId, name, [], t.DueAt, $"等待“{name}”到时，{WhyWords.Zh(t.DueAt)}。", $"Waits for the timer '{t.ActivityId}', {WhyWords.En(t.DueAt)}.");
        });

    private WhyStop Incident(Incident incident)
    {
        var name = facts.Workflow.Activity(incident.ActivityId).Node.DisplayText;
        var code = facts.ShowsFaults ? incident.Code : null;
        return new WhyStop(WhyStops.Incident, incident.ActivityId, name, code, incident.At, "operator",
            $"“{name}”发生故障{(code is null ? "" : $"（{code}）")}，自{WhyWords.Zh(incident.At)}停止，须由管理员排除后重试。",
            $"'{facts.En(incident.ActivityId)}' failed{(code is null ? "" : $" ({code})")} and has stood since {WhyWords.En(incident.At)}; an operator has to mend it and retry.");
    }

    private WhyStop Pause(PauseView pause)
    {
        var total = pause.Limits.Contains(LimitKinds.Total);
        var (what, whatEn) = (total, pause.Limits.Contains(LimitKinds.Stage)) switch { (true, true) => ("本环节和总时限", "the limits of the stage and of the case"), (true, _) => ("总时限", "the total limit"), _ => ("本环节时限", "the limit of the stage") };
        var own = pause.Ground.Code is StopGround.Supplement or StopGround.ExpertReview or StopGround.Notice;
        return new WhyStop(WhyStops.Clock, pause.Stage, null, pause.Ground.Code, pause.From, "handler",
            $"{what}因{pause.Ground.Zh}停表，自{WhyWords.Zh(pause.From)}起不计{(own ? "，结束后自动恢复" : "，须由办理人恢复计时")}。",
            $"{char.ToUpperInvariant(whatEn[0])}{whatEn[1..]} stand{(total && pause.Limits.Contains(LimitKinds.Stage) ? "" : "s")} still for {pause.Ground.En} since {WhyWords.En(pause.From)}{(own ? " and run on by themselves" : "; whoever deals with the case has them run on")}.");
    }
}
