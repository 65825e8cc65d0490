using System.Globalization;
using System.Text;
using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.Notices;

namespace Talent.Workflows.Approvals.Catalogue.Documents;

/// <summary>申请材料 of a service's page: what <c>materials.json</c> asks for, and when, in words; what is checked is what is shown (R-CAT-2, R-CASE-3).</summary>
internal static class MaterialGuide
{
    /// <returns>HTML; empty: the service asks for no materials.</returns>
    public static string Html(ServicePackage package)
    {
        var (items, form) = (package.Materials.Requirements.Items, package.Form);
        if (items.Count == 0)
            return "";
        var html = new StringBuilder("<article><h2>申请材料</h2>");
        foreach (var phase in items.GroupBy(i => i.Phase).OrderBy(g => g.Key))
        {
            if (package.Service.Phases.Count > 1)
                html.Append("<h3 class=\"kind\">").Append(Text(package.Service.Phases.FirstOrDefault(p => p.Phase == phase.Key)?.Zh)).Append("</h3>");
            html.Append("<ul class=\"list\">");
            foreach (var item in phase)
            {
                html.Append("<li><strong>").Append(Text(item.Zh)).Append("</strong><p class=\"meta\">").Append(Text(Asked(item, form))).Append("</p><p class=\"meta\">");
                if (item.NoteZh is { } note)
                    html.Append(Text(note)).Append('　');
                html.Append(Text(Files(item))).Append("</p></li>");
            }
            html.Append("</ul>");
        }
        return html.Append("<p class=\"meta\">").Append(Text(package.Materials.Requirements.WarningZh)).Append("</p></article>\n").ToString();
    }

    private static string Asked(MaterialRequirement item, Form form)
    {
        var group = item.PerRowOf is { } key ? form.Field(key) : null;
        var each = group is null ? "" : $"“{group.Zh}”每条一份";
        if (item.When is { } when)
            return $"{Words(when, form, group)}时{(item.Required ? "提交" : "可以提交")}{(each.Length > 0 ? $"，{each}" : "")}{Waived(item)}";
        return (item.Required ? "必须提交" : "如有请提交") + (each.Length > 0 ? $"，{each}" : "") + Waived(item);
    }

    private static string Waived(MaterialRequirement item) => item.WaivedBy is null ? "" : "，共享数据已获取的免交";

    private static string Files(MaterialRequirement item) => string.Create(CultureInfo.InvariantCulture,
        $"{string.Join('、', item.AllowedTypes.Select(t => t.ToUpperInvariant()))}，不超过{item.MaxMegabytes}MB{(item.MaxFiles > 1 ? $"，最多{item.MaxFiles}个文件" : "")}");

    /// <summary>A condition as an office says it: 办理类型为“续签”或者“变更用人单位”.</summary>
    internal static string Words(FormCondition condition, Form form, FormField? group)
    {
        if ((condition.All ?? condition.Any) is { } parts)
            return string.Join(condition.All is null ? "，或者" : "，且", parts.Select(p => Words(p, form, group)));
        var field = group?.Fields?.FirstOrDefault(f => f.Key == condition.Field) ?? form.Field(condition.Field!)!;
        if (condition.Present is { } present)
            return present ? $"填写了“{field.Zh}”" : $"未填写“{field.Zh}”";
        if (condition.In is { } codes)
            return $"“{field.Zh}”为{string.Join("或者", codes.Select(c => $"“{Word(field, form, c)}”"))}";
        var wanted = condition.EqualTo!.Value;
        return $"“{field.Zh}”为“{wanted.ValueKind switch { JsonValueKind.True => "是", JsonValueKind.False => "否", _ => Word(field, form, FormData.Text(wanted) ?? wanted.GetRawText()) }}”";
    }

    private static string Word(FormField field, Form form, string code) =>
        field.CodeTable is { } table && form.Definition.CodeTables.TryGetValue(table, out var entries) && entries.FirstOrDefault(e => e.Code == code) is { } entry ? entry.Zh : code;

    private static string Text(string? text) => NoticePages.Text(text);
}
