using System.Text.Json;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>An answer as those may see it whom the case isn't about: the sentences hold no values, so only the facts are masked (R-AUD-2).</summary>
internal static class MaskedAnswer
{
    private const string Mask = "***";

    /// <param name="blind">For who isn't to know whom the case is about: no value at all.</param>
    public static EligibilityAnswer Of(EligibilityAnswer answer, bool blind) =>
        answer with { Conditions = [.. answer.Conditions.Select(c => c with { Rule = c.Rule is { } rule ? Of(rule, blind) : null, Hints = [.. c.Hints.Select(h => Of(h, blind))] })] };

    private static RuleTrace Of(RuleTrace rule, bool blind) => rule with
    {
        Facts = [.. rule.Facts.Select(f => f with { Value = Shown(f.Value, f.Personal, blind), From = [.. f.From.Select(g => g with { Value = Shown(g.Value, g.Personal, blind) })] })],
    };

    // Of a date the year is left, as in masked forms nothing of it is: the age group is what a reviewer looks at.
    private static object? Shown(object? value, bool personal, bool blind) => value is null || !personal && !blind ? value
        : !blind && (value is JsonElement { ValueKind: JsonValueKind.String } json ? json.GetString() : value as string) is { } text && FactValue.ReadDate(text) is not null ? $"{text[..4]}-**-**" : Mask;
}
