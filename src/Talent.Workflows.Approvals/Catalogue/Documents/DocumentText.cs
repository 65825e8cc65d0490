using System.Diagnostics.CodeAnalysis;
using Markdig;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Renderers.Html.Inlines;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Talent.Workflows.Approvals.Catalogue.Documents;

/// <summary>
/// Markdown as HTML that can do nothing: HTML in it is text; links lead to web pages, mail, telephones and places on this server alone,
/// anything else is its text; a picture is its description.
/// </summary>
public static class DocumentText
{
    /// <summary>Characters of one body.</summary>
    public const int Longest = 100_000;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml().UsePipeTables().UseAutoLinks().Build();
    // Lists in lists in quotes, with room to spare.
    private const int Deepest = 50;

    private static readonly string[] Schemes = ["http", "https", "mailto", "tel"];

    /// <returns>False: it is nested more deeply than any document is.</returns>
    public static bool TryRender(string markdown, [NotNullWhen(true)] out string? html)
    {
        try
        {
            var document = Markdown.Parse(markdown, Pipeline);
            html = null;
            if (IsDeep(document))
                return false;
            using var writer = new StringWriter();
            var renderer = new HtmlRenderer(writer);
            Pipeline.Setup(renderer);
            renderer.ObjectRenderers.ReplaceOrAdd<LinkInlineRenderer>(new SafeLinks());
            renderer.ObjectRenderers.ReplaceOrAdd<AutolinkInlineRenderer>(new SafeAutolinks());
            renderer.Render(document);
            html = writer.ToString();
            return true;
        }
        catch (ArgumentException)
        {
            // What Markdig throws at a limit of its own, which is far beyond ours.
            html = null;
            return false;
        }
    }

    // Without recursion: what is looked for is what would exhaust the stack.
    private static bool IsDeep(MarkdownObject document)
    {
        var open = new Stack<(MarkdownObject Part, int Depth)>([(document, 0)]);
        while (open.TryPop(out var next))
        {
            if (next.Depth > Deepest)
                return true;
            IEnumerable<MarkdownObject> parts = next.Part switch
            {
                ContainerBlock block => block,
                ContainerInline inline => inline,
                LeafBlock { Inline: { } text } => [text],
                _ => [],
            };
            foreach (var part in parts)
                open.Push((part, next.Depth + 1));
        }
        return false;
    }

    /// <summary>Whether a link may be one: http, https, mailto, tel, or relative on this server.</summary>
    internal static bool IsAllowed(string? url)
    {
        // Browsers leave out white space and controls, and read a backslash as a slash.
        if (string.IsNullOrEmpty(url) || url.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c == '\\') || url.StartsWith("//", StringComparison.Ordinal))
            return false;
        var colon = url.IndexOf(':', StringComparison.Ordinal);
        var path = url.IndexOfAny(['/', '?', '#']);
        return colon < 0 || (path >= 0 && path < colon) || Schemes.Contains(url[..colon], StringComparer.OrdinalIgnoreCase);
    }

    private sealed class SafeLinks : HtmlObjectRenderer<LinkInline>
    {
        protected override void Write(HtmlRenderer renderer, LinkInline link)
        {
            var url = link.GetDynamicUrl?.Invoke() ?? link.Url;
            if (link.IsImage || !IsAllowed(url))
            {
                renderer.WriteChildren(link);
                return;
            }
            renderer.Write("<a href=\"").WriteEscapeUrl(url).Write("\" rel=\"noopener\">");
            renderer.WriteChildren(link);
            renderer.Write("</a>");
        }
    }

    private sealed class SafeAutolinks : HtmlObjectRenderer<AutolinkInline>
    {
        protected override void Write(HtmlRenderer renderer, AutolinkInline link)
        {
            var url = link.IsEmail ? $"mailto:{link.Url}" : link.Url;
            if (IsAllowed(url))
                renderer.Write("<a href=\"").WriteEscapeUrl(url).Write("\" rel=\"noopener\">").WriteEscape(link.Url).Write("</a>");
            else
                renderer.WriteEscape(link.Url);
        }
    }
}
