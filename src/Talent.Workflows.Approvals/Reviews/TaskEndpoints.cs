using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews.Correcting;
using Talent.Workflows.Approvals.Reviews.Deciding;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Reviews.Signing;

namespace Talent.Workflows.Approvals.Reviews;

public sealed record DecideTask
{
    public required string Outcome { get; init; }
    public string? Opinion { get; init; }

    /// <summary>What the stage asks the decider for, where its service says so (<c>decisions</c> of form.json); left out: nothing.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>With <c>return</c>: where to, one of the task's <c>returnTo</c>, or <c>previous</c>. Left out: as the stage's connection leads.</summary>
    public string? ReturnTo { get; init; }

    /// <summary>With <c>return</c> to the applicant: what to correct, field by field and material by material; left out: the opinion says it.</summary>
    public IReadOnlyList<Correction>? Corrections { get; init; }

    /// <summary>Whether nothing else can be changed; left out: as the stage says.</summary>
    public bool? OnlyCorrections { get; init; }
}

/// <summary>Who is to decide too. <see cref="Position"/>: before (前加签), after (后加签) or beside (并加签).</summary>
public sealed record AddSigners(string? Position, IReadOnlyList<string>? Users, string? Reason);

/// <summary>The HTTP face of tasks, under <c>/api/v1/tasks</c>.</summary>
public static class TaskEndpoints
{
    public static IEndpointRouteBuilder MapTasks(this IEndpointRouteBuilder routes)
    {
        var tasks = routes.MapGroup("/api/v1/tasks").WithTags("tasks");
        tasks.MapGet("/", ListAsync).WithName("ListTasks").WithSummary("待办列表 The tasks of the acting user; counts=true: with how many each list holds");
        tasks.MapGet("/{id:guid}", ReadAsync).WithName("ReadTask").WithSummary("待办 One task with what can be done");
        tasks.MapPost("/{id:guid}/claim", ClaimAsync).WithName("ClaimTask").WithSummary("签收 Claim a task");
        tasks.MapPost("/{id:guid}/release", ReleaseAsync).WithName("ReleaseTask").WithSummary("退回待办池 Give a claimed task back");
        tasks.MapPost("/{id:guid}/signers", AddSignersAsync).WithName("AddSigners").WithSummary("加签 Others are to decide too: before, after or beside");
        tasks.MapPost("/{id:guid}/remove", RemoveSignerAsync).WithName("RemoveSigner").WithSummary("减签 Takes an added one away again, by their own task");
        tasks.MapPost("/{id:guid}/decide", DecideAsync).WithName("DecideTask").WithSummary("审核意见 Decide a task");
        routes.MapGet("/api/v1/cases/{id:guid}/decisions", DecisionsAsync).WithTags("cases").WithName("ListCaseDecisions").WithSummary("办理填写内容 What those who decided filled in");
        return routes;
    }

    private static async Task<Page<DecisionDataView>> DecisionsAsync(Guid id, Caller caller, CaseReader cases, DecisionForms forms, CancellationToken cancellationToken)
    {
        await cases.RequireVisibleAsync(caller, id, cancellationToken);
        return new(await cases.IsBlindAsync(caller, id, cancellationToken) ? [] : await forms.ListAsync(id, cancellationToken), null);
    }

    private static async Task<TaskPage> ListAsync(string? scope, string? cursor, int? limit, bool? counts, Caller caller, TaskReader reader, TaskNextActions actions, CancellationToken cancellationToken)
    {
        scope ??= TaskScopes.Mine;
        TaskPage page;
        if (counts == true)
            page = await reader.InboxAsync(caller, scope, cursor, limit ?? 50, cancellationToken);
        else
        {
            var (items, next) = await reader.ListAsync(caller, scope, cursor, limit ?? 50, cancellationToken);
            page = new TaskPage(items, next);
        }
        return page with { Items = await actions.AddAsync(caller, scope, page.Items, cancellationToken) };
    }

    private static async Task<TaskView> ReadAsync(Guid id, Caller caller, TaskReader reader, TaskNextActions actions, CancellationToken cancellationToken) =>
        await actions.AddAsync(caller, await reader.ReadAsync(caller, id, cancellationToken), cancellationToken);

    private static async Task<TaskView> ClaimAsync(Guid id, Caller caller, RequestIdempotency idempotency, TaskCommands commands, TaskReader reader, TaskNextActions actions, CancellationToken cancellationToken)
    {
        await commands.ClaimAsync(caller, id, idempotency.Value, cancellationToken);
        return await actions.AddAsync(caller, await reader.ReadAsync(caller, id, cancellationToken), cancellationToken);
    }

    private static async Task<TaskView> ReleaseAsync(Guid id, Caller caller, RequestIdempotency idempotency, TaskCommands commands, TaskReader reader, TaskNextActions actions, CancellationToken cancellationToken)
    {
        await commands.ReleaseAsync(caller, id, idempotency.Value, cancellationToken);
        return await actions.AddAsync(caller, await reader.ReadAsync(caller, id, cancellationToken), cancellationToken);
    }

    private static async Task<TaskView> AddSignersAsync(Guid id, AddSigners request, Caller caller, RequestIdempotency idempotency, SignCommands commands, TaskReader reader, TaskNextActions actions, CancellationToken cancellationToken)
    {
        await commands.AddAsync(caller, id, request.Position, request.Users, request.Reason, idempotency.Value, cancellationToken);
        return await actions.AddAsync(caller, await reader.ReadAsync(caller, id, cancellationToken), cancellationToken);
    }

    private static async Task<TaskView> RemoveSignerAsync(Guid id, Caller caller, RequestIdempotency idempotency, SignCommands commands, TaskReader reader, TaskNextActions actions, CancellationToken cancellationToken)
    {
        await commands.RemoveAsync(caller, id, idempotency.Value, cancellationToken);
        return await actions.AddAsync(caller, await reader.ReadAsync(caller, id, cancellationToken), cancellationToken);
    }

    private static Task<DecisionReceipt> DecideAsync(Guid id, DecideTask request, Caller caller, RequestIdempotency idempotency, TaskCommands commands, HttpContext http, CancellationToken cancellationToken) =>
        commands.DecideAsync(caller, id, request, idempotency.Value, EntityTag.IfMatch(http.Request), cancellationToken);
}
