using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Employers.Associations;
using Talent.Workflows.Approvals.Filings;
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

    public static WorkflowException NoCorrection(Guid caseId, Guid task) => new(ErrorCodes.NotFound,
        $"Task {task} is no correction of case {caseId}, nor did its decision lead to one. Leave 'task' out for the last that was handed in.", "该业务没有此次补正。");

    public static WorkflowException NotOwn(Guid caseId, Caller caller) => new(ErrorCodes.Forbidden,
        $"Case {caseId} isn't '{caller.User}''s to change: only the applicant may, or a handler of the employer that filed it, with a key for its service, employer and their role.", "只有申报人或申报单位现任经办人可以操作。");

    /// <summary>The form is another one than the data was filled in for. What was saved is kept as it is.</summary>
    /// <param name="errors">Under the form that counts.</param>
    public static WorkflowException FormChanged(ServicePackage service, IReadOnlyList<FormError> errors) => new(ErrorCodes.FormChanged,
        $"The form of '{service.Service.Id}' has changed since this was filled in; what was saved is kept. Read the form (/api/v1/services/{service.Service.Id}/form?version={service.Form.Version}), save the data with that formVersion, and go on. The errors are those under that form.",
        $"申报表单已更新，已保存的内容不会丢失。请按最新表单核对、补充后重新保存再提交（需核对 {errors.Count} 处）。")
    { Facts = new Dictionary<string, object?> { ["formVersion"] = service.Form.Version, ["errors"] = errors } };

    /// <summary>The activation strategy of the service's workflow allows no further case now.</summary>
    public static WorkflowException Occupied(string service, WorkflowException refusal) => new(ErrorCodes.WrongState,
        $"The service '{service}' takes no further case now: one is under way (a draft counts too), and the activation strategy of its workflow allows no second one. File the case when that one has ended.",
        "该事项已有在办业务（含草稿），按其流程的启动策略暂不能再申报，请待该业务办结后再申报。", refusal)
    { Facts = refusal.Facts };

    /// <summary>A handler of the employer that the case is about doesn't decide on it.</summary>
    public static WorkflowException Judge(Guid caseId, Caller caller) => new(ErrorCodes.Forbidden,
        $"Case {caseId} is about an employer whose handler '{caller.User}' is or was when it was filed: somebody else decides on it.", "本业务由您担任经办人的单位申报，不能由您审核。")
    { Facts = new Dictionary<string, object?> { ["reason"] = "excluded" } };

    /// <summary>It is too late to withdraw it.</summary>
    /// <param name="is">When it ended and when it was accepted; both null: it is past what can be withdrawn, such as in a public notice.</param>
    public static WorkflowException NotWithdrawable(Guid caseId, (DateTimeOffset? Ended, DateTimeOffset? Accepted) @is) => @is switch
    {
        ({ } ended, _) => new(ErrorCodes.WrongState, $"Case {caseId} can't be withdrawn: it ended on {ChinaTime.DateOf(ended):yyyy-MM-dd}.", $"业务已于{Day(ended)}结束，不能撤回。"),
        (null, { } accepted) => new(ErrorCodes.WrongState, $"Case {caseId} can't be withdrawn any more: it was accepted on {ChinaTime.DateOf(accepted):yyyy-MM-dd}.", $"业务已于{Day(accepted)}受理，不能撤回。")
            { Facts = new Dictionary<string, object?> { ["reason"] = "accepted", ["acceptedAt"] = accepted } },
        _ => new(ErrorCodes.WrongState, $"Case {caseId} can't be withdrawn any more: it was accepted, or has ended.", "业务已受理或已结束，不能撤回。"),
    };

    private static string Day(DateTimeOffset at) => ChinaTime.DateOf(at).ToString("yyyy年M月d日", System.Globalization.CultureInfo.InvariantCulture);

    public static WorkflowException Of(StepAnswer answer, Caller caller) => answer.GateFailed switch
    {
        CasesPart.OwnerGate => NotOwn(answer.InstanceId, caller),
        CasesPart.FilerGate => new(ErrorCodes.Forbidden, $"'{caller.User}' isn't a handler of the employer any more: somebody else was named in their place.", "您已不是该单位的业务经办人，不能代为申报。"),
        CasesPart.JudgeGate => Judge(answer.InstanceId, caller),
        CasesPart.EditableGate => new(ErrorCodes.WrongState, $"The data of case {answer.InstanceId} can't be changed now: it is neither a draft nor waits for the applicant in that phase.", "当前状态不能修改申报内容。"),
        CasesPart.WithdrawableGate => NotWithdrawable(answer.InstanceId, default),
        CataloguePart.OpenGate or CataloguePart.FreeGate => new(ErrorCodes.Conflict, $"What decides whether case {answer.InstanceId} can be filed is being changed at this moment. Send it again.", "申报条件刚刚发生变化，请重试。"),
        HandlingPart.JumpGate => new(ErrorCodes.WrongState, "The jump was settled or has expired, or it is your own: another administrator confirms it. Read it again.", "该跳转已处理、已过期，或须由另一位管理员确认。"),
        AssociationsPart.HoldsGate => AssociationRefusal.NoLonger(),
        AssociationsPart.FreeGate => AssociationRefusal.Elsewhere(),
        AssociationsPart.CodeGate => AssociationRefusal.CodeReplaced(),
        SubmissionsPart.UndecidedGate => new(ErrorCodes.WrongState, $"The city has decided on case {answer.InstanceId}: it can't be withdrawn or returned any more. Read it again in a moment.", "市级已作出决定，不能撤回或退回，请稍后刷新。"),
        FilingPart.TakenGate => new(ErrorCodes.Conflict, $"A material for case {answer.InstanceId} was just deleted from its library, or something was found in it. Read the case's materials again.", "所选附件刚被删除或未通过病毒扫描，请刷新后重新选择。"),
        FilingPart.CleanGate => new(ErrorCodes.WrongState, $"A material of case {answer.InstanceId} isn't scanned yet, or the virus scan has just found something in it. Read the case's materials.", "有材料尚未完成病毒扫描或未通过扫描，请查看材料清单。"),
        FilingPart.ProfileGate => new(ErrorCodes.Conflict, $"The profile of the applicant of case {answer.InstanceId} was changed at the same moment. Do it again.", "申报人的基础信息刚刚发生变更，请重试。"),
        TasksPart.UserGate => new(ErrorCodes.UnknownUser, $"The user '{caller.User}' is unknown or inactive.", "该用户不存在或已停用。"),
        null => new(ErrorCodes.WrongState, $"Case {answer.InstanceId} isn't in a state for this: it was submitted or has ended already. Read it again.", "业务已提交或已结束，不能进行此操作。"),
        var gate => new(ErrorCodes.Conflict, $"Case {answer.InstanceId} refused the step ({gate}). Read it again.", "业务刚刚发生变化，请刷新后重试。"),
    };
}
