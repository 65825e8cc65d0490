using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Employers.Directory;
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

    /// <summary>What the texts of a service say of several fields together its form checks: a sample, with some of its fields changed.</summary>
    [Theory]
    [InlineData("work-residence-permit", "02-wang-renewal-returned", """{ "permitUntil": "2026-09-20" }""", "permitUntil wrong_order")]
    [InlineData("work-residence-permit", "02-wang-renewal-returned", """{ "permitUntil": "2026-09-21" }""", "")]
    [InlineData("work-residence-permit", "01-huang-first", """{ "contractFrom": "2028-06-30" }""", "contractUntil contractTerm")]
    [InlineData("work-residence-permit", "02-wang-renewal-returned", """{ "accompanying[0].memberId": "110199200808010244" }""", "accompanying[0].memberId minorChildren")]
    [InlineData("work-residence-permit", "02-wang-renewal-returned", """{ "accompanying[+]": 0 }""", "accompanying[1].memberId membersOnce")]
    [InlineData("work-residence-permit", "01-huang-first", """{ "taxYears[+]": 0 }""", "taxYears[1].taxYear taxYears")]
    [InlineData("talent-introduction", "03-zhang-returned", """{ "contractFrom": "2029-01-03" }""", "contractUntil contractTerm")]
    [InlineData("talent-introduction", "01-li-completed", """{ "accompanying[1].memberId": "110199200808010244" }""", "accompanying[1].memberId minorChildren")]
    [InlineData("talent-introduction", "01-li-completed", """{ "accompanying[+]": 0 }""", "accompanying[2].memberId membersOnce")]
    [InlineData("talent-introduction", "01-li-completed", """{ "taxYears[+]": 0 }""", "taxYears[2].taxYear taxYears")]
    [InlineData("returnee-intake", "01-chaohui-software-proposed", """{ "contractFrom": "2029-03-01" }""", "contractUntil contractTerm")]
    [InlineData("returnee-intake", "01-chaohui-software-proposed", """{ "taxYears[+]": 0 }""", "taxYears[2].taxYear taxYears")]
    [InlineData("in-service-settlement", "05-lin-completed", """{ "companions[+]": 0 }""", "companions[2].memberId membersOnce")]
    public void Form_WhenFieldsDontAgree_ThenItTellsWhichRuleIsBroken_R_CASE_2(string service, string sample, string change, string error)
    {
        var package = Load(service);
        var data = JsonNode.Parse(package.Samples.Single(s => s.Name == sample).Phase1.GetRawText())!.AsObject();
        foreach (var (path, value) in JsonNode.Parse(change)!.AsObject())
            switch (path.Split('[', ']'))
            {
                case [var group, "+", _]:
                    data[group]!.AsArray().Add(data[group]![value!.GetValue<int>()]!.DeepClone());
                    break;
                case [var group, var row, var field]:
                    data[group]![int.Parse(row, CultureInfo.InvariantCulture)]![field[1..]] = value!.DeepClone();
                    break;
                default:
                    data[path] = value!.DeepClone();
                    break;
            }

        var errors = package.Form.Validate(JsonSerializer.SerializeToElement(data), 1, FormMode.Submit, ShippedContent.Today);

        Assert.Equal(error, string.Join("; ", errors.Select(e => $"{e.Path} {e.Rule ?? e.Code}")));
    }

    /// <summary>The same name means the same codes in every form: who reads 04 in one reads it in all.</summary>
    [Theory]
    [MemberData(nameof(Services))]
    public void Form_WhenItHasCodeTablesOfItsOwn_ThenNoneHasTheNameOfASharedOne_R_CASE_2(string service) => Assert.Empty(OwnTables(Path.Combine(ServiceFolders.All[service], "form.json")).Intersect(ShippedContent.Tables.Keys));

    [Theory]
    [InlineData("people/profile.json")]
    [InlineData("employers/profile.json")]
    public void Profile_WhenItHasCodeTablesOfItsOwn_ThenNoneHasTheNameOfASharedOne_R_PER_1(string file) => Assert.Empty(OwnTables(Path.Combine(ShippedContent.Workflows, "shared", file)).Intersect(ShippedContent.Tables.Keys));

    [Theory]
    [MemberData(nameof(Services))]
    public void Form_WhenItAsksForAnIdentityNumber_ThenBirthDateAndSexBesideItAreHeldAgainstIt_R_CASE_2(string service)
    {
        var form = Load(service).Form.Definition;
        var top = form.Steps.SelectMany(s => s.Fields).ToArray();

        foreach (var (group, fields) in top.Where(f => f.Fields is not null).Select(f => (f.Key + ".", f.Fields!)).Prepend(("", top)))
            if (fields.FirstOrDefault(f => f.Type is FieldType.ResidentId) is { } number)
                foreach (var field in fields.Where(f => f.CodeTable == "genders" || (f.Type is FieldType.Date && f.Key.Contains("birth", StringComparison.OrdinalIgnoreCase))))
                    Assert.Contains(form.Rules, r => (r.Check, r.At, r.Number, r.When) == (RuleCheck.MatchesId, group + field.Key, number.Key, null) && r.Zh.Contains($"“{number.Zh}”", StringComparison.Ordinal));
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

    [Theory]
    [MemberData(nameof(Services))]
    public void Service_WhenApplicantsHaveToBeAssociated_ThenTheRequirementsOrTheConditionsTellIt_R_CAT_1(string service)
    {
        var terms = Load(service).Service;
        var conditions = Path.Combine(ServiceFolders.All[service], "documents", "conditions.md");
        string[] told = [.. terms.Texts.GetValueOrDefault("requirements")?.Zh ?? [], File.Exists(conditions) ? File.ReadAllText(conditions) : ""];

        Assert.True(!terms.Conditions.Person.Contains(ServiceConditions.Associated) || told.Any(t => t.Contains("关联", StringComparison.Ordinal)), service);
    }

    [Fact]
    public void Settlement_WhenItIsReadAbout_ThenEveryPageTellsThatTheEmployerIsAssociatedFirst_S4_R_CAT_1()
    {
        var text = Load("in-service-settlement").Service.Texts["requirements"];

        Assert.Contains(text.Zh, t => t.Contains("关联单位", StringComparison.Ordinal));
        Assert.Contains(text.En, t => t.Contains("associated with your employer", StringComparison.Ordinal));
        foreach (var page in (string[])["conditions.md", "procedure.md", "faq.md"])
            Assert.Contains("(/services/association)", File.ReadAllText(Path.Combine(ServiceFolders.All["in-service-settlement"], "documents", page)), StringComparison.Ordinal);
    }

    /// <summary>What may come back is limited, and each level may send it back once.</summary>
    [Theory]
    [MemberData(nameof(Services))]
    public void Service_WhenStagesReturnACase_ThenItSaysHowOftenThatMayBe_R_REV_3(string service)
    {
        var (terms, root) = (Load(service).Service, Definition(service).Root);
        if (!ServiceFolders.All[service].StartsWith(ShippedContent.Workflows, StringComparison.Ordinal))
            return;
        var returning = root.Connections.Where(c => c.Port == "Return").Select(c => c.Source).ToHashSet();

        Assert.Equal(returning.Count > 0, terms.Clock.Corrections?.Rounds is not null);
        Assert.All(terms.Phases, p => Assert.True(p.Stages.Count(s => returning.Contains(s.Key)) <= (terms.Clock.Corrections?.Rounds ?? 0), $"{service}, phase {p.Phase}"));
    }

    private static IEnumerable<string> OwnTables(string form) => JsonNode.Parse(File.ReadAllBytes(form))!["codeTables"]!.AsObject().Select(t => t.Key);

    /// <summary>A review that lists what can be decided offers nothing else.</summary>
    private static bool IsOffered(ActivityNode activity, string outcome) =>
        outcome == "Timeout" || !activity.Json.TryGetProperty("outcomes", out var listed) || listed.GetRawText().Contains(outcome, StringComparison.Ordinal);

    private static WorkflowDefinition Definition(string service) => DefinitionReader.Read(File.ReadAllBytes(Path.Combine(ServiceFolders.All[service], "definition.json")));

    private static ServicePackage Load(string service) =>
        ServicePackage.Load(ServiceFolders.All[service], ShippedContent.Shared);

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
