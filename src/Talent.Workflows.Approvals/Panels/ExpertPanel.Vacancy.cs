using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>
/// Too few experts are left for a quorum: the panel stops at a task of its secretary, who has more drawn from the pool as it
/// is by then, or appoints them. Nothing falls due meanwhile; ballots that are out can be cast.
/// </summary>
public sealed partial class ExpertPanel
{
    /// <summary>When the secretary should have found somebody.</summary>
    private const string VacancyTimer = "vacancy";

    private const string Vacancies = "vacancies";

    private static bool CanReachQuorum(ActivityContext context) =>
        Cast(context) + Awaited(context) >= QuorumNeeds(context);

    /// <summary>Seats that nobody has, and nobody is on the way to.</summary>
    private static int Missing(ActivityContext context) =>
        context.Get(Seats) - Cast(context) - Awaited(context);

    /// <summary>Seats whose expert may still vote: invited, asked to vote, or being replaced.</summary>
    private static int Awaited(ActivityContext context) =>
        Waits(context, TaskKinds.PanelInvitation).Length + Waits(context, TaskKinds.Ballot).Length + Waits(context, Replaced).Length;

    private static int Asked(ActivityContext context) => context.GetData(Vacancies) is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : 0;

    private void AskForExperts(ActivityContext context, string why)
    {
        if (Waits(context, TaskKinds.PanelVacancy).Length > 0)
            return;
        var number = Asked(context) + 1;
        context.SetData(Vacancies, JsonSerializer.SerializeToElement(number));
        context.CancelTimer("remind");
        context.CancelTimer("deadline");
        var due = new StageTimes(context, calendar).Deadline(context.Get(Due), context.Now)!;
        context.SetData("asked", JsonSerializer.SerializeToElement(context.Now));
        ArmVacancy(context, due);
        var task = context.Wait(BookmarkKinds.Task, TaskKinds.PanelVacancy, purpose: Named(context, $"vacancy-{number}"));
        OpenOfficeTask(context, task.Id, TaskKinds.PanelVacancy, context.Get(StageName)!, context.Get(SecretaryRole), ["fill"], due);
        context.Log("TooFewExperts", why);
        Tell(context, $"short-{number}", "panel.short", Recipient.Task(task.Id), task.Id, due.DueAt, why);
    }

    private void ReviseVacancy(ActivityContext context, StageRevision revision, Bookmark task)
    {
        if (context.GetData("asked") is not { ValueKind: JsonValueKind.String } asked)
            return;
        var due = new StageTimes(context, calendar).Deadline(context.Get(Due), asked.GetDateTimeOffset())!;
        if (revision.Move(context, StageRevision.Calendar, task.Id, due) && due.DueAt > context.Now)
            ArmVacancy(context, due);
    }

    private void ArmVacancy(ActivityContext context, Deadline due) => context.WaitUntil(WhenOpen(context, due.DueAt), VacancyTimer, JsonSerializer.SerializeToElement(due.DueAt));

    private void FillVacancy(ActivityContext context, Bookmark task, JsonElement payload)
    {
        if (Word(payload, "do") != "fill")
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest,
                $"The seats of the panel are filled at POST /panels/{PanelId(context)}/seats.", "请通过评审会的补充专家接口办理。"));
        context.Emit(new CloseTask(Id(context, $"filled-{task.Id}"), task.Id, TaskEnd.Done, "fill", Word(payload, "user")));
        context.CancelTimer(VacancyTimer);
        // Whoever comes now gets the whole time, and so do those who waited with them.
        Postpone(context, new StageTimes(context, calendar).Deadline(context.Get(Due), context.Now)!, $"filled-{Asked(context)}");
        context.SetData("extended", default);
        foreach (var expert in payload.GetProperty("experts").EnumerateArray())
            OpenSeat(context, expert.GetString()!, null);
        if (!CanReachQuorum(context))
            AskForExperts(context, "抽取范围内专家不足");
    }
}
