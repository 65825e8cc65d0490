using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Http;

/// <summary>Elsa.SendHttpRequest: sends a request after the commit, waits for the answer, runs the activity that is given for its status and ends with it.</summary>
public sealed class SendHttpRequest : Activity
{
    private const string Unmatched = "unmatchedStatusCode";
    private const string NotConnected = "failedToConnect";
    private const string TimedOut = "timeout";

    private static readonly Input<JsonElement> Expected = new("expectedStatusCodes", "Expected Status Codes", "Status codes, and the activity to run for each.") { IsWrapped = false, UiHint = "http-status-codes", TypeName = "HttpStatusCodeCase[]" };

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.SendHttpRequest", "HTTP", "HTTP Request", "Sends an HTTP request.")
        { Inputs = [.. HttpRequests.Inputs, Expected], Outputs = HttpRequests.Outputs, Ports = [Unmatched, NotConnected, TimedOut], Waits = true };

    protected internal override void Execute(ActivityContext context) => HttpRequests.Send(context);

    protected internal override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        var result = HttpRequests.Receive(context, payload);
        var next = result.End switch
        {
            HttpCallEnd.NotConnected => context.Node.Ports.GetValueOrDefault(NotConnected),
            HttpCallEnd.TimedOut => context.Node.Ports.GetValueOrDefault(TimedOut),
            _ when Codes(context.Node).Contains(result.StatusCode) => context.Node.Ports.GetValueOrDefault(result.StatusCode.ToString(CultureInfo.InvariantCulture)),
            _ => context.Node.Ports.GetValueOrDefault(Unmatched),
        };
        if (next is null)
            context.Complete();
        else
            context.Schedule(next);
    }

    protected internal override IEnumerable<UseProblem> Validate(ActivityNode node)
    {
        if (node.Json.TryGetProperty(Expected.Name, out var codes) && codes.ValueKind is not (JsonValueKind.Array or JsonValueKind.Null))
            yield return "has 'expectedStatusCodes' that aren't a list of {\"statusCode\": …, \"activity\": …}. Write them as one.";
    }

    private static IEnumerable<int> Codes(ActivityNode node) =>
        node.Json.TryGetProperty(Expected.Name, out var codes) && codes.ValueKind == JsonValueKind.Array
            ? codes.EnumerateArray().Where(c => c.ValueKind == JsonValueKind.Object && c.TryGetProperty("statusCode", out _)).Select(c => c.GetProperty("statusCode").TryGetInt32Lenient(out var code) ? code : 0) : [];
}
