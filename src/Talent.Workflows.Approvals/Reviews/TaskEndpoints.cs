using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Reviews;

public sealed record DecideTask
{
    public required string Outcome { get; init; }
    public string? Opinion { get; init; }
}

/// <summary>The HTTP face of tasks, under <c>/api/v1/tasks</c>.</summary>
public static class TaskEndpoints
{
    public static IEndpointRouteBuilder MapTasks(this IEndpointRouteBuilder routes)
    {
        var tasks = routes.MapGroup("/api/v1/tasks").WithTags("tasks");
        tasks.MapGet("/", ListAsync).WithName("ListTasks").WithSummary("待办列表 The tasks of the acting user");
        tasks.MapGet("/{id:guid}", ReadAsync).WithName("ReadTask").WithSummary("待办 One task with what can be done");
        tasks.MapPost("/{id:guid}/claim", ClaimAsync).WithName("ClaimTask").WithSummary("签收 Claim a task");
        tasks.MapPost("/{id:guid}/release", ReleaseAsync).WithName("ReleaseTask").WithSummary("退回待办池 Give a claimed task back");
        tasks.MapPost("/{id:guid}/decide", DecideAsync).WithName("DecideTask").WithSummary("审核意见 Decide a task");
        return routes;
    }

    private static Task<Page<TaskView>> ListAsync(string? scope, string? cursor, int? limit, Caller caller, TaskReader reader, CancellationToken cancellationToken) =>
        reader.ListAsync(caller, scope ?? "mine", cursor, limit ?? 50, cancellationToken);

    private static Task<TaskView> ReadAsync(Guid id, Caller caller, TaskReader reader, CancellationToken cancellationToken) => reader.ReadAsync(caller, id, cancellationToken);

    private static async Task<TaskView> ClaimAsync(Guid id, Caller caller, RequestIdempotency idempotency, TaskCommands commands, TaskReader reader, CancellationToken cancellationToken)
    {
        await commands.ClaimAsync(caller, id, idempotency.Value, cancellationToken);
        return await reader.ReadAsync(caller, id, cancellationToken);
    }

    private static async Task<TaskView> ReleaseAsync(Guid id, Caller caller, RequestIdempotency idempotency, TaskCommands commands, TaskReader reader, CancellationToken cancellationToken)
    {
        await commands.ReleaseAsync(caller, id, idempotency.Value, cancellationToken);
        return await reader.ReadAsync(caller, id, cancellationToken);
    }

    private static Task<DecisionReceipt> DecideAsync(Guid id, DecideTask request, Caller caller, RequestIdempotency idempotency, TaskCommands commands, HttpContext http, CancellationToken cancellationToken) =>
        commands.DecideAsync(caller, id, request.Outcome, request.Opinion, idempotency.Value, EntityTag.IfMatch(http.Request), cancellationToken);
}
