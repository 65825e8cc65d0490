using System.Text.Json;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Http;

/// <summary>Elsa.HttpEndpoint: starts the workflow when a request comes to its path, or waits for one inside a flow.</summary>
public sealed class HttpEndpoint : Activity
{
    private static readonly Input<string> Path = new("path", "Path", "Below /workflows; {name} stands for one segment.") { Required = true };
    private static readonly Input<IReadOnlyList<string>> Methods = new("supportedMethods", "Supported Methods", "The HTTP methods to accept.")
        { Default = ["GET"], UiHint = "checklist", Choices = [("GET", "GET"), ("POST", "POST"), ("PUT", "PUT"), ("HEAD", "HEAD"), ("DELETE", "DELETE"), ("PATCH", "PATCH"), ("OPTIONS", "OPTIONS")] };
    private static readonly Input<bool> Authorize = new("authorize", "Authorize", "Asks for a service key. Off: whoever reaches this server may call, where the operator allows it.") { Default = true };
    private static readonly Input<string> Policy = new("policy", "Policy", "Not offered here: leave it empty, and ask for a service key.");
    private static readonly Input<TimeSpan?> RequestTimeout = new("requestTimeout", "Request Timeout", "Kept for other engines; a step here is bounded by itself.");
    private static readonly Input<long?> RequestSizeLimit = new("requestSizeLimit", "Request Size Limit", "Bytes of the body; the server's own limit holds besides.");
    private static readonly Input<long?> FileSizeLimit = new("fileSizeLimit", "File Size Limit", "Bytes of each file of a form.");
    private static readonly Input<IReadOnlyList<string>> AllowedExtensions = new("allowedFileExtensions", "Allowed File Extensions", "Only files with these extensions are taken; empty: all are.");
    private static readonly Input<IReadOnlyList<string>> BlockedExtensions = new("blockedFileExtensions", "Blocked File Extensions", "Files with these extensions aren't taken.");
    private static readonly Input<IReadOnlyList<string>> AllowedMediaTypes = new("allowedMimeTypes", "Allowed MIME Types", "Only files of these media types are taken; empty: all are.");
    private static readonly (Input<bool> Input, string Outcome)[] Exposed =
    [
        (Expose("exposeRequestTooLargeOutcome", "Expose Request Too Large Outcome"), HttpTerms.RequestTooLarge),
        (Expose("exposeFileTooLargeOutcome", "Expose File Too Large Outcome"), HttpTerms.FileTooLarge),
        (Expose("exposeInvalidFileExtensionOutcome", "Expose Invalid File Extension Outcome"), HttpTerms.WrongExtension),
        (Expose("exposeInvalidFileMimeTypeOutcome", "Expose Invalid File Mime Type Outcome"), HttpTerms.WrongMediaType),
    ];

    private static readonly Output ParsedContent = new("parsedContent", "Object", "Parsed Content");
    private static readonly Output Files = new("files", "Object[]", "Files");
    private static readonly Output File = new("file", "Object", "File");
    private static readonly Output RouteData = new("routeData", "ObjectDictionary", "Route Data");
    private static readonly Output Query = new("queryStringData", "ObjectDictionary", "Query String Data");
    private static readonly Output Headers = new("headers", "ObjectDictionary", "Headers");
    private static readonly Output Result = new("result", "Object", "Result");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.HttpEndpoint", "HTTP", "HTTP Endpoint", "Waits for an HTTP request.")
    {
        Inputs =
        [
            Path, Methods, Authorize, Policy, RequestTimeout, RequestSizeLimit, FileSizeLimit, AllowedExtensions, BlockedExtensions, AllowedMediaTypes,
            .. Exposed.Select(e => e.Input),
        ],
        Outputs = [ParsedContent, Files, File, RouteData, Query, Headers, Result], Waits = true, IsTrigger = true,
        DynamicOutcomes = node => ["Done", .. Exposed.Where(e => IsOn(node, e.Input)).Select(e => e.Outcome)],
    };

    protected internal override void Execute(ActivityContext context)
    {
        var path = Checked(context.Get(Path)!, context.Node.Id, context.Node.DisplayText);
        if (!string.IsNullOrWhiteSpace(context.Get(Policy)))
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{context.Node.Id}' {PolicyProblem.Message}", $"活动“{context.Node.DisplayText}”{PolicyProblem.MessageZh}");
        context.Wait(BookmarkKinds.Event, HttpArrival.NameOf(path), new HttpTerms(context.Get(Methods)!, context.Get(Authorize))
        {
            RequestSizeLimit = context.Get(RequestSizeLimit), FileSizeLimit = context.Get(FileSizeLimit),
            AllowedExtensions = context.Get(AllowedExtensions), BlockedExtensions = context.Get(BlockedExtensions), AllowedMediaTypes = context.Get(AllowedMediaTypes),
            Outcomes = OutcomesOf(context.Node),
        }.Write());
    }

    /// <summary>Who may call an endpoint that starts workflows, and how; null when the activity is none.</summary>
    public static HttpTerms? TermsOf(BoundActivity use) => use.Implementation is not HttpEndpoint ? null
        : new HttpTerms(use.LiteralOr(Methods)!, use.LiteralOr(Authorize))
        {
            Policy = use.Inputs.TryGetValue(Policy.Name, out var policy) && HasPolicy(policy) ? policy.Value.ToString() : null,
            RequestSizeLimit = use.LiteralOr(RequestSizeLimit), FileSizeLimit = use.LiteralOr(FileSizeLimit),
            AllowedExtensions = use.LiteralOr(AllowedExtensions), BlockedExtensions = use.LiteralOr(BlockedExtensions), AllowedMediaTypes = use.LiteralOr(AllowedMediaTypes),
            Outcomes = OutcomesOf(use.Node),
        };

    protected internal override TriggerSource? Trigger(BoundActivity use) =>
        use.Literal(Path) is { Length: > 0 } path ? new TriggerSource.Named(HttpArrival.NameOf(path)) : null;

    protected internal override IEnumerable<UseProblem> Validate(ActivityNode node)
    {
        var inputs = new BoundActivity(node, this).Inputs;
        if (inputs.TryGetValue(Policy.Name, out var policy) && HasPolicy(policy))
            yield return PolicyProblem;
        if (node.CanStartWorkflow && inputs.Where(i => i.Key != Path.Name && !BoundActivity.IsLiteral(i.Value)).Select(i => i.Key).ToList() is { Count: > 0 } computed)
            yield return new($"may start the workflow, so {string.Join(", ", computed.Select(c => $"'{c}'"))} must be literals: nothing is evaluated before there is an instance.",
                $"可启动流程，{string.Join("、", computed.Select(c => $"“{c}”"))}须为字面值：此时还没有可供计算的流程实例。");
    }

    protected internal override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload) => Triggered(context, payload);

    protected internal override void Triggered(ActivityContext context, JsonElement payload)
    {
        var arrival = HttpArrival.Read(payload);
        context.Set(RouteData, JsonSerializer.SerializeToElement(arrival.RouteData(context.Get(Path)!)));
        context.Set(Query, JsonSerializer.SerializeToElement(arrival.Query));
        context.Set(Headers, JsonSerializer.SerializeToElement(arrival.Headers));
        if (arrival.Files is { Count: > 0 } files)
        {
            var described = JsonSerializer.SerializeToElement(files, EngineJson.Default.IReadOnlyListHttpFile);
            context.Set(Files, described);
            context.Set(File, described[0]);
        }
        context.Set(ParsedContent, arrival.Content);
        context.Set(Result, arrival.Content);
        context.Complete(arrival.Refusal is { } refusal ? [refusal] : []);
    }

    private static UseProblem PolicyProblem => new("names a policy to judge its callers by, which this server doesn't have. Clear 'policy'; with 'authorize' it asks for a service key.",
        "设置了授权策略，本系统没有此策略。请清空“策略”，需要时启用“需要授权”（服务密钥）。");

    private static bool HasPolicy(InputExpression policy) =>
        !BoundActivity.IsLiteral(policy) || (policy.Value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null) && !string.IsNullOrWhiteSpace(policy.Value.ToString()));

    private static Input<bool> Expose(string name, string displayName) => new(name, displayName, "Goes on by an outcome of its own instead of refusing the request.") { IsWrapped = false };

    private static string[]? OutcomesOf(ActivityNode node) =>
        Exposed.Where(e => IsOn(node, e.Input)).Select(e => e.Outcome).ToArray() is { Length: > 0 } outcomes ? outcomes : null;

    private static bool IsOn(ActivityNode node, Input<bool> input) =>
        node.Json.TryGetProperty(input.Name, out var value) && InputTypes.TryRead<bool>(value, out var on) && on;

    private static string Checked(string path, string activity, string display) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries).Length is > 0 and <= HttpArrival.MaxSegments ? path
            : throw new WorkflowException(ErrorCodes.InvalidInput, $"The path of activity '{activity}' has to have 1 to {HttpArrival.MaxSegments} segments.", $"活动“{display}”的路径须有 1 至 {HttpArrival.MaxSegments} 段。");
}
