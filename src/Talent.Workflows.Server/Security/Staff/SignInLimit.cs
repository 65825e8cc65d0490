using System.Threading.RateLimiting;

namespace Talent.Workflows.Server.Security.Staff;

/// <summary>How often somebody may try to sign in: 10 times in 5 minutes for one account from one address, 60 times for one address.</summary>
internal sealed class SignInLimit : IDisposable
{
    private readonly PartitionedRateLimiter<string> tries = PartitionedRateLimiter.Create<string, string>(who => RateLimitPartition.GetFixedWindowLimiter(
        who, key => new FixedWindowRateLimiterOptions { PermitLimit = key.Contains(' ', StringComparison.Ordinal) ? 10 : 60, Window = TimeSpan.FromMinutes(5), QueueLimit = 0 }));

    public bool TryEnter(HttpContext context, string account)
    {
        var address = context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
        using var whole = tries.AttemptAcquire(address);
        using var one = tries.AttemptAcquire($"{address} {(account.Length > 100 ? "" : account)}");
        return whole.IsAcquired && one.IsAcquired;
    }

    public void Dispose() => tries.Dispose();
}
