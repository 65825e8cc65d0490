using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Filings.Sources;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Integrations.Recognition;
using Talent.Workflows.Approvals.Integrations.Records;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Filings.Recognitions;

/// <summary>
/// Has materials of drafts read, or asks other offices what they know of the applicant, and puts that into the case in a step of its own, for the user who asked. Nothing waits for it:
/// while the service is down the recognition is pending, and whoever fills in the form types.
/// </summary>
/// <remarks>Source: R-CASE-5, R-INT-4; docs/adr/0039.</remarks>
public sealed class RecognitionCalls(IEnumerable<IDocumentRecognition> recognisers, IEnumerable<ISharedRecords> records, NpgsqlDataSource database, ServiceCatalogue services, FormVersions forms, CaseVault vault, DataKeys keys, MaterialStore store,
    IOptions<MaterialOptions> options, PersonStore people, WorkflowRuntime runtime, BusinessClock clock) : IOutboxHandler
{
    public const string WorkKind = OutsideCalls.KindPrefix + "reading";

    private const int Attempts = 3;

    private static readonly TimeSpan Scanning = TimeSpan.FromMinutes(1);

    private readonly IDocumentRecognition? office = recognisers.FirstOrDefault();
    private readonly ISharedRecords? offices = records.FirstOrDefault();

    public string Kind => WorkKind;

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        if (await FindAsync(message, cancellationToken) is not { State: RecognitionStates.Pending } recognition)
            return OutboxResult.Ok; // Answered before, or cancelled: nobody's data is sent anywhere.
        if (await WantedAsync(message.InstanceId, recognition, cancellationToken) is not { } wanted)
            return await LapseAsync(message.InstanceId, recognition, cancellationToken);
        return wanted.File is { } file ? await ReadAsync(message, recognition, file, cancellationToken) : await LookUpAsync(message, recognition, wanted.Case, cancellationToken);
    }

    private async Task<OutboxResult> ReadAsync(OutboxMessage message, CaseRecognition recognition, LibraryFile file, CancellationToken cancellationToken)
    {
        if (options.Value.Scans && file.Scan != "clean")
            return OutsidePatience.AskAgain(message, "the picture hasn't been scanned for viruses yet", Scanning);
        if (office is null)
            return OutsidePatience.Unconfigured;
        if (await store.ReadAsync(database, file.Hash, cancellationToken) is not { } bytes)
            return OutsidePatience.AskAgain(message, $"the content of material {recognition.Material} isn't in the store", null);
        return await office.RecogniseAsync(message.Id.ToString("N"), recognition.Kind, bytes, FileKinds.MediaType(file.Kind), recognition.Rotation, cancellationToken) switch
        {
            OutsideAnswer<RecognisedDocument>.Answered(var document) => await KeepAsync(message.InstanceId, recognition, (wanted, package, before) => package.Materials.Slot(recognition.Slot!) is { Material.Recognise: not null } slot
                ? RecognitionFill.Of(package, slot, recognition.Material!.Value, document, before, wanted.Whole, wanted.Phase, recognition.Replaces, Today) : null, cancellationToken),
            OutsideAnswer<RecognisedDocument>.Refused => await KeepAsync(message.InstanceId, recognition, null, cancellationToken),
            OutsideAnswer<RecognisedDocument>.Unavailable(var why, var after) => OutsidePatience.AskAgain(message, why, after),
            var other => throw new InvalidOperationException($"Unknown result {other.GetType().Name}."),
        };
    }

    /// <summary>Asks about the applicant by the name and number of their account, which the face check was of.</summary>
    private async Task<OutboxResult> LookUpAsync(OutboxMessage message, CaseRecognition recognition, FilingCase filed, CancellationToken cancellationToken)
    {
        if (offices is null)
            return OutsidePatience.Unconfigured;
        if (await people.FindOfAsync(filed.ApplicantId, cancellationToken) is not { } person
            || !await SawThemAsync(recognition.Id, person.Row, cancellationToken)
            || person.Row.OpenResidentId(await keys.RingAsync(person.KeyId, cancellationToken)) is not { } text || !ResidentId.TryParse(text, Today, out var number, out _))
            return await LapseAsync(message.InstanceId, recognition, cancellationToken);
        var form = (await forms.SavedWithAsync(await services.GetAsync(filed.Service, cancellationToken), filed.FormVersion, cancellationToken)).Form;
        var question = new RecordQuestion(person.Row.Name, number) { Degrees = SharedFacts.AsksDegrees(form), Titles = SharedFacts.AsksTitles(form) };
        return await offices.FindAsync(message.Id.ToString("N"), question, cancellationToken) switch
        {
            OutsideAnswer<SharedRecords>.Answered(var found) => await KeepAsync(message.InstanceId, recognition, (wanted, package, before) => RecognitionFill.Of(package.Form, found, before, wanted.Whole, wanted.Phase, Today), cancellationToken),
            OutsideAnswer<SharedRecords>.Refused => await KeepAsync(message.InstanceId, recognition, null, cancellationToken),
            OutsideAnswer<SharedRecords>.Unavailable(var why, var after) => OutsidePatience.AskAgain(message, why, after),
            var other => throw new InvalidOperationException($"Unknown result {other.GetType().Name}."),
        };
    }

    /// <summary>Whether the face check that was used up for this was of the person as they are: another name or number is asked about with another check (R-ACC-4).</summary>
    private async Task<bool> SawThemAsync(Guid recognition, PersonRow person, CancellationToken cancellationToken) =>
        (await database.QueryAsync("select 1 from approvals.face_checks where person_id = $1 and identity_version = $2 and used_for = $3", r => r.GetInt32(0), cancellationToken,
            person.Id, person.IdentityVersion, UsedFor(recognition))).Count == 1;

    /// <summary>What a face check says that it was used for.</summary>
    internal static string UsedFor(Guid recognition) => $"case-reading:{recognition}";

    private DateOnly Today => ChinaTime.DateOf(clock.Now);

    /// <summary>The case with the picture, while somebody can have a use for what is on it.</summary>
    /// <param name="File">Null: other offices are asked, and no picture is read.</param>
    private sealed record Wanted(FilingCase Case, FilingRecord Record, LibraryFile? File, short Phase)
    {
        public JsonElement Whole(JsonElement own) => Case.With(Phase, own, replace: true);
    }

    private Task<CaseRecognition?> FindAsync(OutboxMessage message, CancellationToken cancellationToken) =>
        database.SingleAsync($"select {CaseRecognition.Columns} from approvals.case_readings where id = $1 and case_id = $2", CaseRecognition.From, cancellationToken, message.Id, message.InstanceId);

    private async Task<Wanted?> WantedAsync(Guid caseId, CaseRecognition recognition, CancellationToken cancellationToken)
    {
        // The version first: what changes after it makes the step fail.
        var filed = await FilingCase.LoadAsync(database, vault, caseId, cancellationToken);
        var record = await FilingStore.LoadAsync(database, caseId, cancellationToken);
        if (filed.PhaseInHand is not { } phase)
            return null;
        if (recognition.Slot is null)
            return new Wanted(filed, record, null, phase);
        return record.There.FirstOrDefault(m => m.Slot == recognition.Slot && m.Id == recognition.Material) is { } material
            && FileKinds.IsImage(material.Kind) && material.Size <= IDocumentRecognition.Largest && material.Scan != "found"
            ? new Wanted(filed, record, material.Filed.File, phase) : null;
    }

    /// <summary>What of an answer goes into the form as it is, and what is kept of it; null: the service doesn't say what it should.</summary>
    private delegate (JsonElement Data, RecognitionContent Content)? Filling(Wanted wanted, ServicePackage package, JsonElement before);

    /// <param name="filling">Null: the service doesn't take the question.</param>
    private async Task<OutboxResult> KeepAsync(Guid caseId, CaseRecognition recognition, Filling? filling, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            if (await WantedAsync(caseId, recognition, cancellationToken) is not { } wanted)
                return await LapseAsync(caseId, recognition, cancellationToken);
            var action = await AnswerAsync(wanted, recognition, filling, cancellationToken);
            try
            {
                var answer = await runtime.ApplyAsync(new StepRequest { InstanceId = caseId, Actor = Actor.System, Domain = action, IfVersion = wanted.Case.Version }, cancellationToken);
                return answer.Applied || answer.GateFailed == RecognitionsPart.OpenGate ? OutboxResult.Ok : await LapseAsync(caseId, recognition, cancellationToken);
            }
            catch (WorkflowException e) when (e.Code == ErrorCodes.PreconditionFailed)
            {
                continue;
            }
        }
        return new OutboxResult.Retry(null, "the case is being changed by others");
    }

    private async Task<RecognitionAnswered> AnswerAsync(Wanted wanted, CaseRecognition recognition, Filling? filling, CancellationToken cancellationToken)
    {
        var (filed, phase) = (wanted.Case, wanted.Phase);
        var package = await forms.SavedWithAsync(await services.GetAsync(filed.Service, cancellationToken), filed.FormVersion, cancellationToken);
        // Asked before the case was returned for something else: what was read is a suggestion alone.
        var answer = filed.Limit(phase) is not null ? null : filling?.Invoke(wanted, package, filed.Data(phase));
        var filled = answer is { Content.Filled.Count: > 0 };
        var source = new ValueSource(recognition.Slot is null ? ValueSources.Shared : ValueSources.Recognition, clock.Now, recognition.AskedBy) { Slot = recognition.Slot, Material = recognition.Material, Recognition = recognition.Id };
        return new RecognitionAnswered
        {
            User = recognition.AskedBy, Phase = phase,
            Before = filled ? filed.BeforeChange(phase, await vault.SealAsync(package.Form, cancellationToken), recognition.AskedBy) : null,
            Data = filled ? new CaseData(phase, CanonicalJson.Of(answer!.Value.Data.GetRawText()), recognition.AskedBy) { Seal = await vault.SealAsync(package.Form, cancellationToken), FormVersion = filed.FormVersion } : null,
            Filing = new FilingWrite
            {
                ApplicantId = filed.ApplicantId, EmployerId = filed.EmployerId,
                Sources = filled ? wanted.Record.Sources.With(answer!.Value.Content.Filled, source).Write() : null,
                Recognition = new RecognitionWrite.Ended(recognition.Id, filling is null ? RecognitionStates.Refused : answer is { Content.Fields.Count: > 0 } ? RecognitionStates.Read : RecognitionStates.Nothing,
                    answer?.Content.Seal(recognition.Id, await keys.RingAsync(0, cancellationToken))),
            },
        };
    }

    private async Task<OutboxResult> LapseAsync(Guid caseId, CaseRecognition recognition, CancellationToken cancellationToken)
    {
        var filed = await FilingCase.LoadAsync(database, vault, caseId, cancellationToken);
        try
        {
            // Applied, or it has ended meanwhile: both are the end of it.
            await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = caseId, Actor = Actor.System,
                Domain = new RecognitionLapsed
                {
                    Filing = new FilingWrite { ApplicantId = filed.ApplicantId, EmployerId = filed.EmployerId, Recognition = new RecognitionWrite.Ended(recognition.Id, RecognitionStates.Lapsed, null) },
                },
            }, cancellationToken);
            return OutboxResult.Ok;
        }
        catch (WorkflowException e) when (e.IsHalted)
        {
            return OutboxResult.Halted;
        }
    }
}
