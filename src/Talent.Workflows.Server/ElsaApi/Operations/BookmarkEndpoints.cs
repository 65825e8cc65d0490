using System.Text.Json;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities.Http;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Server.ElsaApi.Operations;

/// <summary>Resumes one wait, by its bookmark.</summary>
internal static class BookmarkEndpoints
{
    // Elsa also takes a GET here, and lets in whoever has a link with a token. No link is made here, so it is for whoever may change instances.
    public static void MapElsaBookmarks(this IEndpointRouteBuilder api) => api.MapPost("/bookmarks/resume", ResumeAsync);

    private static async Task<IResult> ResumeAsync(HttpContext context, Caller caller, WorkflowRuntime runtime)
    {
        if (context.Request.Query.ContainsKey("t"))
            throw new WorkflowException(ErrorCodes.InvalidRequest, "Invalid token. This server gives out none: name the bookmark in the body, {\"bookmarkId\":\"…\",\"input\":…}.", "令牌无效；本服务不签发令牌，请在请求内容中给出 bookmarkId。");
        var request = await ElsaJson.ReadAsync<ResumeRequest>(context);
        if (request.BookmarkId is not { Length: > 0 } id)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "The request has no 'bookmarkId'.", "缺少 bookmarkId。");
        if (!Guid.TryParse(id, out var bookmarkId) || await runtime.FindByBookmarkAsync(bookmarkId, context.RequestAborted) is not { } record || record.State.Bookmarks.Find(b => b.Id == bookmarkId) is not { } bookmark
            || (request.WorkflowInstanceId is { Length: > 0 } instance && !string.Equals(instance, record.Id.ToString(), StringComparison.OrdinalIgnoreCase)))
            throw Gone(id);
        if (bookmark.Kind is not (BookmarkKinds.Event or BookmarkKinds.Work))
            throw new WorkflowException(ErrorCodes.WrongState, $"Activity '{bookmark.ActivityId}' waits for what only this server or the person whose task it is can give it ({bookmark.Kind}). Tasks are decided by POST /api/v1/tasks/{id}/decide.", "该等待只能由系统或任务经办人继续，不能在此恢复。");
        if (bookmark.Kind == BookmarkKinds.Event && HttpTerms.Read(bookmark.Payload) is not null)
            throw new WorkflowException(ErrorCodes.WrongState, $"Activity '{bookmark.ActivityId}' waits for an HTTP request. Send it to its path below /workflows.", "该活动等待 HTTP 请求，请向其地址发送请求。");
        return (await runtime.ResumeAsync(bookmarkId, request.Input ?? default, caller.Actor, context.RequestAborted)).Applied ? TypedResults.Ok() : throw Gone(id);
    }

    private static WorkflowException Gone(string id) => new(ErrorCodes.NotFound, $"Nothing waits under the bookmark '{id}'. It was resumed or cancelled; read its instance.", "该等待不存在，或已恢复、已取消。");

    private sealed record ResumeRequest(string? BookmarkId = null, string? WorkflowInstanceId = null, JsonElement? Input = null);
}
