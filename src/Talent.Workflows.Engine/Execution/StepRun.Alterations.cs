using System.Text.Json;
using Talent.Workflows.Engine.Activities.Flow;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Engine.Execution;

/// <summary>What administrators change by hand. What can't be done is refused, and nothing changes.</summary>
internal sealed partial class StepRun
{
    private StepOutcome Alter(Stimulus.Alter alter)
    {
        if (state.SubStatus == WorkflowSubStatus.Pending)
            throw Refused($"Instance {state.InstanceId} has not begun yet. Start it first.", "该流程实例尚未开始。");
        HashSet<string>? heldUpBefore = null;
        foreach (var alteration in alter.Alterations)
        {
            // What an earlier one led to may have ended the instance.
            if (state.Status == WorkflowStatus.Finished)
                throw Refused($"Instance {state.InstanceId} ended before all alterations were made, so none is.", "流程实例在完成全部修改之前已结束，未作任何修改。");
            switch (alteration)
            {
                case Alteration.CancelActivity cancel:
                    CancelByHand(cancel);
                    break;
                case Alteration.ScheduleActivity schedule:
                    ScheduleByHand(schedule.ActivityId);
                    break;
                case Alteration.ModifyVariable modify:
                    Modify(modify);
                    break;
                case Alteration.Migrate migrate:
                    heldUpBefore ??= [.. HeldUp().Select(h => h.Join)];
                    Migrate(alter.Targets[migrate.TargetVersion]);
                    break;
                default:
                    throw new InvalidOperationException($"Unknown alteration {alteration.GetType().Name}.");
            }
            Drain();
        }
        // What one alteration holds up, a later one may set going.
        if (heldUpBefore is not null)
            RefuseWhenHeldUp(heldUpBefore);
        return StepOutcome.Applied;
    }

    private void CancelByHand(Alteration.CancelActivity cancel)
    {
        if (cancel.InstanceId is { } other && other != state.InstanceId)
            throw Refused($"The activity execution to cancel is one of instance {other}, not of {state.InstanceId}. Name the activity to cancel it in several instances.", "所指的活动执行属于另一个流程实例；如需在多个实例中取消，请指明活动。");
        var executions = state.Executions.Where(e => e.Id == cancel.ExecutionId || (cancel.ActivityId is not null && e.ActivityId == cancel.ActivityId)).ToList();
        if (executions.Count == 0)
            throw Refused($"Activity '{cancel.ActivityId ?? cancel.ExecutionId?.ToString(System.Globalization.CultureInfo.InvariantCulture)}' isn't under way in instance {state.InstanceId}.", "该活动当前没有在执行。");
        foreach (var execution in executions)
        {
            // Only a flowchart goes on without the activity: a sequence or a loop would wait for it for ever.
            if (Parent(execution) is not { Tokens: not null } flowchart)
                throw Refused($"Activity '{execution.ActivityId}' lies in no flowchart, so nothing could go on after it. Cancel the activity around it.", "该活动不在流程图中，取消后流程无法继续；请取消其外层活动。");
            Cancel(execution, "Cancelled by an administrator.");
            flowchart.Tokens.RemoveAll(t => t.To == execution.ActivityId);
            Flowchart.CompleteWhenIdle(new ActivityContext(this, flowchart, workflow.Activity(flowchart.ActivityId)));
            Drain();
            if (state.Status == WorkflowStatus.Finished)
                return;
        }
    }

    private void ScheduleByHand(string activityId)
    {
        var target = workflow.Activity(activityId).Node;
        var flowchart = target.Parent is null ? null : state.Executions.FindLast(e => e.ActivityId == target.Parent.Id);
        if (flowchart?.Tokens is not { } tokens)
            throw Refused($"Activity '{activityId}' can't be begun: the flowchart around it isn't running. Choose an activity of a running flowchart.", "该活动所在的流程图没有在运行。");
        if (HasPending(flowchart, activityId) || state.Executions.Exists(e => e.ParentId == flowchart.Id && e.ActivityId == activityId))
            throw Refused($"Activity '{activityId}' is under way already.", "该活动已在执行。");
        tokens.Add(new FlowToken(MoveRegion.Moved, "", activityId));
        Schedule(target, flowchart);
    }

    private void Modify(Alteration.ModifyVariable modify)
    {
        var variable = workflow.Definition.Variables.FirstOrDefault(v => v.Id == modify.Variable) ?? workflow.Definition.Variables.FirstOrDefault(v => v.Name == modify.Variable)
            ?? throw Refused($"The workflow has no variable '{modify.Variable}'. Use one of {string.Join(", ", workflow.Definition.Variables.Select(v => v.Name))}.", $"流程没有变量“{modify.Variable}”。");
        VariableValues.Set(state.Variables, variable, modify.Value);
        // The value itself may be long, and is in the state.
        Log("VariableChanged", state.Executions[0], message: variable.Name);
    }

    private static StimulusRejected Refused(string message, string messageZh) => new(new WorkflowException(ErrorCodes.WrongState, message, messageZh));
}
