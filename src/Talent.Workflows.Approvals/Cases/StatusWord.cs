using System.Collections.Immutable;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>A status as people read it: one stable code, the field's own Chinese word, one English word.</summary>
/// <remarks>Source: R-CASE-9 lists the words of the four platforms. The code is what the API and the definitions carry; it never changes.</remarks>
public sealed record StatusWord
{
    private static readonly Dictionary<string, StatusWord> ByCode;

    static StatusWord()
    {
        All =
        [
            new("draft", "草稿", "draft", CaseStatus.Draft),
            new("submitted", "已提交", "submitted", CaseStatus.Submitted),
            new("in_review", "审核中", "in review", CaseStatus.InReview),
            new("pending_review", "待审核", "pending review", CaseStatus.InReview),
            new("pending_second_review", "待复审", "pending second review", CaseStatus.InReview),
            new("accepted", "已受理", "accepted", CaseStatus.InReview),

            // S3's manual: the district has passed it, the city still decides; the case goes on.
            new("finished", "已完成", "finished", CaseStatus.InReview),
            new("supplement", "待补正", "awaiting correction", CaseStatus.Supplement),
            new("materials", "待完善材料", "awaiting materials", CaseStatus.Materials),

            // S5's manual: what was read on the licence waits for the handler to compare and confirm it.
            new("to_confirm", "待核对", "awaiting confirmation", CaseStatus.Materials),
            new("panel", "专家评审中", "expert panel", CaseStatus.Panel),
            new("notice", "公示中", "public notice", CaseStatus.Notice),
            new("completed", "已办结", "completed", CaseStatus.Completed),
            new("passed", "已通过", "passed", CaseStatus.Completed),
            new("permission_passed", "业务权限审核通过", "permission granted", CaseStatus.Completed),
            new("rejected", "未通过", "not passed", CaseStatus.Rejected),
            new("permission_refused", "业务权限审核不通过", "permission refused", CaseStatus.Rejected),
            new("dismissed", "退案", "dismissed", CaseStatus.Rejected),
            new("withdrawn", "已撤回", "withdrawn", CaseStatus.Withdrawn),
            new("refused", "不予受理", "acceptance refused", CaseStatus.Refused),
            new("cancelled", "已取消", "cancelled", CaseStatus.Cancelled),
        ];
        ByCode = All.ToDictionary(w => w.Code, StringComparer.Ordinal);
    }

    private StatusWord(string code, string zh, string en, CaseStatus status) => (Code, Zh, En, Status) = (code, zh, en, status);

    public static ImmutableArray<StatusWord> All { get; }

    public string Code { get; }

    public string Zh { get; }

    public string En { get; }

    /// <summary>The status it stands for.</summary>
    public CaseStatus Status { get; }

    /// <returns>Null: no such code.</returns>
    public static StatusWord? Find(string code) => ByCode.GetValueOrDefault(code);

    /// <returns>Null: no such word.</returns>
    public static StatusWord? FindZh(string zh) => All.FirstOrDefault(w => w.Zh == zh);

    /// <summary>The word for a status when a service names none of its own.</summary>
    public static StatusWord Of(CaseStatus status) => All.First(w => w.Status == status);
}
