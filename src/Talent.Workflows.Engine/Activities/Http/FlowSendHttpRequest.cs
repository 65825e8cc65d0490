using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Http;

/// <summary>Elsa.FlowSendHttpRequest: sends a request after the commit, waits for the answer and goes on by its status.</summary>
public sealed class FlowSendHttpRequest : Activity
{
    private const string Unmatched = "Unmatched status code";
    private const string NotConnected = "Failed to connect";
    private const string TimedOut = "Timeout";
    private const string Done = "Done";

    private static readonly Input<IReadOnlyList<int>> Expected = new("expectedStatusCodes", "Expected Status Codes", "Each becomes an outcome.") { UiHint = "dynamic-outcomes", TypeName = "Int32[]" };

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.FlowSendHttpRequest", "HTTP", "HTTP Request (flow)", "Sends an HTTP request.")
    {
        Inputs = [.. HttpRequests.Inputs, Expected], Outputs = HttpRequests.Outputs, Outcomes = [Done, Unmatched, NotConnected, TimedOut], Waits = true,
        DynamicOutcomes = node => [.. Codes(node), Unmatched, NotConnected, TimedOut, Done],
    };

    protected internal override void Execute(ActivityContext context) => HttpRequests.Send(context);

    protected internal override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        var result = HttpRequests.Receive(context, payload);
        if (result.End != HttpCallEnd.Answered)
        {
            context.Complete(result.End == HttpCallEnd.TimedOut ? TimedOut : NotConnected);
            return;
        }
        var expected = context.Get(Expected) ?? [];
        string[] outcomes = expected.Count == 0 ? [Done]
            : [expected.Contains(result.StatusCode) ? result.StatusCode.ToString(CultureInfo.InvariantCulture) : Unmatched, Done];
        context.Complete(outcomes);
    }

    private static IEnumerable<string> Codes(ActivityNode node) =>
        node.Json.TryGetProperty(Expected.Name, out var input) && InputExpression.Read(input) is { Type: "Literal" or "Object" } expression && InputTypes.TryRead<IReadOnlyList<int>>(expression.Value, out var codes)
            ? (codes ?? []).Select(c => c.ToString(CultureInfo.InvariantCulture)) : [];
}
