using System.Text.Json;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Filings.Recognitions;
using Talent.Workflows.Approvals.Filings.Sources;
using Talent.Workflows.Approvals.Integrations.Recognition;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Faces;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Filings;

public sealed partial class FilingCommands
{
    /// <summary>Recognitions that a case may come to.</summary>
    public const int MostRecognitions = 200;

    /// <summary>Gives a picture of the case to be read (材料识别). The answer comes by itself and fills in empty fields alone; typing goes on meanwhile.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>: case, slot, or no such material in it; <c>forbidden</c>; <c>wrong_state</c>: not in the applicant's hands, or reviewed;
    /// <c>invalid_request</c>: the turn, or nothing that is read; <c>conflict</c>: too often; <c>precondition_failed</c>.</exception>
    public Task RecogniseAsync(Caller caller, Guid caseId, AskRecognition request, Idempotency? idempotency, long? ifVersion, CancellationToken cancellationToken) =>
        OnCurrentAsync(caller, caseId, ifVersion, (filed, package) => AskAsync(caller, filed, package, request.Slot ?? "", request.Material ?? Guid.Empty, request.Rotate, replaces: false, idempotency, cancellationToken), cancellationToken);

    /// <summary>重新获取: reads a material once more, in the place of what was typed or recognised; what stood there is kept with the recognition.</summary>
    /// <param name="recognition">One of the material; it is turned as it was then.</param>
    /// <exception cref="WorkflowException">As of <see cref="RecogniseAsync"/>; <c>not_found</c>: no such recognition, too.</exception>
    public Task ReacquireAsync(Caller caller, Guid caseId, Guid recognition, Idempotency? idempotency, long? ifVersion, CancellationToken cancellationToken) =>
        OnCurrentAsync(caller, caseId, ifVersion, async (filed, package) =>
        {
            var before = await RecognitionAsync(caseId, recognition, cancellationToken);
            if (before is not { Slot: { } slot, Material: { } material })
                throw FilingRefusal.AskOffices(caseId);
            return await AskAsync(caller, filed, package, slot, material, before.Rotation, replaces: true, idempotency, cancellationToken);
        }, cancellationToken);

    /// <summary>重新获取: asks other offices what they know of the applicant, in the place of what was typed or recognised in the fields that the service says; what stood there is kept.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>: the case; <c>forbidden</c>; <c>wrong_state</c>: not in the applicant's hands, or no face check that is good for it (<c>face_required</c>);
    /// <c>invalid_request</c>: the service asks for nothing; <c>conflict</c>: too often; <c>precondition_failed</c>.</exception>
    public Task LookUpAsync(Caller caller, Guid caseId, AskSharedData request, Idempotency? idempotency, long? ifVersion, CancellationToken cancellationToken)
    {
        // The same when the request is repeated: a face check that was used for it stays good for it.
        var id = RowIds.Of($"case-reading\n{caseId}", idempotency, TimeProvider.System.GetUtcNow());
        var used = false;
        return OnCurrentAsync(caller, caseId, ifVersion, async (filed, package) =>
        {
            if (await runtime.FindAnswerAsync(idempotency, cancellationToken) is not null)
                return null;
            var phase = PhaseInHand(filed, null);
            RequireOpen(filed);
            if (ifVersion is { } version && version != filed.Version)
                throw new WorkflowException(ErrorCodes.PreconditionFailed, $"Case {caseId} is at version {filed.Version}, not {version}. Read it again.", "业务已更新，请刷新后重试。");
            if (!SharedFacts.Fields(package.Form).Any())
                throw FilingRefusal.NothingShared();
            await RequireRoomAsync(filed.Id, cancellationToken);
            // Once, however often the step is prepared: a result is good for one thing.
            if (!used)
                await faces.UseAsync((await people.FindOfAsync(filed.ApplicantId, cancellationToken))?.Row.Id ?? Guid.Empty, request.FaceCheck ?? Guid.Empty, FacePurposes.LookUp, RecognitionCalls.UsedFor(id), cancellationToken);
            used = true;
            return Request(caller, filed, new RecognitionAsked
            {
                User = caller.RequireUser(), Limits = CredentialLimits.Of(caller), Phase = phase,
                Filing = new FilingWrite { ApplicantId = filed.ApplicantId, EmployerId = filed.EmployerId, Recognition = new RecognitionWrite.Asked(id, null, null, CaseRecognition.SharedRecords, 0, Replaces: true) },
            }, idempotency);
        }, cancellationToken);
    }

    /// <summary>取消识别: a pending answer changes nothing any more, and what this recognition filled in and nobody has changed since goes out again. Again changes nothing.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>: case or recognition; <c>forbidden</c>; <c>wrong_state</c>: not in the applicant's hands; <c>precondition_failed</c>.</exception>
    public Task CancelRecognitionAsync(Caller caller, Guid caseId, Guid recognition, long? ifVersion, CancellationToken cancellationToken) =>
        OnCurrentAsync(caller, caseId, ifVersion, async (filed, package) =>
        {
            var found = await RecognitionAsync(caseId, recognition, cancellationToken);
            var phase = PhaseInHand(filed, null);
            RequireOpen(filed);
            if (found.State is not (RecognitionStates.Pending or RecognitionStates.Read))
                return null;
            var record = await FilingStore.LoadAsync(database, caseId, cancellationToken);
            string[] filled = [.. record.Sources.All.Where(s => s.Value.Recognition == recognition).Select(s => s.Key)];
            var before = filed.Data(phase);
            var data = RecognitionFill.Without(before, filled);
            var seal = await vault.SealAsync((await forms.SavedWithAsync(package, filed.FormVersion, cancellationToken)).Form, cancellationToken);
            return Request(caller, filed, new RecognitionCancelled
            {
                User = caller.RequireUser(), Limits = CredentialLimits.Of(caller), Phase = phase,
                Data = filled.Length == 0 ? null : new CaseData(phase, CanonicalJson.Of(data.GetRawText()), caller.RequireUser()) { Seal = seal, FormVersion = filed.FormVersion },
                Before = filled.Length == 0 ? null : filed.BeforeChange(phase, seal, caller.RequireUser()),
                Filing = new FilingWrite
                {
                    ApplicantId = filed.ApplicantId, EmployerId = filed.EmployerId, Recognition = new RecognitionWrite.Cancelled(recognition),
                    Sources = filled.Length == 0 ? null : record.Sources.After(filed.All(phase, before), filed.All(phase, data), _ => throw new InvalidOperationException("Taking values out puts none in.")).Write(),
                },
            }, null);
        }, cancellationToken);

    private async Task<StepRequest?> AskAsync(Caller caller, FilingCase filed, ServicePackage package, string slotKey, Guid material, int rotate, bool replaces, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        // An earlier request with the same key has asked already, whatever has become of the case since.
        if (await runtime.FindAnswerAsync(idempotency, cancellationToken) is not null)
            return null;
        var (phase, slot, record) = await OpenAsync(filed, package, slotKey, cancellationToken);
        if (!Rotations.All.Contains(rotate))
            throw FilingRefusal.Rotation(rotate);
        if (record.There.FirstOrDefault(m => m.Slot == slotKey && m.Id == material) is not { } there)
            throw FilingRefusal.NotInCase(material);
        if (slot.Material.Recognise is not { } rule || !FileKinds.IsImage(there.Kind) || there.Size > IDocumentRecognition.Largest || there.Scan == "found")
            throw FilingRefusal.NothingToRecognise(slot.Material.Zh, slot.Material.En);
        await RequireRoomAsync(filed.Id, cancellationToken);
        return Request(caller, filed, new RecognitionAsked
        {
            User = caller.RequireUser(), Limits = CredentialLimits.Of(caller), Phase = phase,
            Filing = new FilingWrite { ApplicantId = filed.ApplicantId, EmployerId = filed.EmployerId, Recognition = new RecognitionWrite.Asked(Guid.CreateVersion7(), slotKey, material, rule.Kind, (short)rotate, replaces) },
        }, idempotency);
    }

    /// <summary>Where a correction is limited to what is named, values come in by hand alone: so nothing else changes with them.</summary>
    private static void RequireOpen(FilingCase filed)
    {
        if (filed.IsLimited)
            throw new WorkflowException(ErrorCodes.WrongState, $"Case {filed.Id} was returned for what is named alone: fill that in, and nothing else changes.", "本次补正仅限退回时列明的内容，请直接填写，不能使用此功能。") { Facts = new Dictionary<string, object?> { ["reason"] = "only_corrections" } };
    }

    private async Task RequireRoomAsync(Guid caseId, CancellationToken cancellationToken)
    {
        if ((await database.QueryAsync("select count(*) from approvals.case_readings where case_id = $1", r => r.GetInt64(0), cancellationToken, caseId))[0] >= MostRecognitions)
            throw FilingRefusal.ReadTooOften(MostRecognitions);
    }

    private async Task<CaseRecognition> RecognitionAsync(Guid caseId, Guid recognition, CancellationToken cancellationToken) =>
        await database.SingleAsync($"select {CaseRecognition.Columns} from approvals.case_readings where id = $1 and case_id = $2", CaseRecognition.From, cancellationToken, recognition, caseId) ?? throw FilingRefusal.NoRecognition(recognition);
}
