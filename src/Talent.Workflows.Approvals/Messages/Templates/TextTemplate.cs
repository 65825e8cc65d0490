using System.Text.RegularExpressions;
using HandlebarsDotNet;

namespace Talent.Workflows.Approvals.Messages.Templates;

/// <summary>
/// A piece of plain text with <c>{{field}}</c>, <c>{{#if field}}…{{else}}…{{/if}}</c> and <c>{{#unless field}}…{{/unless}}</c>,
/// and nothing else of Handlebars: whatever a template may name is known before it is ever rendered.
/// It makes text, never HTML.
/// </summary>
internal sealed partial class TextTemplate
{
    private static readonly CompiledTemplates Templates = new(new HandlebarsConfiguration { NoEscape = true });

    private TextTemplate(string source, IReadOnlyList<string> fields)
    {
        Source = source;
        Fields = fields;
    }

    public string Source { get; }

    /// <summary>The fields named, in order, each once.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>Whether the text holds conditions, which providers' templates can't express.</summary>
    public bool Conditional => Tag().Matches(Source).Any(m => m.Groups["block"].Success);

    /// <param name="flaw">What is wrong and the line it is on, counted from 1.</param>
    public static TextTemplate? Parse(string source, out (int Line, string Message) flaw)
    {
        List<string> fields = [];
        Stack<string> open = new();
        int end = 0;
        foreach (Match tag in Tag().Matches(source))
        {
            end = tag.Index + tag.Length;
            flaw = (1 + source.AsSpan(0, tag.Index).Count('\n'), "");
            string block = tag.Groups["block"].Value;
            string field = tag.Groups["field"].Value;
            if (tag.Groups["close"].Success)
            {
                if (!open.TryPop(out string? opened) || opened != tag.Groups["close"].Value)
                {
                    flaw.Message = $"'{tag.Value}' closes nothing that is open";
                    return null;
                }
            }
            else if (tag.Groups["else"].Success)
            {
                if (open.Count == 0)
                {
                    flaw.Message = "'{{else}}' stands outside a block";
                    return null;
                }
            }
            else if (field.Length == 0)
            {
                flaw.Message = $"'{Short(tag.Value)}' isn't possible here; use {{{{field}}}}, {{{{#if field}}}} or {{{{#unless field}}}}";
                return null;
            }
            else
            {
                fields.Add(field);
                if (block.Length > 0)
                {
                    open.Push(block);
                }
            }
        }

        flaw = (1 + source.AsSpan().Count('\n'), "");
        if (open.Count > 0)
        {
            flaw.Message = $"'{{{{#{open.Peek()}}}}}' is never closed";
            return null;
        }

        if (source.IndexOf("{{", end, StringComparison.Ordinal) >= 0)
        {
            flaw.Message = "'{{' is never closed";
            return null;
        }

        return new TextTemplate(source, [.. fields.Distinct(StringComparer.Ordinal)]);
    }

    public string Render(IReadOnlyDictionary<string, string> data) =>
        Fields.Count == 0 ? Source : Templates.Render(Source, data);

    private static string Short(string tag) => tag.Length <= 40 ? tag : tag[..40] + "…";

    // A tag of another shape matches too, without a field, so that it is refused rather than printed.
    [GeneratedRegex(@"\{\{(?:(?:#(?<block>if|unless) )?(?<field>[a-z][A-Za-z0-9]*)(?<!else)|(?<else>else)|/(?<close>if|unless)|[^}]*)\}\}\}?", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Tag();
}
