using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Integrations.Recognition;
using Talent.Workflows.Approvals.Integrations.Records;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Correcting;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Integrations;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Filings;

/// <summary>Cases of 在职人才引进入户 at a desk whose other offices are simulators over HTTP: what recognition, shared data and the profile fill in.</summary>
public abstract class FilledInCases : OfficeDesk
{
    private protected const string Li = "applicant-li", Degree = "degree-certificate", Companion = "companion-identity", Property = "property-certificate", RelativesProperty = "relative-property";


    private protected ServiceSample Sample => desk.Content.Services.Single().Samples.Single(s => s.Name == "01-li-completed");
    private protected Caller Applicant => desk.As(Li).Caller;

    private protected override Task<CaseDesk> OpenAsync(Action<IServiceCollection> add) => CaseDesk.OpenServiceAsync(ServiceFolders.All["in-service-settlement"], add);

    private protected override void Add(IServiceCollection services, Func<IServiceProvider, OutsideClient> client) =>
        services.AddSingleton<IDocumentRecognition>(s => new RecognitionClient(client(s))).AddSingleton<ISharedRecords, RecordsSimulator>();

    private protected override void Map(IEndpointRouteBuilder routes, OutsideSimulator office) => RecognitionSimulator.Map(routes, office);

    /// <summary>Li's application with a picture in a slot in the place of the sample's file, on which this is written, and without some fields.</summary>
    private protected async Task<(FiledCase Filed, Guid Picture)> DraftWithAsync(string slot, string written, params string[] without)
    {
        var filed = await desk.DraftAsync(Sample);
        var picture = await KeepAsync("手机拍摄照片", written);
        var there = Assert.Single((await desk.Get<FilingReader>().MaterialsAsync(Applicant, filed.Id, null, default)).View.Slots.Single(s => s.Slot == slot).Materials);
        await desk.Get<FilingCommands>().PutAsync(Applicant, filed.Id, slot, picture, there.Id, null, default);
        var form = await FormAsync(filed);
        foreach (var key in without)
            form.Remove(key);
        await SaveAsync(filed, form);
        return (filed, picture);
    }

    private protected async Task<Guid> KeepAsync(string name, string written) => (await desk.Get<MaterialLibrary>().UploadAsync(Applicant, new MaterialOwner(MaterialOwner.Person, Li), name,
        new MemoryStream(SampleFiles.Jpeg(after: Encoding.UTF8.GetBytes(RecognitionSimulator.Mark + written))), null, null, _ => Task.CompletedTask, default)).Material.Id;

    private protected Task RecogniseAsync(FiledCase filed, string slot, Guid material, int rotate = 0) => desk.Get<FilingCommands>().RecogniseAsync(Applicant, filed.Id, new AskRecognition(slot, material, rotate), null, null, default);

    private protected Task LookUpAsync(FiledCase filed, Guid face) => desk.Get<FilingCommands>().LookUpAsync(Applicant, filed.Id, new AskSharedData(face), null, null, default);

    /// <summary>A face check as the office's word leaves it when it was passed.</summary>
    private protected async Task<Guid> PassedAsync(Guid person)
    {
        var id = Guid.NewGuid();
        await desk.Execute($"""
            insert into approvals.face_checks (id, person_id, identity_version, purpose, state, token_hash, issued_at, expires_at, ended_at, credential)
            select '{id}', p.id, p.identity_version, 'look-up', 'passed', '\x{id:N}', t.at, t.at + interval '3 minutes', t.at, 'key:test'
            from approvals.people p cross join (select timestamptz '{desk.Time.GetUtcNow():O}' as at) t where p.id = '{person}'
            """);
        return id;
    }

    private protected async Task ReturnAsync(FiledCase filed, bool? only, params Correction[] items) => await desk.Get<TaskCommands>().DecideAsync(desk.As("bureau-reviewer-1").Caller, (await filed.Waiting()).TaskId,
        new DecideTask { Outcome = "return", Opinion = "请补正", Corrections = items, OnlyCorrections = only }, null, null, default);

    private protected Task CancelAsync(FiledCase filed, Guid recognition) => desk.Get<FilingCommands>().CancelRecognitionAsync(Applicant, filed.Id, recognition, null, default);

    private protected async Task<IReadOnlyList<RecognitionView>> RecognitionsAsync(FiledCase filed) => (await desk.Get<FilingReader>().RecognitionsAsync(Applicant, filed.Id, default)).View.Recognitions;

    private protected async Task<T> OnlyAsync<T>(FiledCase filed, Func<RecognitionView, T> take) => take(Assert.Single(await RecognitionsAsync(filed)));

    private protected async Task<Dictionary<string, ValueSourceView>> SourcesAsync(FiledCase filed) => (await desk.Get<FilingReader>().SourcesAsync(Applicant, filed.Id, null, default)).View.Fields.ToDictionary(f => f.Path);

    private protected async Task<JsonObject> FormAsync(FiledCase filed) => JsonNode.Parse((await FilingCase.LoadAsync(desk.Database, desk.Get<CaseVault>(), filed.Id, default)).Data(1).GetRawText())!.AsObject();

    private protected Task<StepAnswer> SaveAsync(FiledCase filed, JsonObject form) => desk.Get<CaseCommands>().SaveAsync(Applicant, filed.Id, 1, JsonSerializer.SerializeToElement(form), null, default);
}
