using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authorization;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Server.Security.Staff;

namespace Talent.Workflows.Server.Security;

/// <summary>
/// Finds out who calls, before anything else looks at the request: the service key (R-ACC-3), whether it covers the
/// endpoint, and the user it acts for. Every endpoint needs a key unless it allows anonymous callers; there a key that is
/// sent all the same is checked, because whoever signs in may see more.
/// </summary>
internal sealed class KeyAuthentication(RequestDelegate next, KeyVerifier keys, ActingUsers users) : IDisposable
{
    public const string UserHeader = "Talent-User";
    private const int MaxKeyLength = 200;

    // Who sends one wrong key again and again is told to wait; others behind the same proxy are told what is wrong with theirs.
    private readonly PartitionedRateLimiter<(string Address, string KeyId)> failures = PartitionedRateLimiter.Create<(string Address, string KeyId), (string, string)>(from => RateLimitPartition.GetTokenBucketLimiter(
        from, _ => new TokenBucketRateLimiterOptions { TokenLimit = 60, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0 }));

    // Guessing is hopeless anyway; it costs two connections at most. A right key passes here once, and then is known.
    private readonly PartitionedRateLimiter<string> lookups = PartitionedRateLimiter.Create<string, string>(address => RateLimitPartition.GetConcurrencyLimiter(
        address, _ => new ConcurrencyLimiterOptions { PermitLimit = 2, QueueLimit = 10_000, QueueProcessingOrder = QueueProcessingOrder.NewestFirst }));

    public async Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        var required = endpoint?.Metadata.GetMetadata<RequiredScope>();
        var anonymous = endpoint is null || (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null && (required is null || context.Request.Headers.Authorization.Count == 0));
        if (anonymous)
        {
            await next(context);
            return;
        }
        var reads = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || endpoint!.Metadata.GetMetadata<OnlyReads>() is not null;
        if (context.Features.Get<StaffMember>() is { } member)
        {
            if (required is not null && !Scopes.Cover(StaffRoles.Covered(member.Role), required.Scope, reads))
                throw KeyErrors.Lacks(member, required.Scope);
            await next(context);
            return;
        }
        // These are written without a step, which would check the key again.
        var key = await IdentifyAsync(context, fresh: !reads && required?.Scope is Scopes.Admin or Scopes.Definitions);
        if (required is not null && !Scopes.Cover(key.Scopes, required.Scope, reads))
            throw KeyErrors.Lacks(key, required.Scope);
        if (required is not null && required.Scope != Scopes.Cases && key.IsLimited)
            throw KeyErrors.Limited(key, required.Scope);
        var user = context.Request.Headers[UserHeader] is [{ Length: > 0 } named] ? named : null;
        if (user is not null)
            await users.CheckAsync(key, user.Length <= 100 ? user : throw KeyErrors.NoSuchUser(user[..20] + "…"), context.RequestAborted);
        context.Features.Set(new Caller(key.Credential, user, key.Scopes, key.Services, key.Organisations, key.Roles));
        if (endpoint!.Metadata.GetMetadata<StreamedBody>() is not null)
            context.Features.Set(new CallerRecheck(stop => keys.RecheckAsync(key.Id, stop)));
        await next(context);
    }

    public void Dispose()
    {
        failures.Dispose();
        lookups.Dispose();
    }

    private async Task<ServiceKey> IdentifyAsync(HttpContext context, bool fresh)
    {
        if (context.Request.Headers.Authorization is not [{ Length: > 0 } header])
            throw KeyErrors.Missing();
        var space = header.IndexOf(' ', StringComparison.Ordinal);
        var scheme = space < 0 ? "" : header[..space];
        var text = header[(space + 1)..].Trim();
        if (!scheme.Equals("ApiKey", StringComparison.OrdinalIgnoreCase) && !scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            throw KeyErrors.Missing();
        var address = context.Connection.RemoteIpAddress?.ToString() ?? "";
        try
        {
            if (text.Length is < BootstrapKey.MinLength or > MaxKeyLength)
                throw KeyErrors.NotKnown();
            if (keys.HasSeen(text))
                return await keys.VerifyAsync(text, fresh, context.RequestAborted);
            using var turn = await lookups.AcquireAsync(address, 1, context.RequestAborted);
            return turn.IsAcquired ? await keys.VerifyAsync(text, fresh, context.RequestAborted) : throw TooMany();
        }
        catch (WorkflowException cause) when (cause.Code != ErrorCodes.RateLimited)
        {
            using var lease = failures.AttemptAcquire((address, ServiceKey.IdOf(text) ?? ""));
            if (!lease.IsAcquired)
                throw TooMany();
            throw;
        }
    }

    private static WorkflowException TooMany() => new(ErrorCodes.RateLimited, "This wrong key was sent too often from this address. Wait, then send a right one.", "来自此地址的错误密钥过多，请稍后改用正确的密钥重试。")
    { Facts = new Dictionary<string, object?> { ["retryAfterSeconds"] = 10 } };
}

/// <summary>The scope that an endpoint needs.</summary>
public sealed record RequiredScope(string Scope)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"scope {Scope}");
}
