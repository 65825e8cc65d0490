using System.Globalization;
using System.Net;
using System.Text;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>How the pages look. Whatever comes from data is encoded.</summary>
public static partial class NoticePages
{
    internal const string Style = """
        :root{color-scheme:light dark;--ink:#1c2430;--soft:#5c6675;--line:#dfe4ea;--paper:#fff;--back:#f4f6f8;--mark:#a5281f}
        @media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#9aa5b4;--line:#313a46;--paper:#1a2029;--back:#12161c;--mark:#ef8a80}}
        *{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--ink);font:16px/1.7 "PingFang SC","Hiragino Sans GB","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif}
        .page{max-width:46rem;margin:0 auto;padding:2rem 1.25rem 4rem}header{border-bottom:3px solid var(--mark);margin-bottom:1.75rem;padding-bottom:.75rem}nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin-top:.5rem;font-size:.95rem}
        h1{font-size:1.7rem;margin:0;letter-spacing:.06em}h1 small,h2 small{font-weight:400;color:var(--soft);font-size:.85rem;letter-spacing:0;margin-left:.6em}
        article{background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:1.25rem 1.5rem;margin:0 0 1.25rem}
        h2{font-size:1.15rem;margin:0 0 .75rem}dl{display:grid;grid-template-columns:8em 1fr;gap:.3rem 1rem;margin:0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
        .window{margin:1rem 0 0;padding-top:.75rem;border-top:1px solid var(--line)}.window strong{color:var(--mark)}
        code{font:12px/1.5 ui-monospace,Consolas,monospace;color:var(--soft);overflow-wrap:anywhere}footer,.none{color:var(--soft);font-size:.9rem}a{color:inherit}
        h2 a{text-decoration:none}h2 a:hover,h2 a:focus{text-decoration:underline}h3{font-size:1.05rem;margin:0 0 .5rem}.button,button{display:inline-block;margin-top:1rem;padding:.6rem 1.5rem;border:0;border-radius:6px;background:#a5281f;color:#fff;font:inherit;text-decoration:none;cursor:pointer}
        label{display:block;margin-top:1rem;font-weight:600}input,textarea{width:100%;margin-top:.25rem;padding:.6rem .75rem;border:1px solid var(--soft);border-radius:6px;background:var(--paper);color:var(--ink);font:inherit}:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
        .hint{margin:.25rem 0 0;color:var(--soft);font-size:.9rem}.wrong{border-left:4px solid var(--mark);padding:.5rem 1rem;margin:1rem 0 0}.number{font-size:1.35rem;margin:.5rem 0;white-space:nowrap}.tel{white-space:nowrap}
        table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{padding:.55rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}th{color:var(--soft);font-weight:600;white-space:nowrap}.wide{overflow-x:auto}.short{white-space:nowrap}
        .changes{margin:1rem 0 0;padding:.75rem 1rem;background:var(--back);border-left:4px solid var(--mark)}.changes p{margin:0 0 .4rem}.changes p:last-child{margin:0}
        @media(max-width:30rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}h2 small{display:block;margin-left:0}article{padding:1rem 1.1rem}}
        @media print{:root{--ink:#000;--soft:#333;--line:#999;--paper:#fff;--back:#fff;--mark:#000}article{break-inside:avoid;border:0;padding:0}header,footer,form,.button,.back,.aside{display:none}}
        """;

    public static string Html(Page<NoticeView> page)
    {
        var html = new StringBuilder();
        foreach (var notice in page.Items)
            Article(html, notice, link: true);
        if (page.Items.Count == 0)
            html.Append("<p class=\"none\">当前没有公示。<span lang=\"en\">There is no notice at present.</span></p>\n");
        if (page.Next is { } next)
            html.Append("<p><a href=\"/notices?cursor=").Append(Text(Uri.EscapeDataString(next))).Append("\">下一页</a></p>\n");
        return Whole("公示公告", html.ToString());
    }

    /// <summary>One notice with its office and, while it is open, the form for an objection.</summary>
    public static string Html(NoticeView notice, NoticeOffice office, ObjectionForm form)
    {
        var html = new StringBuilder("<p class=\"back\"><a href=\"/notices\">← 全部公示</a></p>");
        Article(html, notice, link: false);
        if (notice.State == "open")
        {
            var (named, anonymous) = (notice.Objections == ObjectorRule.Named, notice.Objections == ObjectorRule.Any);
            html.Append("<article class=\"aside\"><h2 id=\"object\">提出异议</h2><p class=\"hint\">公示期内，任何人均可提出异议。请说明具体情况，并尽可能提供证明材料；").Append(anonymous ? "留下联系方式的，" : "").Append("处理结果将按您留下的联系方式告知。您的信息仅供处理人员查看。</p>");
            if (form.Fault is { } fault)
                html.Append("<p class=\"wrong\" role=\"alert\">").Append(Text(fault)).Append("</p>");
            html.Append("<form method=\"post\" enctype=\"multipart/form-data\" action=\"/notices/").Append(notice.Id).Append("#object\"><input type=\"hidden\" name=\"token\" value=\"").Append(Text(form.Token))
                .Append("\"><label for=\"name\">姓名").Append(named ? "（实名）" : "（选填）").Append("</label><input id=\"name\" name=\"name\" maxlength=\"100\" autocomplete=\"name\"").Append(named ? " required" : "").Append(" value=\"").Append(Text(form.Name))
                .Append("\"><label for=\"contact\">手机号码或电子邮箱").Append(anonymous ? "（选填）" : "").Append("</label><input id=\"contact\" name=\"contact\" maxlength=\"200\"").Append(anonymous ? "" : " required").Append(" value=\"").Append(Text(form.Contact))
                .Append("\"><label for=\"text\">异议内容</label><textarea id=\"text\" name=\"text\" rows=\"6\" maxlength=\"5000\" required>\n").Append(Text(form.Text))
                .Append("</textarea><label for=\"evidence\">证明材料（选填）</label><input id=\"evidence\" name=\"evidence\" type=\"file\" multiple accept=\".pdf,.jpg,.jpeg,.png\"><p class=\"hint\">PDF、JPEG 或 PNG，最多")
                .Append(Evidence.Most).Append("个文件，每个不超过").Append(Evidence.Largest >> 20).Append("MB。</p><button type=\"submit\">提交异议</button></form></article>\n");
        }
        else
            html.Append("<p class=\"none\">公示已结束，内容不再显示，也不再受理异议。<span lang=\"en\">This notice is over.</span></p>\n");
        Contact(html, office);
        return Whole(notice.Title ?? "公示", html.ToString());
    }

    /// <summary>What a browser gets whose files are too large to be read at all.</summary>
    public static string TooLarge() => Whole("材料过大", $"<article role=\"alert\"><h2>证明材料过大</h2><p>每次最多{Evidence.Most}个文件，每个不超过{Evidence.Largest >> 20}MB。请返回上一页，压缩或减少文件后重新提交。</p><p lang=\"en\" class=\"hint\">The files are too large. Go back and send fewer or smaller ones.</p></article>\n");

    private static string Receipt(ObjectionReceipt receipt, NoticeOffice office)
    {
        var html = new StringBuilder("<article role=\"status\"><h2>异议已收到</h2><p>异议编号</p><p class=\"number\"><strong>").Append(Text(receipt.Number)).Append("</strong></p>");
        if (receipt.Receipt is { } secret)
            html.Append("<p>查询码</p><p class=\"number\"><strong>").Append(Grouped(secret)).Append("</strong></p><p>请妥善保存查询码，凭查询码可随时<a href=\"/notices/objections\">查询办理进展和答复</a>；持有查询码的人均可查看。</p>");
        html.Append("<p>您留下联系方式的，处理结果也将按该联系方式告知。</p></article>\n<p><a href=\"/notices/").Append(receipt.NoticeId).Append("\">← 返回公示</a></p>\n");
        Contact(html, office);
        return Whole("异议已收到", html.ToString());
    }

    /// <summary>The form that asks for a receipt and, where there is one, what became of its objection.</summary>
    private static string Progress(ObjectionProgress? progress, string? fault)
    {
        var html = new StringBuilder("<p class=\"back\"><a href=\"/notices\">← 全部公示</a></p>");
        if (progress is not null)
        {
            html.Append("<article role=\"status\"><h2>异议办理进展<small>").Append(Text(progress.Number)).Append("</small></h2><dl>");
            foreach (var (label, text) in ((string, string?)[])
                [("办理状态", StateZh(progress.State)), ("公示编号", progress.NoticeNumber), ("提出日期", Day(progress.FiledAt)), ("受理日期", progress.AcceptedAt is { } accepted ? Day(accepted) : null),
                ("办理期限", progress.DueAt is { } due ? Day(due.AddTicks(-1)) : null), ("办结日期", progress.DecidedAt is { } decided ? Day(decided) : null), ("答复", progress.Reply)])
                if (!string.IsNullOrEmpty(text))
                    html.Append("<dt>").Append(label).Append("</dt><dd>").Append(Text(text)).Append("</dd>");
            html.Append("</dl></article>\n");
        }
        html.Append("<article><h2>查询异议办理进展</h2>");
        if (fault is not null)
            html.Append("<p class=\"wrong\" role=\"alert\">").Append(Text(fault)).Append("</p>");
        html.Append("<form method=\"post\" action=\"/notices/objections\"><label for=\"receipt\">查询码</label><input id=\"receipt\" name=\"receipt\" maxlength=\"64\" required autocomplete=\"off\"><p class=\"hint\">提交异议后页面上显示的16位查询码，不区分大小写，连字符可以省略。</p><button type=\"submit\">查询</button></form></article>\n");
        return Whole("异议办理进展", html.ToString());
    }

    private static string StateZh(string state) => state switch
    {
        "received" => "已收到，待处理", "investigating" => "已受理，调查中", "refused" => "不予受理", "upheld" => "异议成立", "dismissed" => "异议不成立", _ => "公示已终止，不再办理",
    };

    // Read aloud and typed more easily: ABCD-EFGH-JKLM-NPQR.
    private static string Grouped(string receipt) => string.Join('-', receipt.Chunk(4).Select(part => new string(part)));

    /// <summary>A list: those that are up, one row each, and what has changed since it was posted.</summary>
    public static string Html(NoticeListView list)
    {
        var html = new StringBuilder("<p class=\"back\"><a href=\"/notices\">← 全部公示</a></p><article><h2>").Append(Text(list.Title ?? "公示名单")).Append('（').Append(Text(list.Name)).Append("）<small>").Append(Text(list.Number)).Append("</small></h2>");
        if (list.Items.Count == 0)
            html.Append("<p class=\"none\">本名单公示已结束，内容不再显示。<span lang=\"en\">This list is over.</span></p>\n");
        else
        {
            var labels = list.Items.SelectMany(i => i.Lines.Select(l => l.Label)).Distinct(StringComparer.Ordinal).ToArray();
            html.Append("<div class=\"wide\"><table><thead><tr><th>编号</th>").AppendJoin("", labels.Select(l => $"<th>{Text(l)}</th>")).Append("<th>公示截止</th><th>详情</th></tr></thead><tbody>");
            foreach (var item in list.Items)
            {
                html.Append("<tr>");
                Cell(html, item.Number.StartsWith(list.Number, StringComparison.Ordinal) ? item.Number[list.Number.Length..] : item.Number);
                foreach (var label in labels)
                    Cell(html, item.Lines.FirstOrDefault(l => l.Label == label)?.Text);
                html.Append("<td class=\"short\">").Append(Day(item.Until.AddTicks(-1))).Append(item.Provisional ? "（暂定）" : "").Append("</td><td class=\"short\"><a href=\"/notices/").Append(item.Id).Append("\">查看</a></td></tr>");
            }
            html.Append("</tbody></table></div><p class=\"window\"><code>内容校验码 SHA-256 ").Append(list.Sha256).Append("</code></p>");
        }
        var changed = list.Items.Where(i => i.Editions.Any(e => e.Reason is not null)).ToArray();
        if (changed.Length + list.Removed.Count > 0)
        {
            html.Append("<div class=\"changes\">");
            foreach (var removed in list.Removed)
                html.Append("<p>").Append(Day(removed.At)).Append('　').Append(Text(removed.Number)).Append(" 因异议成立，不再列入本名单。</p>");
            foreach (var item in changed)
                Changes(html, item, item.Number);
            html.Append("</div>");
        }
        return Whole(list.Title ?? "公示名单", html.Append("</article>\n").ToString());
    }

    // Names and the like stay on one line; Chinese breaks anywhere else.
    private static void Cell(StringBuilder html, string? text) => html.Append(text is { Length: > 8 } ? "<td>" : "<td class=\"short\">").Append(Text(text)).Append("</td>");

    /// <summary>What a clerk changed: when, why, and the hash of what was shown before.</summary>
    private static void Changes(StringBuilder html, NoticeView notice, string? number = null)
    {
        foreach (var (before, edition) in notice.Editions.Zip(notice.Editions.Skip(1)).Where(pair => pair.Second.Reason is not null))
        {
            html.Append("<p>").Append(Day(edition.At)).Append('　').Append(number is null ? "" : $"{Text(number)} ").Append(edition.Change == NoticeChange.Corrected ? "更正" : "延长公示").Append('：').Append(Text(edition.Reason));
            if (edition.Until != before.Until)
                html.Append("（公示期至").Append(Day(edition.Until.AddTicks(-1))).Append('）');
            html.Append("<br><code>此前版本 SHA-256 ").Append(before.Sha256).Append("</code></p>");
        }
    }

    private static void Contact(StringBuilder html, NoticeOffice office)
    {
        html.Append("<article><h2>联系方式</h2><dl>");
        foreach (var (label, text) in ((string, string?)[])[("发布单位", office.Unit), ("事项", office.Service), ("地址", office.Hotline?.AddressZh), ("咨询电话", office.Hotline?.Phone), ("服务时间", office.Hotline?.HoursZh)])
            if (!string.IsNullOrEmpty(text))
                html.Append("<dt>").Append(label).Append("</dt><dd>").Append(text == office.Hotline?.Phone ? Telephone(text) : Text(text)).Append("</dd>");
        html.Append("</dl></article>\n");
    }

    /// <summary>A number that a phone dials when it is touched.</summary>
    internal static string Telephone(string number) => $"<a class=\"tel\" href=\"tel:{Text(new string([.. number.Where(c => char.IsAsciiDigit(c) || c is '+' or '-')]))}\">{Text(number)}</a>";

    private static string Whole(string title, string body) => PublicPage.Whole(("公示公告", "Public notices"), title, body,
        "<a href=\"/notices.atom\">订阅公示</a><br>姓名等个人信息已作脱敏处理。<br><span lang=\"en\">Anyone may object while a notice is up. Personal data is masked.</span>",
        "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"公示公告\" href=\"/notices.atom\">");

    private static void Article(StringBuilder html, NoticeView notice, bool link)
    {
        html.Append("<article id=\"n-").Append(notice.Id.ToString("N")).Append("\"><h2>").Append(link ? $"<a href=\"/notices/{notice.Id}\">{Text(notice.Title)}</a>" : Text(notice.Title ?? "公示")).Append("<small>").Append(Text(notice.Number)).Append("</small></h2><dl>");
        foreach (var line in notice.Lines)
            html.Append("<dt>").Append(Text(line.Label)).Append("</dt><dd>").Append(Text(line.Text)).Append("</dd>");
        html.Append("</dl>");
        if (notice.Editions.Any(e => e.Reason is not null))
        {
            html.Append("<div class=\"changes\">");
            Changes(html, notice);
            html.Append("</div>");
        }
        if (notice.List is { } list)
            html.Append("<p>列入名单：<a href=\"/notices/lists/").Append(list.Id).Append("\">").Append(Text(list.Name)).Append("</a></p>");
        html.Append("<p class=\"window\">公示期 ").Append(Day(notice.From)).Append(" 至 <strong>").Append(Day(notice.Until.AddTicks(-1))).Append("</strong>")
            .Append(notice.Provisional ? "（暂定）<br><span class=\"hint\">当年节假日安排公布后，公示截止日期可能调整。</span>" : "").Append("<br><code>内容校验码 SHA-256 ").Append(notice.Sha256).Append("</code></p>").Append(link ? $"<a class=\"button\" href=\"/notices/{notice.Id}\">查看详情、提出异议</a>" : "").Append("</article>\n");
    }

    internal static string Text(string? text) => WebUtility.HtmlEncode(text ?? "");

    internal static string Day(DateTimeOffset at)
    {
        var day = ChinaTime.DateOf(at);
        return string.Create(CultureInfo.InvariantCulture, $"{day.Year}年{day.Month}月{day.Day}日");
    }
}
