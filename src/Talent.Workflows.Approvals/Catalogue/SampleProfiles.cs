using System.Security.Cryptography;
using System.Text;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Employers.Directory;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>Gives the people of the services' samples the profiles that they file with, where the sample organisations are imported. Whoever has a profile keeps it.</summary>
public sealed class SampleProfiles(ApprovalContent content, PersonStore store, DataKeys keys, BusinessClock clock)
{
    /// <returns>How many people had none.</returns>
    /// <exception cref="ContentException">A sample's profile isn't complete.</exception>
    public async Task<int> ImportAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (content.Profile is not { } form)
            return 0;
        var samples = content.Services.SelectMany(s => s.Samples).Where(s => s.Profile is not null).DistinctBy(s => s.Applicant, StringComparer.Ordinal).ToDictionary(s => s.Applicant, StringComparer.Ordinal);
        if (samples.Count == 0)
            return 0;
        var registered = await store.RegisteredAsync(samples.Keys, cancellationToken);
        var missing = samples.Values.Where(s => !registered.Contains(s.Applicant)).ToArray();
        if (missing.Length == 0)
            return 0;
        var ring = await keys.RingAsync(0, cancellationToken);
        await store.ImportAsync([.. missing.Select(s => Person(form, ring, s.Name, s.Applicant, s.Profile!))], actor.Credential, ring, cancellationToken);
        return missing.Length;
    }

    private ImportedPerson Person(ProfileForm form, KeyRing ring, string sample, string user, SampleProfile profile)
    {
        var today = ChinaTime.DateOf(clock.Now);
        if (!ResidentId.TryParse(profile.ResidentId, today, out var number, out var fault) || !PhoneNumber.TryParse(profile.Phone, out var phone, out fault))
            throw new ContentException($"samples/{sample}.json", "profile", fault.En);
        if (ProfileProgress.Of(form, true, true, profile.Steps, today).Gaps is [var gap, ..])
            throw new ContentException($"samples/{sample}.json", $"profile.steps.{gap.Step}.{gap.Field}", gap.En);
        var id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"sample person\n{user}"))[..16]);
        var name = content.Directories.Select(d => d.User(user)).OfType<DirectoryUser>().FirstOrDefault()?.Name ?? user;
        return new ImportedPerson(id, user, new PersonIdentity(name, number, phone, null), [.. profile.Steps.Select(s => (s.Key, SealedStep.Of(ProfileTables.People.Table, form, ring, id, s.Key, s.Value)))]);
    }
}
