using System.Text.Json;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>关联单位 and 解除关联 over HTTP, from a new account to the end of an employment.</summary>
public sealed class AssociationTests
{
    private const string Handler = "emp-metro-handler", At = "/api/v1/employers/emp-metro";

    private static (string, string) Once() => ("Idempotency-Key", Guid.NewGuid().ToString());

    [Fact]
    public async Task Person_WhenOpenedAssociatedAndDissolvedOverHttp_ThenEachStepAnswersAsTheManualsShow_R_EMP_4_S6()
    {
        await using var server = await RunningServer.StartAsync();
        foreach (var service in (string[])["association", "dissociation", "political-work-title"])
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "workflows", service), "*", SearchOption.AllDirectories))
            {
                var target = Path.Combine(server.ContentFolder, Path.GetRelativePath(Path.Combine(Repository.Root, "workflows"), file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        await server.RestartAsync();
        const string gao = "citizen-gao";
        var account = new { userId = gao, name = "高示例", phone = "19900007001" };
        var (_, limited) = await server.CreateKeyAsync(new { name = "one employer", scopes = new[] { "cases" }, organisations = new[] { "emp-metro" } });
        (await server.SendAsync("POST", "/api/v1/people", account, key: limited, headers: Once())).IsProblem(403, "forbidden");
        (await server.SendAsync("POST", "/api/v1/people", account, headers: Once())).Is(201);
        (await server.SendAsync("GET", "/api/v1/people/me", user: gao)).Is(200);
        Assert.Equal("not_associated", (await server.SendAsync("POST", "/api/v1/cases", """{"service":"political-work-title","data":{}}""", user: gao, headers: Once())).IsProblem(409, "filing_refused").Json.GetProperty("reasons")[0].GetProperty("code").GetString());

        (await server.SendAsync("GET", $"{At}/association-code", user: "emp-water-handler")).IsProblem(403, "forbidden");
        var code = (await server.SendAsync("GET", $"{At}/association-code", user: Handler)).Is(200).Json.GetProperty("code").GetString();
        var once = Once();
        var replaced = (await server.SendAsync("POST", $"{At}/association-code", "{}", user: Handler, headers: once)).Is(200).Json.GetProperty("code").GetString();
        Assert.Equal(replaced, (await server.SendAsync("POST", $"{At}/association-code", "{}", user: Handler, headers: once)).Is(200).Json.GetProperty("code").GetString());
        (await server.SendAsync("POST", "/api/v1/association-codes/lookup", new { code }, user: gao)).IsProblem(404, "not_found");
        var found = (await server.SendAsync("POST", "/api/v1/association-codes/lookup", new { code = replaced }, user: gao)).Is(200).Json;
        Assert.Equal(["nameEn", "nameZh", "uscc"], found.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));

        var asked = (await server.SendAsync("POST", "/api/v1/cases", new { service = "association", associationCode = replaced, data = new { confirmed = true } }, user: gao, headers: Once())).Is(201).Json.GetProperty("id").GetGuid();
        (await server.SendAsync("POST", $"/api/v1/cases/{asked}/submit", "{}", user: gao, headers: Once())).Is(200);
        var pending = (await server.SendAsync("POST", $"{At}/employees/search", new { state = "pending" }, user: Handler)).Is(200).Json;
        Assert.Equal(1, pending.GetProperty("counts").GetProperty("pending").GetInt32());
        var task = pending.GetProperty("items")[0].GetProperty("taskId").GetGuid();
        (await server.SendAsync("POST", $"/api/v1/tasks/{task}/decide", new { outcome = "approve" }, user: Handler, headers: Once())).IsProblem(422, "invalid_form");
        (await server.SendAsync("POST", $"/api/v1/tasks/{task}/decide", new { outcome = "approve", data = new { department = "设备部", position = "工程师", contractFrom = "2020-02-01" } }, user: Handler, headers: Once())).Is(200);
        Assert.Equal("工程师", (await server.SendAsync("GET", $"/api/v1/cases/{asked}/decisions", user: gao)).Is(200).Json.GetProperty("items")[0].GetProperty("data").GetProperty("position").GetString());

        var works = (await server.SendAsync("POST", $"{At}/employees/search", new { name = "高" }, user: Handler)).Is(200).Json.GetProperty("items")[0];
        var employee = (await server.SendAsync("GET", $"{At}/employees/{works.GetProperty("id").GetGuid()}", user: Handler)).Is(200);
        Assert.DoesNotContain("19900007001", employee.Text, StringComparison.Ordinal);
        var path = $"{At}/employees/{works.GetProperty("id").GetGuid()}";
        (await server.SendAsync("PUT", path, new { position = "高级工程师", contractFrom = "2020-02-01" }, user: Handler)).IsProblem(428, "precondition_required");
        (await server.SendAsync("PUT", path, new { position = "高级工程师", contractFrom = "2020-02-01" }, user: Handler, headers: ("If-Match", employee.ETag!))).Is(200);
        (await server.SendAsync("PUT", path, new { position = "主任", contractFrom = "2020-02-01" }, user: Handler, headers: ("If-Match", employee.ETag!))).IsProblem(412, "precondition_failed");
        Assert.Equal("高级工程师", (await server.SendAsync("GET", "/api/v1/associations/me", user: gao)).Is(200).Json.GetProperty("current").GetProperty("position").GetString());

        var preview = $"/api/v1/associations/{works.GetProperty("id").GetGuid()}/dissociation";
        Assert.Equal("before_contract", (await server.SendAsync("GET", $"{preview}?leftOn=2020-01-02", user: Handler)).Is(200).Json.GetProperty("obstacles")[0].GetProperty("code").GetString());
        Assert.True((await server.SendAsync("GET", preview, user: gao)).Is(200).Json.GetProperty("possible").GetBoolean());
        var leaves = (await server.SendAsync("POST", "/api/v1/cases", new { service = "dissociation", applicantId = gao, data = new { leftOn = "2020-01-02", reason = "resigned", confirmed = true } }, user: Handler, headers: Once())).Is(201).Json.GetProperty("id").GetGuid();
        var refused = (await server.SendAsync("POST", $"/api/v1/cases/{leaves}/submit", "{}", user: Handler, headers: Once())).IsProblem(409, "wrong_state").Json;
        Assert.Equal("before_contract", refused.GetProperty("obstacles")[0].GetProperty("code").GetString());
        Assert.Equal(JsonValueKind.Object, (await server.SendAsync("GET", "/api/v1/associations/me", user: gao)).Is(200).Json.GetProperty("current").ValueKind);
    }
}
