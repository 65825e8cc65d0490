using System.Text.Json;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>作废重投: the key of a round is lost, so that nobody can open its ballots. The same experts vote again, under another key.</summary>
public sealed partial class ExpertPanel
{
    private void VoidRound(ActivityContext context, JsonElement payload)
    {
        var voiding = RoundVoiding.Of(payload);
        if (voiding.TaskId != PanelId(context))
            return;
        foreach (var invitation in Waits(context, TaskKinds.PanelInvitation))
            context.CancelTimer(InvitationTimer(Expert(invitation)));
        foreach (var wait in context.State.Bookmarks.Where(b => b.ExecutionId == context.Execution.Id).ToArray())
        {
            if (wait.Kind == BookmarkKinds.Task)
            {
                context.Emit(new CloseTask(context.NewId($"voided-{wait.Id}"), wait.Id, TaskEnd.Cancelled, Reason: "round_voided"));
                StageTimes.Forget(context, wait.Id);
            }
            context.CancelWait(wait.Id);
        }
        foreach (var timer in (string[])["remind", "deadline", PostponedTimer, VacancyTimer])
            context.CancelTimer(timer);
        // Wherever the key is by then: what nobody may open any more is known as destroyed from here on.
        context.Emit(new ForgetPanel(Id(context, "round-forgotten"), PanelId(context)));
        context.Log("RoundVoided", $"round {Round(context)}");
        BeginRound(context, [.. voiding.Experts]);
    }
}
