using System.Text;
using System.Text.RegularExpressions;
using HandlebarsDotNet;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Messages.Templates;

/// <summary>
/// <c>templates/layout.email.hbs</c>: the one place that makes HTML. Everything put into it is escaped;
/// the unescaped forms of Handlebars, partials and helpers are refused when the file is loaded.
/// </summary>
internal sealed partial class EmailLayout
{
    public const string FileName = "layout.email.hbs";

    private static readonly string[] Names =
        ["language", "title", "service", "blocks", "text", "facts", "label", "value", "buttonUrl", "buttonLabel", "otherLanguage", "sender", "senderOther", "hotline"];

    private static readonly CompiledTemplates Templates = new(new HandlebarsConfiguration { TextEncoder = new HtmlText() });

    private readonly string source;

    private EmailLayout(string source) => this.source = source;

    public static EmailLayout? Parse(string source, List<ContentError> errors)
    {
        int before = errors.Count;
        Stack<string> open = new();
        foreach (Match tag in Tag().Matches(source))
        {
            string line = $"line {1 + source.AsSpan(0, tag.Index).Count('\n')}";
            string close = tag.Groups["close"].Value;
            string field = tag.Groups["field"].Value;
            if (close.Length > 0 ? !open.TryPop(out string? opened) || opened != close : !Names.Contains(field))
            {
                errors.Add(new ContentError($"templates/{FileName}", line, $"'{tag.Value}' isn't possible; use {{{{name}}}}, #if or #each with one of {string.Join(", ", Names)}"));
            }
            else if (tag.Groups["block"].Success)
            {
                open.Push(tag.Groups["block"].Value);
            }
        }

        if (open.Count > 0)
        {
            errors.Add(new ContentError($"templates/{FileName}", "$", $"'{{{{#{open.Peek()}}}}}' is never closed"));
        }

        return errors.Count == before ? new EmailLayout(source) : null;
    }

    public string Render(IReadOnlyDictionary<string, object> model) => Templates.Render(source, model);

    // Any tag of another shape matches without a field and is refused.
    [GeneratedRegex(@"\{\{(?:(?:#(?<block>if|each) )?(?<field>[A-Za-z]+)|/(?<close>if|each)|[^}]*)\}\}\}?", RegexOptions.ExplicitCapture)]
    private static partial Regex Tag();

    /// <summary>Escapes the five characters that matter in HTML text and quoted attributes, and leaves Chinese readable.</summary>
    private sealed class HtmlText : ITextEncoder
    {
        public void Encode(StringBuilder? text, TextWriter target) => Encode(text?.ToString(), target);

        public void Encode(string? text, TextWriter target)
        {
            foreach (char c in text ?? "")
            {
                Write(c, target);
            }
        }

        public void Encode<T>(T? text, TextWriter target) where T : IEnumerator<char>
        {
            while (text!.MoveNext())
            {
                Write(text.Current, target);
            }
        }

        private static void Write(char c, TextWriter target)
        {
            switch (c)
            {
                case '&': target.Write("&amp;"); break;
                case '<': target.Write("&lt;"); break;
                case '>': target.Write("&gt;"); break;
                case '"': target.Write("&quot;"); break;
                case '\'': target.Write("&#39;"); break;
                default: target.Write(c); break;
            }
        }
    }
}
