using System.Net;
using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Http;

/// <summary>Elsa.WriteHttpResponse: answers the request that has led to this step, once it is committed. Without one it does nothing.</summary>
public sealed class WriteHttpResponse : Activity
{
    private static readonly Input<int> StatusCode = new("statusCode", "Status Code", "The status of the answer.") { Default = 200 };
    private static readonly Input<JsonElement> Content = new("content", "Content", "The body: text as it is, anything else as JSON.") { UiHint = "multiline" };
    private static readonly Input<string> ContentType = new("contentType", "Content Type", "The media type of the body.")
        { UiHint = "dropdown", Choices = [("", ""), ("text/plain", "text/plain"), ("text/html", "text/html"), ("application/json", "application/json"), ("application/xml", "application/xml")] };
    private static readonly Input<JsonElement> Headers = new("responseHeaders", "Response Headers", "Further headers, by name.") { TypeName = "HttpHeaders", UiHint = "json-editor" };

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.WriteHttpResponse", "HTTP", "HTTP Response", "Answers an HTTP request.") { Inputs = [StatusCode, Content, ContentType, Headers] };

    // Elsa's type is an enumeration, which its designer writes by name.
    protected internal override InputExpression ReadInput(IInput input, JsonElement json) =>
        base.ReadInput(input, json) is var expression && input.Name == StatusCode.Name && expression is { Type: "Literal", Value.ValueKind: JsonValueKind.String }
        && Enum.TryParse<HttpStatusCode>(expression.Value.GetString(), ignoreCase: true, out var status)
            ? InputExpression.Literal(JsonSerializer.SerializeToElement((int)status)) : expression;

    protected internal override void Execute(ActivityContext context)
    {
        var status = context.Get(StatusCode);
        if (status is < 200 or > 599)
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{context.Node.Id}' answers with the status {status}. Give one from 200 to 599.", $"活动“{context.Node.DisplayText}”的状态码无效，须为 200 至 599。");
        var content = context.Get(Content);
        var (text, type) = content.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => (null, null),
            JsonValueKind.String => (content.GetString(), "text/plain"),
            _ => (content.GetRawText(), "application/json"),
        };
        var headers = context.Get(Headers) is { ValueKind: JsonValueKind.Object } given
            ? given.EnumerateObject().ToDictionary(h => h.Name, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase) : [];
        context.Emit(new HttpAnswerEffect(context.NewId("answer"), status, context.Get(ContentType) is { Length: > 0 } asked ? asked : type, text, headers));
        context.Complete();
    }
}
