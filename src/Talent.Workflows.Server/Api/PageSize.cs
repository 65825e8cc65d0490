using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Api;

/// <summary>The query parameter <c>limit</c>.</summary>
internal static class PageSize
{
    public const int Default = 50;
    public const int Max = 200;

    /// <exception cref="WorkflowException"><c>invalid_request</c>: not 1 to 200.</exception>
    public static int Of(int? limit) => limit switch
    {
        null => Default,
        >= 1 and <= Max => limit.Value,
        _ => throw new WorkflowException(ErrorCodes.InvalidRequest, $"The parameter 'limit' is 1 to {Max}.", $"参数 limit 须为 1 至 {Max}。")
        { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new ProblemError("limit", "invalid_parameter", $"须为 1 至 {Max}", $"1 to {Max}") } } },
    };
}
