using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Messages.Templates;

/// <summary>
/// <c>templates/&lt;event&gt;.&lt;language&gt;.hbs</c>: sections <c>## subject</c>, <c>## sms</c>, <c>## inapp</c> and <c>## email</c>.
/// The e-mail section is plain text in blocks split by empty lines: a paragraph; facts, each line <c>- label：value</c>;
/// or a button <c>[label]({{field}})</c>. Blocks are cut before rendering, so data can't make any.
/// </summary>
internal sealed partial class TemplateFile
{
    private static readonly string[] Sections = ["subject", "sms", "inapp", "email"];

    private TemplateFile() { }

    public TextTemplate? Subject { get; private set; }
    public TextTemplate? Sms { get; private set; }
    public TextTemplate? InApp { get; private set; }
    public IReadOnlyList<EmailBlock> Email { get; private set; } = [];

    public IEnumerable<string> Fields =>
        new[] { Subject, Sms, InApp }.OfType<TextTemplate>().Concat(Email.SelectMany(b => b.Texts)).SelectMany(t => t.Fields);

    public bool Has(string channel) => channel switch
    {
        MessageChannels.Sms => Sms is not null,
        MessageChannels.InApp => InApp is not null,
        _ => Email.Count > 0,
    };

    public static TemplateFile Parse(string file, string content, List<ContentError> errors)
    {
        TemplateFile result = new();
        string[] lines = content.ReplaceLineEndings("\n").Split('\n');
        int at = 0;
        HashSet<string> seen = [];
        while (at < lines.Length)
        {
            string heading = lines[at].Trim();
            if (heading.Length == 0)
            {
                at++;
                continue;
            }

            string name = heading.StartsWith("## ", StringComparison.Ordinal) ? heading[3..] : "";
            if (!Sections.Contains(name) || !seen.Add(name))
            {
                errors.Add(new ContentError(file, $"line {at + 1}", $"expected one of the headings {string.Join(", ", Sections.Select(s => $"'## {s}'"))}, each once"));
                return result;
            }

            int start = ++at;
            while (at < lines.Length && !lines[at].StartsWith("## ", StringComparison.Ordinal))
            {
                at++;
            }

            result.Keep(name, lines[start..at], start + 1, file, errors);
        }

        if (result.Subject is null)
        {
            errors.Add(new ContentError(file, "$", "the section '## subject' is missing"));
        }

        return result;
    }

    private void Keep(string name, string[] lines, int firstLine, string file, List<ContentError> errors)
    {
        if (name == "email")
        {
            Email = Blocks(lines, firstLine, file, errors);
            return;
        }

        while (lines.Length > 0 && lines[0].Trim().Length == 0)
        {
            (lines, firstLine) = (lines[1..], firstLine + 1);
        }

        TextTemplate? text = Text(string.Join('\n', lines).TrimEnd(), firstLine, file, errors);
        (Subject, Sms, InApp) = name switch
        {
            "subject" => (text, Sms, InApp),
            "sms" => (Subject, text, InApp),
            _ => (Subject, Sms, text),
        };
    }

    private static List<EmailBlock> Blocks(string[] lines, int firstLine, string file, List<ContentError> errors)
    {
        List<EmailBlock> blocks = [];
        for (int i = 0; i < lines.Length; i++)
        {
            int start = i;
            while (i < lines.Length && lines[i].Trim().Length > 0)
            {
                i++;
            }

            if (i > start)
            {
                blocks.Add(Block(lines[start..i], firstLine + start, file, errors));
            }
        }

        return blocks;
    }

    private static EmailBlock Block(string[] lines, int line, string file, List<ContentError> errors)
    {
        if (lines is [string only] && Button().Match(only) is { Success: true } button
            && Text(button.Groups["label"].Value, line, file, errors) is TextTemplate label
            && Text(button.Groups["url"].Value, line, file, errors) is TextTemplate url)
        {
            return new EmailBlock.Button(label, url);
        }

        if (!lines.All(l => l.StartsWith("- ", StringComparison.Ordinal)))
        {
            return Text(string.Join('\n', lines), line, file, errors) is TextTemplate text ? new EmailBlock.Paragraph(text) : new EmailBlock.Facts([]);
        }

        List<(string, TextTemplate)> facts = [];
        for (int i = 0; i < lines.Length; i++)
        {
            Match fact = Fact().Match(lines[i]);
            if (!fact.Success)
            {
                errors.Add(new ContentError(file, $"line {line + i}", "a fact is written '- label：value', or '- label: value' in English"));
            }
            else if (Text(fact.Groups["value"].Value, line + i, file, errors) is TextTemplate value)
            {
                facts.Add((fact.Groups["label"].Value, value));
            }
        }

        return new EmailBlock.Facts(facts);
    }

    private static TextTemplate? Text(string source, int firstLine, string file, List<ContentError> errors)
    {
        if (source.Length == 0)
        {
            errors.Add(new ContentError(file, $"line {firstLine}", "the section is empty; write its text or remove its heading"));
            return null;
        }

        TextTemplate? text = TextTemplate.Parse(source, out (int Line, string Message) flaw);
        if (text is null)
        {
            errors.Add(new ContentError(file, $"line {firstLine + flaw.Line - 1}", flaw.Message));
        }

        return text;
    }

    [GeneratedRegex(@"\A\[(?<label>[^\]]+)\]\((?<url>\{\{[a-z][A-Za-z0-9]*\}\})\)\z")]
    private static partial Regex Button();

    [GeneratedRegex(@"\A- (?<label>[^：:{}]{1,20})(?:：|: )(?<value>.+)\z")]
    private static partial Regex Fact();
}

/// <summary>A block of an e-mail's text.</summary>
internal abstract record EmailBlock
{
    public abstract IEnumerable<TextTemplate> Texts { get; }

    public sealed record Paragraph(TextTemplate Text) : EmailBlock
    {
        public override IEnumerable<TextTemplate> Texts => [Text];
    }

    public sealed record Facts(IReadOnlyList<(string Label, TextTemplate Value)> Lines) : EmailBlock
    {
        public override IEnumerable<TextTemplate> Texts => Lines.Select(l => l.Value);
    }

    public sealed record Button(TextTemplate Label, TextTemplate Url) : EmailBlock
    {
        public override IEnumerable<TextTemplate> Texts => [Label, Url];
    }
}
