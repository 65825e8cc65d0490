using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Filings.Sources;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>
/// What a case carries besides its form, prepared for the steps by which it is begun, saved and handed in: materials that come in by
/// themselves, the set that is filed, the applicant's profile, and whether what has to be confirmed is (R-PER-2, R-CASE-4).
/// </summary>
public sealed class CaseFiling(NpgsqlDataSource database, MaterialCarrier carrier, ProfileSnapshots profiles, BusinessClock clock)
{
    /// <summary>What a new draft says: what was sent or carried over, and the applicant's profile in fields that are empty (prefill).</summary>
    /// <param name="second">What was carried over for the second phase; undefined: nothing.</param>
    /// <param name="earlier">The round that the data is from; null: it was sent.</param>
    /// <param name="tested">Where what a test filled in is from, by path; null: no test did.</param>
    internal async Task<(JsonElement Data, SourceMap Sources)> OpenAsync(
        ServicePackage package, string applicantId, string user, JsonElement data, JsonElement second, Guid? earlier, IReadOnlyDictionary<string, OfferSource>? tested, CancellationToken cancellationToken)
    {
        var filled = new Dictionary<string, OfferSource>(tested ?? new Dictionary<string, OfferSource>(), StringComparer.Ordinal);
        if (Prefill.Asks(package.Form, 1) && await profiles.NowAsync(applicantId, cancellationToken) is { } now)
        {
            // Another than the person is a handler of where they work, or the filing was refused: the draft has no more than the employee view (R-EMP-4, R-AUD-2).
            var profile = user == applicantId ? ProfileContent.Of(now.Json) : ProfileContent.Of(now.Json).InClear(profiles.Form!);
            var form = FieldFill.Fill(package.Form, Prefill.Offers(package.Form, profile), data, own => own, 1, replaces: false, ChinaTime.DateOf(clock.Now));
            data = form.Data;
            foreach (var (path, from) in form.Filled)
                filled[path] = from;
        }
        var nothing = JsonSerializer.SerializeToElement(new { });
        var whole = second.ValueKind == JsonValueKind.Object ? FilingCase.Over(data, second) : data;
        return (data, SourceMap.Empty.After(nothing, whole, path => package.Form.Field(path)?.FilledFrom is not null ? Given(package, path, user)
            : filled.TryGetValue(path, out var from) ? new ValueSource(from.Source, clock.Now, user) { Slot = from.Slot, Material = from.Material }
            : earlier is { } round ? new ValueSource(ValueSources.Round, clock.Now, user) { Round = round } : Given(package, path, user)));
    }

    /// <summary>For the step that begins a draft: what an earlier round had, where it begins the next, goes before what the libraries have.</summary>
    /// <param name="earlier">The case that it follows with all it had; null: none.</param>
    /// <param name="batch">As one of many; null: by itself.</param>
    /// <returns>What is written; what the earlier round had and isn't taken; and what is wrong with the materials of a batch that hands in.</returns>
    internal async Task<(FilingWrite Write, IReadOnlyList<FormError> LeftOut, IReadOnlyList<FormError> Wrong)> BeginAsync(
        Caller caller, ServicePackage package, string applicantId, string? employerId, JsonElement data, SourceMap sources, Guid? earlier, BatchTerms? batch, CancellationToken cancellationToken)
    {
        var list = package.Materials;
        var before = earlier is { } id ? [.. (await FilingStore.LoadAsync(database, id, cancellationToken)).There] : Array.Empty<CaseMaterial>();
        var usable = before.Length == 0 ? new Dictionary<Guid, LibraryFile>() : await carrier.FindAsync(caller, applicantId, employerId, [.. before.Select(m => m.Id).Distinct()], cancellationToken);
        var kept = before.Where(m => list.Slot(m.Slot) is not null && usable.ContainsKey(m.Id)).ToArray();
        TakenMaterial[] taken =
        [
            .. kept.Select(m => new TakenMaterial(m.Slot, m.Id, Carried: true, usable[m.Id])),
            .. await carrier.CarryAsync(caller, list, applicantId, employerId, fill: true, 1, data, FilingRecord.Empty with { Materials = kept }, cancellationToken),
        ];
        var confirmations = Confirmations.Of(list);
        var confirmed = batch is { Confirms: true } && confirmations is [var one] ? new Confirmed(one.Key, one.TextSha256) : null;
        return (new FilingWrite { ApplicantId = applicantId, EmployerId = employerId, Sources = sources.Write(), Taken = taken, Confirmed = confirmed },
            [.. before.Except(kept).Select(m => LeftOut(list, m))],
            batch is not { Submits: true } ? []
                : [.. MaterialCheck.Of(list, 1, data, [.. taken.Select(t => new FiledMaterial(t.Slot, t.Material, t.File))], sources, carrier.Scans), .. confirmed is null ? confirmations.Select(c => c.Unconfirmed) : []]);
    }

    private static FormError LeftOut(MaterialList list, CaseMaterial material) => list.Slot(material.Slot) is { } slot
        ? new FormError($"materials.{material.Slot}", MaterialErrorCodes.NotInCase, $"“{slot.Material.Zh}”的附件（{material.Name}）已不在附件库中，未带入，请重新上传", $"A file of {slot.Material.En} isn't in the library any more; upload it again")
        : new FormError($"materials.{material.Slot}", FormErrorCodes.NotApplicable, $"本事项已不再要求附件（{material.Name}），未带入", "A file is no longer asked for");

    /// <summary>For the step that saves a phase of the form.</summary>
    /// <param name="whole">The form of all phases as it will be.</param>
    internal async Task<FilingWrite> SaveAsync(Caller caller, ServicePackage package, FilingCase filed, short phase, JsonElement whole, CancellationToken cancellationToken)
    {
        var record = await FilingStore.LoadAsync(database, filed.Id, cancellationToken);
        return new()
        {
            ApplicantId = filed.ApplicantId, EmployerId = filed.EmployerId, Sources = Sources(caller, package, filed, phase, whole, record).Write(),
            Taken = package.Materials.Slots.Count == 0 ? []
                : await carrier.CarryAsync(caller, package.Materials, filed.ApplicantId, filed.EmployerId, fill: filed.Limit(phase) is null, phase, whole, record, cancellationToken),
        };
    }

    /// <summary>For the step that hands in a phase, with what is wrong with it: what nothing in the form asks for any more goes out, the rest is the filed set.</summary>
    /// <param name="whole">The form of all phases as it will be.</param>
    /// <param name="changed">Whether the step writes it, and the form takes it.</param>
    internal async Task<(FilingWrite Write, IReadOnlyList<FormError> Errors)> HandInAsync(Caller caller, ServicePackage package, FilingCase filed, short phase, JsonElement whole, bool changed, CancellationToken cancellationToken)
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
        var sources = changed ? Sources(caller, package, filed, phase, whole, record) : record.Sources;
        var errors = new List<FormError>(MaterialCheck.Of(list, phase, whole, there, sources, carrier.Scans));
        var first = filed.Status == "draft";
        var now = first || phase == 1 && OwnIdentity.IsIn(package.Form) ? await profiles.NowAsync(filed.ApplicantId, cancellationToken) : null;
        if (phase == 1 && now is { Verified: true })
            errors.AddRange(OwnIdentity.Differences(package.Form, ProfileContent.Of(now.Json), whole, first ? default : filed.Data(1), ChinaTime.DateOf(clock.Now)));
        if (first && Confirmations.Of(list).FirstOrDefault(c => !c.IsGiven(record)) is { } open)
            errors.Add(open.Error(filed.Id));
        return (new FilingWrite
        {
            ApplicantId = filed.ApplicantId, EmployerId = filed.EmployerId, Taken = taken, Dropped = dropped, Scans = carrier.Scans,
            Sources = changed ? sources.Write() : null,
            HandIn = new HandIn((short)(record.HandIns.Count + 1), phase, [.. list.Slots.Where(s => s.Material.Phase == phase).Select(s => s.Key)], set.Length,
                MaterialDigest.Of(set.Select(m => (m.Slot, m.Id, m.File.Hash)))),
            Profile = first ? await ProfileAsync(filed, now, record, errors, cancellationToken) : null,
        }, errors);
    }

    /// <summary>The profile that is filed: as it was confirmed, else as it is now. Null: it is the confirmed one, or there is none.</summary>
    private async Task<TakenProfile?> ProfileAsync(FilingCase filed, ProfileNow? now, FilingRecord record, List<FormError> errors, CancellationToken cancellationToken)
    {
        if (now is null || now.Sha256 == record.Profile?.Sha256)
            return null;
        if (record.Profile is not null)
            errors.Add(new FormError("profile", FormErrorCodes.MustConfirm, $"基础信息在确认之后有变更，请查看变更并重新确认（/api/v1/cases/{filed.Id}/profile/changes）",
                $"the profile was changed since it was confirmed; look at the changes and confirm them (/api/v1/cases/{filed.Id}/profile/changes)"));
        return await profiles.SealAsync(now, cancellationToken);
    }

    private SourceMap Sources(Caller caller, ServicePackage package, FilingCase filed, short phase, JsonElement whole, FilingRecord record) =>
        record.Sources.After(filed.All(phase, filed.Data(phase)), phase == 1 ? filed.All(1, whole) : whole, path => Given(package, path, caller.RequireUser()));

    private ValueSource Given(ServicePackage package, string path, string user) => new(package.Form.Field(path)?.FilledFrom is null ? ValueSources.Typed : ValueSources.Directory, clock.Now, user);
}
