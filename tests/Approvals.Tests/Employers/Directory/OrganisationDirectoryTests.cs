using System.Text;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Employers.Directory;
using Talent.Workflows.Approvals.Tests.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.Employers.Directory;

public sealed class OrganisationDirectoryTests
{
    private const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    private static readonly string Shipped = File.ReadAllText(Path.Combine(ShippedContent.Workflows, "shared/organisations/sample-city.json"));

    private static readonly string Districts = File.ReadAllText(Path.Combine(ShippedContent.Workflows, "shared/organisations/sample-districts.json"));

    [Fact]
    public void Directory_WhenTheSampleCityIsLoaded_ThenItHoldsWhatTheFlagshipNeeds_S1()
    {
        OrganisationDirectory city = OrganisationDirectory.Load(Encoding.UTF8.GetBytes(Shipped));

        Assert.Equal((1, 4, 6), (Count(city, OrganisationKind.Bureau), Count(city, OrganisationKind.ResponsibleUnit), Count(city, OrganisationKind.Employer)));
        Assert.Equal(12, city.WithRole("expert").Count());
        Assert.True(city.WithRole("applicant").Count() >= 4);
        Assert.All(city.Organisations.Where(o => o.Kind is OrganisationKind.Employer), e => Assert.Single(city.WithRole("employer.superior", e.Id)));
        Assert.Equal(city.Users.Count, city.Users.Select(u => u.Phone).Distinct().Count());
    }

    [Fact]
    public void SampleCity_WhenItsDistrictsAreLoadedToo_ThenItHasTheSizeOfACity_R_ADM_3()
    {
        OrganisationDirectory[] files = [OrganisationDirectory.Load(Encoding.UTF8.GetBytes(Shipped)), OrganisationDirectory.Load(Encoding.UTF8.GetBytes(Districts))];
        List<Organisation> organisations = [.. files.SelectMany(f => f.Organisations).DistinctBy(o => o.Id)];
        List<DirectoryUser> users = [.. files.SelectMany(f => f.Users)];

        Assert.Equal((1, 12, 30), (organisations.Count(o => o.Kind is OrganisationKind.Bureau), organisations.Count(o => o.Kind is OrganisationKind.ResponsibleUnit), organisations.Count(o => o.Kind is OrganisationKind.Employer)));
        Assert.Equal(60, users.Count(u => u.Roles.Contains("expert")));
        Assert.True(users.Count(u => u.Roles.Any(r => r.EndsWith(".reviewer", StringComparison.Ordinal))) >= 40);
        Assert.True(users.Count(u => u.Roles.Contains("applicant")) >= 20);
        Assert.Equal(users.Count, users.DistinctBy(u => u.Id).Count());
        Assert.Equal(users.Count, users.DistinctBy(u => u.Phone).Count());
        Assert.Equal(users.Count, users.DistinctBy(u => u.Name).Count());
        Assert.All(organisations.Where(o => o.Kind is OrganisationKind.Employer), e => Assert.Contains(users, u => u.Organisation == e.Id && u.Roles.Contains("employer.handler")));
        Assert.Equal(files[0].Organisation("bureau"), files[1].Organisation("bureau") is { } b ? b with { ResponsibleFor = files[0].Organisation("bureau")!.ResponsibleFor } : null);
        Assert.True(organisations.Select(o => o.Region).Distinct().Count() > 6);
    }

    [Fact]
    public void Directory_WhenAnEmployerIsRouted_ThenItsUnitAndBureauAreFound_S1()
    {
        OrganisationDirectory city = OrganisationDirectory.Load(Encoding.UTF8.GetBytes(Shipped));

        OrganisationRoute route = city.RouteFor("emp-press")!;

        Assert.Equal(("emp-press", "unit-culture", "bureau"), (route.Employer.Id, route.ResponsibleUnit.Id, route.Bureau.Id));
        Assert.Null(city.RouteFor("bureau"));
        Assert.Null(city.RouteFor("nosuch"));
    }

    [Fact]
    public void SampleCity_WhenItsCreditCodesAreChecked_ThenEachEndsInItsCheckCharacter_R_EMP_2()
    {
        foreach (Organisation o in new[] { Shipped, Districts }.SelectMany(text => OrganisationDirectory.Load(Encoding.UTF8.GetBytes(text)).Organisations))
        {
            int sum = Enumerable.Range(0, 17).Sum(i => Alphabet.IndexOf(o.Uscc![i], StringComparison.Ordinal) * (int)System.Numerics.BigInteger.ModPow(3, i, 31));
            Assert.Equal(Alphabet[(31 - (sum % 31)) % 31], o.Uscc![17]);
        }
    }

    [Theory]
    [InlineData("\"parent\": \"unit-assets\"", "\"parent\": \"nosuch\"", "organisations[emp-metro]", "isn't in organisations")]
    [InlineData("\"parent\": \"bureau\"", "\"parent\": \"emp-metro\"", "organisations[unit-assets]", "circle")]
    [InlineData("\"id\": \"emp-water\"", "\"id\": \"emp-metro\"", "organisations[emp-metro]", "stands twice")]
    [InlineData("\"id\": \"expert-02\"", "\"id\": \"expert-01\"", "users[expert-01]", "stands twice")]
    [InlineData("[\"emp-metro\", \"emp-water\"]", "[\"emp-metro\"]", "organisations[emp-water]", "exactly one must")]
    [InlineData("[\"emp-university\"]", "[\"emp-university\", \"emp-metro\"]", "organisations[emp-metro]", "exactly one must")]
    [InlineData("[\"emp-hospital\"]", "[\"emp-hospital\", \"unit-assets\"]", "organisations[unit-health]", "no employer")]
    [InlineData("\"organisation\": \"emp-museum\"", "\"organisation\": \"nosuch\"", "users[", "isn't in organisations")]
    [InlineData("\"phone\": \"19900000001\"", "\"phone\": \"1\"", "users[bureau-reviewer-1]", "11 digits")]
    [InlineData("\"fields\": [\"新闻出版\", \"宣传文化\"]", "\"fields\": []", "users[expert-07]", "at least one field")]
    [InlineData("\"roles\": [\"applicant\"]", "\"roles\": []", "users[applicant-li]", "at least one role")]
    [InlineData("\"kind\": \"bureau\"", "\"kind\": \"employer\"", "organisations[", "")]
    [InlineData("\"nameZh\"", "\"name\"", "$", "")]
    public void Directory_WhenItContradictsItself_ThenTheErrorNamesTheEntry(string old, string with, string path, string message)
    {
        Assert.Contains(old, Shipped, StringComparison.Ordinal);

        ContentException e = Assert.Throws<ContentException>(() => OrganisationDirectory.Load(Encoding.UTF8.GetBytes(Shipped.Replace(old, with, StringComparison.Ordinal)), "city.json"));

        Assert.Contains(e.Errors, x => x.File == "city.json" && x.Path.StartsWith(path, StringComparison.Ordinal) && x.Message.Contains(message, StringComparison.Ordinal));
    }

    private static int Count(OrganisationDirectory city, OrganisationKind kind) => city.Organisations.Count(o => o.Kind == kind);
}
