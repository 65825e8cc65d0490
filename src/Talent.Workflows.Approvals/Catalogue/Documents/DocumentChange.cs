using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Catalogue.Documents;

/// <summary>Another edition of a document. It covers the days it says, before editions that were recorded earlier.</summary>
public sealed record DocumentChange
{
    /// <summary>policy, conditions, procedure, tips, faq or notice.</summary>
    public required string Kind { get; init; }
    public required string TitleZh { get; init; }
    public string? TitleEn { get; init; }
    public string? Number { get; init; }
    public string? Issuer { get; init; }
    public required DateOnly From { get; init; }

    /// <summary>The last day; null: until another edition is in force.</summary>
    public DateOnly? To { get; init; }
    public int Place { get; init; }

    /// <summary>Markdown.</summary>
    public required string BodyZh { get; init; }
    public string? BodyEn { get; init; }

    /// <summary>废止: on the days it covers there is no such document.</summary>
    public bool Withdrawn { get; init; }
    public required string Reason { get; init; }

    internal static DocumentChange Of(ServiceDocument file, string reason) => new()
    {
        Kind = file.Kind, TitleZh = file.TitleZh, TitleEn = file.TitleEn, Number = file.Number, Issuer = file.Issuer, From = file.From, To = file.To, Place = file.Place, BodyZh = file.BodyZh, BodyEn = file.BodyEn, Reason = reason,
    };

    internal IEnumerable<ProblemError> Errors()
    {
        ProblemError?[] found =
        [
            DocumentKinds.All.Any(k => k.Kind == Kind) ? null : CatalogueChanges.Error("kind", $"须为 {string.Join("、", DocumentKinds.All.Select(k => k.Kind))} 之一", $"use one of {string.Join(", ", DocumentKinds.All.Select(k => k.Kind))}"),
            CatalogueChanges.Text("titleZh", TitleZh), Optional("titleEn", TitleEn), Optional("number", Number), Optional("issuer", Issuer), CatalogueChanges.Text("reason", Reason),
            From.Year < 1949 ? CatalogueChanges.Error("from", "须填写施行日期", "say from when it is in force") : To < From ? CatalogueChanges.Error("to", "不能早于施行日期", "it may not lie before the first day") : null,
            Place is < 0 or > 9999 ? CatalogueChanges.Error("place", "须为 0 至 9999", "0 to 9999") : null,
            Body("bodyZh", BodyZh), BodyEn is null ? null : Body("bodyEn", BodyEn),
        ];
        return found.OfType<ProblemError>();
    }

    private static ProblemError? Optional(string path, string? text) => text is null ? null : CatalogueChanges.Text(path, text);

    private static ProblemError? Body(string path, string text) => CatalogueChanges.Text(path, text, DocumentText.Longest)
        ?? (DocumentText.TryRender(text, out _) ? null : CatalogueChanges.Error(path, "内容层级过深，无法显示", "it is nested too deeply to be shown"));
}
