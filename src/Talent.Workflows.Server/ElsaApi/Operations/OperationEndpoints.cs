using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Signals;
using Talent.Workflows.Server.Api;
using Talent.Workflows.Server.ElsaApi.Instances;
using InstanceEndpoints = Talent.Workflows.Server.ElsaApi.Instances.InstanceEndpoints;

namespace Talent.Workflows.Server.ElsaApi.Operations;

/// <summary>What operators do to instances: remove, retry, trigger events.</summary>
internal static class OperationEndpoints
{
    private const int LongestName = 200;

    public static void MapElsaOperations(this IEndpointRouteBuilder api)
    {
        api.MapDelete("/workflow-instances/{id}", RemoveAsync);
        api.MapPost("/bulk-actions/delete/workflow-instances/by-id", RemoveManyAsync);
        // Elsa also takes a GET here; one that changes something could be sent from any page, so it is a POST only.
        api.MapPost("/alterations/workflows/retry", RetryAsync);
        api.MapPost("/events/{eventName}/trigger", TriggerAsync);
    }

    private static async Task<IResult> RemoveAsync(string id, Caller caller, InstanceRemoval removal, CancellationToken cancellationToken) =>
        await removal.RemoveAsync(ExecutionLog.InstanceOf(id), caller.Actor, cancellationToken) ? TypedResults.NoContent()
            : throw new WorkflowException(ErrorCodes.NotFound, $"There is no instance '{id}'. Check the id.", "流程实例不存在。");

    /// <summary>Removes all that may be removed. Where some may not, the answer says which and why; Studio shows it.</summary>
    private static async Task<IResult> RemoveManyAsync(HttpContext context, Caller caller, InstanceRemoval removal)
    {
        var ids = InstanceByInstance.Bounded((await ElsaJson.ReadAsync<IdsRequest>(context)).Ids);
        var deleted = 0;
        var refused = new List<(string Id, WorkflowException Why)>();
        foreach (var id in ids)
        {
            try
            {
                if (await removal.RemoveAsync(ExecutionLog.InstanceOf(id), caller.Actor, context.RequestAborted))
                    deleted++;
            }
            catch (WorkflowException why) when (why.Code is not ErrorCodes.Busy)
            {
                refused.Add((id, why));
            }
        }
        if (refused.Count == 0)
            return ElsaJson.Ok(new { deleted });
        var (first, reason) = refused[0];
        throw new WorkflowException(ErrorCodes.WrongState, $"{deleted} were deleted, {refused.Count} were not; {first}: {reason.Message}", $"已删除 {deleted} 个，{refused.Count} 个未删除。{first}：{reason.MessageZh}")
        { Facts = new Dictionary<string, object?> { ["deleted"] = deleted, ["refused"] = refused.Select(r => r.Id).ToList() } };
    }

    private static async Task<IResult> RetryAsync(HttpContext context, Caller caller, WorkflowRuntime runtime, TimeProvider time)
    {
        var request = await ElsaJson.ReadAsync<RetryRequest>(context);
        var results = await InstanceByInstance.DoAsync(request.WorkflowInstanceIds, "Retry", time, async (instance, said) =>
        {
            var record = await InstanceEndpoints.FindAsync(instance.ToString(), runtime, context.RequestAborted);
            foreach (var incident in record.State.Incidents.Where(i => request.ActivityIds is null or { Count: 0 } || request.ActivityIds.Contains(i.ActivityId)))
            {
                await runtime.RetryAsync(instance, incident.Id, caller.Actor, context.RequestAborted);
                said.Add($"Activity {incident.ActivityId} was executed again.");
            }
            if (said.Count > 0)
                return true;
            said.Add("Nothing has failed here that could be retried.");
            return false;
        }, context.RequestAborted);
        return ElsaJson.Ok(new { results });
    }

    /// <summary>What became of it, beside Elsa's empty answer. An idempotency key is the id of the signal.</summary>
    private static async Task<IResult> TriggerAsync(string eventName, HttpContext context, Caller caller, WorkflowRuntime runtime)
    {
        if (eventName.Length > LongestName)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"The name of an event has at most {LongestName} characters.", $"事件名称最多 {LongestName} 个字符。");
        var request = ElsaJson.HasBody(context) ? await ElsaJson.ReadAsync<TriggerRequest>(context) : new TriggerRequest();
        var idempotency = RequestIdempotency.From(context);
        var signalId = idempotency?.Key ?? Guid.CreateVersion7().ToString();
        if (request.WorkflowInstanceId is { Length: > 0 } instance)
        {
            var signal = await runtime.SignalAsync(ExecutionLog.InstanceOf(instance), signalId, eventName, request.Input ?? default, caller.Actor, context.RequestAborted, idempotency);
            return Answer(signal.Outcome.ToString(), signal.Replayed);
        }
        var receipt = await runtime.PublishAsync(signalId, eventName, request.CorrelationId, request.Input ?? default, caller.Actor, context.RequestAborted);
        return Answer(receipt.Instances + receipt.Starts > 0 ? "Published" : nameof(SignalOutcome.NotExpected), receipt.Replayed);

        IResult Answer(string outcome, bool replayed)
        {
            if (replayed)
                context.Response.Headers[IdempotencyKeys.ReplayedHeader] = "true";
            return ElsaJson.Ok(new { signalId, outcome });
        }
    }

    internal sealed record IdsRequest(IReadOnlyList<string>? Ids = null);

    private sealed record RetryRequest(IReadOnlyList<string>? WorkflowInstanceIds = null, IReadOnlyList<string>? ActivityIds = null);

    private sealed record TriggerRequest(string? CorrelationId = null, string? WorkflowInstanceId = null, System.Text.Json.JsonElement? Input = null);
}
