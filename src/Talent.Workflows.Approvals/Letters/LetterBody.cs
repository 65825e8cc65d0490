using System.Text;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Messages.Templates;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>
/// The text of a letter in one language, <c>letters/&lt;kind&gt;.&lt;language&gt;.md</c>: paragraphs split by empty lines, and headings <c>## 一、…</c>,
/// in the language of message templates. Blocks are cut before rendering, so that data can't make any; each line that a value has is a
/// paragraph of its own, and a block without text vanishes.
/// </summary>
internal sealed class LetterBody
{
    private readonly List<(bool IsHeading, TextTemplate Text)> blocks = [];

    private LetterBody()
    {
    }

    /// <summary>The fields named, in order, each once.</summary>
    public IEnumerable<string> Fields => blocks.SelectMany(b => b.Text.Fields).Distinct(StringComparer.Ordinal);

    public static LetterBody Parse(string file, string content, List<ContentError> errors)
    {
        var body = new LetterBody();
        string[] lines = [.. content.ReplaceLineEndings("\n").Split('\n'), ""];
        var block = new StringBuilder();
        var first = 0;
        for (var at = 0; at < lines.Length; at++)
            if (lines[at].Trim() is { Length: > 0 } line)
            {
                first = block.Length == 0 ? at : first;
                block.Append(block.Length == 0 ? "" : "\n").Append(line);
            }
            else if (block.Length > 0)
            {
                body.Add(file, first + 1, block.ToString(), errors);
                block.Clear();
            }
        if (body.blocks.Count == 0)
            errors.Add(new ContentError(file, "$", "the file has no text"));
        return body;
    }

    /// <summary>Paragraphs and headings with their values, none empty.</summary>
    public IEnumerable<(bool IsHeading, string Text)> Render(IReadOnlyDictionary<string, string> values) =>
        from block in blocks
        from line in block.Text.Render(values).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        select (block.IsHeading, line);

    private void Add(string file, int line, string text, List<ContentError> errors)
    {
        var heading = text.StartsWith("## ", StringComparison.Ordinal);
        if (TextTemplate.Parse(heading ? text[3..] : text, out var flaw) is { } template)
            blocks.Add((heading, template));
        else
            errors.Add(new ContentError(file, $"line {line + flaw.Line - 1}", flaw.Message));
    }
}
