using System.Text.Json;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>What a decision is answered with, also when the request comes again.</summary>
/// <param name="Version">Of the case after the decision.</param>
public sealed record DecisionReceipt(Guid TaskId, Guid CaseId, long Version, string Outcome, string DecidedBy, DateTimeOffset DecidedAt)
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
}
