using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.People;

/// <summary>The query parameter <c>wait</c>: how long an unchanged resource is waited for, as <c>30s</c>, <c>500ms</c> or <c>1m</c>.</summary>
public sealed record WaitTime(TimeSpan Value)
{
    /// <summary>For minimal APIs; what is longer than allowed is cut.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>.</exception>
    public static ValueTask<WaitTime?> BindAsync(HttpContext context)
    {
        if (context.Request.Query["wait"] is not [{ Length: > 0 } text])
            return new(new WaitTime(TimeSpan.Zero));
        var longest = context.RequestServices.GetRequiredService<LongestWait>().Value;
        var wait = Parse(text) ?? throw new WorkflowException(ErrorCodes.InvalidRequest, "The parameter 'wait' is a time such as 30s, 500ms or 1m.", "参数 wait 须为时长，如 30s、500ms、1m。")
        { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new ProblemError("wait", "invalid_parameter", "须为时长，如 30s", "a time such as 30s") } } };
        return new(new WaitTime(wait < longest ? wait : longest));
    }

    private static TimeSpan? Parse(string text)
    {
        var (digits, unit) = text switch
        {
            [.. var d, 'm', 's'] => (d, TimeSpan.FromMilliseconds(1)),
            [.. var d, 's'] => (d, TimeSpan.FromSeconds(1)),
            [.. var d, 'm'] => (d, TimeSpan.FromMinutes(1)),
            _ => ("", TimeSpan.Zero),
        };
        return digits.Length <= 6 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? unit * number : null;
    }
}

/// <summary>How long a request may wait, as the host is set up.</summary>
public sealed record LongestWait(TimeSpan Value);
