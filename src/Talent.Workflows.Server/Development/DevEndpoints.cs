using System.Globalization;
using Microsoft.Extensions.Options;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Integrations.Face;
using Talent.Workflows.Approvals.Integrations.Identity;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Integrations.Recognition;
using Talent.Workflows.Approvals.Integrations.Records;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;
using Talent.Workflows.Server.Api;

namespace Talent.Workflows.Server.Development;

/// <summary>What only Development has: the messages that were captured, and a clock that can be advanced.</summary>
internal static class DevEndpoints
{
    public static IEndpointRouteBuilder MapDevelopment(this IEndpointRouteBuilder routes)
    {
        var dev = routes.MapGroup("/dev").AllowAnonymous().WithTags("dev");
        dev.MapGet("/messages", MessagesAsync).WithSummary("已捕获的消息（网页；?format=json 或 Accept: application/json 为数据） Captured messages").Produces<Page<CapturedMessage>>();
        dev.MapGet("/clock", (BusinessClock clock) => View(clock)).WithSummary("业务时钟 The business clock").Produces<ClockView>();
        dev.MapPost("/clock", AdvanceAsync).WithSummary("拨快业务时钟 Advance the business clock").Produces<ClockView>().WithExample("""{"by":"5wd"}""");
        MapSimulators(dev.MapGroup("/simulators").ExcludeFromDescription().WithMetadata(new BodyLimit(IDocumentRecognition.Largest + 1024)));
        return routes;
    }

    /// <summary>The simulators of other offices over HTTP, for trying the real clients against them.</summary>
    private static void MapSimulators(IEndpointRouteBuilder routes)
    {
        var time = routes.ServiceProvider.GetRequiredService<TimeProvider>();
        var http = new OutsideSimulator("simulator", "simulator", time);
        IdentitySimulator.Map(routes, http);
        var faces = new FaceSimulator(routes.ServiceProvider.GetRequiredService<IOptions<FaceOptions>>().Value, time);
        faces.Map(routes, http);
        faces.MapScans(routes, http, new HttpClient());
        RecordsSimulator.Map(routes, http);
        RecognitionSimulator.Map(routes, http);
    }

    private static async Task<IResult> MessagesAsync(string? format, long? after, int? limit, CapturedMessages messages, HttpContext context, CancellationToken cancellationToken)
    {
        var captured = await messages.ListAsync(after, PageSize.Of(limit ?? PageSize.Max), cancellationToken);
        if (format == "json" || context.Request.Headers.Accept.ToString().Contains("application/json", StringComparison.OrdinalIgnoreCase))
            return TypedResults.Ok(new Page<CapturedMessage>(captured, captured.Count > 0 ? captured[^1].Sequence.ToString(CultureInfo.InvariantCulture) : null));
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        return TypedResults.Text(MessagesPage.Render(captured), "text/html; charset=utf-8");
    }

    private static async Task<ClockView> AdvanceAsync(ClockBody body, ClockControl control, ClockWatch watch, BusinessClock clock, WorkCalendar calendar, CancellationToken cancellationToken)
    {
        var target = body switch
        {
            { To: { } to, By: null } => to.ToUniversalTime(),
            { To: null, By: { } by } => After(clock.Now, by, calendar),
            _ => throw Wrong(),
        };
        await control.AdvanceToAsync(target, cancellationToken);
        await watch.RunDueAsync(cancellationToken);
        return View(clock);
    }

    private static DateTimeOffset After(DateTimeOffset now, string by, WorkCalendar calendar)
    {
        var digits = by.TakeWhile(char.IsAsciiDigit).Count();
        if (digits is 0 or > 5)
            throw Wrong();
        var count = int.Parse(by.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture);
        var then = by[digits..] switch
        {
            "s" => now.AddSeconds(count),
            "m" => now.AddMinutes(count),
            "h" => now.AddHours(count),
            "d" => now.AddDays(count),
            // The same time of day, so many working days on.
            "wd" when count <= 1000 => ChinaTime.At(calendar.AddWorkdays(ChinaTime.DateOf(now), count), ChinaTime.TimeOf(now)),
            _ => throw Wrong(),
        };
        return then;
    }

    private static ClockView View(BusinessClock clock) => new(clock.Now, ChinaTime.ToLocal(clock.Now), clock.Offset.TotalSeconds);

    private static WorkflowException Wrong() => new(ErrorCodes.InvalidRequest,
        "Say 'to' (an instant with its zone) or 'by' (90s, 30m, 2h, 3d, or 5wd for working days).", "请给出 to（带时区的时刻）或 by（90s、30m、2h、3d，或 5wd 表示工作日）。");

    internal sealed record ClockBody(DateTimeOffset? To = null, string? By = null);

    internal sealed record ClockView(DateTimeOffset Now, DateTimeOffset Local, double OffsetSeconds);
}
