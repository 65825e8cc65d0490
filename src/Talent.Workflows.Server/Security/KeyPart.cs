using NpgsqlTypes;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Server.Security;

/// <summary>Lets no step through whose key was revoked or has expired by the instant of the commit.</summary>
internal sealed class KeyPart : StepPart
{
    public const string Gate = "key_active";

    public override string Name => "key";
    public override IReadOnlyList<StepParameter> Parameters { get; } = [new("key_id", NpgsqlDbType.Text)];

    public override IReadOnlyList<StepGate> Gates { get; } =
    [
        new(Gate, """
            select exists (
                select from security.keys k where k.id = @key_id and k.revoked_at is null and (k.expires_at is null or k.expires_at > @machine_now))
            """),
    ];

    /// <summary>Steps of the server itself (timers, deliveries) have no key.</summary>
    public override void Bind(StepWrite step, StepParameters values)
    {
        if (step.Request.Actor.Credential is { } credential && credential.StartsWith(ServiceKey.CredentialPrefix, StringComparison.Ordinal)
            && credential.Length > ServiceKey.CredentialPrefix.Length)
            values["key_id"] = credential[ServiceKey.CredentialPrefix.Length..];
        else
            values.Skip(0);
    }
}
