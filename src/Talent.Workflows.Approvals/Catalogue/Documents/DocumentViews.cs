using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Catalogue.Documents;

/// <summary>A document without its text.</summary>
/// <param name="Edition">From 1.</param>
/// <param name="From">First day that it is in force.</param>
/// <param name="To">Last day; null: until another edition is in force.</param>
public sealed record DocumentSummary(string Service, string Slug, string Kind, string KindZh, string TitleZh, string? TitleEn, string? Number, string? Issuer, int Edition, DateOnly From, DateOnly? To)
{
    public string Href => $"/api/v1/documents/{Service}/{Slug}";
    public string Page => $"/services/{Service}/{Slug}";
}

/// <summary>One edition of a document.</summary>
public sealed record DocumentView(DocumentSummary Document, string BodyZh, string? BodyEn)
{
    /// <summary>Safe to show as it is.</summary>
    public string HtmlZh => DocumentText.TryRender(BodyZh, out var html) ? html : "";

    public string? HtmlEn => BodyEn is not null && DocumentText.TryRender(BodyEn, out var html) ? html : null;

    /// <summary>Whether it is the one in force at the time that was asked for.</summary>
    public required bool InForce { get; init; }

    /// <summary>All editions that have come into force so far, the newest first.</summary>
    public required IReadOnlyList<DocumentEdition> Editions { get; init; }
}

/// <param name="Withdrawn">废止: there was no such document on its days.</param>
public sealed record DocumentEdition(int Edition, string TitleZh, DateOnly From, DateOnly? To, bool Withdrawn, DateTimeOffset RecordedAt);
