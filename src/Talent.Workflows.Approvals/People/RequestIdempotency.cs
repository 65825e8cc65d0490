using Microsoft.AspNetCore.Http;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.People;

/// <summary>
/// The <c>Idempotency-Key</c> of a request, with the hash of the request it covers. The host makes it before an endpoint
/// runs; endpoints hand <see cref="Value"/> to the runtime.
/// </summary>
/// <param name="Value">Null when the request has no key.</param>
public sealed record RequestIdempotency(Idempotency? Value)
{
    /// <summary>For minimal APIs.</summary>
    public static ValueTask<RequestIdempotency?> BindAsync(HttpContext context) => new(context.Features.Get<RequestIdempotency>() ?? new RequestIdempotency((Idempotency?)null));

    /// <summary>The key of this request; null when it has none.</summary>
    public static Idempotency? From(HttpContext context) => context.Features.Get<RequestIdempotency>()?.Value;
}
