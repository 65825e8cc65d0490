using System.Globalization;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;
using Talent.Workflows.Runtime.Timers;
using Talent.Workflows.Server.Security;

namespace Talent.Workflows.Server.Api;

/// <summary>For operators: the intake, deliveries that failed, and timers that were set aside. Scope <c>admin</c>.</summary>
internal static class OperationEndpoints
{
    public static IEndpointRouteBuilder MapOperations(this IEndpointRouteBuilder api)
    {
        var operations = api.MapGroup("/operations").WithTags("operations").WithMetadata(new RequiredScope(Scopes.Admin));
        operations.MapGet("/intake", (IntakePause intake) => new IntakeView(intake.Reason is null, intake.Reason)).WithSummary("受理状态 Whether requests are taken in").Produces<IntakeView>();
        operations.MapPut("/intake", SetIntakeAsync).WithSummary("暂停或恢复受理 Pause or reopen the intake").Produces<IntakeView>().WithExample("""{"open":false,"reason":"database maintenance until 22:00"}""");
        operations.MapGet("/deliveries", ListAsync).WithSummary("失败的投递 Deliveries that failed").Produces<Page<FailedMessage>>();
        operations.MapPost("/deliveries/{sequence:long}/resend", ResendAsync).WithSummary("重新投递 Deliver again").Produces(StatusCodes.Status204NoContent);
        operations.MapGet("/timers", ListTimersAsync).WithSummary("搁置的定时 Timers that were set aside").Produces<Page<SetAsideTimer>>();
        operations.MapPost("/timers/{instanceId:guid}/release", ReleaseTimersAsync).WithSummary("恢复定时 Let timers fire again").Produces(StatusCodes.Status204NoContent);
        return api;
    }

    private static async Task<IntakeView> SetIntakeAsync(IntakeBody body, Caller caller, IntakePause intake, CancellationToken cancellationToken)
    {
        if (body.Open)
            await intake.ResumeAsync(caller.Actor, cancellationToken);
        else
            await intake.PauseAsync(body.Reason is { Length: > 0 and <= 200 } reason ? reason : throw new WorkflowException(ErrorCodes.InvalidRequest,
                "Say why: 'reason' takes 1 to 200 characters.", "请说明原因（reason，1 至 200 个字符）。"), caller.Actor, cancellationToken);
        return new IntakeView(intake.Reason is null, intake.Reason);
    }

    private static async Task<Page<FailedMessage>> ListAsync(bool? dead, string? cursor, int? limit, DeadLetters letters, Cursors cursors, CancellationToken cancellationToken)
    {
        var list = $"deliveries|{dead}";
        var size = PageSize.Of(limit);
        var after = cursors.Read(list, cursor) is { } position ? long.Parse(position, CultureInfo.InvariantCulture) : 0;
        var failed = await letters.ListAsync(dead ?? false, after, size, cancellationToken);
        return new Page<FailedMessage>(failed, cursors.Write(list, failed.Count == size ? failed[^1].Sequence.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static async Task<IResult> ResendAsync(long sequence, DeadLetters letters, CancellationToken cancellationToken) =>
        await letters.ResendAsync(sequence, cancellationToken) ? TypedResults.NoContent() : throw new WorkflowException(ErrorCodes.NotFound,
            $"There is no failed delivery {sequence}. It may have gone through meanwhile.", "没有该失败投递，可能已投递成功。");

    private static async Task<Page<SetAsideTimer>> ListTimersAsync(string? cursor, int? limit, SetAsideTimers timers, Cursors cursors, CancellationToken cancellationToken)
    {
        const string List = "timers";
        var size = PageSize.Of(limit);
        var after = cursors.Read(List, cursor) is { } position ? Guid.Parse(position) : Guid.Empty;
        var found = await timers.ListAsync(after, size, cancellationToken);
        return new Page<SetAsideTimer>(found, cursors.Write(List, found.Count == size ? found[^1].InstanceId.ToString() : null));
    }

    private static async Task<IResult> ReleaseTimersAsync(Guid instanceId, SetAsideTimers timers, CancellationToken cancellationToken) =>
        await timers.ReleaseAsync(instanceId, cancellationToken) ? TypedResults.NoContent() : throw new WorkflowException(ErrorCodes.NotFound,
            $"No timers of instance {instanceId} are set aside. They may have been released meanwhile.", "该流程没有被搁置的定时，可能已恢复。");

    internal sealed record IntakeBody(bool Open, string? Reason = null);

    internal sealed record IntakeView(bool Open, string? Reason);
}
