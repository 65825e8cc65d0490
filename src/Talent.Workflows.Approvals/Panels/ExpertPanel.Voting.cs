using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>From the draw to the count.</summary>
public sealed partial class ExpertPanel
{
    private static Guid PanelId(ActivityContext context) => context.NewId("panel");

    private void OpenBallots(ActivityContext context, string[] experts)
    {
        var times = new StageTimes(context, calendar) { OpenedAt = context.Now };
        var deadline = times.Deadline(context.Get(Due), context.Now)
            ?? throw new WorkflowException(ErrorCodes.InvalidInput, $"Panel '{context.Node.Id}' has no deadline for its ballots. Set 'due'.", "请设置投票期限。");
        var secretary = context.Wait(BookmarkKinds.Task, TaskKinds.PanelSecretary, purpose: Named(context, "secretary"));
        OpenOfficeTask(context, secretary.Id, TaskKinds.PanelSecretary, context.Get(StageName)!, context.Get(SecretaryRole), ["close"], deadline);
        SetDue(context, deadline);
        context.Emit(new ChangePanel(Id(context, "panel-opened"), PanelId(context), PanelStatus.Open, deadline.DueAt, Round: Round(context) > 1 ? Round(context) : null));
        AwaitChallenge(context);
        Tell(context, "opened", "stage.opened", Recipient.Task(secretary.Id), secretary.Id);
        foreach (var expert in experts)
            OpenSeat(context, expert, null);
        if (experts.Length < QuorumNeeds(context))
            AskForExperts(context, "抽取范围内专家不足");
    }

    private void OpenSeat(ActivityContext context, string expert, string? replaces)
    {
        if (Text(context.Get(Accept)) is { } within && !Accepted(context).Contains(expert))
            Invite(context, expert, within, replaces);
        else
            OpenBallot(context, expert, Round(context) > 1 ? "stage.opened" : replaces is null ? "panel.invited" : "panel.replaced");
    }

    /// <summary>A task of the office that runs the panel: its secretary's, or its chair's.</summary>
    private static void OpenOfficeTask(ActivityContext context, Guid task, string kind, string name, string? role, IReadOnlyList<string> outcomes, Deadline? due) =>
        context.Emit(new OpenTask(task)
        {
            Stage = context.Node.Id,
            StageName = name,
            Kind = kind,
            Role = role,
            OrganisationId = context.GetOrganisation(Organisation),
            Excluded = Excluded(context),
            Outcomes = outcomes,
            Phase = context.State.Phase(),
            Due = StageTimes.Row(due),
        });

    private static void OpenBallot(ActivityContext context, string expert, string message)
    {
        var ballot = context.Wait(BookmarkKinds.Task, TaskKinds.Ballot, JsonSerializer.SerializeToElement(expert), Named(context, $"ballot-{expert}"));
        context.Emit(new OpenTask(ballot.Id)
        {
            Stage = context.Node.Id,
            StageName = context.Get(StageName)!,
            Kind = TaskKinds.Ballot,
            Assignee = expert,
            Excluded = Excluded(context),
            Outcomes = ["cast", "recuse"],
            Phase = context.State.Phase(),
            Due = Row(context),
        });
        Tell(context, $"invited-{expert}", message, Recipient.User(expert), ballot.Id);
    }

    private static void Answer(ActivityContext context, Bookmark ballot, JsonElement payload)
    {
        var expert = Expert(ballot);
        switch (Word(payload, "do"))
        {
            case "cast":
                context.Emit(new AnswerTaken(Id(context, $"answer-{expert}"), PanelId(context), expert));
                context.Emit(new CloseTask(Id(context, $"cast-{expert}"), ballot.Id, TaskEnd.Done, "cast", expert));
                context.SetData("cast", JsonSerializer.SerializeToElement(Cast(context) + 1));
                CloseWhenComplete(context);
                break;
            case "recuse":
                context.Emit(new AnswerTaken(Id(context, $"answer-{expert}"), PanelId(context), expert));
                context.Emit(new CloseTask(Id(context, $"recused-{expert}"), ballot.Id, TaskEnd.Done, "recuse", expert));
                Tell(context, $"recused-{expert}", "panel.recused", Recipient.User(expert), ballot.Id);
                Replace(context, expert);
                break;
            default:
                throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest,
                    $"Panel {PanelId(context)} takes ballots at POST /panels/{PanelId(context)}/ballot and recusals at /recuse.", "请通过评审会的投票或回避接口办理。"));
        }
    }

    private void FillSeat(ActivityContext context, string? next, string left)
    {
        if (next is not null)
        {
            OpenSeat(context, next, left);
            return;
        }
        // Nobody is left to draw: the panel goes on with the others, and the secretary learns of it.
        context.Log("SeatVacant", left);
        if (!CanReachQuorum(context))
        {
            AskForExperts(context, "专家回避后无人可递补");
            return;
        }
        foreach (var secretary in Waits(context, TaskKinds.PanelSecretary))
            Tell(context, $"vacant-{left}", "panel.vacant", Recipient.Task(secretary.Id), secretary.Id);
        CloseWhenComplete(context);
    }

    private static void CloseBySecretary(ActivityContext context, Bookmark task, JsonElement payload)
    {
        if (Word(payload, "do") != "close")
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest,
                $"The panel is closed at POST /panels/{PanelId(context)}/close.", "请通过评审会的结束接口办理。"));
        var user = Word(payload, "user");
        if (Waits(context, TaskKinds.PanelVacancy).Length > 0)
        {
            // The secretary gives up looking for experts: without a quorum the case goes back to who sent it here.
            context.Emit(new CloseTask(Id(context, "closed-secretary"), task.Id, TaskEnd.Done, "close", user));
            Close(context, PanelClosing.TooFew, user);
            return;
        }
        if (Cast(context) < QuorumNeeds(context))
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.WrongState,
                $"Panel {PanelId(context)} has {Cast(context)} ballots and needs {QuorumNeeds(context)} for a quorum. Wait for more, or for the deadline.",
                $"已投 {Cast(context)} 票，法定人数为 {QuorumNeeds(context)}，暂不能结束评审。")
            { Facts = new Dictionary<string, object?> { ["cast"] = Cast(context), ["quorum"] = QuorumNeeds(context) } });
        context.Emit(new CloseTask(Id(context, "closed-secretary"), task.Id, TaskEnd.Done, "close", user));
        Close(context, PanelClosing.Secretary, user);
    }

    private static void CloseWhenComplete(ActivityContext context)
    {
        if (Awaited(context) == 0 && Waits(context, TaskKinds.PanelVacancy).Length == 0)
            Close(context, PanelClosing.Complete, null);
    }

    /// <summary>No answer is taken from here on; the count is the work that follows.</summary>
    private static void Close(ActivityContext context, string why, string? user)
    {
        Lapse(context, why);
        foreach (var challenge in Waits(context, TaskKinds.PanelChallenge))
        {
            context.Emit(new CloseTask(Id(context, $"closed-{challenge.Id}"), challenge.Id, TaskEnd.Cancelled, Reason: why));
            StageTimes.Forget(context, challenge.Id);
        }
        foreach (var secretary in Waits(context, TaskKinds.PanelSecretary))
            context.Emit(new CloseTask(Id(context, "closed-secretary"), secretary.Id, TaskEnd.Done, "close", user, why));
        foreach (var vacancy in Waits(context, TaskKinds.PanelVacancy))
            context.Emit(new CloseTask(Id(context, $"closed-{vacancy.Id}"), vacancy.Id, TaskEnd.Cancelled, Reason: why));
        foreach (var wait in context.State.Bookmarks.Where(b => b.ExecutionId == context.Execution.Id).ToArray())
            context.CancelWait(wait.Id);
        context.CancelTimer("remind");
        context.CancelTimer("deadline");
        context.CancelTimer(PostponedTimer);
        context.CancelTimer(VacancyTimer);
        context.Emit(new ChangePanel(Id(context, "panel-closed"), PanelId(context), PanelStatus.Counting, ClosedBy: why));
        Work(context, PanelCounting.WorkKind, context.Wait(WorkBookmark, Counted, purpose: Named(context, Counted)), null);
    }

    /// <summary>Whoever hasn't voted is off the panel.</summary>
    private static void Lapse(ActivityContext context, string why)
    {
        foreach (var task in Waits(context, TaskKinds.Ballot).Concat(Waits(context, TaskKinds.PanelInvitation)))
        {
            context.Emit(new CloseTask(Id(context, $"lapsed-{Expert(task)}"), task.Id, TaskEnd.Lapsed, Reason: why));
            EndInvitation(context, task);
            context.CancelWait(task.Id);
        }
    }

    private static void Replace(ActivityContext context, string expert) =>
        Work(context, PanelReplacing.WorkKind, context.Wait(WorkBookmark, Replaced, JsonSerializer.SerializeToElement(expert), Named(context, $"replaced-{expert}")), expert);

    private static void Leave(ActivityContext context, string? code)
    {
        CaseClock.Run(context);
        var outcome = OutcomeWords.Parse(code);
        context.Set(Result, JsonSerializer.SerializeToElement(code));
        context.Emit(new NotifyEffect(Id(context, "result-told"), "panel.closed", [Recipient.Applicant], new Dictionary<string, string>
        {
            ["stage"] = context.Node.Id, ["stageName"] = context.Get(StageName)!, ["panelName"] = context.Get(StageName)!,
            ["panelId"] = PanelId(context).ToString(), ["panelResult"] = OutcomeWords.Zh(outcome),
        }));
        // Without a quorum somebody has to look at the case again: an earlier stage.
        if (outcome == PanelOutcome.NoQuorum)
            context.CompleteBack(nameof(PanelOutcome.NoQuorum));
        else
            context.Complete(outcome.ToString());
    }

    private void Postpone(ActivityContext context, Deadline deadline, string purpose)
    {
        SetDue(context, deadline);
        context.Log("DeadlineMoved", purpose);
        context.Emit(new ChangePanel(Id(context, $"{purpose}-panel"), PanelId(context), DueAt: deadline.DueAt));
        foreach (var task in VoteTasks(context))
            context.Emit(new TaskDue(Id(context, $"{purpose}-{task.Id}"), task.Id, StageTimes.Row(deadline)!));
        var spoken = WhenOpen(context, context.Now);
        if (spoken == context.Now)
            TellOfPostponement(context, purpose);
        else
            context.WaitUntil(spoken, PostponedTimer, JsonSerializer.SerializeToElement(purpose));
    }

    private static void TellOfPostponement(ActivityContext context, string purpose)
    {
        foreach (var task in VoteTasks(context))
            Tell(context, $"{purpose}-{task.Id}", "task.reminder", Recipient.Task(task.Id), task.Id);
    }

    /// <summary>When people are told of what is so from an instant on.</summary>
    private DateTimeOffset WhenOpen(ActivityContext context, DateTimeOffset at) =>
        CaseTerms.Of(context.State) is { } terms ? terms.Clock.Office.NextOpen(at, CaseTerms.Calendar(context.State, calendar)) : at;

    /// <param name="from">Where the limit begins; null: now.</param>
    private void SetDue(ActivityContext context, Deadline deadline, DateTimeOffset? from = null)
    {
        context.SetData("due", JsonSerializer.SerializeToElement(StageTimes.Row(deadline)));
        context.SetData("from", JsonSerializer.SerializeToElement(from ?? context.Now));
        context.WaitUntil(deadline.DueAt > context.Now ? deadline.DueAt : context.Now, "deadline");
        context.CancelTimer("remind");
        if (Text(context.Get(RemindAt)) is { } text && RemindInstant(context, text, deadline) is var at && at > context.Now && at < deadline.DueAt)
            context.WaitUntil(at, "remind");
    }

    private DateTimeOffset RemindInstant(ActivityContext context, string offset, Deadline deadline)
    {
        var here = CaseTerms.Calendar(context.State, calendar);
        var at = LadderText.Offset(offset).From(deadline, here);
        return CaseTerms.Of(context.State) is { } terms ? terms.Clock.Office.Speak(at, deadline.DueAt, context.Now, here) : at;
    }
    private static Guid Id(ActivityContext context, string purpose) => context.NewId(Named(context, purpose));

    /// <summary>What is done again in a second round has another id there.</summary>
    private static string Named(ActivityContext context, string purpose) => RoundPurpose(purpose, Round(context));

    internal static string RoundPurpose(string purpose, short round) => round == 1 ? purpose : string.Create(CultureInfo.InvariantCulture, $"{purpose}-r{round}");

    private static short Round(ActivityContext context) => context.GetData("round") is { ValueKind: JsonValueKind.Number } number ? number.GetInt16() : (short)1;

    /// <summary>Null: no ballot is out yet.</summary>
    private static TaskDeadline? Row(ActivityContext context) =>
        context.GetData("due") is { ValueKind: JsonValueKind.Object } due ? due.Deserialize<TaskDeadline>() : null;

    private static int Cast(ActivityContext context) => context.GetData("cast") is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : 0;

    private static int QuorumNeeds(ActivityContext context) => Math.Max(1, Share.Parse(context.Get(Quorum)!).Fewest(context.Get(Seats)));

    private static Bookmark[] Waits(ActivityContext context, string name) =>
        [.. context.State.Bookmarks.Where(b => b.ExecutionId == context.Execution.Id && b.Name == name)];

    private static string Expert(Bookmark ballot) => ballot.Payload.GetString()!;

    private static string[] Excluded(ActivityContext context) => context.State.Input(CaseFacts.ApplicantId) is { } applicant ? [applicant] : [];

    private static void Work(ActivityContext context, string kind, Bookmark answer, string? expert) =>
        context.Emit(new PanelWork(Id(context, $"work-{answer.Id}"), kind, PanelId(context), answer.Id, expert));

    private static void Tell(ActivityContext context, string purpose, string message, Recipient to, Guid task, DateTimeOffset? dueAt = null, string? reason = null)
    {
        var facts = new Dictionary<string, string>
        {
            ["stage"] = context.Node.Id, ["stageName"] = context.Get(StageName)!, ["panelName"] = context.Get(StageName)!, ["panelId"] = PanelId(context).ToString(), ["taskId"] = task.ToString(),
        };
        if (Row(context) is { } due)
        {
            facts["dueAt"] = due.At.ToString("O", CultureInfo.InvariantCulture);
            // Voting ends at 24:00 of its last day, which is the day to name.
            facts["ballotDeadline"] = due.At.AddTicks(-1).ToString("O", CultureInfo.InvariantCulture);
        }
        if (dueAt is { } own)
            facts["dueAt"] = own.ToString("O", CultureInfo.InvariantCulture);
        if (message == "panel.recused")
            facts["reason"] = "申报回避";
        if (reason is not null)
            (facts["reason"], facts["missingSeats"]) = (reason, Missing(context).ToString(CultureInfo.InvariantCulture));
        context.Emit(new NotifyEffect(Id(context, $"{purpose}-told"), message, [to], facts));
    }

    private static string? Word(JsonElement payload, string name) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
