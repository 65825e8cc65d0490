using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Http;

/// <summary>What the activities that send HTTP requests share.</summary>
internal static class HttpRequests
{
    public static readonly Input<string> Url = new("url", "URL", "Where the request goes. The operator allows the hosts.") { Required = true };
    public static readonly Input<string> Method = new("method", "Method", "The HTTP method.")
        { Default = "GET", UiHint = "dropdown", Choices = [("GET", "GET"), ("POST", "POST"), ("PUT", "PUT"), ("HEAD", "HEAD"), ("DELETE", "DELETE"), ("PATCH", "PATCH"), ("OPTIONS", "OPTIONS")] };
    public static readonly Input<JsonElement> Content = new("content", "Content", "The body: text as it is, anything else as JSON.") { UiHint = "multiline" };
    public static readonly Input<string> ContentType = new("contentType", "Content Type", "The media type of the body.")
        { UiHint = "dropdown", Choices = [("", ""), ("text/plain", "text/plain"), ("text/html", "text/html"), ("application/json", "application/json"), ("application/xml", "application/xml"), ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded")] };
    public static readonly Input<string> Authorization = new("authorization", "Authorization", "The header Authorization.");
    public static readonly Input<JsonElement> Headers = new("requestHeaders", "Request Headers", "Further headers, by name.") { TypeName = "HttpHeaders", UiHint = "json-editor" };
    public static readonly Output StatusCode = new("statusCode", "Int32", "Status Code");
    public static readonly Output ParsedContent = new("parsedContent", "Object", "Parsed Content");
    public static readonly Output ResponseHeaders = new("responseHeaders", "HttpHeaders", "Response Headers");

    public static IReadOnlyList<IInput> Inputs { get; } = [Url, Method, Content, ContentType, Authorization, Headers];
    public static IReadOnlyList<Output> Outputs { get; } = [StatusCode, ParsedContent, ResponseHeaders];

    /// <summary>Leaves the request and waits for what comes of it.</summary>
    public static void Send(ActivityContext context)
    {
        var url = context.Get(Url)!;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{context.Node.Id}' has '{url}' as its URL. Give an absolute http or https address.",
                $"活动“{context.Node.DisplayText}”的网址无效，须为完整的 http 或 https 地址。");
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (context.Get(Headers) is { ValueKind: JsonValueKind.Object } more)
            foreach (var header in more.EnumerateObject())
                headers[header.Name] = header.Value.ValueKind switch
                {
                    JsonValueKind.String => header.Value.GetString()!,
                    JsonValueKind.Array => string.Join(", ", header.Value.EnumerateArray().Select(v => v.ToString())),
                    _ => header.Value.GetRawText(),
                };
        if (context.Get(Authorization) is { Length: > 0 } authorization)
            headers["Authorization"] = authorization;
        var content = context.Get(Content);
        var (text, type) = content.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => (null, null),
            JsonValueKind.String => (content.GetString(), "text/plain"),
            _ => (content.GetRawText(), "application/json"),
        };
        var bookmark = context.Wait(BookmarkKinds.HttpCall, null, purpose: "http");
        context.Emit(new HttpCallEffect(context.NewId("call"), bookmark.Id, context.Get(Method)!.ToUpperInvariant(), url, context.Get(ContentType) is { Length: > 0 } given ? given : type, text, headers));
    }

    /// <summary>Takes the answer into the outputs.</summary>
    public static HttpCallResult Receive(ActivityContext context, JsonElement payload)
    {
        var result = HttpCallResult.Read(payload);
        if (result.End == HttpCallEnd.Answered)
        {
            context.Set(StatusCode, JsonSerializer.SerializeToElement(result.StatusCode));
            context.Set(ResponseHeaders, JsonSerializer.SerializeToElement(result.Headers ?? new Dictionary<string, string>()));
            context.Set(ParsedContent, result.Content);
        }
        return result;
    }
}
