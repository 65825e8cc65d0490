namespace Talent.Workflows.Approvals.Letters;

/// <summary>What any letter may say of its case. Those that aren't always there are marked by whoever names them (<c>reason?</c>).</summary>
public static class LetterFields
{
    /// <summary>Name → what it is.</summary>
    public static readonly IReadOnlyDictionary<string, (string Zh, string En)> Known = new Dictionary<string, (string, string)>(StringComparer.Ordinal)
    {
        ["caseNumber"] = ("申报编号", "Case number"),
        ["serviceName"] = ("事项名称", "Service"),
        ["you"] = ("称谓：你，或者你单位", "How whom it is to is addressed, in Chinese"),
        ["applicantName"] = ("申报人", "Applicant"),
        ["employerName"] = ("用人单位", "Employer"),
        ["unitName"] = ("归口单位", "Responsible unit"),
        ["bureauName"] = ("市局", "Bureau"),
        ["issuerName"] = ("发文单位", "Issued by"),
        ["stageName"] = ("作出决定的环节", "Stage that decided"),
        ["submittedOn"] = ("提交日期", "Submitted on"),
        ["issuedOn"] = ("发文日期", "Date of the letter"),
        ["reason"] = ("理由或意见", "Reason or opinion"),
        ["dueDate"] = ("补正或完善材料的截止日期", "Last day for what is asked for"),
        ["dueDays"] = ("期限，如10个工作日", "The same as a time, such as 10 working days"),
        ["lapsedOn"] = ("逾期未补正或未完善材料的，其期限的最后一日", "Last day of the time that passed without what was asked for"),
        ["promisedDate"] = ("承诺办结日期", "Promised date"),
        ["noticeTitle"] = ("公示标题", "Title of the notice"),
        ["noticeNumber"] = ("公示编号", "Number of the notice"),
        ["noticeFrom"] = ("公示开始日期", "First day of the notice"),
        ["noticeUntil"] = ("公示截止日期", "Last day of the notice"),
        ["noticeDays"] = ("公示工作日数", "Working days of the notice"),
        ["noticeText"] = ("公示内容（已脱敏，每项一行）", "What the notice shows, masked, a line each"),
        ["corrects"] = ("被更正文书的文号", "Number of the letter that this one replaces"),
        ["hotline"] = ("咨询电话", "Hotline"),
        ["hotlineHours"] = ("咨询时间", "Hours of the hotline"),
        ["address"] = ("办公地址", "Address of the office"),
    };

    /// <summary>What is of the step that issued a letter: another one in its place says it as that one did.</summary>
    internal static readonly IReadOnlySet<string> OfStep = new HashSet<string>(StringComparer.Ordinal)
    {
        "stageName", "submittedOn", "issuedOn", "reason", "dueDate", "dueDays", "lapsedOn", "promisedDate", "noticeTitle", "noticeNumber", "noticeFrom", "noticeUntil", "noticeDays", "noticeText",
    };
}
