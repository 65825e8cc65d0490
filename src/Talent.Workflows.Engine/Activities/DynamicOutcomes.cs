using System.Text.Json;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities;

/// <summary>Outcomes that a use of an activity lists in an input, as the designer's <c>dynamic-outcomes</c> editor writes them.</summary>
internal static class DynamicOutcomes
{
    /// <summary>The outcomes listed; none when there are none, or when only running it can say.</summary>
    public static IReadOnlyList<string> Of(ActivityNode node, string input) =>
        node.Json.TryGetProperty(input, out var json) && json.ValueKind != JsonValueKind.Null
        && InputExpression.Read(json) is { Type: "Literal" or "Object" } expression
        && InputTypes.TryRead<IReadOnlyList<string>>(expression.Value, out var names) && names is not null ? names : [];
}
