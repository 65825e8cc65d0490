using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Notices;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>A letter with all that it says, in both languages: what is kept as canonical JSON, and what its HTML is made of.</summary>
internal sealed partial record LetterText
{
    public required Guid Id { get; init; }
    public required Guid CaseId { get; init; }
    public required string Kind { get; init; }
    public required string Number { get; init; }
    public required string TitleZh { get; init; }
    public required string TitleEn { get; init; }
    public required string IssuerZh { get; init; }
    public required string IssuerEn { get; init; }
    public required string? AddresseeZh { get; init; }
    public required string? AddresseeEn { get; init; }

    /// <summary>The date as it is written.</summary>
    public required string DateZh { get; init; }
    public required string DateEn { get; init; }
    public required IReadOnlyDictionary<string, string> Fields { get; init; }
    public required IReadOnlyDictionary<string, string> FieldsEn { get; init; }

    /// <summary>The number of the letter that it replaces; null: none.</summary>
    public string? Corrects { get; init; }

    /// <summary>It was issued in the place of another because somebody asked for it, and not by the flow.</summary>
    public bool Reissued { get; init; }

    /// <summary>The same text for the same letter.</summary>
    public string Canonical() => CanonicalJson.Of(JsonSerializer.Serialize(this, JsonSerializerOptions.Web));

    public static LetterText Read(string canonical) => JsonSerializer.Deserialize<LetterText>(canonical, JsonSerializerOptions.Web)!;

    /// <summary>The letter as a page of its own. Pure: the same letter gives the same bytes. Whatever comes from data is encoded.</summary>
    public string Html(Letter letter)
    {
        var html = new StringBuilder("<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>")
            .Append(Text($"{TitleZh} {Number}")).Append("</title><style>").Append(LetterStyle.Css).Append("</style></head><body>\n<main>\n");
        html.Append("<p class=\"issuer\">").Append(Text(IssuerZh)).Append("</p>\n<h1>").Append(Text(TitleZh)).Append("</h1>\n<p class=\"number\">").Append(Text(Number)).Append("</p>\n");
        Body(html, letter, chinese: true);
        html.Append("</main>\n<section class=\"translation\" lang=\"en\">\n<p class=\"hint\">English translation for reference. The Chinese text is authoritative.</p>\n<h2>").Append(Text(TitleEn)).Append("</h2>\n<p class=\"number\">No. ").Append(Text(Number)).Append("</p>\n");
        Body(html, letter, chinese: false);
        return html.Append("</section>\n</body></html>\n").ToString();
    }

    private void Body(StringBuilder html, Letter letter, bool chinese)
    {
        if ((chinese ? AddresseeZh : AddresseeEn) is { } addressee)
            html.Append("<p class=\"to\">").Append(Text(addressee)).Append(chinese ? "：" : ":").Append("</p>\n");
        if (Corrects is { } before)
            Paragraph(html, Reissued
                ? chinese ? $"本文书系重新出具，取代{before}文书；原文书自本文书出具之日起作废。" : $"This letter was issued again and replaces letter {before}, which no longer holds."
                : chinese ? $"本文书更正并取代{before}文书。" : $"This letter corrects and replaces letter {before}.");
        foreach (var (heading, text) in (chinese ? letter.BodyZh : letter.BodyEn).Render(chinese ? Fields : FieldsEn))
            if (heading)
                html.Append("<h3>").Append(Text(text)).Append("</h3>\n");
            else
                Paragraph(html, text);
        if (letter.Remedy is { } remedy)
            Paragraph(html, chinese ? remedy.Zh : remedy.En);
        for (var i = 0; i < letter.Attachments.Count; i++)
            html.Append("<p class=\"attachment\">").Append(i > 0 ? "" : chinese ? "附件：" : "Attached: ").Append(letter.Attachments.Count > 1 ? $"{i + 1}. " : "")
                .Append(Text(chinese ? letter.Attachments[i].Zh : letter.Attachments[i].En)).Append("</p>\n");
        html.Append("<div class=\"signature\"><p>").Append(Text(chinese ? IssuerZh : IssuerEn)).Append("</p><p>").Append(Text(chinese ? DateZh : DateEn)).Append("</p>");
        if (chinese)
            html.Append("<p class=\"seal\">〔印章〕</p>");
        html.Append("</div>\n");
    }

    private static void Paragraph(StringBuilder html, string text) => html.Append("<p>").Append(Token().Replace(Text(text), "<span class=\"whole\">$0</span>")).Append("</p>\n");

    private static string Text(string text) => NoticePages.Text(text);

    // Numbers of cases and telephones, and hours: a line doesn't end in one.
    [GeneratedRegex(@"(?<![\w-])[0-9A-Z][0-9A-Z:]{0,9}(?:[-–][0-9A-Z:]{1,10}){1,5}(?![\w-])")]
    private static partial Regex Token();
}
