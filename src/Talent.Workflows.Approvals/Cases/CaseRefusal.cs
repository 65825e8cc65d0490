using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Submissions;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>Why a step on a case was refused.</summary>
internal static class CaseRefusal
{
    public static WorkflowException NotFound(Guid caseId) => new(ErrorCodes.NotFound, $"There is no case {caseId}. Check the id.", "该业务不存在。");

    /// <summary>The activation strategy of the service's workflow allows no further case now.</summary>
    public static WorkflowException Occupied(string service, WorkflowException refusal) => new(ErrorCodes.WrongState,
        $"The service '{service}' takes no further case now: one is under way (a draft counts too), and the activation strategy of its workflow allows no second one. File the case when that one has ended.",
        "该事项已有在办业务（含草稿），按其流程的启动策略暂不能再申报，请待该业务办结后再申报。", refusal)
    { Facts = refusal.Facts };

    public static WorkflowException Of(StepAnswer answer, Caller caller) => answer.GateFailed switch
    {
        CasesPart.OwnerGate => new(ErrorCodes.Forbidden, $"Case {answer.InstanceId} isn't '{caller.User}''s to change: only the applicant and who filed it may, with a key for its service, employer and their role.", "只有申报人或代为申报的经办人可以操作。"),
        CasesPart.EditableGate => new(ErrorCodes.WrongState, $"The data of case {answer.InstanceId} can't be changed now: it is neither a draft nor waits for the applicant in that phase.", "当前状态不能修改申报内容。"),
        CasesPart.WithdrawableGate => new(ErrorCodes.WrongState, $"Case {answer.InstanceId} can't be withdrawn any more: it was accepted, or has ended.", "业务已受理或已结束，不能撤回。"),
        HandlingPart.JumpGate => new(ErrorCodes.WrongState, "The jump was settled or has expired, or it is your own: another administrator confirms it. Read it again.", "该跳转已处理、已过期，或须由另一位管理员确认。"),
        SubmissionsPart.UndecidedGate => new(ErrorCodes.WrongState, $"The city has decided on case {answer.InstanceId}: it can't be withdrawn or returned any more. Read it again in a moment.", "市级已作出决定，不能撤回或退回，请稍后刷新。"),
        TasksPart.UserGate => new(ErrorCodes.UnknownUser, $"The user '{caller.User}' is unknown or inactive.", "该用户不存在或已停用。"),
        null => new(ErrorCodes.WrongState, $"Case {answer.InstanceId} isn't in a state for this: it was submitted or has ended already. Read it again.", "业务已提交或已结束，不能进行此操作。"),
        var gate => new(ErrorCodes.Conflict, $"Case {answer.InstanceId} refused the step ({gate}). Read it again.", "业务刚刚发生变化，请刷新后重试。"),
    };
}
