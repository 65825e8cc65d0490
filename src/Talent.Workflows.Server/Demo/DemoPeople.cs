using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers.Directory;

namespace Talent.Workflows.Server.Demo;

/// <summary>The people and organisations of the sample city, by name.</summary>
internal sealed class DemoPeople(ApprovalContent content)
{
    public string Name(string? user) => user is null ? "系统" : user == "objector" ? "异议人" : Find(user)?.Name ?? user;

    public string Organisation(string? id) => id is null ? "" : content.Directories.Select(d => d.Organisation(id)?.NameZh).FirstOrDefault(n => n is not null) ?? id;

    /// <summary>A name with the office it belongs to, short enough for a column.</summary>
    public string Full(string? user) => user is null || Find(user) is not { } person ? Name(user) : $"{person.Name}（{Role(person)}）";

    public IReadOnlyList<string> WithRole(string role, string organisation) =>
        [.. content.Directories.SelectMany(d => d.WithRole(role, organisation)).Select(u => u.Id)];

    public string EmployerOf(string applicant) => Find(applicant)?.Organisation ?? throw new DemoException($"示例目录中没有 {applicant}。");

    private DirectoryUser? Find(string id) => content.Directories.Select(d => d.User(id)).FirstOrDefault(u => u is not null);

    private static string Role(DirectoryUser person) => person.Roles[0] switch
    {
        "applicant" => "申报人",
        "employer.reviewer" => "用人单位审核人",
        "employer.superior" => "用人单位负责人",
        "employer.handler" => "用人单位经办人",
        "unit.reviewer" => "归口单位审核人",
        "unit.superior" => "归口单位负责人",
        "bureau.reviewer" => "市局审核人",
        "bureau.superior" => "市局负责人",
        "bureau.panel-secretary" => "评审秘书",
        "bureau.notice-clerk" => "公示经办人",
        "expert" => "评审专家",
        var other => other,
    };
}
