using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Server.Api;
using Talent.Workflows.Server.ElsaApi.Instances;

namespace Talent.Workflows.Server.ElsaApi.Definitions;

/// <summary>
/// Starting instances from Studio. A draft isn't run: what runs has to stay as it is, and a draft doesn't. Studio learns of
/// it by the header that Elsa has for what can't be started.
/// </summary>
internal static class RunEndpoints
{
    private const string InstanceHeader = "x-elsa-workflow-instance-id";
    private const string CannotStartHeader = "x-elsa-workflow-cannot-start";
    private const int MostAtOnce = 100;

    public static void MapDefinitionRuns(this IEndpointRouteBuilder api)
    {
        // Elsa starts by GET too. Not here: a picture on any page could do that in the name of who is signed in.
        api.MapPost("/workflow-definitions/{definitionId}/execute", async (string definitionId, HttpContext context, Starter starter, ExecutionEndpoints.Sources sources) =>
            await ExecuteAsync(definitionId, await BodyAsync(context), context, starter, sources));
        api.MapPost("/workflow-definitions/{definitionId}/dispatch", DispatchAsync);
        api.MapPost("/workflow-definitions/{definitionId}/bulk-dispatch", BulkDispatchAsync);
    }

    private static async Task<IResult> ExecuteAsync(string definitionId, RunRequest request, HttpContext context, Starter starter, ExecutionEndpoints.Sources sources)
    {
        try
        {
            var answer = await starter.StartAsync(definitionId, request, context);
            context.Response.Headers[InstanceHeader] = answer.InstanceId.ToString();
            return ElsaJson.Ok(new { workflowState = WorkflowStateShape.Of(await sources.LogAsync(answer.InstanceId.ToString(), context.RequestAborted)) });
        }
        catch (WorkflowException refusal) when (refusal.Code is ErrorCodes.NotPublished or ErrorCodes.InvalidDefinition or ErrorCodes.WrongState)
        {
            context.Response.Headers[CannotStartHeader] = "true";
            return ElsaJson.Ok(new { workflowState = (object?)null, code = refusal.Code, reason = refusal.MessageZh, reasonEn = refusal.Message });
        }
    }

    private static async Task<IResult> DispatchAsync(string definitionId, HttpContext context, Starter starter) =>
        ElsaJson.Ok(new { workflowInstanceId = (await starter.StartAsync(definitionId, await BodyAsync(context), context)).InstanceId });

    private static async Task<IResult> BulkDispatchAsync(string definitionId, HttpContext context, Starter starter)
    {
        var request = await BodyAsync(context);
        var count = request.Count ?? 1;
        if (count is < 1 or > MostAtOnce)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"'count' is 1 to {MostAtOnce}.", $"count 须为 1 至 {MostAtOnce}。");
        if (context.Features.Get<RequestIdempotency>() is not null && count > 1)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "An Idempotency-Key covers one instance. Leave it out, or dispatch one at a time.", "幂等键只能用于启动一个实例。");
        var ids = new List<Guid>();
        for (var i = 0; i < count; i++)
            try
            {
                ids.Add((await starter.StartAsync(definitionId, request, context)).InstanceId);
            }
            catch (WorkflowException e) when (ids.Count > 0 && ActivationRefusal.Is(e))
            {
                // What the strategy allows was started: whoever asked needs to know its ids.
                break;
            }
        return ElsaJson.Ok(new { workflowInstanceIds = ids });
    }

    private static async Task<RunRequest> BodyAsync(HttpContext context) =>
        ElsaJson.HasBody(context) ? await ElsaJson.ReadAsync<RunRequest>(context) : new RunRequest();

    internal sealed record RunRequest(string? CorrelationId = null, string? Name = null, string? TriggerActivityId = null, JsonElement? VersionOptions = null, JsonElement? Input = null, int? Count = null);

    /// <summary>Finds the version that is meant, and starts it.</summary>
    internal sealed class Starter(WorkflowRuntime runtime, DefinitionStore definitions, ServiceCatalogue services)
    {
        public async Task<StepAnswer> StartAsync(string definitionId, RunRequest request, HttpContext context)
        {
            var cancellationToken = context.RequestAborted;
            if (await services.FindAsync(definitionId, cancellationToken) is not null)
                throw new WorkflowException(ErrorCodes.WrongState, $"'{definitionId}' is a service: its workflows belong to cases, which are filed by POST /api/v1/cases.", "该流程属于业务事项，请通过 POST /api/v1/cases 申报。");
            var options = Definitions.VersionOptions.Parse(request.VersionOptions, VersionFilter.Published);
            var record = await definitions.FindAsync(definitionId, options.Filter, options.Number, cancellationToken)
                ?? throw (await definitions.FindLatestAsync(definitionId, cancellationToken) is null ? DefinitionDesk.NotFound(definitionId) : Unpublished(definitionId));
            if (!record.IsPublished)
                throw await WhyAsync(record, cancellationToken);
            return await runtime.StartAsync(new StartRequest
            {
                DefinitionVersionId = record.Id, Input = InputOf(request.Input), CorrelationId = Short(request.CorrelationId), Name = Short(request.Name), Actor = Caller.From(context).Actor,
                Trigger = string.IsNullOrEmpty(request.TriggerActivityId) ? null : await TriggerAsync(record, request.TriggerActivityId, cancellationToken),
                Idempotency = RequestIdempotency.From(context),
            }, cancellationToken);
        }

        private async Task<WorkflowException> WhyAsync(DefinitionRecord draft, CancellationToken cancellationToken)
        {
            var document = await definitions.ReadDocumentAsync(draft.Id, cancellationToken) ?? throw DefinitionDesk.NotFound(draft.Id);
            var errors = await definitions.ValidateAsync(DefinitionReader.Read(document), cancellationToken);
            return errors.Count == 0 ? Unpublished(draft.DefinitionId) : new WorkflowException(ErrorCodes.InvalidDefinition,
                $"Version {draft.Version} is a draft with errors: {string.Join(" ", errors.Select(e => e.Message))}", $"第 {draft.Version} 版是草稿且有错误：{string.Concat(errors.Select(e => e.MessageZh))}");
        }

        private async Task<StartTrigger> TriggerAsync(DefinitionRecord record, string activityId, CancellationToken cancellationToken) =>
            (await definitions.ExecutableAsync(record.Id, cancellationToken)).StartTriggers().Any(t => t.Activity.Node.Id == activityId) ? new StartTrigger(activityId, default)
                : throw new WorkflowException(ErrorCodes.InvalidRequest, $"Activity '{activityId}' doesn't start '{record.DefinitionId}'. Name one that may, or none.", $"活动“{activityId}”不能启动该流程。");

        private static WorkflowException Unpublished(string definitionId) =>
            new(ErrorCodes.NotPublished, $"This version of '{definitionId}' isn't published, and drafts aren't run. Publish it first.", "该版本尚未发布，草稿不能运行，请先发布。");

        private static Dictionary<string, JsonElement> InputOf(JsonElement? input) => input switch
        {
            null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => [],
            { ValueKind: JsonValueKind.Object } given => given.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.Clone(), StringComparer.Ordinal),
            _ => throw new WorkflowException(ErrorCodes.InvalidRequest, "'input' is an object: a value for each input's name.", "input 须为对象。"),
        };

        private static string? Short(string? text) => text is null or { Length: 0 } ? null : text.Length <= 500 ? text
            : throw new WorkflowException(ErrorCodes.InvalidRequest, "Correlation id and name take up to 500 characters.", "关联编号和名称最多 500 个字符。");
    }
}
