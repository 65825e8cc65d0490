using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>Talent.SetStatus: gives the case another status and, where the service has two, another phase.</summary>
public sealed class SetStatus : Activity
{
    private static readonly Input<string> Code = new("status", "状态 Status", "业务状态的代码。A code of the case's status.")
    {
        Required = true,
        UiHint = "dropdown",
        Choices = [.. StatusWord.All.Select(w => (w.Code, $"{w.Zh} {w.En}"))],
    };

    private static readonly Input<int> Phase = new("phase", "阶段 Phase", "1 资格审核，2 完善材料；不填则不变。0 leaves it as it is.");

    public override ActivityDescriptor Descriptor { get; } = new("Talent.SetStatus", "Talent", "更新状态 Set Status", "更新业务状态。Gives the case another status.") { Inputs = [Code, Phase] };

    protected override void Execute(ActivityContext context)
    {
        var code = context.Get(Code)!;
        var word = StatusWord.Find(code) ?? throw new WorkflowException(ErrorCodes.InvalidInput,
            $"Activity '{context.Node.Id}' sets the status '{code}', which doesn't exist. Use one of {string.Join(", ", StatusWord.All.Select(w => w.Code))}.", $"没有状态“{code}”。");
        var before = StatusWord.Find(context.State.Status())!;
        var phase = context.Get(Phase);
        if (phase is < 0 or > 2)
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{context.Node.Id}' sets phase {phase}; it is 1 or 2.", "阶段只能是 1 或 2。");
        var changesPhase = phase > 0 && phase != context.State.Phase();
        if (word != before && !CaseTransitions.Allows(before.Status, word.Status))
            throw new WorkflowException(ErrorCodes.WrongState,
                $"Case {context.InstanceId} can't go from '{before.Code}' to '{word.Code}'. Correct the flow around activity '{context.Node.Id}'.", $"业务不能从“{before.Zh}”变为“{word.Zh}”。");
        if (word != before || changesPhase)
        {
            context.Emit(new SetCaseStatus(context.NewId("status"), word.Code, changesPhase ? (short)phase : null));
            CaseFacts.Set(context.State, word.Code, phase > 0 ? (short)phase : context.State.Phase());
        }
        context.Complete();
    }
}
