using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>Why something with a case's materials, profile or confirmations was refused.</summary>
internal static class FilingRefusal
{
    public static WorkflowException NotInHand(Guid caseId) => new(ErrorCodes.WrongState,
        $"Case {caseId} isn't in the applicant's hands: it is neither a draft nor waits for a correction or for materials.", "当前状态不能修改：业务不是草稿，也不在补正或完善材料环节。");

    public static WorkflowException NoSlot(string slot, IEnumerable<string> known) => new(ErrorCodes.NotFound,
        $"This service has no material '{(slot.Length > 40 ? slot[..40] : slot)}'. It has {string.Join(", ", known)}.", "该事项没有此项材料，请查看材料清单。");

    public static WorkflowException Reviewed(string slotZh, string slotEn) => new(ErrorCodes.WrongState,
        $"{slotEn} was reviewed in the first phase and can't be changed now.", $"“{slotZh}”在资格审核阶段已审核，不能修改。");

    public static WorkflowException NotAsked(MaterialSlot slot) => new(ErrorCodes.InvalidForm, $"{slot.Material.En} isn't among what has to be corrected, and can't be changed.", $"“{slot.Material.Zh}”不在本次补正内容之内，不能修改。")
    {
        Facts = new Dictionary<string, object?>
        {
            ["errors"] = (FormError[])[new($"materials.{slot.Key}", FormErrorCodes.NotAsked, $"“{slot.Material.Zh}”不在本次补正内容之内，不能修改", $"{slot.Material.En} isn't among what has to be corrected, and can't be changed")],
        },
    };

    /// <summary>The same whether there is none, it is somebody else's, or it was deleted.</summary>
    public static WorkflowException NoMaterial(Guid id) => new(ErrorCodes.NotFound,
        $"There is no material {id} that this case could take: it has to be in the library of its applicant or its employer, and be yours to use.", "没有该附件，或不属于本业务的申报人、用人单位。");

    public static WorkflowException NotInCase(Guid id) => new(ErrorCodes.NotFound, $"Material {id} isn't in this case, or not for the acting user. Read the case's materials.", "该材料不在本业务中，或您无权查看。");

    public static WorkflowException DoesNotFit(string zh, string en) => new(ErrorCodes.InvalidForm, en, zh);

    public static WorkflowException Full(string slotZh, int most) => new(ErrorCodes.Conflict, $"There are {most} files here already. Replace one, or take one out first.", $"“{slotZh}”最多{most}个文件，请先移除或替换。");

    public static WorkflowException TooOften(Guid caseId) => new(ErrorCodes.Conflict, $"The materials of case {caseId} were changed too often. File it anew.", "本业务材料变更次数过多，请重新申报。");

    public static WorkflowException NoProfile(string user) => new(ErrorCodes.WrongState, $"The applicant '{user}' has no profile: there is nothing to confirm. They register with POST /api/v1/people.", "申报人尚未登记个人信息，没有可确认的基础信息。");

    public static WorkflowException OtherProfile() => new(ErrorCodes.Conflict, "The profile isn't the one whose digest was sent: it was changed meanwhile. Look at the changes again.", "基础信息已发生变更，请重新查看后确认。");

    public static WorkflowException NoConfirmation(string key) => new(ErrorCodes.NotFound, $"This service has nothing to confirm called '{(key.Length > 40 ? key[..40] : key)}'. Read the case's confirmations.", "该事项没有此项确认。");

    public static WorkflowException OtherText() => new(ErrorCodes.Conflict, "The text isn't the one whose digest was sent: it was changed meanwhile. Show it again.", "提示内容已更新，请重新阅读后确认。");

    public static WorkflowException NoHandIn(int number) => new(ErrorCodes.NotFound, $"The case has no hand-in {number}. Read its materials without 'handIn'.", "没有该次提交。");

    public static WorkflowException Masked() => new(ErrorCodes.Forbidden, "You have nothing to do in this case now: its personal data stays masked, and its materials aren't shown.", "您当前没有该业务的待办事项，不能查看完整信息或材料文件。");

    public static WorkflowException Rotation(int degrees) => new(ErrorCodes.InvalidRequest, $"A picture is turned by 0, 90, 180 or 270 degrees, not by {degrees}.", "图片旋转角度应为0、90、180或270度。");

    public static WorkflowException NothingToRecognise(string slotZh, string slotEn) => new(ErrorCodes.InvalidRequest,
        $"{slotEn} isn't recognised, or this file isn't a picture of at most 10 MiB that could be: type what it says.", $"“{slotZh}”不支持识别，或该文件不是10MB以内的图片，请手动填写。");

    public static WorkflowException ReadTooOften(int most) => new(ErrorCodes.Conflict, $"Materials of this case were recognised {most} times already: type what they say.", "本业务识别次数已达上限，请手动填写。");

    public static WorkflowException NothingShared() => new(ErrorCodes.InvalidRequest, "The form of this service takes nothing from shared data: no field says 'shared'.", "该事项没有可从共享数据获取的内容。");

    public static WorkflowException AskOffices(Guid caseId) => new(ErrorCodes.InvalidRequest, $"What other offices know is asked for again with POST /api/v1/cases/{caseId}/shared-data and another face check.", "请重新进行人脸识别后获取共享数据。");

    public static WorkflowException NoRecognition(Guid id) => new(ErrorCodes.NotFound, $"The case has no recognition {id}. Read its recognitions.", "没有该识别记录。");

    public static WorkflowException NoReason() => new(ErrorCodes.InvalidRequest, "Say in the header Talent-Reason why you need the numbers in full; it is recorded.", "请在请求头 Talent-Reason 中说明查看完整信息的原因，查看将被记录。");
}
