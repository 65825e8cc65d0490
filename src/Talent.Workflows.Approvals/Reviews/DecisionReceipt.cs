using System.Text.Json;
using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>What a decision is answered with, also when the request comes again.</summary>
/// <param name="Version">Of the case after the decision.</param>
/// <param name="DecidedFor">委托: with whose right it was decided; null: the decider's own.</param>
public sealed record DecisionReceipt(Guid TaskId, Guid CaseId, long Version, string Outcome, string DecidedBy, DateTimeOffset DecidedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? DecidedFor = null)
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
}
