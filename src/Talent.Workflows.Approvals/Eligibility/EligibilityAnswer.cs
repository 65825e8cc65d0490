namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>What the rules say of somebody on a day: every condition, each explained (R-ELG-5).</summary>
/// <param name="Rules">Version of the rules: SHA-256 of their files.</param>
public sealed record EligibilityAnswer(DateOnly Day, string Rules, IReadOnlyList<ConditionAnswer> Conditions)
{
    /// <summary>Ids of the conditions that are met.</summary>
    public IEnumerable<string> Met => Conditions.Where(c => c.State == ConditionStates.Met).Select(c => c.Id);
}

/// <summary>Words for what a condition comes to.</summary>
public static class ConditionStates
{
    public const string Met = "met";
    public const string NotMet = "not_met";

    /// <summary>Something isn't known, or the office decides: nobody is refused by it.</summary>
    public const string Unknown = "unknown";

    internal static string Of(Truth truth) => truth switch { Truth.Yes => Met, Truth.No => NotMet, _ => Unknown };
}

/// <param name="Zh">The condition, as the manual words it.</param>
/// <param name="State">One of <see cref="ConditionStates"/>.</param>
/// <param name="ReasonZh">A sentence; it holds no value of a fact.</param>
/// <param name="Missing">Facts that would have to be known.</param>
/// <param name="Rule">The row that it was judged by: the one that is met, else one that isn't known, else its first. Null: the office decides.</param>
/// <param name="Hints">What tables say that decide nothing, such as those of the questionnaire.</param>
public sealed record ConditionAnswer(
    string Id, string Category, string Zh, string En, string Source, string State, string ReasonZh, string ReasonEn, IReadOnlyList<FactName> Missing, RuleTrace? Rule, IReadOnlyList<RuleTrace> Hints);

public sealed record FactName(string Fact, string Zh, string En);

/// <summary>A row of a table, with the facts that it was tested on.</summary>
/// <param name="Row">From 1.</param>
/// <param name="State">One of <see cref="ConditionStates"/>: what the row comes to.</param>
/// <param name="GivesWay">It matches, and an earlier row of its table goes before it.</param>
public sealed record RuleTrace(string Table, string Zh, string En, string Source, string Hit, int Row, string State, bool GivesWay, IReadOnlyList<FactUse> Facts);

/// <summary>A fact that a row tests.</summary>
/// <param name="RequiredZh">What the row asks for.</param>
/// <param name="Value">As JSON has it; null: it isn't known, or whoever reads isn't to know it.</param>
/// <param name="Source">Whose word it is: <c>identity</c>, <c>shared_data</c>, <c>recognition</c>, <c>applicant</c>, <c>skipped</c>; null: unknown, or derived from several.</param>
/// <param name="From">The facts that it follows from; empty: it is given itself.</param>
/// <param name="Personal">Its value is for the applicant alone.</param>
public sealed record FactUse(
    string Fact, string Zh, string En, string RequiredZh, string RequiredEn, string State, object? Value, string? Source, IReadOnlyList<FactGround> From, bool Personal);

/// <summary>A fact that another follows from.</summary>
public sealed record FactGround(string Fact, string Zh, string En, object? Value, string? Source, bool Personal);

/// <summary>Words for whose word a fact is.</summary>
public static class FactSources
{
    public static string Code(FactSource source) => source switch
    {
        FactSource.Identity => "identity",
        FactSource.SharedData => "shared_data",
        FactSource.Recognition => "recognition",
        FactSource.Skipped => "skipped",
        _ => "applicant",
    };

    /// <summary>Null: it is none of them.</summary>
    public static FactSource? Parse(string? code) => code switch
    {
        "identity" => FactSource.Identity,
        "shared_data" => FactSource.SharedData,
        "recognition" => FactSource.Recognition,
        "skipped" => FactSource.Skipped,
        "applicant" => FactSource.Applicant,
        _ => null,
    };
}
