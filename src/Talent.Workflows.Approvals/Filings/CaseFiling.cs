using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>
/// What a case carries besides its form, prepared for the steps by which it is begun, saved and handed in: materials that come in by
/// themselves, the set that is filed, the applicant's profile, and whether what has to be confirmed is (R-PER-2, R-CASE-4).
/// </summary>
public sealed class CaseFiling(NpgsqlDataSource database, MaterialCarrier carrier, ProfileSnapshots profiles)
{
    /// <summary>For the step that begins a draft; null: it carries nothing.</summary>
    internal async Task<FilingWrite?> BeginAsync(Caller caller, ServicePackage package, string applicantId, string? employerId, JsonElement data, CancellationToken cancellationToken) =>
        Write(applicantId, employerId, await carrier.CarryAsync(caller, package.Materials, applicantId, employerId, fill: true, 1, data, FilingRecord.Empty, cancellationToken));

    /// <summary>For the step that saves a phase of the form; null: nothing comes in by it.</summary>
    /// <param name="whole">The form of all phases as it will be.</param>
    internal async Task<FilingWrite?> SaveAsync(Caller caller, ServicePackage package, FilingCase filed, short phase, JsonElement whole, CancellationToken cancellationToken) =>
        package.Materials.Slots.Count == 0 ? null
        : Write(filed.ApplicantId, filed.EmployerId, await carrier.CarryAsync(caller, package.Materials, filed.ApplicantId, filed.EmployerId, fill: true, phase, whole,
            await FilingStore.LoadAsync(database, filed.Id, cancellationToken), cancellationToken));

    /// <summary>For the step that hands in a phase, with what is wrong with it: what nothing in the form asks for any more goes out, the rest is the filed set.</summary>
    /// <param name="whole">The form of all phases as it will be.</param>
    internal async Task<(FilingWrite Write, IReadOnlyList<FormError> Errors)> HandInAsync(Caller caller, ServicePackage package, FilingCase filed, short phase, JsonElement whole, CancellationToken cancellationToken)
    {
        // Whoever may not hand it in isn't told what is wrong with it.
        await filed.RequireHandInAsync(database, caller, cancellationToken);
        var list = package.Materials;
        var record = await FilingStore.LoadAsync(database, filed.Id, cancellationToken);
        var taken = list.Slots.Count == 0 ? []
            : await carrier.CarryAsync(caller, list, filed.ApplicantId, filed.EmployerId, fill: false, phase, whole, record, cancellationToken);
        bool Leaves(CaseMaterial m) => list.Slot(m.Slot)?.Material.Phase == phase && !MaterialCheck.IsAskedFor(list, whole, m);
        var dropped = record.There.Where(Leaves).Select(m => new DroppedMaterial(m.Slot, m.Id, m.Hash, null)).ToArray();
        FiledMaterial[] there = [.. record.There.Where(m => !Leaves(m)).Select(m => m.Filed), .. taken.Select(t => new FiledMaterial(t.Slot, t.Material, t.File))];
        var set = there.Where(m => list.Slot(m.Slot) is { } slot && slot.Material.Phase <= phase).ToArray();
        var errors = new List<FormError>(MaterialCheck.Of(list, phase, whole, there, carrier.Scans));
        if (filed.Status == "draft" && Confirmations.Of(list).FirstOrDefault(c => !c.IsGiven(record)) is { } open)
            errors.Add(open.Error(filed.Id));
        return (new FilingWrite
        {
            ApplicantId = filed.ApplicantId, EmployerId = filed.EmployerId, Taken = taken, Dropped = dropped, Scans = carrier.Scans,
            HandIn = new HandIn((short)(record.HandIns.Count + 1), phase, [.. list.Slots.Where(s => s.Material.Phase == phase).Select(s => s.Key)], set.Length,
                MaterialDigest.Of(set.Select(m => (m.Slot, m.Id, m.File.Hash)))),
            Profile = filed.Status == "draft" ? await ProfileAsync(filed, record, errors, cancellationToken) : null,
        }, errors);
    }

    /// <summary>The profile that is filed: as it was confirmed, else as it is now. Null: it is the confirmed one, or there is none.</summary>
    private async Task<TakenProfile?> ProfileAsync(FilingCase filed, FilingRecord record, List<FormError> errors, CancellationToken cancellationToken)
    {
        if (await profiles.NowAsync(filed.ApplicantId, cancellationToken) is not { } now || now.Sha256 == record.Profile?.Sha256)
            return null;
        if (record.Profile is not null)
            errors.Add(new FormError("profile", FormErrorCodes.MustConfirm, $"基础信息在确认之后有变更，请查看变更并重新确认（/api/v1/cases/{filed.Id}/profile/changes）",
                $"the profile was changed since it was confirmed; look at the changes and confirm them (/api/v1/cases/{filed.Id}/profile/changes)"));
        return await profiles.SealAsync(now, cancellationToken);
    }

    private static FilingWrite? Write(string applicantId, string? employerId, IReadOnlyList<TakenMaterial> taken) =>
        taken.Count == 0 ? null : new FilingWrite { ApplicantId = applicantId, EmployerId = employerId, Taken = taken };
}
