using System.Security.Cryptography;
using System.Text;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.People;

/// <summary>Ids of rows that are made outside a step: the same request has the same id, so that it makes one row.</summary>
internal static class RowIds
{
    public static Guid Of(string what, Idempotency? idempotency, DateTimeOffset now) => idempotency is null ? Guid.CreateVersion7(now)
        : new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{what}\n{idempotency.Credential}\n{idempotency.Key}"))[..16]);
}
