using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Standing;

/// <summary>Why a certification was refused.</summary>
internal static class StandingRefusal
{
    public static WorkflowException CodeTaken(Guid caseId) => new(ErrorCodes.Conflict,
        $"Case {caseId} can't be approved: the unified social credit code that it confirms is another employer's in the directory. Reject it with a reason, or correct the directory.",
        "该统一社会信用代码在单位名录中属于另一单位，不能通过。请核实后不予通过并说明原因，或更正名录。");
}
