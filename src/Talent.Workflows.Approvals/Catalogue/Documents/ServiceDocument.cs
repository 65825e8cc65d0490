using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Catalogue.Documents;

/// <summary>The kinds of documents, in the order in which they are shown.</summary>
public static class DocumentKinds
{
    /// <summary>The service of documents that are for all services.</summary>
    public const string Shared = "shared";

    public static readonly IReadOnlyList<(string Kind, string Zh, string En)> All =
    [
        ("notice", "通知公告", "Notices"), ("policy", "政策依据", "Policy documents"), ("conditions", "办理条件", "Conditions"), ("procedure", "办理流程", "Procedure"),
        ("tips", "温馨提示", "Hints"), ("faq", "常见问题", "Questions and answers"),
    ];

    public static string Zh(string kind) => All.FirstOrDefault(k => k.Kind == kind).Zh ?? kind;

    internal static int Place(string kind) => All.TakeWhile(k => k.Kind != kind).Count();
}

/// <summary>One document of a service as a file says it: <c>documents/*.md</c> with what it is between two lines of <c>---</c> at its head (R-CAT-2).</summary>
public sealed record ServiceDocument
{
    /// <summary>The service's id, or <see cref="DocumentKinds.Shared"/>.</summary>
    public required string Service { get; init; }

    /// <summary>The file's name without its ending; with the service the document's address.</summary>
    public required string Slug { get; init; }
    public required string Kind { get; init; }
    public required string TitleZh { get; init; }
    public string? TitleEn { get; init; }

    /// <summary>文号.</summary>
    public string? Number { get; init; }

    /// <summary>发文机关.</summary>
    public string? Issuer { get; init; }

    /// <summary>In force from the beginning of this day of Asia/Shanghai.</summary>
    public required DateOnly From { get; init; }

    /// <summary>The last day; null: until another edition is in force.</summary>
    public DateOnly? To { get; init; }

    /// <summary>Its place among those of its kind, upwards.</summary>
    public int Place { get; init; }

    /// <summary>Markdown, in Chinese.</summary>
    public required string BodyZh { get; init; }

    /// <summary>The same in English, from <c>slug.en.md</c>; null: there is none.</summary>
    public string? BodyEn { get; init; }

    /// <summary>SHA-256 in lower-case hexadecimal over the files; line ends are left out.</summary>
    public required string Hash { get; init; }

    /// <summary>Reads the documents of a folder; none when there is no such folder.</summary>
    /// <exception cref="ContentException">One can't be used; all that is wrong is listed.</exception>
    public static IReadOnlyList<ServiceDocument> ReadAll(string folder, string service)
    {
        if (!Directory.Exists(folder))
            return [];
        var (read, errors) = (new List<ServiceDocument>(), new List<ContentError>());
        foreach (var file in Directory.EnumerateFiles(folder, "*.md").Where(f => !f.EndsWith(".en.md", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            try
            {
                var english = Path.ChangeExtension(file, ".en.md");
                read.Add(Parse(service, Path.GetFileNameWithoutExtension(file), File.ReadAllText(file), File.Exists(english) ? File.ReadAllText(english) : null));
            }
            catch (ContentException e)
            {
                errors.AddRange(e.Errors);
            }
        return errors.Count == 0 ? read : throw new ContentException(errors);
    }

    /// <exception cref="ContentException">It has no head, or one that can't be used; the body is empty, too long or too deep.</exception>
    public static ServiceDocument Parse(string service, string slug, string text, string? english)
    {
        var name = $"{service}/documents/{slug}.md";
        text = Plain(text);
        var end = text.StartsWith("---\n", StringComparison.Ordinal) ? text.IndexOf("\n---\n", 3, StringComparison.Ordinal) : -1;
        if (end < 0)
            throw new ContentException(name, "line 1", "the file has no head: begin with a line '---', lines 'name: value', and another '---'");
        var head = new Dictionary<string, string>(StringComparer.Ordinal);
        var errors = new List<ContentError>();
        foreach (var (line, number) in text[4..Math.Max(4, end)].Split('\n').Select((l, i) => (l, i + 2)).Where(l => l.l.Trim().Length > 0))
            if (line.Split(':', 2) is not [var key, var value] || !Known.Contains(key.Trim()))
                errors.Add(new ContentError(name, $"line {number}", $"'{line}' isn't known; write one of {string.Join(", ", Known)}, a colon and its value"));
            else if (!head.TryAdd(key.Trim(), value.Trim()))
                errors.Add(new ContentError(name, $"line {number}", $"'{key.Trim()}' stands twice"));
        var document = new ServiceDocument
        {
            Service = service,
            Slug = slug,
            Kind = head.GetValueOrDefault("kind", ""),
            TitleZh = head.GetValueOrDefault("title", ""),
            TitleEn = Given("titleEn"),
            Number = Given("number"),
            Issuer = Given("issuer"),
            From = Day("from") ?? default,
            To = Day("to"),
            Place = Given("place") is not { } place ? 0 : int.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : Wrong<int>("place", "it isn't a number"),
            BodyZh = text[(end + 5)..].Trim(),
            BodyEn = english is null ? null : Plain(english).Trim(),
            Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{text}\n\0\n{(english is null ? "" : Plain(english))}"))),
        };
        errors.AddRange(DocumentChange.Of(document, "file").Errors().Select(e => new ContentError(name, e.Path, e.MessageEn)));
        return errors.Count == 0 ? document : throw new ContentException(errors);

        string? Given(string key) => head.GetValueOrDefault(key) is { Length: > 0 } value ? value : null;

        DateOnly? Day(string key) => Given(key) is not { } value ? null
            : DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : Wrong<DateOnly?>(key, "it isn't a day such as 2026-09-01");

        T? Wrong<T>(string key, string why)
        {
            errors.Add(new ContentError(name, key, why));
            return default;
        }
    }

    private static readonly string[] Known = ["kind", "title", "titleEn", "number", "issuer", "from", "to", "place"];

    private static string Plain(string text) => text.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal);
}
