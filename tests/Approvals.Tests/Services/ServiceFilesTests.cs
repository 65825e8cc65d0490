using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Employers.Directory;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>The files of every service, shipped or an example, as the loader, the designer and the engine take them.</summary>
public sealed class ServiceFilesTests
{
    public static TheoryData<string> Services => [.. ServiceFolders.All.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Services))]
    public void Package_WhenItIsLoaded_ThenNothingIsWrong_R_ADM_1(string service)
    {
        var package = Load(service);

        Assert.Equal(service, package.Service.Id);
        Assert.Equal(service, Definition(service).DefinitionId);
        Assert.NotEmpty(package.Samples);
        Assert.NotEmpty(package.Materials.Requirements.Items);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Samples_WhenSubmitted_ThenTheyAreGoodOrGiveExactlyTheErrorsTheyName_R_CASE_2(string service)
    {
        var package = Load(service);
        var directories = ((string[])["sample-city.json", "sample-districts.json"]).Select(f => OrganisationDirectory.Load(File.ReadAllBytes(Path.Combine(ShippedContent.Workflows, "shared/organisations", f)))).ToArray();

        foreach (var sample in package.Samples)
        {
            var errors = package.Form.Validate(sample.Phase1, 1, FormMode.Submit, ShippedContent.Today);
            Assert.Equal(sample.ExpectedErrors, errors.Select(e => new SampleError(e.Path, e.Code)));
            Assert.Contains(package.Service.Subject == CaseSubjects.Employer ? CaseSubjects.HandlerRole : "applicant", directories.Select(d => d.User(sample.Applicant)).OfType<DirectoryUser>().First().Roles);
            if (sample.Phase2 is { } second)
                Holds(package, sample, Merge(sample.Phase1, second), 2);
            if (sample.Correction is { } correction)
            {
                Holds(package, sample, Merge(sample.Phase1, correction.Data), 1);
                Assert.Contains(package.Service.Phases.SelectMany(p => p.Stages), s => s.Key == correction.Stage);
            }
        }

        static void Holds(ServicePackage package, ServiceSample sample, JsonElement data, int phase)
        {
            Assert.Empty(package.Form.Validate(data, phase, FormMode.Submit, ShippedContent.Today));
            Assert.Empty(package.Materials.Missing(data, [.. sample.Materials], phase));
        }
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Definition_WhenValidated_ThenNothingIsWrong_R_ADM_1(string service) =>
        Assert.Empty(DefinitionValidator.Validate(Definition(service), PoliticalWorkTitleDefinitionTests.Catalog).Select(m => m.Message));

    [Theory]
    [MemberData(nameof(Services))]
    public void Definition_WhenReadAndWritten_ThenItIsTheSame_R_ADM_1(string service)
    {
        var file = File.ReadAllBytes(Path.Combine(ServiceFolders.All[service], "definition.json"));

        var written = DefinitionWriter.WriteFile(DefinitionReader.Read(file));

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(file), JsonNode.Parse(written)));
        Assert.Equal(written, DefinitionWriter.WriteFile(DefinitionReader.Read(written)));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Definition_WhenFollowedFromItsStart_ThenEveryActivityIsReached(string service)
    {
        var root = Definition(service).Root;
        var reached = new HashSet<string> { "start" };
        for (var before = 0; before != reached.Count;)
        {
            before = reached.Count;
            foreach (var connection in root.Connections)
                if (reached.Contains(connection.Source))
                    reached.Add(connection.Target);
        }

        Assert.Empty(root.Activities.Select(a => a.Id).Except(reached));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Definition_WhenAnActivityEnds_ThenEveryOutcomeLeadsSomewhere(string service)
    {
        var root = Definition(service).Root;
        var dangling = from activity in root.Activities
                       let descriptor = PoliticalWorkTitleDefinitionTests.Catalog.Find(activity.Type)!.Descriptor
                       where !descriptor.IsTerminal
                       from outcome in descriptor.OutcomesOf(activity)
                       where !root.Connections.Any(c => c.Source == activity.Id && c.Port == outcome) && IsOffered(activity, outcome)
                       select $"{activity.Id}.{outcome}";

        Assert.Empty(dangling);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Definition_WhenDrawn_ThenNoTwoActivitiesOverlapAndAllSpeakChinese(string service)
    {
        var activities = Definition(service).Root.Activities;
        var boxes = activities.Select(a => (a.Id, Box: Box(a))).ToArray();

        Assert.Empty(from a in boxes from b in boxes where string.CompareOrdinal(a.Id, b.Id) < 0 && Overlap(a.Box, b.Box) select $"{a.Id} and {b.Id}");
        Assert.All(activities, a => Assert.Contains(a.DisplayText, c => c is >= '一' and <= '龥'));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Definition_WhenStagesAndFactsAreNamed_ThenTheyAreThoseOfTheService(string service)
    {
        var (package, definition) = (Load(service).Service, Definition(service));

        Assert.All(package.Phases.SelectMany(p => p.Stages), s => Assert.Equal(s.Zh, definition.Activities[s.Key].DisplayText));
        Assert.Superset(new HashSet<string> { CaseFacts.Service, CaseFacts.ApplicantId, CaseFacts.EmployerId, CaseFacts.UnitId, CaseFacts.BureauId, CaseFacts.Region, CaseFacts.FiledBy },
            definition.Inputs.Select(i => i.Name).ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Letters_WhenTheServiceIsLoaded_ThenEachIsIssuedOnSomethingOrItSaysThatItHasNone_R_DOC_1(string service)
    {
        var letters = Load(service).Letters;

        Assert.All(letters.All, l => Assert.True(l.On is not null || File.ReadAllText(Path.Combine(ServiceFolders.All[service], "definition.json")).Contains(Approvals.Letters.IssueLetter.TypeName, StringComparison.Ordinal), l.Kind));
        // Between a person and their employer no authority decides anything.
        Assert.Equal(service is "association" or "dissociation", letters.All.Count == 0);
        // Every way in which a case can end that has a letter has one.
        if (letters.All.Count > 0)
            Assert.Superset(new HashSet<string?> { "case.rejected", "case.completed" }, letters.All.Select(l => l.On).ToHashSet());
    }

    /// <summary>A review that lists what can be decided offers nothing else.</summary>
    private static bool IsOffered(ActivityNode activity, string outcome) =>
        outcome == "Timeout" || !activity.Json.TryGetProperty("outcomes", out var listed) || listed.GetRawText().Contains(outcome, StringComparison.Ordinal);

    private static WorkflowDefinition Definition(string service) => DefinitionReader.Read(File.ReadAllBytes(Path.Combine(ServiceFolders.All[service], "definition.json")));

    private static ServicePackage Load(string service) =>
        ServicePackage.Load(ServiceFolders.All[service], ShippedContent.Checks, MessageSource.Read(Path.Combine(ShippedContent.Workflows, "shared", "messages")), letters: Letters.LetterContentTests.Shared);

    private static JsonElement Merge(JsonElement first, JsonElement second)
    {
        var whole = JsonNode.Parse(first.GetRawText())!.AsObject();
        foreach (var property in second.EnumerateObject())
            whole[property.Name] = JsonNode.Parse(property.Value.GetRawText());
        return JsonSerializer.SerializeToElement(whole);
    }

    private static bool Overlap((double X, double Y, double W, double H) a, (double X, double Y, double W, double H) b) =>
        a.X < b.X + b.W && b.X < a.X + a.W && a.Y < b.Y + b.H && b.Y < a.Y + a.H;

    private static (double, double, double, double) Box(ActivityNode node)
    {
        var designer = node.Json.GetProperty("metadata").GetProperty("designer");
        var (position, size) = (designer.GetProperty("position"), designer.GetProperty("size"));
        return (position.GetProperty("x").GetDouble(), position.GetProperty("y").GetDouble(), size.GetProperty("width").GetDouble(), size.GetProperty("height").GetDouble());
    }
}
