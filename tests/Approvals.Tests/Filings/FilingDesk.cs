using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.People.Profiles;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Filings;

/// <summary>Cases of the flagship with libraries that have files, on a real database.</summary>
internal sealed class FilingDesk : IAsyncDisposable
{
    private FilingDesk(CaseDesk desk) => Desk = desk;

    public CaseDesk Desk { get; }
    public FilingCommands Commands => Desk.Get<FilingCommands>();
    public FilingReader Reader => Desk.Get<FilingReader>();
    public ServiceSample Li => Desk.Li;

    /// <param name="scanner">Whether materials have to be scanned; nothing scans them but the test.</param>
    /// <param name="profiles">Whether the applicants have profiles, and the service asks for them.</param>
    public static async Task<FilingDesk> OpenAsync(Action<string>? prepare = null, bool scanner = false, bool profiles = true) => new(await CaseDesk.OpenAsync(prepare: folder =>
    {
        prepare?.Invoke(folder);
        if (profiles)
            return;
        var file = Path.Combine(folder, "service.json");
        var service = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        Assert.True(service.Remove("conditions"));
        File.WriteAllText(file, service.ToJsonString());
    }, more: scanner ? services => services.Configure<MaterialOptions>(o => (o.Scanner, o.ScannerCommand) = ("command", "true")) : null, profiles: profiles));

    public Caller As(string user) => Desk.As(user).Caller;

    /// <summary>Into the caller's own library when no other is named, each a minute later than the one before.</summary>
    public async Task<Guid> Keep(string user, string name, byte[] content, MaterialOwner? owner = null)
    {
        Desk.Time.SetTo(Desk.Time.GetUtcNow().AddMinutes(1));
        return (await Desk.Get<MaterialLibrary>().UploadAsync(As(user), owner ?? new MaterialOwner(MaterialOwner.Person, user), name, new MemoryStream(content), null, null, _ => Task.CompletedTask, default)).Material.Id;
    }

    public async Task<CaseMaterialsView> Materials(FiledCase filed, string? user = null, int? handIn = null) =>
        (await Reader.MaterialsAsync(As(user ?? filed.Sample.Applicant), filed.Id, handIn, default)).View;

    /// <summary>The ids in a slot.</summary>
    public async Task<Guid[]> In(FiledCase filed, string slot, string? user = null, int? handIn = null) =>
        [.. (await Materials(filed, user, handIn)).Slots.Single(s => s.Slot == slot).Materials.Select(m => m.Id)];

    public Task Put(FiledCase filed, string slot, Guid material, Guid? replaces = null, string? user = null) => Commands.PutAsync(As(user ?? filed.Sample.Applicant), filed.Id, slot, material, replaces, null, default);

    public Task Remove(FiledCase filed, string slot, Guid material) => Commands.RemoveAsync(As(filed.Sample.Applicant), filed.Id, slot, material, null, default);

    public async Task<(string Name, byte[] Content)> Fetch(FiledCase filed, string user, string slot, Guid material, int? handIn = null)
    {
        var file = await Reader.DownloadAsync(As(user), filed.Id, slot, material, handIn, default);
        await using var content = file.Content;
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes);
        return (file.FileName, bytes.ToArray());
    }

    public Task Scanned(Guid material, string found) => Desk.Execute($"update approvals.material_contents set scan = '{found}' where hash = (select hash from approvals.materials where id = '{material}')");

    /// <summary>What it is refused with; for a form, "path: code" of each error.</summary>
    public static async Task<string[]> Refused(Func<Task> act)
    {
        var refusal = await Assert.ThrowsAsync<WorkflowException>(act);
        Assert.NotEqual(refusal.Message, refusal.MessageZh);
        return refusal.Facts.GetValueOrDefault("errors") is IReadOnlyList<FormError> errors ? [.. errors.Select(e => $"{e.Path}: {e.Code}")] : [refusal.Code];
    }

    /// <summary>A person with a complete profile.</summary>
    public async Task<Guid> RegisterAsync(string user, string name, string phone)
    {
        var people = Desk.Get<PersonCommands>();
        var id = await people.RegisterAsync(As(user), new NewPerson(name, ResidentId.Fictitious(new DateOnly(1986, 2, 14), 25).Value, phone, null), null, default);
        foreach (var step in Profile.Steps)
            await people.SaveStepAsync(As(user), id, step, Profile.Of(step), null, default);
        return id;
    }

    public ValueTask DisposeAsync() => Desk.DisposeAsync();
}
