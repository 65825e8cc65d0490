using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Messages;

/// <summary>The in-app messages of the acting user, under <c>/api/v1/messages</c>.</summary>
public static class InboxEndpoints
{
    public static IEndpointRouteBuilder MapInbox(this IEndpointRouteBuilder routes)
    {
        var messages = routes.MapGroup("/api/v1/messages").WithTags("messages");
        messages.MapGet("/", (bool? unread, string? cursor, int? limit, Caller caller, InboxReader inbox, CancellationToken cancellationToken) =>
            inbox.ListAsync(caller, unread ?? false, cursor, limit ?? 50, cancellationToken)).WithName("ListInbox").WithSummary("站内消息 In-app messages of the acting user").Produces<Page<InboxMessage>>();
        messages.MapPost("/{id:long}/read", (long id, Caller caller, InboxReader inbox, CancellationToken cancellationToken) =>
            inbox.MarkAsync(caller, id, cancellationToken)).WithName("MarkMessageRead").WithSummary("标为已读 Mark as read").Produces<InboxMessage>();
        return routes;
    }
}
