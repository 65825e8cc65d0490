using System.Text;
using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Integrations.Recognition;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.Standing;
using Talent.Workflows.Approvals.Tests.Cases;

namespace Talent.Workflows.Approvals.Tests.Standing;

/// <summary>What handlers do to have their employer certified.</summary>
internal static class Licences
{
    /// <summary>A picture of a licence that says this, in the library of the handler's employer.</summary>
    public static async Task<Guid> LicenceAsync(this CaseDesk desk, string handler, string unitName, string creditCode) =>
        await desk.KeepAsync(handler, SampleFiles.Jpeg(after: Encoding.UTF8.GetBytes(RecognitionSimulator.Mark + JsonSerializer.Serialize(new { unitName, creditCode }))));

    public static async Task<Guid> KeepAsync(this CaseDesk desk, string handler, byte[] file) => (await desk.Get<MaterialLibrary>().UploadAsync(
        desk.As(handler).Caller, new MaterialOwner(MaterialOwner.Employer, EmployerOf(handler)), "营业执照", new MemoryStream(file), null, null, _ => Task.CompletedTask, default)).Material.Id;

    public static string EmployerOf(string handler) => handler[..handler.LastIndexOf('-')];

    public static ServiceSample Sample(this CaseDesk desk, string name) => desk.Content.Services.Single().Samples.Single(s => s.Name == name);

    /// <summary>Files a sample with a licence, and has it recognised.</summary>
    public static async Task<FiledCase> FileAsync(this CaseDesk desk, ServiceSample sample, Guid licence)
    {
        var filed = await desk.SubmittedAsync(sample with { Phase1 = Json(new { licence }) });
        await desk.Deliver();
        return filed;
    }

    /// <summary>The handler confirms what the sample says, with some of it changed.</summary>
    public static async Task ConfirmAsync(this FiledCase filed, object? changed = null)
    {
        var data = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(filed.Sample.Phase2!.Value)!;
        if (changed is not null)
            foreach (var field in Json(changed).EnumerateObject())
                data[field.Name] = field.Value;
        await filed.Supplement(Json(data));
        await filed.Desk.Deliver();
    }

    public static Task<EmployerStanding> StandingAsync(this CaseDesk desk, string user, string employer) => desk.Get<StandingReader>().ReadAsync(desk.As(user).Caller, employer, default);

    public static async Task<string> DirectoryAsync(this CaseDesk desk, string employer) => await desk.Scalar<string>($"select name_zh || ' ' || uscc from approvals.organisations where id = '{employer}'");

    public static JsonElement Json(object value) => JsonSerializer.SerializeToElement(value);

    /// <summary>Somebody else is the employer's handler from now on.</summary>
    public static Task ReplaceHandlerAsync(this CaseDesk desk, string old, string by) => desk.Execute($"""
        delete from approvals.user_roles where user_id = '{old}' and role = 'employer.handler';
        insert into approvals.user_roles (user_id, role, organisation_id) values ('{by}', 'employer.handler', '{EmployerOf(old)}');
        """);
}
