using System.Text.Json;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Server.Api;

/// <summary>Events for whatever waits for them and whatever they start.</summary>
internal static class EventEndpoints
{
    private const int MaxText = 500;

    public static IEndpointRouteBuilder MapEvents(this IEndpointRouteBuilder api)
    {
        api.MapGroup("/workflows").WithTags("workflows").MapPost("/events", PublishAsync).WithMetadata(new IdempotencyKeyRequired())
            .WithSummary("发布事件，通知所有等待的流程并触发启动 Publish an event to every instance that waits for it and every definition that it starts")
            .Produces<EventView>(StatusCodes.Status202Accepted).WithExample("""{"name":"policy-changed","correlationId":"order-17","payload":{"policy":"2026-3"}}""");
        return api;
    }

    /// <summary>The idempotency key is the signal id under which each instance notes the event.</summary>
    private static async Task<IResult> PublishAsync(EventBody body, Caller caller, RequestIdempotency idempotency, WorkflowRuntime runtime, HttpContext context, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(body.Name))
            throw Wrong("name", "is empty", "不能为空");
        foreach (var (property, text) in new[] { ("name", body.Name), ("correlationId", body.CorrelationId) })
            if (text?.Length > MaxText)
                throw Wrong(property, $"is longer than {MaxText} characters", $"超过 {MaxText} 个字符");
        var receipt = await runtime.PublishAsync(idempotency.Value!.Key, body.Name, body.CorrelationId, body.Payload ?? default, caller.Actor, cancellationToken);
        if (receipt.Replayed)
            context.Response.Headers[IdempotencyKeys.ReplayedHeader] = "true";
        return TypedResults.Accepted((string?)null, new EventView(receipt.SignalId, receipt.Name, receipt.Instances, receipt.Starts));
    }

    private static WorkflowException Wrong(string property, string en, string zh) => new(ErrorCodes.InvalidRequest, $"The property '{property}' {en}.", $"字段 {property} {zh}。")
    { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new ProblemError($"$.{property}", "invalid_value", zh, en) } } };

    /// <param name="CorrelationId">Only instances with it; left out, all that wait.</param>
    /// <param name="Payload">At most <see cref="PublishEffect.MaxPayloadBytes"/>.</param>
    internal sealed record EventBody(string Name, string? CorrelationId = null, JsonElement? Payload = null);

    /// <summary>It is committed: how many instances get it and how many are started, one by one after this answer.</summary>
    internal sealed record EventView(string SignalId, string Name, int Instances, int Starts);
}
