using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>Stops the clock. <see cref="Stage"/> absent: the one review there is.</summary>
public sealed record StopClock
{
    public required string Ground { get; init; }
    public string? Stage { get; init; }
    public required string Document { get; init; }
    public string? Reason { get; init; }
}

/// <summary>Asks for an extension. <see cref="Limit"/>: the key of a stage, or <c>total</c>.</summary>
public sealed record AskExtension
{
    public required string Limit { get; init; }
    public required string Reason { get; init; }
    public string? Document { get; init; }
}

/// <summary>Decides on an extension. <see cref="Outcome"/>: <c>approve</c> or <c>refuse</c>.</summary>
public sealed record DecideExtension
{
    public required string Outcome { get; init; }
    public required string Opinion { get; init; }
}

/// <summary>The HTTP face of the legal clock: <c>/api/v1/cases/{id}/clock</c> and what belongs to it, and <c>/api/v1/marks</c>.</summary>
public static class ClockEndpoints
{
    public static IEndpointRouteBuilder MapClocks(this IEndpointRouteBuilder routes)
    {
        var clocks = routes.MapGroup("/api/v1/cases/{id:guid}").WithTags("clocks");
        clocks.MapGet("/clock", ReadAsync).WithName("ReadCaseClock").WithSummary("办理时限 Limits, pauses and what was counted");
        clocks.MapPost("/pauses", StopAsync).WithName("StopCaseClock").WithSummary("停表 Stop the clock on a ground");
        clocks.MapPost("/pauses/{pause:guid}/end", RunOnAsync).WithName("ResumeCaseClock").WithSummary("恢复计时 Let the clock run on");
        clocks.MapPost("/extensions", AskAsync).WithName("AskExtension").WithSummary("申请延期 Ask that a limit be extended");
        clocks.MapPost("/extensions/{extension:guid}/decide", DecideAsync).WithName("DecideExtension").WithSummary("批准延期 Grant or refuse an extension");
        routes.MapGroup("/api/v1/marks").WithTags("clocks").MapGet("/", ListAsync).WithName("ListMarks").WithSummary("黄牌红牌 Marks of the cases that the acting user oversees");
        return routes;
    }

    private static Task<CaseClockView> ReadAsync(Guid id, Caller caller, ClockReader reader, CancellationToken cancellationToken) => reader.ReadAsync(caller, id, cancellationToken);

    private static async Task<CaseClockView> StopAsync(Guid id, StopClock request, Caller caller, RequestIdempotency idempotency, ClockCommands commands, ClockReader reader, CancellationToken cancellationToken)
    {
        await commands.StopAsync(caller, id, request.Ground, request.Stage, request.Document, request.Reason, idempotency.Value, cancellationToken);
        return await reader.ReadAsync(caller, id, cancellationToken);
    }

    private static async Task<CaseClockView> RunOnAsync(Guid id, Guid pause, Caller caller, RequestIdempotency idempotency, ClockCommands commands, ClockReader reader, CancellationToken cancellationToken)
    {
        await commands.RunOnAsync(caller, id, pause, idempotency.Value, cancellationToken);
        return await reader.ReadAsync(caller, id, cancellationToken);
    }

    private static async Task<CaseClockView> AskAsync(Guid id, AskExtension request, Caller caller, RequestIdempotency idempotency, ClockCommands commands, ClockReader reader, CancellationToken cancellationToken)
    {
        await commands.AskAsync(caller, id, request.Limit, request.Reason, request.Document, idempotency.Value, cancellationToken);
        return await reader.ReadAsync(caller, id, cancellationToken);
    }

    private static async Task<CaseClockView> DecideAsync(Guid id, Guid extension, DecideExtension request, Caller caller, RequestIdempotency idempotency, ClockCommands commands, ClockReader reader, CancellationToken cancellationToken)
    {
        if (request.Outcome is not ("approve" or "refuse"))
            throw new Engine.WorkflowException(Engine.ErrorCodes.InvalidRequest, $"An extension is decided by approve or refuse, not by '{request.Outcome}'.", "延期只能批准（approve）或不批准（refuse）。");
        await commands.DecideAsync(caller, id, extension, request.Outcome == "approve", request.Opinion, idempotency.Value, cancellationToken);
        return await reader.ReadAsync(caller, id, cancellationToken);
    }

    private static Task<Page<MarkView>> ListAsync(string? colour, string? kind, string? service, string? cursor, int? limit, Caller caller, MarkReader reader, CancellationToken cancellationToken) =>
        reader.ListAsync(caller, colour, kind, service, cursor, limit ?? 50, cancellationToken);
}
