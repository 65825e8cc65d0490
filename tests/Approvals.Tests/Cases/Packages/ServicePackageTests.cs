using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Approvals.Employers.Directory;

namespace Talent.Workflows.Approvals.Tests.Cases.Packages;

public sealed class ServicePackageTests : IDisposable
{
    private readonly ShippedContent _content = new();

    public void Dispose() => _content.Dispose();

    [Fact]
    public void Package_WhenTheShippedServiceIsLoaded_ThenAllOfItIsThere_S1()
    {
        ServicePackage package = _content.Load();

        Assert.Equal("political-work-title", package.Service.Id);
        Assert.Equal(["资格审核", "完善材料"], package.Service.Phases.Select(p => p.Zh));
        Assert.Equal(["用人单位审核", "归口单位审核", "市局预审", "完善材料", "用人单位复核", "归口单位复核", "市局审核", "专家评审", "公示"],
            package.Service.Phases.SelectMany(p => p.Stages).Select(s => s.Zh));
        Assert.False(package.Service.Switches["bureauPrecheck"]);
        Assert.Equal(64, package.Version.Length);
        Assert.NotEqual(0, package.Definition.Length);
        Assert.Equal(["completed", "rejected-by-panel", "returned", "invalid", "completed"], package.Samples.Select(x => x.Course));
    }

    [Fact]
    public void Stages_WhenComparedWithTheSampleCity_ThenEveryRoleIsHeldByTwoPeopleOrMoreWhereReviewsNeedThem()
    {
        ServicePackage package = _content.Load();
        OrganisationDirectory directory = OrganisationDirectory.Load(File.ReadAllBytes(Path.Combine(ShippedContent.Workflows, "shared/organisations/sample-city.json")));

        foreach (Organisation employer in directory.Organisations.Where(o => o.Kind is OrganisationKind.Employer))
        {
            OrganisationRoute route = directory.RouteFor(employer.Id)!;
            Dictionary<string, string> of = new() { ["employer"] = route.Employer.Id, ["responsibleUnit"] = route.ResponsibleUnit.Id, ["bureau"] = route.Bureau.Id };
            foreach (ServiceStage stage in package.Service.Phases.SelectMany(p => p.Stages).Where(s => s.Organisation is not null))
            {
                int holders = directory.WithRole(stage.Role, of[stage.Organisation!]).Count();
                Assert.True(holders >= (stage.Role.EndsWith(".reviewer", StringComparison.Ordinal) ? 2 : 1), $"{stage.Key} at {employer.Id}: {holders}");
            }
        }
    }

    [Fact]
    public void Content_WhenTwoServicesHaveOneNumberCode_ThenItIsRefusedByName()
    {
        using var root = new TemporaryFolder();
        foreach (string part in (string[])["calendars", "shared", "association", "dissociation"])
            TemporaryFolder.Copy(Path.Combine(ShippedContent.Workflows, part), Path.Combine(root.Path, part));
        Assert.Equal(2, ApprovalContent.Load(root.Path, TimeProvider.System).Services.Count);
        string file = Path.Combine(root.Path, "dissociation", "service.json");
        string own = ApprovalContent.Load(root.Path, TimeProvider.System).Get("dissociation").Service.NumberCode;
        File.WriteAllText(file, File.ReadAllText(file).Replace($"\"{own}\"", "\"GLDW\"", StringComparison.Ordinal));

        ContentError error = Assert.Single(Assert.Throws<ContentException>(() => ApprovalContent.Load(root.Path, TimeProvider.System)).Errors);

        Assert.Equal(("dissociation/service.json", "numberCode"), (error.File, error.Path));
        Assert.Contains("'GLDW' is the code of the service 'association' too", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Version_WhenContentIsTheSame_ThenItIsTheSameWhateverTheLineEnds()
    {
        string version = _content.Load().Version;

        _content.Write("service.json", _content.Read("service.json").Replace("\n", "\r\n", StringComparison.Ordinal));
        _content.Write("README.md", "changed");

        Assert.Equal(version, _content.Load().Version);
    }

    [Theory]
    [InlineData("service.json", "0199-0000-8300", "0199-0000-8301")]
    [InlineData("form.json", "请选择要申报的项目类型", "请选择项目类型")]
    [InlineData("materials.json", "正反两面", "正反面")]
    [InlineData("messages.json", "SMS_290010001", "SMS_290010999")]
    [InlineData("templates/case.submitted.zh-CN.hbs", "您好", "你好")]
    public void Version_WhenAFileChanges_ThenItChanges(string file, string old, string with)
    {
        string version = _content.Load().Version;

        _content.Replace(file, old, with);

        Assert.NotEqual(version, _content.Load().Version);
    }

    [Theory]
    [InlineData("service.json", "\"id\": \"political-work-title\"", "\"id\": \"other\"", "id", "make them the same")]
    [InlineData("service.json", "\"numberCode\": \"ZGZP\"", "\"numberCode\": \"zg\"", "numberCode", "capital letters")]
    [InlineData("service.json", "\"facts\": [", "\"facts\": [\"name\", ", "routing.facts", "can't be a routing fact")]
    [InlineData("service.json", "\"facts\": [", "\"facts\": [\"nosuch\", ", "routing.facts", "no field 'nosuch'")]
    [InlineData("service.json", "applicant.employer", "applicant.friend", "routing.organisations.employer", "isn't known")]
    [InlineData("service.json", "\"switches\": { \"bureauPrecheck\": false }", "\"switches\": { \"bureauPrecheck\": false, \"nosuch\": true }", "switches.nosuch", "the switch 'nosuch' is unknown")]
    [InlineData("service.json", "\"titleName\": \"titleApplied\"", "\"titleName\": \"nosuch\"", "messageFacts.titleName", "no field 'nosuch'")]
    [InlineData("service.json", "\"titleName\": \"titleApplied\"", "\"titleName\": \"name\"", "messageFacts.titleName", "is personal")]
    [InlineData("definition.json", "\"type\": \"Boolean\"", "\"type\": \"String\"", "inputs[bureauPrecheck]", "isn't a Boolean")]
    [InlineData("service.json", "\"earlyEvents\": []", "\"earlyEvents\": [\"paid\"]", "earlyEvents", "isn't in customProperties.earlyEvents")]
    [InlineData("definition.json", "\"earlyEvents\": []", "\"earlyEvents\": [\"paid\"]", "customProperties.earlyEvents", "isn't in earlyEvents of service.json")]
    [InlineData("service.json", "\"switch\": \"bureauPrecheck\"", "\"switch\": \"nosuch\"", "phases[1].stages[bureau-precheck]", "isn't in switches")]
    [InlineData("service.json", "\"summaryZh\"", "\"summaryZH\"", "$", "summaryZH")]
    [InlineData("service.json", "\"clock\": { \"officeHours\": \"09:00-17:30\", \"corrections\": { \"rounds\": 3 } }", "\"clock\": { \"officeHours\": \"18:00-09:00\" }", "clock.officeHours", "not after it opens")]
    [InlineData("service.json", "\"clock\": { \"officeHours\": \"09:00-17:30\", \"corrections\": { \"rounds\": 3 } }", "\"clock\": { \"marks\": { \"yellow\": \"120%\" } }", "clock.marks.yellow", "between 1% and 99%")]
    [InlineData("service.json", "\"clock\": { \"officeHours\": \"09:00-17:30\", \"corrections\": { \"rounds\": 3 } }", "\"clock\": { \"marks\": { \"yellow\": \"1wd after\" } }", "clock.marks.yellow", "before the end")]
    [InlineData("service.json", "\"clock\": { \"officeHours\": \"09:00-17:30\", \"corrections\": { \"rounds\": 3 } }", "\"clock\": { \"corrections\": { \"rounds\": 0 } }", "clock.corrections.rounds", "the fewest rounds are 1")]
    [InlineData("service.json", "\"clock\": { \"officeHours\": \"09:00-17:30\", \"corrections\": { \"rounds\": 3 } }", "\"clock\": { \"grounds\": [{ \"code\": \"hearing\", \"zh\": \"听证\", \"en\": \"hearing\", \"stops\": [\"all\"] }] }", "clock.grounds", "stage or total")]
    [InlineData("service.json", "\"clock\": { \"officeHours\": \"09:00-17:30\", \"corrections\": { \"rounds\": 3 } }", "\"totalLimit\": \"20wd+10d\"", "$.totalLimit", "in the unit of the limit")]
    [InlineData("form.json", "\"codeTable\": \"genders\"", "\"codeTable\": \"nosuch\"", "steps[basics].gender", "isn't in codeTables")]
    [InlineData("form.json", "\"key\": \"gender\"", "\"key\": \"name\"", "steps[basics].name", "used twice")]
    [InlineData("form.json", "\"field\": \"hasTitleCertificate\"", "\"field\": \"nosuch\"", "steps[basics].titleCertificateName.when", "doesn't have")]
    [InlineData("form.json", "\"notAfter\": \"today\"", "\"notAfter\": \"nosuch\"", "steps[basics].titleCertificateDate", "doesn't have")]
    [InlineData("form.json", "\"pattern\": \"[A-Z0-9]+\"", "\"pattern\": \"(\"", "steps[basics].otherDocumentNumber", "pattern can't be used")]
    [InlineData("form.json", "\"en\": \"Began to work in\"", "\"en\": \"Began to work in\", \"hiddenFrom\": [\"nosuch\"]", "profile.workStart.hiddenFrom", "is no stage of service.json; use one of employer-review")]
    [InlineData("form.json", "\"by\": [\"year\"]", "\"by\": [\"nosuch\"]", "rules[assessmentYears]", "by names fields of the group's rows")]
    [InlineData("form.json", "\"codeTable\": \"ethnicities\"", "\"codeTable\": \"Ethnicities\"", "steps[basics].ethnicity", "nor a shared one")]
    [InlineData("form.json", "\"type\": \"phone\"", "\"type\": \"telex\"", "$", "")]
    [InlineData("materials.json", "\"perRowOf\": \"works\"", "\"perRowOf\": \"nosuch\"", "items[work-proof]", "no group 'nosuch'")]
    [InlineData("materials.json", "\"pdf\"", "\"exe\"", "items[identity-card]", "allowedTypes")]
    [InlineData("materials.json", "\"phase\": 2", "\"phase\": 3", "items[photo]", "must be 1")]
    [InlineData("messages.json", "\"event\": \"case.completed\"", "\"event\": \"case.gone\"", "$", "case.gone")]
    public void Package_WhenAFileIsWrong_ThenTheErrorNamesFilePathAndWhatToDo(string file, string old, string with, string path, string message)
    {
        _content.Replace(file, old, with);

        IReadOnlyList<ContentError> errors = _content.Errors();

        Assert.Contains(errors, e => (e.File == file || e.File.StartsWith("templates/", StringComparison.Ordinal)) && e.Path.StartsWith(path, StringComparison.Ordinal) && e.Message.Contains(message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("service.json")]
    [InlineData("form.json")]
    [InlineData("materials.json")]
    [InlineData("messages.json")]
    [InlineData("definition.json")]
    [InlineData("templates/layout.email.hbs")]
    [InlineData("templates/case.rejected.en.hbs")]
    public void Package_WhenAFileIsMissing_ThenItSaysWhich(string file)
    {
        File.Delete(_content.PathOf(file));

        Assert.Contains(_content.Errors(), e => e.File == file && e.Message.Contains("missing", StringComparison.Ordinal));
    }

    [Fact]
    public void Messages_WhenTheServiceHasNoneOfItsOwn_ThenAreThoseOfAllServices()
    {
        Directory.Delete(Path.Combine(_content.Folder, "templates"), recursive: true);
        File.Delete(Path.Combine(_content.Folder, "messages.json"));

        MessageCatalogue messages = _content.Load().Messages;

        Assert.Contains("结果为通过", messages.Preview("case.completed", MessageChannels.Sms, MessageLanguages.Chinese).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("titleName", messages.Fields.Keys);
    }

    [Fact]
    public void Messages_WhenTheServiceHasSomeOfItsOwn_ThenTheyGoBeforeThoseOfAllServices()
    {
        MessageCatalogue messages = _content.Load().Messages;

        Assert.Contains("政工师", messages.Preview("case.completed", MessageChannels.Sms, MessageLanguages.Chinese).Text, StringComparison.Ordinal);
        Assert.Equal(messages.Events.Count, messages.Events.DistinctBy(e => e.Event).Count());
        Assert.NotNull(messages.Find("case.withdrawn"));
    }

    [Fact]
    public void Package_WhenTheFormNamesACheckThatIsNotWired_ThenItIsRefused_R_CASE_2()
    {
        ContentException e = Assert.Throws<ContentException>(() => _content.Load(new Dictionary<string, TextCheck>()));

        Assert.Contains(e.Errors, x => x.Path == "steps[basics].residentId" && x.Message.Contains("residentId", StringComparison.Ordinal));
    }

    [Fact]
    public void Package_WhenSeveralFilesAreWrong_ThenAllErrorsAreListedAtOnce()
    {
        _content.Replace("service.json", "\"ZGZP\"", "\"z\"");
        _content.Replace("form.json", "\"codeTable\": \"genders\"", "\"codeTable\": \"nosuch\"");
        _content.Write("definition.json", "{ not json");

        Assert.Superset(new HashSet<string> { "form.json", "definition.json" }, _content.Errors().Select(e => e.File).ToHashSet());
    }
}
