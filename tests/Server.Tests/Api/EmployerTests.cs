namespace Talent.Workflows.Server.Tests.Api;

/// <summary>Employers over HTTP: their profile guarded by versions, and a handler who is replaced while a file is on its way.</summary>
public sealed class EmployerTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Employer_WhenItIsFilledInOverHttp_ThenVersionsGuardEachStepAndNumbersAreMasked_R_EMP_1()
    {
        const string at = "/api/v1/employers/emp-museum", user = "emp-museum-handler";
        var etag = (await server.SendAsync("GET", at, user: user)).Is(200).ETag!;
        Assert.Equal("\"0\"", etag);
        foreach (var (step, data) in ((string, string)[])
            [
                ("general", """{"unitType":"institution","officeAddress":"示例市城东区样板路八号","registeredDistrict":"119901","taxDistrict":"119901","industry":"culture","legalRepresentative":"孔样板","foundedOn":"1998-05-12","employees":80}"""),
                ("qualifications", """{"highTech":false,"specialised":false,"regionalHeadquarters":false,"foreignInvested":false,"servicePackage":true}"""),
                ("contacts", """{"handlerDepartment":"人事处","emergencyContact":"严示例","emergencyPhone":"19900008811"}"""),
            ])
        {
            var saved = (await server.SendAsync("PUT", $"{at}/steps/{step}", $$"""{"data":{{data}}}""", user: user, headers: ("If-Match", etag))).Is(200);
            (await server.SendAsync("PUT", $"{at}/steps/{step}", $$"""{"data":{{data}}}""", user: user, headers: ("If-Match", etag))).IsProblem(412, "precondition_failed");
            etag = saved.ETag!;
        }
        var refusal = (await server.SendAsync("POST", $"{at}/submit", "{}", user: user)).IsProblem(422, "invalid_form");
        Assert.Equal(["legalPersonCertificate", "servicePackageProof"], refusal.Json.GetProperty("gaps").EnumerateArray().Select(g => g.GetProperty("field").GetString()));
        Assert.All(refusal.Json.GetProperty("gaps").EnumerateArray(), g => Assert.NotEqual(g.GetProperty("zh").GetString(), g.GetProperty("en").GetString()));

        var read = (await server.SendAsync("GET", at, user: "bureau-reviewer-1")).Is(200);
        Assert.DoesNotContain("19900008811", read.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("19900000034", read.Text, StringComparison.Ordinal);
        Assert.Contains("199****8811", read.Text, StringComparison.Ordinal);
        Assert.Equal("complete", read.Json.GetProperty("steps")[0].GetProperty("state").GetString());
        (await server.SendAsync("GET", at, user: "emp-press-handler")).IsProblem(404, "not_found");
        (await server.SendAsync("PUT", $"{at}/steps/contacts", """{"data":{}}""", user: "emp-museum-reviewer-1")).IsProblem(403, "forbidden");
    }

    [Fact]
    public async Task Handler_WhenReplacedOverHttp_ThenTheRequestIsCarriedOutOnceAndTheOldOneIsShutOutAtOnce_R_EMP_3()
    {
        const string at = "/api/v1/employers/emp-press", old = "emp-press-handler";
        var body = new { replaces = old, account = new { id = "press-hr-2", name = "尤新任", phone = "19900006602" }, reason = "原经办人已离职" };
        (await server.SendAsync("POST", $"{at}/handlers", body, user: "unit-health-reviewer-1", headers: Once())).IsProblem(403, "forbidden");
        (await server.SendAsync("GET", $"/api/v1/materials?employer=emp-press", user: old)).Is(200);

        var key = Once();
        var done = (await server.SendAsync("POST", $"{at}/handlers", body, user: "unit-culture-reviewer-1", headers: key)).Is(200);
        Assert.Equal(done.Text, (await server.SendAsync("POST", $"{at}/handlers", body, user: "unit-culture-reviewer-1", headers: key)).Is(200).Text);
        (await server.SendAsync("POST", $"{at}/handlers", body, user: "unit-culture-reviewer-1", headers: Once())).IsProblem(409, "conflict");

        (await server.SendAsync("GET", at, user: old)).IsProblem(404, "not_found");
        (await server.SendAsync("GET", "/api/v1/materials?employer=emp-press", user: old)).IsProblem(403, "forbidden");
        var read = (await server.SendAsync("GET", at, user: "press-hr-2")).Is(200).Json;
        Assert.Equal("press-hr-2", read.GetProperty("handlers")[0].GetProperty("userId").GetString());
        Assert.Contains("replaceHandler", read.GetProperty("nextActions").EnumerateArray().Select(a => a.GetProperty("action").GetString()));
        (await server.SendAsync("PUT", $"{at}/handlers/press-hr-2/phone", new { phone = "19900006603", codeId = Guid.NewGuid(), code = "123456" }, user: "press-hr-2", headers: Once())).IsProblem(422, "invalid_form");
        (await server.SendAsync("PUT", $"{at}/handlers/press-hr-2/phone", new { phone = "19900006603", codeId = Guid.NewGuid(), code = "123456" }, user: old, headers: Once())).IsProblem(403, "forbidden");
    }

    private static (string, string) Once() => ("Idempotency-Key", Guid.NewGuid().ToString());
}
