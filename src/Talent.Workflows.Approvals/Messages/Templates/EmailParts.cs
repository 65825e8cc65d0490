using System.Text;

namespace Talent.Workflows.Approvals.Messages.Templates;

/// <summary>Turns one block of an e-mail into its part of the HTML model and of the text; a block without content vanishes.</summary>
internal static class EmailParts
{
    public static void Add(
        EmailBlock block, Dictionary<string, string> values, bool chinese, List<IReadOnlyDictionary<string, object>> html, StringBuilder text)
    {
        switch (block)
        {
            case EmailBlock.Paragraph p when p.Text.Render(values).Trim() is { Length: > 0 } paragraph:
                html.Add(new Dictionary<string, object> { ["text"] = paragraph });
                text.Append(paragraph).Append("\n\n");
                break;
            case EmailBlock.Facts f:
                Facts(f, values, chinese, html, text);
                break;
            case EmailBlock.Button b when WebAddress(b.Url.Render(values)) is string url:
                string label = b.Label.Render(values).Trim();
                html.Add(new Dictionary<string, object> { ["buttonUrl"] = url, ["buttonLabel"] = label });
                text.Append(label).Append(chinese ? "：" : ": ").Append(url).Append("\n\n");
                break;
        }
    }

    private static void Facts(
        EmailBlock.Facts block, Dictionary<string, string> values, bool chinese, List<IReadOnlyDictionary<string, object>> html, StringBuilder text)
    {
        List<Dictionary<string, object>> facts = [];
        foreach ((string label, TextTemplate template) in block.Lines)
        {
            string value = template.Render(values).Trim();
            if (value.Length > 0)
            {
                facts.Add(new() { ["label"] = label, ["value"] = value });
                text.Append(label).Append(chinese ? "：" : ": ").Append(value).Append('\n');
            }
        }

        if (facts.Count > 0)
        {
            html.Add(new Dictionary<string, object> { ["facts"] = facts });
            text.Append('\n');
        }
    }

    // A link in data is followed by people, so only web addresses become one.
    private static string? WebAddress(string text) =>
        Uri.TryCreate(text.Trim(), UriKind.Absolute, out Uri? uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
            ? uri.AbsoluteUri
            : null;
}
