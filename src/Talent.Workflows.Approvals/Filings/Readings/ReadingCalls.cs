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

namespace Talent.Workflows.Approvals.Filings.Readings;

/// <summary>
/// Has materials of drafts read, or asks other offices what they know of the applicant, and puts that into the case in a step of its own, for the user who asked. Nothing waits for it:
/// while the service is down the reading is pending, and whoever fills in the form types.
/// </summary>
/// <remarks>Source: R-CASE-5, R-INT-4; docs/adr/0039.</remarks>
public sealed class ReadingCalls(IEnumerable<IDocumentRecognition> recognition, IEnumerable<ISharedRecords> records, NpgsqlDataSource database, ServiceCatalogue services, FormVersions forms, CaseVault vault, DataKeys keys, MaterialStore store,
    IOptions<MaterialOptions> options, PersonStore people, WorkflowRuntime runtime, BusinessClock clock) : IOutboxHandler
{
    public const string WorkKind = OutsideCalls.KindPrefix + "reading";

    private const int Attempts = 3;

    private static readonly TimeSpan Scanning = TimeSpan.FromMinutes(1);

    private readonly IDocumentRecognition? office = recognition.FirstOrDefault();
    private readonly ISharedRecords? offices = records.FirstOrDefault();

    public string Kind => WorkKind;

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        if (await FindAsync(message, cancellationToken) is not { State: ReadingStates.Pending } reading)
            return OutboxResult.Ok; // Answered before, or cancelled: nobody's data is sent anywhere.
        if (await WantedAsync(message.InstanceId, reading, cancellationToken) is not { } wanted)
            return await LapseAsync(message.InstanceId, reading, cancellationToken);
        return wanted.File is { } file ? await ReadAsync(message, reading, file, cancellationToken) : await LookUpAsync(message, reading, wanted.Case, cancellationToken);
    }

    private async Task<OutboxResult> ReadAsync(OutboxMessage message, CaseReading reading, LibraryFile file, CancellationToken cancellationToken)
    {
        if (options.Value.Scans && file.Scan != "clean")
            return OutsidePatience.AskAgain(message, "the picture hasn't been scanned for viruses yet", Scanning);
        if (office is null)
            return OutsidePatience.Unconfigured;
        var place = (await database.QueryAsync("select place from approvals.material_contents where hash = $1", r => r.GetString(0), cancellationToken, file.Hash))[0];
        await using var content = store.Open(place);
        if (content is null)
            return OutsidePatience.AskAgain(message, $"the content of material {reading.Material} isn't in the store", null);
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellationToken);
        return await office.RecogniseAsync(message.Id.ToString("N"), reading.Kind, bytes.ToArray(), FileKinds.MediaType(file.Kind), reading.Rotation, cancellationToken) switch
        {
            OutsideAnswer<RecognisedDocument>.Answered(var document) => await KeepAsync(message.InstanceId, reading, (wanted, package, before) => package.Materials.Slot(reading.Slot!) is { Material.Recognise: not null } slot
                ? ReadingFill.Of(package, slot, reading.Material!.Value, document, before, wanted.Whole, wanted.Phase, reading.Replaces, Today) : null, cancellationToken),
            OutsideAnswer<RecognisedDocument>.Refused => await KeepAsync(message.InstanceId, reading, null, cancellationToken),
            OutsideAnswer<RecognisedDocument>.Unavailable(var why, var after) => OutsidePatience.AskAgain(message, why, after),
            var other => throw new InvalidOperationException($"Unknown result {other.GetType().Name}."),
        };
    }

    /// <summary>Asks about the applicant by the name and number of their account, which the face check was of.</summary>
    private async Task<OutboxResult> LookUpAsync(OutboxMessage message, CaseReading reading, FilingCase filed, CancellationToken cancellationToken)
    {
        if (offices is null)
            return OutsidePatience.Unconfigured;
        if (await people.FindOfAsync(filed.ApplicantId, cancellationToken) is not { } person
            || !await SawThemAsync(reading.Id, person.Row, cancellationToken)
            || person.Row.OpenResidentId(await keys.RingAsync(person.KeyId, cancellationToken)) is not { } text || !ResidentId.TryParse(text, Today, out var number, out _))
            return await LapseAsync(message.InstanceId, reading, cancellationToken);
        var form = (await forms.SavedWithAsync(await services.GetAsync(filed.Service, cancellationToken), filed.FormVersion, cancellationToken)).Form;
        var question = new RecordQuestion(person.Row.Name, number) { Degrees = SharedFacts.AsksDegrees(form), Titles = SharedFacts.AsksTitles(form) };
        return await offices.FindAsync(message.Id.ToString("N"), question, cancellationToken) switch
        {
            OutsideAnswer<SharedRecords>.Answered(var found) => await KeepAsync(message.InstanceId, reading, (wanted, package, before) => ReadingFill.Of(package.Form, found, before, wanted.Whole, wanted.Phase, Today), cancellationToken),
            OutsideAnswer<SharedRecords>.Refused => await KeepAsync(message.InstanceId, reading, null, cancellationToken),
            OutsideAnswer<SharedRecords>.Unavailable(var why, var after) => OutsidePatience.AskAgain(message, why, after),
            var other => throw new InvalidOperationException($"Unknown result {other.GetType().Name}."),
        };
    }

    /// <summary>Whether the face check that was used up for this was of the person as they are: another name or number is asked about with another check (R-ACC-4).</summary>
    private async Task<bool> SawThemAsync(Guid reading, PersonRow person, CancellationToken cancellationToken) =>
        (await database.QueryAsync("select 1 from approvals.face_checks where person_id = $1 and identity_version = $2 and used_for = $3", r => r.GetInt32(0), cancellationToken,
            person.Id, person.IdentityVersion, UsedFor(reading))).Count == 1;

    /// <summary>What a face check says that it was used for.</summary>
    internal static string UsedFor(Guid reading) => $"case-reading:{reading}";

    private DateOnly Today => ChinaTime.DateOf(clock.Now);

    /// <summary>The case with the picture, while somebody can have a use for what is on it.</summary>
    /// <param name="File">Null: other offices are asked, and no picture is read.</param>
    private sealed record Wanted(FilingCase Case, FilingRecord Record, LibraryFile? File, short Phase)
    {
        public JsonElement Whole(JsonElement own) => Case.With(Phase, own, replace: true);
    }

    private Task<CaseReading?> FindAsync(OutboxMessage message, CancellationToken cancellationToken) =>
        database.SingleAsync($"select {CaseReading.Columns} from approvals.case_readings where id = $1 and case_id = $2", CaseReading.From, cancellationToken, message.Id, message.InstanceId);

    private async Task<Wanted?> WantedAsync(Guid caseId, CaseReading reading, CancellationToken cancellationToken)
    {
        // The version first: what changes after it makes the step fail.
        var filed = await FilingCase.LoadAsync(database, vault, caseId, cancellationToken);
        var record = await FilingStore.LoadAsync(database, caseId, cancellationToken);
        if (filed.PhaseInHand is not { } phase)
            return null;
        if (reading.Slot is null)
            return new Wanted(filed, record, null, phase);
        return record.There.FirstOrDefault(m => m.Slot == reading.Slot && m.Id == reading.Material) is { } material
            && FileKinds.IsImage(material.Kind) && material.Size <= IDocumentRecognition.Largest && material.Scan != "found"
            ? new Wanted(filed, record, material.Filed.File, phase) : null;
    }

    /// <summary>What of an answer goes into the form as it is, and what is kept of it; null: the service doesn't say what it should.</summary>
    private delegate (JsonElement Data, ReadingContent Content)? Filling(Wanted wanted, ServicePackage package, JsonElement before);

    /// <param name="filling">Null: the service doesn't take the question.</param>
    private async Task<OutboxResult> KeepAsync(Guid caseId, CaseReading reading, Filling? filling, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            if (await WantedAsync(caseId, reading, cancellationToken) is not { } wanted)
                return await LapseAsync(caseId, reading, cancellationToken);
            var action = await AnswerAsync(wanted, reading, filling, cancellationToken);
            try
            {
                var answer = await runtime.ApplyAsync(new StepRequest { InstanceId = caseId, Actor = Actor.System, Domain = action, IfVersion = wanted.Case.Version }, cancellationToken);
                return answer.Applied || answer.GateFailed == ReadingsPart.OpenGate ? OutboxResult.Ok : await LapseAsync(caseId, reading, cancellationToken);
            }
            catch (WorkflowException e) when (e.Code == ErrorCodes.PreconditionFailed)
            {
                continue;
            }
        }
        return new OutboxResult.Retry(null, "the case is being changed by others");
    }

    private async Task<RecognitionAnswered> AnswerAsync(Wanted wanted, CaseReading reading, Filling? filling, CancellationToken cancellationToken)
    {
        var (filed, phase) = (wanted.Case, wanted.Phase);
        var package = await forms.SavedWithAsync(await services.GetAsync(filed.Service, cancellationToken), filed.FormVersion, cancellationToken);
        // Asked before the case was returned for something else: what was read is a suggestion alone.
        var answer = filed.OpenTask?.Asked is { Only: true } ? null : filling?.Invoke(wanted, package, filed.Data(phase));
        var filled = answer is { Content.Filled.Count: > 0 };
        var source = new ValueSource(reading.Slot is null ? ValueSources.Shared : ValueSources.Recognition, clock.Now, reading.AskedBy) { Slot = reading.Slot, Material = reading.Material, Reading = reading.Id };
        return new RecognitionAnswered
        {
            User = reading.AskedBy, Phase = phase,
            Before = filled ? filed.BeforeCorrection(phase, await vault.SealAsync(package.Form, cancellationToken), reading.AskedBy) : null,
            Data = filled ? new CaseData(phase, CanonicalJson.Of(answer!.Value.Data.GetRawText()), reading.AskedBy) { Seal = await vault.SealAsync(package.Form, cancellationToken), FormVersion = filed.FormVersion } : null,
            Filing = new FilingWrite
            {
                ApplicantId = filed.ApplicantId, EmployerId = filed.EmployerId,
                Sources = filled ? wanted.Record.Sources.With(answer!.Value.Content.Filled, source).Write() : null,
                Reading = new ReadingWrite.Ended(reading.Id, filling is null ? ReadingStates.Refused : answer is { Content.Fields.Count: > 0 } ? ReadingStates.Read : ReadingStates.Nothing,
                    answer?.Content.Seal(reading.Id, await keys.RingAsync(0, cancellationToken))),
            },
        };
    }

    private async Task<OutboxResult> LapseAsync(Guid caseId, CaseReading reading, CancellationToken cancellationToken)
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
                    Filing = new FilingWrite { ApplicantId = filed.ApplicantId, EmployerId = filed.EmployerId, Reading = new ReadingWrite.Ended(reading.Id, ReadingStates.Lapsed, null) },
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
