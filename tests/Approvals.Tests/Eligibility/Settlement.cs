using System.Text.Json;
using Talent.Workflows.Approvals.Eligibility;
using Talent.Workflows.Approvals.Integrations.Records;
using Talent.Workflows.Approvals.Tests.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.Eligibility;

/// <summary>The conditions of 在职人才引进入户 as they are shipped, and facts about nobody.</summary>
internal static class Settlement
{
    public static EligibilityRules Rules { get; } = EligibilityFiles.Read(Path.Combine(ShippedContent.Workflows, "in-service-settlement"), null, new Dictionary<string, byte[]>())!;

    /// <summary>Facts by JSON, all the applicant's word.</summary>
    public static Dictionary<string, KnownFact> Facts(string json, EligibilityRules? rules = null)
    {
        rules ??= Rules;
        return JsonDocument.Parse(json).RootElement.EnumerateObject().ToDictionary(p => p.Name,
            p => new KnownFact(FactValue.Read(rules.Fact(p.Name)!.Type, p.Value) ?? throw new InvalidOperationException($"{p.Name} is no {rules.Fact(p.Name)!.Type}."), FactSource.Applicant), StringComparer.Ordinal);
    }

    public static ConditionAnswer Ask(string condition, string facts, string day) => Rules.Evaluate(Facts(facts), DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture)).Conditions.Single(c => c.Id == condition);

    public static InsurancePeriod Period(string from, string to) =>
        new(DateOnly.Parse(from, System.Globalization.CultureInfo.InvariantCulture), DateOnly.Parse(to, System.Globalization.CultureInfo.InvariantCulture));
}
