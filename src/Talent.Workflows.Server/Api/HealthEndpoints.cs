using Talent.Workflows.Runtime;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Server.Api;

/// <summary>Probes: is the process alive, and may it be given requests.</summary>
internal static class HealthEndpoints
{
    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => TypedResults.Ok(new Liveness("ok"))).AllowAnonymous().WithTags("health").WithSummary("进程存活 Whether the process is alive");
        routes.MapGet("/health/ready", ReadyAsync).AllowAnonymous().WithTags("health").WithSummary("可否受理 Whether the server takes requests")
            .Produces<Readiness>().Produces<Readiness>(StatusCodes.Status503ServiceUnavailable);
        return routes;
    }

    private static async Task<IResult> ReadyAsync(RuntimeHealth health, IntakePause intake, IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return TypedResults.Json(new Readiness("stopping", ["The server is being stopped."], 0, 0, 0, null), statusCode: StatusCodes.Status503ServiceUnavailable);
        var state = await health.CheckAsync(cancellationToken);
        var answer = new Readiness(state.IsReady ? "ready" : "unready", state.Reasons, state.TimerLag.TotalSeconds, state.TimersSetAside, state.DeadLetters, intake.Reason);
        return TypedResults.Json(answer, statusCode: state.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private sealed record Liveness(string Status);

    private sealed record Readiness(string Status, IReadOnlyList<string> Reasons, double TimerLagSeconds, long TimersSetAside, long DeadLetters, string? IntakePaused);
}
