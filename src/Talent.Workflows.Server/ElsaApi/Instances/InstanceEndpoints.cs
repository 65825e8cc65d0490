using System.Text.Json;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Server.Security.Staff;

namespace Talent.Workflows.Server.ElsaApi.Instances;

/// <summary>Instances: list, details, variables, cancel.</summary>
internal static class InstanceEndpoints
{
    private const int LargestBulk = 1000;

    public static void MapElsaInstances(this IEndpointRouteBuilder api)
    {
        var reads = new OnlyReads();
        api.MapPost("/workflow-instances", ListAsync).WithMetadata(reads);
        api.MapGet("/workflow-instances", (HttpContext context, InstanceSearch search) => AnswerAsync(InstanceListRequest.Of(context.Request.Query), search, context.RequestAborted));
        api.MapGet("/workflow-instances/{id}", ReadAsync);
        api.MapGet("/workflow-instances/{id}/execution-state", StateAsync);
        api.MapGet("/workflow-instances/{id}/variables", VariablesAsync);
        api.MapPost("/cancel/workflow-instances/{id}", CancelAsync);
        api.MapPost("/bulk-actions/cancel/workflow-instances", CancelManyAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext context, InstanceSearch search) =>
        await AnswerAsync(await ElsaJson.ReadAsync<InstanceListRequest>(context), search, context.RequestAborted);

    private static async Task<IResult> AnswerAsync(InstanceListRequest request, InstanceSearch search, CancellationToken cancellationToken)
    {
        var found = await search.FindAsync(request.Query(), cancellationToken);
        return ElsaJson.Ok(new ElsaPage<InstanceLine>([.. found.Items.Select(InstanceLine.Of)], found.Total));
    }

    private static async Task<IResult> ReadAsync(string id, ExecutionEndpoints.Sources sources, CancellationToken cancellationToken) =>
        ElsaJson.Ok(InstanceDetails.Of(await sources.LogAsync(id, cancellationToken)));

    private static async Task<IResult> StateAsync(string id, WorkflowRuntime runtime, CancellationToken cancellationToken)
    {
        var record = await FindAsync(id, runtime, cancellationToken);
        return ElsaJson.Ok(new { status = record.State.Status, subStatus = record.State.SubStatus, incidentCount = record.State.Incidents.Count, updatedAt = record.UpdatedAt });
    }

    internal static async Task<IResult> VariablesAsync(string id, WorkflowRuntime runtime, DefinitionStore definitions, CancellationToken cancellationToken)
    {
        var record = await FindAsync(id, runtime, cancellationToken);
        var workflow = await definitions.ExecutableAsync(record.DefinitionVersionId, cancellationToken);
        return ElsaJson.Ok(new ElsaItems<VariableShape>([.. workflow.Definition.Variables.Select(v =>
            new VariableShape(v.Id, v.Name, record.State.Variables.TryGetValue(v.Id, out var value) && value.ValueKind != JsonValueKind.Undefined ? value : null))]));
    }

    private static async Task<IResult> CancelAsync(string id, Caller caller, WorkflowRuntime runtime, CancellationToken cancellationToken)
    {
        await EndAsync(ExecutionLog.InstanceOf(id), caller, runtime, cancellationToken);
        return TypedResults.Ok();
    }

    private static async Task<IResult> CancelManyAsync(HttpContext context, Caller caller, WorkflowRuntime runtime, InstanceSearch search, DefinitionStore definitions)
    {
        var request = await ElsaJson.ReadAsync<BulkCancelRequest>(context);
        // What is blank names nothing, and must not choose everything.
        var (definition, version) = (NullIfBlank(request.DefinitionId), NullIfBlank(request.DefinitionVersionId));
        if (request.Ids is null && definition is null && version is null)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "Name the instances to cancel: ids, definitionId or definitionVersionId.", "请指明要取消的流程实例：ids、definitionId 或 definitionVersionId。");
        var options = Definitions.VersionOptions.Parse(request.VersionOptions);
        List<string>? versions = null;
        if (options.Filter != VersionFilter.All)
        {
            if (definition is null)
                throw new WorkflowException(ErrorCodes.InvalidRequest, "versionOptions choose among the versions of a definition. Name its definitionId.", "versionOptions 须与 definitionId 一起使用。");
            versions = [.. (await definitions.QueryAsync(new DefinitionQuery { DefinitionIds = [definition], Versions = options.Filter, Version = options.Number, Take = 2000 }, context.RequestAborted)).Items.Select(d => d.Id)];
            if (versions.Count == 0)
                return ElsaJson.Ok(new { cancelled = 0 });
        }
        var ids = await search.IdsAsync(new InstanceSearchQuery
        {
            Ids = request.Ids?.Select(ExecutionLog.InstanceOf).ToList(),
            DefinitionIds = definition is null ? null : [definition],
            DefinitionVersionId = version,
            DefinitionVersionIds = versions,
            Statuses = [WorkflowStatus.Running],
        }, LargestBulk, context.RequestAborted);
        foreach (var id in ids)
            await EndAsync(id, caller, runtime, context.RequestAborted);
        return ElsaJson.Ok(new { cancelled = ids.Count });
    }

    private static Task<StepAnswer> EndAsync(Guid id, Caller caller, WorkflowRuntime runtime, CancellationToken cancellationToken) =>
        runtime.ApplyAsync(new StepRequest { InstanceId = id, Stimulus = new Stimulus.Cancel("在流程设计器中取消 Cancelled in Studio"), Actor = caller.Actor }, cancellationToken);

    internal static async Task<InstanceRecord> FindAsync(string id, WorkflowRuntime runtime, CancellationToken cancellationToken) =>
        await runtime.ReadAsync(ExecutionLog.InstanceOf(id), cancellationToken) ?? throw new WorkflowException(ErrorCodes.NotFound, $"There is no instance '{id}'. Check the id.", "流程实例不存在。");

    private static string? NullIfBlank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private sealed record VariableShape(string Id, string Name, JsonElement? Value);

    private sealed record BulkCancelRequest(IReadOnlyList<string>? Ids = null, string? DefinitionId = null, string? DefinitionVersionId = null, string? VersionOptions = null);
}
