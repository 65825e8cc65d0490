namespace Talent.Workflows.Approvals.Tests.Cases.Packages;

/// <summary>What service.json may say of services about employers.</summary>
public sealed class EmployerServiceTests : IDisposable
{
    private readonly ShippedContent content = new();

    // What is asked of applicants fits no service about employers.
    public EmployerServiceTests() => content.Replace("service.json", "\"conditions\": { \"person\": [\"profile\", \"associated\"] },", "");

    [Theory]
    [InlineData("\"subject\": \"nobody\", \"filedBy\": [\"applicant\"]", "subject")]
    [InlineData("\"subject\": \"employer\", \"filedBy\": [\"applicant\"]", "filedBy")]
    [InlineData("\"subject\": \"employer\", \"filedBy\": [\"applicant\", \"employer\"]", "filedBy")]
    [InlineData("\"opens\": \"returnee-intake\", \"filedBy\": [\"applicant\"]", "opens")]
    [InlineData("\"subject\": \"employer\", \"opens\": \"Returnee Intake\", \"filedBy\": [\"employer\"]", "opens")]
    public void Service_WhenSubjectAndFilersDontFit_ThenThePlaceIsNamed_R_PRM_1(string with, string place)
    {
        content.Replace("service.json", "\"filedBy\": [\"applicant\"]", with);

        Assert.Equal(place, Assert.Single(content.Errors()).Path);
    }

    [Fact]
    public void Service_WhenItIsAboutEmployersAndOpensAnother_ThenItIsTaken_R_PRM_1()
    {
        content.Replace("service.json", "\"filedBy\": [\"applicant\"]", "\"subject\": \"employer\", \"opens\": \"returnee-intake\", \"filedBy\": [\"employer\"]");

        Assert.Equal("returnee-intake", content.Load().Service.Opens);
    }

    [Theory]
    [InlineData("\"key\": \"titleApplied\",", "\"key\": \"titleApplied\", \"filledFrom\": \"employer.name\",")]
    [InlineData("\"key\": \"titleApplied\",", "\"key\": \"titleApplied\", \"lastYears\": \"year\",")]
    public void Form_WhenAFieldCantFillItselfInOrHasNoYears_ThenItIsRefused(string old, string with)
    {
        content.Replace("form.json", old, with);

        Assert.Equal("form.json", Assert.Single(content.Errors()).File);
    }

    public void Dispose() => content.Dispose();
}
