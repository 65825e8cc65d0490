using System.Globalization;
using System.Net;
using System.Text;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Messages.Templates;

namespace Talent.Workflows.Server.Development;

/// <summary>The captured messages as a page to read, newest first.</summary>
internal static class MessagesPage
{
    public static string Render(IReadOnlyList<CapturedMessage> messages)
    {
        var page = new StringBuilder("""
            <!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>已捕获的消息</title>
            <style>
            body { font: 15px/1.6 system-ui, "Noto Sans CJK SC", sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #f6f6f4 }
            h1 { font-size: 1.3rem } article { background: #fff; border: 1px solid #ddd; border-radius: 6px; padding: .8rem 1rem; margin: .8rem 0 }
            header { display: flex; gap: .8rem; color: #555; font-size: .85rem } header b { color: #14507a } h2 { font-size: 1rem; margin: .3rem 0 } p { margin: .3rem 0; white-space: pre-wrap }
            </style></head><body><h1>已捕获的消息</h1>
            <p>开发环境未配置短信和邮件服务时，消息保存在这里，不会发出。最新的在最前，最多显示 200 条。</p>
            """);
        if (messages.Count == 0)
            page.Append("<p>还没有消息。</p>");
        foreach (var message in messages.Reverse())
        {
            var name = message.Channel switch { MessageChannels.Sms => "短信", MessageChannels.Email => "邮件", MessageChannels.InApp => "站内", _ => message.Channel };
            page.Append("<article><header><b>").Append(Text(name)).Append("</b><span>").Append(Text(message.To)).Append("</span><time>")
                .Append(ChinaTime.ToLocal(message.At).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)).Append("</time></header>");
            if (message.Subject.Length > 0)
                page.Append("<h2>").Append(Text(message.Subject)).Append("</h2>");
            page.Append("<p>").Append(Text(message.Text)).Append("</p></article>");
        }
        return page.Append("</body></html>").ToString();
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
