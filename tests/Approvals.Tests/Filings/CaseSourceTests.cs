using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers.Associations;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Filings.Sources;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Approvals.Tests.People.Profiles;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Testing;

namespace Talent.Workflows.Approvals.Tests.Filings;

/// <summary>Where values come from, over the phases of a case and for those who file for others (R-CASE-5).</summary>
public sealed class CaseSourceTests
{
    private const string Reviewer = "emp-metro-reviewer-1", Handler = "emp-metro-handler";

    [Fact]
    public async Task Sources_WhenTheSecondPhaseIsHandedIn_ThenThoseOfTheFirstStandBesideIt_R_CASE_5_S1()
    {
        await using var desk = await FilingDesk.OpenAsync();
        var filed = await desk.Desk.SubmittedAsync();
        var first = await SourcesAsync(desk, filed, Reviewer);
        await desk.Desk.As(Reviewer).Approve(filed);
        await desk.Desk.As("unit-assets-reviewer-1").Approve(filed);
        desk.Desk.Time.SetTo(desk.Desk.Time.GetUtcNow().AddHours(1));
        var second = filed.Sample.Phase2!.Value;

        await filed.Supplement(second);

        var both = await SourcesAsync(desk, filed, Reviewer);
        Assert.Equal(first.Concat(SourceMap.Values(second).Keys.Select(path => (path, "typed"))).Order(), both.Order());
        var map = (await desk.Reader.SourcesAsync(desk.As(Reviewer), filed.Id, null, default)).View.Fields.ToDictionary(f => f.Path, f => f.At);
        Assert.All(first, f => Assert.All(SourceMap.Values(second).Keys, later => Assert.True(map[f.Path] < map[later], f.Path)));
        // What was handed in before is as it was.
        Assert.Equal(first, await SourcesAsync(desk, filed, Reviewer, handIn: 1));
    }

    /// <summary>The handler's draft has what the employee view shows in clear.</summary>
    [Fact]
    public async Task Draft_WhenAHandlerBeginsIt_ThenWhatIsMaskedStaysWithThePerson_R_CASE_5_R_EMP_4_R_AUD_2()
    {
        using var copy = new TemporaryFolder();
        var folder = Path.Combine(copy.Path, "intake-rounds");
        Copy(ServiceFolders.All["intake-rounds"], folder);
        var form = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "form.json")))!;
        foreach (var (key, path) in new[] { ("name", "profile.identity.name"), ("phone", "profile.general.emergencyPhone"), ("residentId", "profile.identity.residentId"), ("school", "profile.education.degreeCertificate") })
            form["steps"]!.AsArray().SelectMany(s => s!["fields"]!.AsArray()).Single(f => (string?)f!["key"] == key)!["prefill"] = path;
        File.WriteAllText(Path.Combine(folder, "form.json"), form.ToJsonString());
        await using var desk = await CaseDesk.OpenServiceAsync(folder);
        var person = desk.As("applicant-li").Caller;
        var people = desk.Get<PersonCommands>();
        var id = await people.RegisterAsync(person, new NewPerson("李示例", ResidentId.Fictitious(new DateOnly(1986, 2, 14), 25).Value, "19900000054", null), null, default);
        foreach (var step in new[] { "general", "education" })
            await people.SaveStepAsync(person, id, step, Profile.Of(step), null, default);

        var begun = await BeginAsync();
        var own = await desk.Get<CaseCommands>().CreateAsync(person, new NewCase { Service = desk.Service }, null, default);

        Assert.Equal(["name", "post"], await FieldsAsync(begun.InstanceId));
        Assert.Equal([("name", "profile"), ("post", "typed")], (await desk.Get<FilingReader>().SourcesAsync(desk.As(Handler).Caller, begun.InstanceId, null, default)).View.Fields.Select(f => (f.Path, f.Source.Code)).Order());
        // The person's own draft has all of it.
        Assert.Equal(["name", "phone", "residentId", "school"], await FieldsAsync(own.InstanceId));
        // Nobody's handler begins anything for who doesn't work there, whatever the service asks.
        await desk.Execute("update approvals.associations set ended_at = began_at, end_reason = 'directory' where user_id = 'applicant-li'");
        Assert.Equal(ErrorCodes.FilingRefused, (await Assert.ThrowsAsync<WorkflowException>(BeginAsync)).Code);

        Task<StepAnswer> BeginAsync() => desk.Get<CaseCommands>().CreateAsync(desk.As(Handler).Caller, new NewCase { Service = desk.Service, ApplicantId = "applicant-li", Data = JsonSerializer.SerializeToElement(new { post = "engineer" }) }, null, default);
        async Task<string[]> FieldsAsync(Guid id) => [.. (await FilingCase.LoadAsync(desk.Database, desk.Get<CaseVault>(), id, default)).Data(1).EnumerateObject().Select(f => f.Name).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Draft_WhenAHandlerFilesForAnEmployee_ThenTheProfileFillsInWhatTheEmployeeViewShows_R_CASE_5_R_EMP_4_S7()
    {
        const string WaterHandler = "emp-water-handler", Huang = "applicant-huang";
        await using var desk = await CaseDesk.OpenServiceAsync(ServiceFolders.All["work-residence-permit"]).WithReadyEmployersAsync("emp-water");
        var caller = desk.As(WaterHandler).Caller;

        var begun = await desk.Get<CaseCommands>().CreateAsync(caller, new NewCase { Service = desk.Service, ApplicantId = Huang, Data = JsonSerializer.SerializeToElement(new { kind = "first", maritalStatus = "10" }) }, null, default);

        var data = SourceMap.Values((await FilingCase.LoadAsync(desk.Database, desk.Get<CaseVault>(), begun.InstanceId, default)).Data(1));
        var sources = (await desk.Get<FilingReader>().SourcesAsync(caller, begun.InstanceId, null, default)).View.Fields.ToDictionary(f => f.Path, f => f.Source.Code);
        Assert.Equal(("typed", "10"), (sources["maritalStatus"], data["maritalStatus"].GetString()));
        var filled = sources.Where(s => s.Value == "profile").Select(s => s.Key).ToArray();
        Assert.Equal(["ethnicity", "gender", "name", "politicalStatus"], filled.Order(StringComparer.Ordinal));
        var association = await desk.Scalar<Guid>($"select id from approvals.associations where user_id = '{Huang}' and ended_at is null");
        var shown = (await desk.Get<EmployeeReader>().ReadAsync(caller, "emp-water", association, default)).Profile!;
        var general = shown.Steps.Single(s => s.Key == "general").Data!.Value;
        Assert.All(filled, path => Assert.Equal(path == "name" ? shown.Name : general.GetProperty(path).GetString(), data[path].GetString()));
        Assert.Equal("黄示例", shown.Name);
    }

    private static async Task<(string Path, string Source)[]> SourcesAsync(FilingDesk desk, FiledCase filed, string user, int? handIn = null) =>
        [.. (await desk.Reader.SourcesAsync(desk.As(user), filed.Id, handIn, default)).View.Fields.Select(f => (f.Path, f.Source.Code))];

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
