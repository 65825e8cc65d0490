namespace Talent.Workflows.Engine.Execution;

/// <summary>What events may be called: HTTP endpoints wait under names of their own, which no event may reach.</summary>
public static class EventNames
{
    /// <exception cref="WorkflowException"><c>invalid_request</c>: the name is kept for <see cref="HttpArrival.NameOf"/>.</exception>
    public static string Require(string name) => !name.StartsWith(HttpArrival.Prefix, StringComparison.Ordinal) ? name : throw new WorkflowException(ErrorCodes.InvalidRequest,
        $"No event can be called '{name}': names that begin with '{HttpArrival.Prefix}' belong to HTTP endpoints. Choose another name, or send the request to the endpoint.",
        $"事件名称不能以“{HttpArrival.Prefix}”开头（保留给 HTTP 端点），请改用其他名称，或直接请求该端点。");
}
