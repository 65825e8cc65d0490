using System.Text.Json;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>Reads what somebody says of a fact.</summary>
internal static class SaidFacts
{
    /// <returns>Null: no value of the fact's type, or a code that its table doesn't have.</returns>
    public static FactValue? Read(EligibilityFile file, FactDeclaration fact, JsonElement json) => FactValue.Read(fact.Type, json) switch
    {
        FactValue.Code(var code) when code != RulesBinder.OtherCode && !(fact.CodeTable is { } name && file.CodeTables.TryGetValue(name, out var table) && table.Entries.Any(e => e.Code == code)) => null,
        var value => value,
    };
}
