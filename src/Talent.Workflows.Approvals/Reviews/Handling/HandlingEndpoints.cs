using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews.Correcting;

namespace Talent.Workflows.Approvals.Reviews.Handling;

public sealed record TransferTask(string To, string Reason);

public sealed record CopyTo(IReadOnlyList<string>? Users = null, IReadOnlyList<CopyRole>? Roles = null, string? Note = null);

/// <param name="Corrections">What to correct, for every item that is returned to its applicant; as in a decision of one task.</param>
/// <param name="OnlyCorrections">Whether nothing else can be changed there; left out: as each stage says.</param>
public sealed record DecideBatch(IReadOnlyList<BatchItem> Items, IReadOnlyList<Correction>? Corrections = null, bool? OnlyCorrections = null);

/// <param name="Leaving">Activities that are given up, where several run side by side; left out: those that come before the stage.</param>
public sealed record AskJump(string Stage, string Reason, IReadOnlyList<string>? Leaving = null);

public sealed record RefuseJump(string Reason);

public sealed record SayComment(string Text, bool ForApplicant = false);

public sealed record HandOver(string To, string Reason);

public sealed record KeepOpinion(string Text, string? Outcome = null);

/// <summary>The HTTP face of what people do with tasks besides deciding and claiming one.</summary>
public static class HandlingEndpoints
{
    public static IEndpointRouteBuilder MapHandling(this IEndpointRouteBuilder routes)
    {
        var tasks = routes.MapGroup("/api/v1/tasks").WithTags("tasks");
        tasks.MapGet("/summary", (Caller caller, TaskReader reader, CancellationToken stop) => reader.SummaryAsync(caller, stop))
            .WithName("ReadTaskSummary").WithSummary("待办统计 How many tasks each list holds").Produces<TaskSummary>();
        tasks.MapPost("/decide-batch", async (DecideBatch request, Caller caller, RequestIdempotency idempotency, TaskBatches batches, CancellationToken stop) =>
            new Page<BatchResult>(await batches.DecideAsync(caller, request.Items, idempotency.Value, stop, new BatchCorrections(request.Corrections, request.OnlyCorrections)), null))
            .WithName("DecideTasks").WithSummary("批量办理 Decide up to 200 tasks, each on its own").Produces<Page<BatchResult>>();
        tasks.MapPost("/{id:guid}/transfer", TransferAsync).WithName("TransferTask").WithSummary("转办 Hand a task to another user").Produces<TaskView>();
        tasks.MapPost("/{id:guid}/recall", RecallAsync).WithName("RecallDecision").WithSummary("撤回 Take one's own decision back").Produces<TaskView>();
        tasks.MapPost("/{id:guid}/copy", CopyAsync).WithName("CopyTask").WithSummary("抄送 Show a task to others").Produces<TaskView>();
        tasks.MapPost("/{id:guid}/read", MarkAsync).WithName("MarkTaskRead").WithSummary("已阅 Mark a copied task as read").Produces(StatusCodes.Status204NoContent);

        var cases = routes.MapGroup("/api/v1/cases/{id:guid}").WithTags("cases");
        cases.MapPost("/urge", (Guid id, Caller caller, RequestIdempotency idempotency, UrgeCommands urges, CancellationToken stop) => urges.UrgeAsync(caller, id, idempotency.Value, stop))
            .WithName("UrgeCase").WithSummary("催办 Remind those who have the case in hand").Produces<UrgeReceipt>();
        cases.MapGet("/comments", (Guid id, string? cursor, int? limit, Caller caller, CommentCommands comments, CancellationToken stop) => comments.ListAsync(caller, id, cursor, limit ?? 200, stop))
            .WithName("ListComments").WithSummary("沟通记录 What was said about a case").Produces<Page<CommentView>>();
        cases.MapPost("/comments", (Guid id, SayComment request, Caller caller, RequestIdempotency idempotency, CommentCommands comments, CancellationToken stop) =>
            comments.SayAsync(caller, id, request.Text, request.ForApplicant, idempotency.Value, stop)).WithName("SayComment").WithSummary("沟通 Say something to those who deal with a case").Produces<CommentView>();
        cases.MapGet("/jumps", async (Guid id, Caller caller, JumpCommands jumps, CancellationToken stop) => new Page<JumpView>(await jumps.ListAsync(caller, id, stop), null))
            .WithName("ListJumps").WithSummary("跳转申请 The jumps of a case").Produces<Page<JumpView>>();
        cases.MapPost("/jumps", (Guid id, AskJump request, Caller caller, RequestIdempotency idempotency, JumpCommands jumps, CancellationToken stop) =>
            jumps.AskAsync(caller, id, request.Stage, request.Reason, request.Leaving, idempotency.Value, stop)).WithName("AskJump").WithSummary("申请跳转 Ask for a jump to a stage").Produces<JumpView>();
        cases.MapPost("/jumps/{jump:guid}/confirm", (Guid id, Guid jump, Caller caller, RequestIdempotency idempotency, JumpCommands jumps, CancellationToken stop) =>
            jumps.ConfirmAsync(caller, id, jump, idempotency.Value, stop)).WithName("ConfirmJump").WithSummary("确认跳转 Carry out a jump that another administrator asked for").Produces<JumpView>();
        cases.MapPost("/jumps/{jump:guid}/refuse", (Guid id, Guid jump, RefuseJump request, Caller caller, RequestIdempotency idempotency, JumpCommands jumps, CancellationToken stop) =>
            jumps.RefuseAsync(caller, id, jump, request.Reason, idempotency.Value, stop)).WithName("RefuseJump").WithSummary("驳回跳转 Refuse a jump").Produces<JumpView>();

        MapPeople(routes);
        return routes;
    }

    private static void MapPeople(IEndpointRouteBuilder routes)
    {
        var delegations = routes.MapGroup("/api/v1/delegations").WithTags("delegations");
        delegations.MapGet("/", async (string? user, Caller caller, DelegationCommands commands, CancellationToken stop) => new Page<DelegationView>(await commands.ListAsync(caller, user, stop), null))
            .WithName("ListDelegations").WithSummary("委托列表 Delegations of the acting user").Produces<Page<DelegationView>>();
        delegations.MapPost("/", (NewDelegation request, Caller caller, RequestIdempotency idempotency, DelegationCommands commands, CancellationToken stop) => commands.CreateAsync(caller, request, idempotency.Value, stop))
            .WithName("CreateDelegation").WithSummary("设置委托 Let another decide in one's place for a time").Produces<DelegationView>();
        delegations.MapPost("/{id:guid}/revoke", (Guid id, Caller caller, DelegationCommands commands, CancellationToken stop) => commands.RevokeAsync(caller, id, stop))
            .WithName("RevokeDelegation").WithSummary("撤销委托 End a delegation").Produces<DelegationView>();

        var users = routes.MapGroup("/api/v1/users").WithTags("users");
        users.MapPost("/{id}/handover", (string id, HandOver request, Caller caller, RequestIdempotency idempotency, TransferCommands transfers, CancellationToken stop) => transfers.HandOverAsync(caller, id, request.To, request.Reason, idempotency.Value, stop))
            .WithName("HandOver").WithSummary("离职转办 Hand all tasks of somebody who leaves to another").Produces<HandoverView>();
        users.MapDelete("/{id}/handover", async (string id, Caller caller, TransferCommands transfers, CancellationToken stop) =>
        {
            await transfers.ReturnAsync(caller, id, stop);
            return TypedResults.NoContent();
        }).WithName("EndHandover").WithSummary("结束离职转办 Whoever left is back").Produces(StatusCodes.Status204NoContent);

        var opinions = routes.MapGroup("/api/v1/opinions").WithTags("opinions");
        opinions.MapGet("/", async (Guid? task, Caller caller, OpinionCommands commands, CancellationToken stop) => new Page<OpinionView>(await commands.ListAsync(caller, task, stop), null))
            .WithName("ListOpinions").WithSummary("常用意见 Canned opinions of a task's stage, and one's own").Produces<Page<OpinionView>>();
        opinions.MapPost("/", (KeepOpinion request, Caller caller, OpinionCommands commands, RequestIdempotency idempotency, CancellationToken stop) => commands.AddAsync(caller, request.Text, request.Outcome, idempotency.Value, stop))
            .WithName("KeepOpinion").WithSummary("新增常用意见 Keep an opinion for later").Produces<OpinionView>();
        opinions.MapDelete("/{id:guid}", async (Guid id, Caller caller, OpinionCommands commands, CancellationToken stop) =>
        {
            await commands.RemoveAsync(caller, id, stop);
            return TypedResults.NoContent();
        }).WithName("RemoveOpinion").WithSummary("删除常用意见 Delete an opinion of one's own").Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> TransferAsync(Guid id, TransferTask request, Caller caller, RequestIdempotency idempotency, TransferCommands transfers, TaskReader reader, TaskNextActions actions, CancellationToken cancellationToken)
    {
        // Read first: whoever has handed it on may have nothing to do with it any more.
        var before = await reader.ReadAsync(caller, id, cancellationToken);
        await transfers.TransferAsync(caller, id, request.To, request.Reason, idempotency.Value, cancellationToken);
        return TypedResults.Ok(await actions.AddAsync(caller, await reader.ReadAgainAsync(before.Id, cancellationToken), cancellationToken));
    }

    private static async Task<TaskView> RecallAsync(Guid id, Caller caller, RequestIdempotency idempotency, RecallCommands recalls, TaskReader reader, TaskNextActions actions, CancellationToken cancellationToken)
    {
        await recalls.RecallAsync(caller, id, idempotency.Value, cancellationToken);
        return await actions.AddAsync(caller, await reader.ReadAsync(caller, id, cancellationToken), cancellationToken);
    }

    private static async Task<TaskView> CopyAsync(Guid id, CopyTo request, Caller caller, RequestIdempotency idempotency, CopyCommands copies, TaskReader reader, TaskNextActions actions, CancellationToken cancellationToken)
    {
        await copies.CopyAsync(caller, id, request.Users, request.Roles, request.Note, idempotency.Value, cancellationToken);
        return await actions.AddAsync(caller, await reader.ReadAsync(caller, id, cancellationToken), cancellationToken);
    }

    private static async Task<IResult> MarkAsync(Guid id, Caller caller, CopyCommands copies, CancellationToken cancellationToken)
    {
        await copies.MarkReadAsync(caller, id, cancellationToken);
        return TypedResults.NoContent();
    }
}
