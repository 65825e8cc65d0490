using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Faces;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>
/// What applicants and those who file for them do with materials, profile and confirmations of a case while it is in their hands. Every
/// change is one step of the case's instance.
/// </summary>
public sealed partial class FilingCommands(WorkflowRuntime runtime, NpgsqlDataSource database, ServiceCatalogue services, MaterialCarrier carrier, ProfileSnapshots profiles, CaseVault vault, PersonStore people, FaceChecks faces, FormVersions forms)
{
    /// <summary>Rows that a case's materials may come to, with those that were taken out.</summary>
    public const int MostChanges = 1000;

    private const int Attempts = 3;

    /// <summary>Puts a material of the applicant's or the employer's library into the case; one that is there already stays, and nothing happens.</summary>
    /// <param name="replaces">A material of the same slot that goes; null: none.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>: case, slot, or no material that this case could take; <c>forbidden</c>; <c>wrong_state</c>: not in the applicant's hands, or reviewed;
    /// <c>invalid_form</c>: kind or size; <c>conflict</c>: full; <c>precondition_failed</c>.</exception>
    public Task PutAsync(Caller caller, Guid caseId, string slotKey, Guid material, Guid? replaces, long? ifVersion, CancellationToken cancellationToken) =>
        OnCurrentAsync(caller, caseId, ifVersion, async (filed, package) =>
        {
            var (phase, slot, record) = await OpenAsync(filed, package, slotKey, cancellationToken);
            if (record.There.Any(m => m.Slot == slotKey && m.Id == material))
                return null;
            if (record.Materials.Count >= MostChanges)
                throw FilingRefusal.TooOften(caseId);
            var gone = replaces is { } id ? record.There.FirstOrDefault(m => m.Slot == slotKey && m.Id == id) ?? throw FilingRefusal.NotInCase(id) : null;
            var found = await carrier.FindAsync(caller, filed.ApplicantId, filed.EmployerId, [material], cancellationToken);
            if (!found.TryGetValue(material, out var file))
                throw FilingRefusal.NoMaterial(material);
            var asked = slot.Material;
            if (!asked.AllowedTypes.Contains(file.Kind))
                throw FilingRefusal.DoesNotFit($"“{asked.Zh}”的格式应为{string.Join("、", asked.AllowedTypes)}。", $"{asked.En} must be {string.Join(", ", asked.AllowedTypes)}; this is {file.Kind}.");
            if (file.Size > asked.MaxMegabytes * (1L << 20))
                throw FilingRefusal.DoesNotFit($"“{asked.Zh}”不能超过{asked.MaxMegabytes}MB。", $"{asked.En} may have at most {asked.MaxMegabytes} MiB.");
            if (gone is null && record.There.Count(m => m.Slot == slotKey) >= slot.MostFiles)
                throw FilingRefusal.Full(asked.Zh, slot.MostFiles);
            return Request(caller, filed, new MaterialsChanged
            {
                User = caller.RequireUser(), Limits = CredentialLimits.Of(caller), Phase = phase,
                Filing = new FilingWrite
                {
                    ApplicantId = filed.ApplicantId, EmployerId = filed.EmployerId, Taken = [new TakenMaterial(slotKey, material, Carried: false, file)],
                    Dropped = gone is null ? [] : [new DroppedMaterial(slotKey, gone.Id, gone.Hash, caller.User)],
                },
            }, null);
        }, cancellationToken);

    /// <summary>Takes a material out of the case; the library keeps it. One that isn't there any more is no error.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>: case or slot, or it never was in it; <c>forbidden</c>; <c>wrong_state</c>; <c>precondition_failed</c>.</exception>
    public Task RemoveAsync(Caller caller, Guid caseId, string slotKey, Guid material, long? ifVersion, CancellationToken cancellationToken) =>
        OnCurrentAsync(caller, caseId, ifVersion, async (filed, package) =>
        {
            var (phase, _, record) = await OpenAsync(filed, package, slotKey, cancellationToken);
            if (record.There.FirstOrDefault(m => m.Slot == slotKey && m.Id == material) is not { } there)
                return record.Materials.Any(m => m.Slot == slotKey && m.Id == material) ? null : throw FilingRefusal.NotInCase(material);
            return Request(caller, filed, new MaterialsChanged
            {
                User = caller.RequireUser(), Limits = CredentialLimits.Of(caller), Phase = phase,
                Filing = new FilingWrite { ApplicantId = filed.ApplicantId, EmployerId = filed.EmployerId, Dropped = [new DroppedMaterial(slotKey, material, there.Hash, caller.User)] },
            }, null);
        }, cancellationToken);

    /// <summary>确认基础信息: the profile as it is now becomes the case's (R-PER-2). Confirming what is the case's already changes nothing.</summary>
    /// <param name="sha256">Of the profile that was shown; another one isn't confirmed. Null: whatever it is.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>; <c>forbidden</c>; <c>wrong_state</c>: not in the applicant's hands, or there is no profile; <c>conflict</c>: another profile; <c>precondition_failed</c>.</exception>
    public Task ConfirmProfileAsync(Caller caller, Guid caseId, string? sha256, Idempotency? idempotency, long? ifVersion, CancellationToken cancellationToken) =>
        OnCurrentAsync(caller, caseId, ifVersion, async (filed, _) =>
        {
            var phase = PhaseInHand(filed, idempotency);
            RequireOpen(filed);
            var now = await profiles.NowAsync(filed.ApplicantId, cancellationToken) ?? throw FilingRefusal.NoProfile(filed.ApplicantId);
            if (sha256 is not null && sha256 != now.Sha256)
                throw FilingRefusal.OtherProfile();
            if ((await FilingStore.LoadAsync(database, caseId, cancellationToken)).Profile?.Sha256 == now.Sha256)
                return null;
            return Request(caller, filed, new ProfileConfirmed
            {
                User = caller.RequireUser(), Limits = CredentialLimits.Of(caller), Phase = phase,
                Filing = new FilingWrite { ApplicantId = filed.ApplicantId, EmployerId = filed.EmployerId, Profile = await profiles.SealAsync(now, cancellationToken) },
            }, idempotency);
        }, cancellationToken);

    /// <summary>Confirms a text for this filing, such as that nothing in it is classified (涉密). Once is enough: again changes nothing.</summary>
    /// <param name="textSha256">Of the text that was shown; another one isn't confirmed. Null: whatever it is.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>: case or confirmation; <c>forbidden</c>; <c>wrong_state</c>: not in the applicant's hands; <c>conflict</c>: another text; <c>precondition_failed</c>.</exception>
    public Task ConfirmAsync(Caller caller, Guid caseId, string key, string? textSha256, Idempotency? idempotency, long? ifVersion, CancellationToken cancellationToken) =>
        OnCurrentAsync(caller, caseId, ifVersion, async (filed, package) =>
        {
            var asked = Confirmations.Of(package.Materials).FirstOrDefault(c => c.Key == key) ?? throw FilingRefusal.NoConfirmation(key);
            var phase = PhaseInHand(filed, idempotency);
            if (textSha256 is not null && textSha256 != asked.TextSha256)
                throw FilingRefusal.OtherText();
            if (asked.IsGiven(await FilingStore.LoadAsync(database, caseId, cancellationToken)))
                return null;
            return Request(caller, filed, new ConfirmationGiven
            {
                User = caller.RequireUser(), Limits = CredentialLimits.Of(caller), Phase = phase,
                Filing = new FilingWrite { ApplicantId = filed.ApplicantId, EmployerId = filed.EmployerId, Confirmed = new Confirmed(asked.Key, asked.TextSha256) },
            }, idempotency);
        }, cancellationToken);

    /// <summary>The slot, open for changes now; and what the case has.</summary>
    private async Task<(short Phase, MaterialSlot Slot, FilingRecord Record)> OpenAsync(FilingCase filed, ServicePackage package, string slotKey, CancellationToken cancellationToken)
    {
        var slot = package.Materials.Slot(slotKey) ?? throw FilingRefusal.NoSlot(slotKey, package.Materials.Slots.Select(s => s.Key));
        var phase = PhaseInHand(filed, null);
        if (slot.Material.Phase < phase)
            throw FilingRefusal.Reviewed(slot.Material.Zh, slot.Material.En);
        if (filed.Limit(phase) is { } limit && !limit.Allows(slot))
            throw FilingRefusal.NotAsked(slot);
        return (phase, slot, await FilingStore.LoadAsync(database, filed.Id, cancellationToken));
    }

    /// <summary>The phase that the applicant fills in now. With an idempotency key, an earlier request may have had it in hand: then its answer is found.</summary>
    private static short PhaseInHand(FilingCase filed, Idempotency? idempotency) =>
        filed.PhaseInHand ?? (idempotency is null ? throw FilingRefusal.NotInHand(filed.Id) : (short)1);

    private static StepRequest Request(Caller caller, FilingCase filed, CaseAction action, Idempotency? idempotency) =>
        new() { InstanceId = filed.Id, Actor = caller.Actor, Idempotency = idempotency, Domain = action };

    /// <summary>Builds a request on the case as it is, and sends it only if it still is so; with no version asked for, a few times. Null: there is nothing to do.</summary>
    private async Task OnCurrentAsync(Caller caller, Guid caseId, long? ifVersion, Func<FilingCase, ServicePackage, Task<StepRequest?>> build, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var current = await FilingCase.LoadAsync(database, vault, caseId, cancellationToken);
            var package = await forms.OfCaseAsync(await services.GetAsync(current.Service, cancellationToken), current.Status, current.FormVersion, cancellationToken);
            // Whoever may not touch it isn't told what it holds.
            await current.RequireOwnerAsync(database, caller, cancellationToken);
            if (await build(current, package) is not { } request)
                return;
            try
            {
                var answer = await runtime.ApplyAsync(request with { IfVersion = ifVersion ?? current.Version }, cancellationToken);
                if (answer.Applied)
                    return;
                if (answer.GateFailed is FilingPart.TakenGate or FilingPart.ProfileGate && attempt < Attempts)
                    continue;
                throw CaseRefusal.Of(answer, caller);
            }
            catch (WorkflowException e) when (e.Code == ErrorCodes.PreconditionFailed && ifVersion is null && attempt < Attempts)
            {
                continue;
            }
        }
    }
}
