using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Catalogue.Documents;

namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>人才服务列表: every service that there is, and whether the parties may file for it now (R-CAT-1).</summary>
/// <param name="At">When it was so, by the business clock.</param>
/// <param name="As">In which capacity it was judged; null: nobody was named, and nothing judged.</param>
/// <param name="Employer">The employer that files, or the applicant's own.</param>
public sealed record CatalogueView(DateTimeOffset At, Filer? As, string? Applicant, string? Employer, IReadOnlyList<CatalogueEntry> Items);

/// <summary>One service as the catalogue shows it.</summary>
public sealed record CatalogueEntry
{
    public required string Service { get; init; }
    public required string Zh { get; init; }
    public required string En { get; init; }
    public required string SummaryZh { get; init; }
    public required string SummaryEn { get; init; }

    /// <summary><c>applicant</c>, <c>employer</c>.</summary>
    public required IReadOnlyList<string> FiledBy { get; init; }
    public required ServiceHotline Hotline { get; init; }

    /// <summary>The round that is open; null: none, or it is filed at any time.</summary>
    public required FilingRound? Round { get; init; }
    public required FilingRound? NextRound { get; init; }

    /// <summary>Whether it can be filed now; null: nobody was named.</summary>
    public required bool? Open { get; init; }

    /// <summary>被限制办理原因: all of them; empty when it is open.</summary>
    public required IReadOnlyList<FilingReason> Reasons { get; init; }

    /// <summary>Of one service: what it is to be read with, as it is in force now.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<DocumentSummary>? Documents { get; init; }

    /// <summary>Of one service: what it asks for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ServiceConditions? Conditions { get; init; }

    /// <summary>Of one service: its texts, such as the declaration.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, ServiceText>? Texts { get; init; }
}
