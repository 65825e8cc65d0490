using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Employers.Associations;

/// <summary>Why somebody can't associate, leave or file; <c>reason</c> is stable.</summary>
internal static class AssociationRefusal
{
    public static WorkflowException NotAssociated(string user) => Of("not_associated",
        $"'{user}' isn't associated with an employer. Get its association code and file the service 'association' first.", "您未关联单位，请先凭单位关联代码办理关联单位，再办理此事项。");

    public static WorkflowException NoLonger() => Of("not_associated",
        "The applicant isn't associated with the employer of this case any more. Begin a new case.", "申报人已不在该用人单位，不能以其名义提交，请重新申报。");

    public static WorkflowException Elsewhere() => Of("associated_elsewhere",
        "The person is associated with an employer already. That association has to be dissolved first (service 'dissociation').", "已关联用人单位，须先解除原关联，再申请关联其他单位。");

    public static WorkflowException CodeReplaced() => Of("association_code",
        "The association code was replaced since this request was begun. Ask the employer for the new one and begin a new request.", "关联代码已更换，请向单位索取新的关联代码后重新申请。");

    public static WorkflowException Pending() => new(ErrorCodes.Conflict,
        "The person has an association request that waits for its employer. Withdraw it, or wait for the decision.", "您已有一件关联单位申请待单位确认，不能重复申请。")
    { Facts = new Dictionary<string, object?> { ["reason"] = "association_pending" } };

    /// <summary>The same for a code that never was, was replaced, or whose employer is gone: nothing that helps to guess.</summary>
    public static WorkflowException NoSuchCode() => new(ErrorCodes.NotFound,
        "No employer has this association code now. Compare it with what the employer gave you, or ask for the present one.", "未查询到对应单位，请核对关联代码，或向单位人事部门索取最新代码。");

    public static WorkflowException NotHandler(string? user, string employer) => new(ErrorCodes.Forbidden,
        $"'{user}' isn't a handler of the employer '{employer}', or this key may not act so.", "只有该单位的业务经办人可以办理。");

    private static WorkflowException Of(string reason, string message, string zh) => new(ErrorCodes.WrongState, message, zh) { Facts = new Dictionary<string, object?> { ["reason"] = reason } };
}
