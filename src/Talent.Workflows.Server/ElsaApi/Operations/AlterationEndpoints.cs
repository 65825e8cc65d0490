using System.Text.Json;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Server.ElsaApi.Instances;
using Talent.Workflows.Server.Security;
using InstanceEndpoints = Talent.Workflows.Server.ElsaApi.Instances.InstanceEndpoints;

namespace Talent.Workflows.Server.ElsaApi.Operations;

/// <summary>Changes by hand in running instances: variables, activities, tasks outside. Each is one step, with who made it.</summary>
internal static class AlterationEndpoints
{
    private const int MostVariables = 100;

    public static void MapElsaAlterations(this IEndpointRouteBuilder api)
    {
        api.MapPost("/workflow-instances/{id}/variables", SetVariablesAsync);
        api.MapPost("/tasks/{taskId}/complete", CompleteTaskAsync);
        api.MapPost("/alterations/run", RunAsync).WithMetadata(new RequiredScope(Scopes.Admin));
    }

    private static async Task<IResult> SetVariablesAsync(string id, HttpContext context, Caller caller, WorkflowRuntime runtime, DefinitionStore definitions)
    {
        var request = await ElsaJson.ReadAsync<VariablesRequest>(context);
        if (request.Variables is not { Count: > 0 and <= MostVariables })
            throw Invalid($"Give 1 to {MostVariables} variables: {{\"variables\":[{{\"id\":\"…\",\"value\":…}}]}}.", $"请给出 1 至 {MostVariables} 个变量。");
        await runtime.AlterAsync(ExecutionLog.InstanceOf(id), [.. request.Variables.Select(v => new Alteration.ModifyVariable(v.Id ?? v.Name ?? throw Invalid("A variable has no id.", "变量缺少 id。"), v.Value ?? default))], caller.Actor, context.RequestAborted);
        return await InstanceEndpoints.VariablesAsync(id, runtime, definitions, context.RequestAborted);
    }

    /// <summary>Completes the work that an Elsa.RunTask waits for. Reviews are no such tasks: they are decided by the people whose task it is.</summary>
    private static async Task<IResult> CompleteTaskAsync(string taskId, HttpContext context, Caller caller, WorkflowRuntime runtime)
    {
        var request = ElsaJson.HasBody(context) ? await ElsaJson.ReadAsync<TaskRequest>(context) : new TaskRequest();
        if (!Guid.TryParse(taskId, out var task) || await runtime.FindByBookmarkAsync(task, context.RequestAborted) is not { } record || record.State.Bookmarks.Find(b => b.Id == task) is not { } bookmark)
            throw new WorkflowException(ErrorCodes.NotFound, $"There is no open task '{taskId}'. It was completed or cancelled; read its instance.", "任务不存在，或已完成、已取消。");
        if (bookmark.Kind != BookmarkKinds.Work)
            throw new WorkflowException(ErrorCodes.WrongState, $"Task '{taskId}' is decided by whoever it was given to: POST /api/v1/tasks/{taskId}/decide.", "该任务须由经办人办理，不能在此完成。");
        var answer = await runtime.ResumeAsync(task, request.Result ?? default, caller.Actor, context.RequestAborted);
        return answer.Applied ? TypedResults.Ok() : throw new WorkflowException(ErrorCodes.NotFound, $"Task '{taskId}' has just been completed or cancelled.", "任务已完成或已取消。");
    }

    private static async Task<IResult> RunAsync(HttpContext context, Caller caller, WorkflowRuntime runtime, TimeProvider time)
    {
        var request = await ElsaJson.ReadAsync<AlterationRequest>(context);
        var alterations = AlterationBody.Read(request.Alterations);
        var results = await InstanceByInstance.DoAsync(request.WorkflowInstanceIds, "Alterations", time, async (instance, said) =>
        {
            await runtime.AlterAsync(instance, alterations, caller.Actor, context.RequestAborted);
            said.Add($"{alterations.Count} alterations were made.");
            return true;
        }, context.RequestAborted);
        return ElsaJson.Ok(new { results });
    }

    private static WorkflowException Invalid(string message, string messageZh) => new(ErrorCodes.InvalidRequest, message, messageZh);

    private sealed record VariableBody(string? Id = null, string? Name = null, JsonElement? Value = null);

    private sealed record VariablesRequest(IReadOnlyList<VariableBody>? Variables = null);

    private sealed record TaskRequest(JsonElement? Result = null);

    private sealed record AlterationRequest(IReadOnlyList<AlterationBody>? Alterations = null, IReadOnlyList<string>? WorkflowInstanceIds = null);
}
