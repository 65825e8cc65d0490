using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>Takes profiles for cases, and opens them again (R-PER-2).</summary>
public sealed class ProfileSnapshots(PersonStore store, PersonReader reader, ApprovalContent content, DataKeys keys, BusinessClock clock)
{
    internal static readonly SealedTable Table = new("case_profiles", "id", null, ["sealed"]);

    /// <summary>What profiles consist of; null: none are set up.</summary>
    internal ProfileForm? Form => content.Profile;

    /// <summary>The profile of an account as it is now; null: they haven't registered, or no profile is set up.</summary>
    internal async Task<ProfileNow?> NowAsync(string user, CancellationToken cancellationToken)
    {
        if (Form is null || await store.FindOfAsync(user, cancellationToken) is not { } found)
            return null;
        var ring = await keys.RingAsync(found.KeyId, cancellationToken);
        var (steps, _) = await reader.OpenAsync(found, cancellationToken);
        var row = found.Row;
        var json = CanonicalJson.Of(new JsonObject
        {
            ["identity"] = new JsonObject { ["name"] = row.Name, ["residentId"] = row.OpenResidentId(ring), ["phone"] = row.OpenPhone(ring), ["email"] = row.OpenEmail(ring) },
            ["steps"] = new JsonObject(steps.Select(s => KeyValuePair.Create(s.Key, JsonNode.Parse(s.Value.GetRawText())))),
        }.ToJsonString());
        return new ProfileNow(row.Id, row.Version, json, Digest.Of(json), row.VerifiedAt is not null);
    }

    internal async Task<TakenProfile> SealAsync(ProfileNow now, CancellationToken cancellationToken)
    {
        var ring = await keys.RingAsync(0, cancellationToken);
        var id = Guid.CreateVersion7(clock.Now);
        return new TakenProfile(id, now.PersonId, now.PersonVersion, ring.Current, ring.Seal(now.Json, Table.At("sealed", id)), now.Sha256);
    }

    /// <exception cref="SealedValueException">The row was changed outside the product.</exception>
    internal async Task<ProfileContent> OpenAsync(KeptProfile kept, CancellationToken cancellationToken) =>
        ProfileContent.Of((await keys.RingAsync(kept.KeyId, cancellationToken)).Open(kept.Sealed, Table.At("sealed", kept.Id)));
}

/// <summary>A profile as it is: its canonical JSON with identity and steps, and the SHA-256 of that.</summary>
/// <param name="Verified">The name and number in it are those of the person (实名).</param>
internal sealed record ProfileNow(Guid PersonId, long PersonVersion, string Json, string Sha256, bool Verified);
