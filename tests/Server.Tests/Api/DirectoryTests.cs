namespace Talent.Workflows.Server.Tests.Api;

/// <summary>Organisations and users over HTTP.</summary>
public sealed class DirectoryTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Administrator = "bureau-superior";
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Directory_WhenAnEmployerAndItsReviewerAreAddedOverHttp_ThenVersionsGuardThemAndTheChangesAreListed_R_ADM_3()
    {
        var school = new { kind = "employer", nameZh = "示例市第一中学", nameEn = "First Middle School", parent = "unit-education", region = "119900", responsibleUnit = "unit-education" };
        var made = (await server.SendAsync("PUT", "/api/v1/organisations/emp-school", school, user: Administrator)).Is(201);
        Assert.Equal("/api/v1/organisations/emp-school", made.Response.Headers.Location!.ToString());
        (await server.SendAsync("PUT", "/api/v1/organisations/emp-school", school with { nameZh = "示例市实验中学" }, user: Administrator, headers: ("If-Match", made.ETag!))).Is(200);
        (await server.SendAsync("PUT", "/api/v1/organisations/emp-school", school, user: Administrator, headers: ("If-Match", made.ETag!))).IsProblem(412, "precondition_failed");
        var refused = (await server.SendAsync("PUT", "/api/v1/organisations/emp-school", school with { region = "x" }, user: Administrator)).IsProblem(400, "invalid_request");
        Assert.Contains("six digits", refused.Json.GetProperty("errors")[0].GetProperty("messageEn").GetString(), StringComparison.Ordinal);

        var teacher = new { name = "周样例", organisation = "emp-school", roles = new[] { new { role = "employer.reviewer", organisation = "emp-school" } }, phone = "19900000902", email = "zhou@talent.example.org" };
        var user = (await server.SendAsync("PUT", "/api/v1/users/school-reviewer", teacher, user: Administrator)).Is(201);
        Assert.Equal("199****0902", user.Json.GetProperty("phone").GetString());
        (await server.SendAsync("PUT", "/api/v1/users/school-reviewer", teacher)).IsProblem(400, "invalid_request");
        (await server.SendAsync("GET", "/api/v1/users/nobody", user: Administrator)).IsProblem(404, "not_found");
        Assert.Equal("school-reviewer", Assert.Single((await server.SendAsync("GET", "/api/v1/users?organisation=emp-school", user: Administrator)).Is(200).Json.GetProperty("items").EnumerateArray()).GetProperty("id").GetString());

        var changes = (await server.SendAsync("GET", "/api/v1/directory/changes?subject=organisation&id=emp-school", user: Administrator)).Is(200).Json.GetProperty("items");
        Assert.Equal(["changed", "added"], changes.EnumerateArray().Select(c => c.GetProperty("change").GetString()));
        Assert.Equal(Administrator, changes[0].GetProperty("user").GetString());
        Assert.Equal("示例市实验中学", (await server.SendAsync("GET", "/api/v1/organisations/emp-school")).Is(200).Json.GetProperty("nameZh").GetString());
        Assert.True((await server.SendAsync("GET", "/api/v1/organisations?kind=employer&limit=200")).Is(200).Json.GetProperty("items").GetArrayLength() >= 31);
    }
}
