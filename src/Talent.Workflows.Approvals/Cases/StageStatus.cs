using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>The status that a stage brings with it, such as 公示中 for as long as a notice is up.</summary>
internal static class StageStatus
{
    /// <summary>Gives the case the status of the stage that begins.</summary>
    /// <exception cref="WorkflowException"><c>wrong_state</c>: the case can't be in it after what it is now.</exception>
    public static void Enter(ActivityContext context, string code)
    {
        var (before, word) = (StatusWord.Find(context.State.Status())!, StatusWord.Find(code)!);
        if (word == before)
            return;
        if (!CaseTransitions.Allows(before.Status, word.Status))
            throw new WorkflowException(ErrorCodes.WrongState,
                $"Case {context.InstanceId} can't go from '{before.Code}' to '{word.Code}'. Correct the flow around activity '{context.Node.Id}'.", $"业务不能从“{before.Zh}”变为“{word.Zh}”。");
        context.Emit(new SetCaseStatus(context.NewId("status"), code));
        CaseFacts.Set(context.State, code, context.State.Phase());
    }
}
