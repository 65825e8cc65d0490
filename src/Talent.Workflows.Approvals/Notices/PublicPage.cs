using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>The frame of all pages for the public: header with the ways to the others, the page itself, footer; and the page that says what went wrong.</summary>
public static class PublicPage
{
    /// <summary>Whether a browser reads one of these pages, so that what goes wrong there is said to people; a program that asks for JSON there gets a problem document.</summary>
    public static bool IsRead(HttpRequest request) => IsAt(request.Path.Value ?? "") && request.Headers.Accept.Any(accepted => accepted?.Contains("text/html", StringComparison.OrdinalIgnoreCase) == true);

    private static bool IsAt(string path) => path == "/" || IsUnder(path, "/services") || IsUnder(path, "/notices");

    /// <param name="section">What the header says, Chinese and English.</param>
    /// <param name="title">Of the window; what comes before the section's name.</param>
    /// <param name="body">HTML.</param>
    /// <param name="footer">HTML of the footer besides the ways to the other pages; may be empty.</param>
    /// <param name="head">HTML for the head, such as more style.</param>
    internal static string Whole((string Zh, string En) section, string title, string body, string footer = "", string head = "") => new StringBuilder()
        .Append("<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>").Append(NoticePages.Text(title == section.Zh ? title : $"{title} · {section.Zh}"))
        .Append("</title><style>").Append(NoticePages.Style).Append("</style>").Append(head).Append("</head><body><div class=\"page\"><header><h1>").Append(section.Zh).Append("<small lang=\"en\">").Append(section.En)
        .Append("</small></h1><nav aria-label=\"公共服务\"><a href=\"/services\">办事指南</a><a href=\"/notices\">公示公告</a><a href=\"/notices/objections\">查询异议</a></nav></header>\n<main>").Append(body)
        .Append("</main>\n").Append(footer.Length > 0 ? $"<footer>{footer}</footer>" : "").Append("</div></body></html>\n").ToString();

    /// <summary>What somebody reads whose request can't be answered.</summary>
    /// <param name="title">In Chinese, such as 未找到.</param>
    /// <param name="traceId">For whoever is called about it; null: nobody needs to be.</param>
    public static string Error(string title, string zh, string en, string? traceId = null) => Whole(("人才服务", "Talent services"), title, new StringBuilder("<article role=\"alert\"><h2>").Append(NoticePages.Text(title))
        .Append("</h2><p>").Append(NoticePages.Text(zh)).Append("</p><p lang=\"en\" class=\"hint\">").Append(NoticePages.Text(en)).Append("</p>")
        .Append(traceId is null ? "" : $"<p class=\"hint\">跟踪编号 <code>{NoticePages.Text(traceId)}</code></p>").Append("<p><a href=\"/services\">查看全部事项</a></p></article>\n").ToString());

    /// <summary>What a browser gets that asks too often.</summary>
    /// <param name="sends">It sent a form, which it can send again.</param>
    public static string TooMany(int seconds, bool sends) => sends
        ? Error("提交过于频繁", string.Create(CultureInfo.InvariantCulture, $"请约 {seconds} 秒后返回上一页重新提交，您填写的内容会保留。"), string.Create(CultureInfo.InvariantCulture, $"Too many requests. Go back and send it again in {seconds} seconds."))
        : Error("访问过于频繁", string.Create(CultureInfo.InvariantCulture, $"请约 {seconds} 秒后刷新本页。"), string.Create(CultureInfo.InvariantCulture, $"Too many requests. Load this page again in {seconds} seconds."));

    private static bool IsUnder(string path, string root) => path.StartsWith(root, StringComparison.Ordinal) && (path.Length == root.Length || path[root.Length] == '/');
}
