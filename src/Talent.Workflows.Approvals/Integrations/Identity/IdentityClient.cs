using System.Text.Json;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Integrations.Identity;

/// <summary>Asks over HTTP: docs/guides/simulators.md has the contract.</summary>
public sealed class IdentityClient(OutsideClient client) : IIdentityVerification
{
    public const string Path = "/identity/verifications";

    public async Task<OutsideAnswer<IdentityResult>> VerifyAsync(string requestId, string name, ResidentId number, CancellationToken cancellationToken) =>
        (await client.AskAsync(Path, requestId, new IdentityQuestion(name, number.Value), cancellationToken)).Read(Result);

    private static IdentityResult? Result(JsonElement answer) =>
        answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("result", out var result) || result.ValueKind != JsonValueKind.String ? null : result.GetString() switch
        {
            "verified" => new IdentityResult(true),
            "mismatch" => new IdentityResult(false),
            _ => null,
        };
}

internal sealed record IdentityQuestion(string? Name, string? IdNumber)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => nameof(IdentityQuestion);
}
