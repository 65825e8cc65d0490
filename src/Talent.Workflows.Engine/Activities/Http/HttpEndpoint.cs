using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Http;

/// <summary>Elsa.HttpEndpoint: starts the workflow when a request comes to its path, or waits for one inside a flow.</summary>
public sealed class HttpEndpoint : Activity
{
    private static readonly Input<string> Path = new("path", "Path", "Below /workflows; {name} stands for one segment.") { Required = true };
    private static readonly Input<IReadOnlyList<string>> Methods = new("supportedMethods", "Supported Methods", "The HTTP methods to accept.")
        { Default = ["GET"], UiHint = "checklist", Choices = [("GET", "GET"), ("POST", "POST"), ("PUT", "PUT"), ("HEAD", "HEAD"), ("DELETE", "DELETE"), ("PATCH", "PATCH"), ("OPTIONS", "OPTIONS")] };
    private static readonly Input<bool> Authorize = new("authorize", "Authorize", "Asks for a service key. Off: whoever reaches this server may call, where the operator allows it.") { Default = true };
    private static readonly Output ParsedContent = new("parsedContent", "Object", "Parsed Content");
    private static readonly Output RouteData = new("routeData", "ObjectDictionary", "Route Data");
    private static readonly Output Query = new("queryStringData", "ObjectDictionary", "Query String Data");
    private static readonly Output Headers = new("headers", "ObjectDictionary", "Headers");
    private static readonly Output Result = new("result", "Object", "Result");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.HttpEndpoint", "HTTP", "HTTP Endpoint", "Waits for an HTTP request.")
        { Inputs = [Path, Methods, Authorize], Outputs = [ParsedContent, RouteData, Query, Headers, Result], Waits = true, IsTrigger = true };

    protected internal override void Execute(ActivityContext context)
    {
        var path = Checked(context.Get(Path)!, context.Node.Id, context.Node.DisplayText);
        context.Wait(BookmarkKinds.Event, HttpArrival.NameOf(path), new HttpTerms(context.Get(Methods)!, context.Get(Authorize)).Write());
    }

    /// <summary>Who may call an endpoint that starts workflows, and how; null when the activity is none.</summary>
    public static HttpTerms? TermsOf(BoundActivity use) =>
        use.Implementation is HttpEndpoint ? new HttpTerms(use.LiteralOr(Methods) ?? [], use.LiteralOr(Authorize)) : null;

    protected internal override TriggerSource? Trigger(BoundActivity use) =>
        use.Literal(Path) is { Length: > 0 } path ? new TriggerSource.Named(HttpArrival.NameOf(path)) : null;

    protected internal override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload) => Triggered(context, payload);

    protected internal override void Triggered(ActivityContext context, JsonElement payload)
    {
        var arrival = HttpArrival.Read(payload);
        context.Set(RouteData, JsonSerializer.SerializeToElement(arrival.RouteData(context.Get(Path)!)));
        context.Set(Query, JsonSerializer.SerializeToElement(arrival.Query));
        context.Set(Headers, JsonSerializer.SerializeToElement(arrival.Headers));
        context.Set(ParsedContent, arrival.Content);
        context.Set(Result, arrival.Content);
        context.Complete();
    }

    private static string Checked(string path, string activity, string display) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries).Length is > 0 and <= HttpArrival.MaxSegments ? path
            : throw new WorkflowException(ErrorCodes.InvalidInput, $"The path of activity '{activity}' has to have 1 to {HttpArrival.MaxSegments} segments.", $"活动“{display}”的路径须有 1 至 {HttpArrival.MaxSegments} 段。");
}

/// <summary>Who may call an endpoint, and how.</summary>
/// <param name="Methods">Methods that it takes, in capitals.</param>
/// <param name="Authorize">Whether it asks for a service key.</param>
public sealed record HttpTerms(IReadOnlyList<string> Methods, bool Authorize)
{
    public JsonElement Write() => JsonSerializer.SerializeToElement(this, EngineJson.Default.HttpTerms);

    public static HttpTerms? Read(JsonElement payload) => payload.ValueKind == JsonValueKind.Object ? payload.Deserialize(EngineJson.Default.HttpTerms) : null;

    public bool Takes(string method) => Methods.Contains(method, StringComparer.OrdinalIgnoreCase);
}
