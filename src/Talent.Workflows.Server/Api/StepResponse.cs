using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Server.Api;

/// <summary>What a step on an instance is answered with, the same when it is repeated.</summary>
public sealed record StepResponse(Guid Id, long Version, StepOutcome Outcome)
{
    /// <exception cref="WorkflowException"><c>wrong_state</c>, <c>conflict</c>: nothing was changed.</exception>
    internal static StepResponse Of(StepAnswer answer, HttpContext context)
    {
        if (answer.GateFailed is { } gate)
            throw new WorkflowException(ErrorCodes.Conflict, $"Instance {answer.InstanceId} refused the step ({gate}). Read it again.", "流程刚刚发生变化，请刷新后重试。");
        if (!answer.Applied)
            throw new WorkflowException(ErrorCodes.WrongState, $"Instance {answer.InstanceId} isn't in a state for this; it may have ended. Read it again.", "流程当前状态不能进行此操作，可能已结束。");
        if (answer.Replayed)
            context.Response.Headers[IdempotencyKeys.ReplayedHeader] = "true";
        context.Response.Headers.ETag = EntityTag.Of(answer.Version);
        return new StepResponse(answer.InstanceId, answer.Version, answer.Outcome);
    }
}
