using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Integrations.Records;

namespace Talent.Workflows.Approvals.Tests.Integrations.Records;

public sealed class RecordsTests
{
    [Theory]
    [InlineData(25, true, 1, 1)]
    [InlineData(25, false, 0, 1)]
    [InlineData(921, true, 0, 0)]
    [InlineData(922, true, 1, 0)]
    [InlineData(923, true, 0, 1)]
    [InlineData(926, true, 1, 1)]
    [InlineData(927, true, 1, 1)]
    public async Task Records_WhenSearched_ThenOnlyWhatWasAskedForIsFound_R_INT_3(int sequence, bool degrees, int expectedDegrees, int expectedTitles)
    {
        await using var office = await OfficeServer.OpenAsync((routes, http, _) => RecordsSimulator.Map(routes, http));
        var question = new RecordQuestion("李示例", OfficeServer.Number(sequence)) { Degrees = degrees };

        var found = Assert.IsType<OutsideAnswer<SharedRecords>.Answered>(await new RecordsClient(office.Client).FindAsync("q", question, default)).Value;

        Assert.Equal((expectedDegrees, expectedTitles, 0), (found.Degrees.Count, found.Titles.Count, found.Insurance.Count));
        // Within the process it knows the same.
        var known = Assert.IsType<OutsideAnswer<SharedRecords>.Answered>(await new RecordsSimulator().FindAsync("q", question, default)).Value;
        Assert.Equal(known.Degrees, found.Degrees);
        Assert.Equal(known.Titles, found.Titles);
    }

    [Theory]
    [InlineData("""  """, null)]
    [InlineData(""" "mode": null, """, null)]
    [InlineData(""" "mode": "selfTaught", """, "selfTaught")]
    public async Task Records_WhenTheOfficeTellsTheModeOfStudy_ThenItIsRead_R_INT_3(string mode, string? read)
    {
        await using var office = await OfficeServer.SayingAsync($$"""{"degrees":[{"certificateNumber":"1","school":"示例大学","level":"bachelor",{{mode}}"awardedOn":"2008-07-01"}],"titles":[],"insurance":[]}""");

        var answer = await new RecordsClient(office.Client).FindAsync("q", new RecordQuestion("李示例", OfficeServer.Number(25)), default);

        Assert.Equal(read, Assert.Single(Assert.IsType<OutsideAnswer<SharedRecords>.Answered>(answer).Value.Degrees).Mode);
    }

    [Fact]
    public async Task Records_WhenInsuranceIsAskedFor_ThenItsPeriodsAreTold_R_INT_3()
    {
        await using var office = await OfficeServer.OpenAsync((routes, http, _) => RecordsSimulator.Map(routes, http));

        var answer = await new RecordsClient(office.Client).FindAsync("q", new RecordQuestion("李示例", OfficeServer.Number(25)) { Degrees = false, Titles = false, Insurance = true }, default);

        Assert.Equal(new InsurancePeriod(new DateOnly(2020, 1, 1), new DateOnly(2026, 8, 31)), Assert.Single(Assert.IsType<OutsideAnswer<SharedRecords>.Answered>(answer).Value.Insurance));
    }

    [Theory]
    [InlineData("""{"degrees":[],"titles":[]}""")]
    [InlineData("""{"degrees":[{}],"titles":[],"insurance":[]}""")]
    [InlineData("""{"degrees":[],"titles":[{"certificateNumber":"1","title":"工程师","grade":"great","awardedOn":"2018-12-01"}],"insurance":[]}""")]
    [InlineData("""{"degrees":[],"titles":[],"insurance":[{"from":"2020-02-01","to":"2020-01-31"}]}""")]
    [InlineData("""{"degrees":[],"titles":[],"insurance":[{"from":"2020-02-30","to":"2021-01-31"}]}""")]
    public async Task Records_WhenOneOfThemCantBeRead_ThenNoneIsTakenForTheWhole_R_INT_3(string answer)
    {
        await using var office = await OfficeServer.SayingAsync(answer);

        Assert.IsType<OutsideAnswer<SharedRecords>.Unavailable>(await new RecordsClient(office.Client).FindAsync("q", new RecordQuestion("李示例", OfficeServer.Number(25)), default));
    }
}
