using System.Globalization;
using Microsoft.AspNetCore.Http;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.People;

/// <summary>Versions as entity tags: <c>"17"</c>.</summary>
public static class EntityTag
{
    public static string Of(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>The version in <c>If-Match</c>; null when there is none or it is <c>*</c>.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: it isn't a version.</exception>
    public static long? IfMatch(HttpRequest request) => request.Headers.IfMatch is [{ Length: > 0 } text] && text != "*"
        ? Parse(text) ?? throw new WorkflowException(ErrorCodes.InvalidRequest, "If-Match takes the ETag of an earlier answer, such as \"17\".", "If-Match 须为先前返回的 ETag，如 \"17\"。")
        : null;

    /// <summary>The version in <c>If-None-Match</c>; null when there is none that this server gave.</summary>
    public static long? IfNoneMatch(HttpRequest request) => request.Headers.IfNoneMatch is [{ Length: > 0 } text] ? Parse(text) : null;

    private static long? Parse(string text)
    {
        var tag = text.StartsWith("W/", StringComparison.Ordinal) ? text[2..] : text;
        return tag is ['"', .. var number, '"'] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
    }
}
