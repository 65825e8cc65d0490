using System.Globalization;
using System.Xml.Linq;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>The open notices as an Atom feed (RFC 4287). Links are relative to where it was read: what a proxy calls this server doesn't matter.</summary>
public static class NoticeFeed
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";

    /// <summary>Newest first.</summary>
    public static string Write(IReadOnlyList<NoticeView> notices) => new XDocument(new XElement(Atom + "feed",
        new XAttribute(XNamespace.Xml + "lang", "zh-CN"),
        new XElement(Atom + "title", "公示公告"),
        new XElement(Atom + "id", "urn:talent-workflows:notices"),
        new XElement(Atom + "author", new XElement(Atom + "name", "公示公告")),
        new XElement(Atom + "updated", Instant(notices.Select(Updated).DefaultIfEmpty(DateTimeOffset.UnixEpoch).Max())),
        Link("self", "/notices.atom", "application/atom+xml"),
        Link("alternate", "/notices", "text/html"),
        notices.OrderByDescending(Updated).Select(n => new XElement(Atom + "entry",
            new XElement(Atom + "id", $"urn:uuid:{n.Id}"),
            new XElement(Atom + "title", $"{n.Title}（{n.Number}）"),
            new XElement(Atom + "published", Instant(n.From)),
            new XElement(Atom + "updated", Instant(Updated(n))),
            Link("alternate", $"/notices/{n.Id}", "text/html"),
            new XElement(Atom + "content", new XAttribute("type", "text"), Text(n)))))).ToString();

    // Of the last edition; before there were several, of its posting.
    private static DateTimeOffset Updated(NoticeView notice) => notice.Editions.Count == 0 ? notice.From : notice.Editions[^1].At;

    private static XElement Link(string relation, string href, string type) =>
        new(Atom + "link", new XAttribute("rel", relation), new XAttribute("href", href), new XAttribute("type", type));

    private static string Text(NoticeView notice) => string.Join('\n', notice.Lines.Select(l => $"{l.Label}：{l.Text}")
        .Concat(notice.Editions.Where(e => e.Reason is not null).Select(e => $"{(e.Change == NoticeChange.Corrected ? "更正" : "延长公示")}：{e.Reason}"))
        .Append($"公示期：{NoticePages.Day(notice.From)}至{NoticePages.Day(notice.Until.AddTicks(-1))}"));

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
