using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Server.Studio;

namespace Talent.Workflows.Server.Api;

/// <summary>How much one caller may ask of one node: by key, and without one by address.</summary>
internal static class RateLimits
{
    public static IServiceCollection AddRateLimits(this IServiceCollection services) => services.AddRateLimiter(limits =>
    {
        limits.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(Partition);
        limits.OnRejected = async (rejected, cancellationToken) =>
        {
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? (int)Math.Ceiling(after.TotalSeconds) : 1;
            var http = rejected.HttpContext;
            http.Response.Headers.RetryAfter = Math.Max(1, wait).ToString(CultureInfo.InvariantCulture);
            // The public pages are read by people, and forms of notices are sent by them: they get a page.
            if (!PublicPage.IsRead(http.Request) && !http.Request.Path.StartsWithSegments("/notices", StringComparison.Ordinal))
                return;
            http.Response.Headers.CacheControl = "no-store";
            http.Response.Headers.ContentSecurityPolicy = NoticePages.Policy;
            http.Response.ContentType = "text/html; charset=utf-8";
            await http.Response.WriteAsync(PublicPage.TooMany(Math.Max(1, wait), sends: HttpMethods.IsPost(http.Request.Method)), cancellationToken);
        };
        limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
    });

    private static RateLimitPartition<string> Partition(HttpContext context)
    {
        // Probes have to be answered whatever else is going on; /dev exists in Development alone.
        if (context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal) || context.Request.Path.StartsWithSegments("/dev", StringComparison.Ordinal))
            return RateLimitPartition.GetNoLimiter("unlimited");
        var options = context.RequestServices.GetRequiredService<IOptions<ServerOptions>>().Value;
        if (context.Features.Get<Caller>() is { } caller)
            return RateLimitPartition.GetTokenBucketLimiter(caller.Credential, _ => Bucket(options.RequestsPerSecond * 10, options.RequestsPerSecond, TimeSpan.FromSeconds(1)));
        var address = context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
        // Signing in has a limit of its own, by account; a whole office may share one address.
        var signsIn = context.Request.Path.StartsWithSegments(StudioPages.BasePath, StringComparison.Ordinal);
        return signsIn || HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)
            ? RateLimitPartition.GetTokenBucketLimiter($"read {address}", _ => Bucket(options.AnonymousRequestsPerMinute, options.AnonymousRequestsPerMinute, TimeSpan.FromMinutes(1)))
            : RateLimitPartition.GetTokenBucketLimiter($"write {address}", _ => Bucket(options.AnonymousWritesPerMinute, options.AnonymousWritesPerMinute, TimeSpan.FromMinutes(1)));
    }

    private static TokenBucketRateLimiterOptions Bucket(int size, int tokens, TimeSpan period) =>
        new() { TokenLimit = size, TokensPerPeriod = tokens, ReplenishmentPeriod = period, QueueLimit = 0 };
}
