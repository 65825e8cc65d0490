using System.Text.Json;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>People over HTTP: a portal registers them, they fill in their profile, officers find them; numbers stay masked.</summary>
public sealed class PeopleTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Li = "applicant-li";
    private static readonly string Number = ResidentId.Fictitious(new DateOnly(1986, 2, 14), 25).Value;
    private readonly RunningServer server = fixture.Server;

    private static (string, string) Once() => ("Idempotency-Key", Guid.NewGuid().ToString());

    /// <summary>Registers a user, or finds them registered by another test of this class.</summary>
    private async Task<(Guid Id, string ETag)> RegisterAsync(string user, object body)
    {
        var answer = await server.SendAsync("POST", "/api/v1/people", body, user: user, headers: Once());
        if (answer.Status == 409)
            answer = (await server.SendAsync("GET", "/api/v1/people/me", user: user)).Is(200);
        else
            answer.Is(201);
        return (answer.Json.GetProperty("id").GetGuid(), answer.ETag!);
    }

    [Fact]
    public async Task Person_WhenRegisteredFilledInAndSubmittedOverHttp_ThenVersionsGuardEachStep_R_PER_1()
    {
        const string user = "applicant-zhang";
        (await server.SendAsync("GET", "/api/v1/people/me", user: user)).IsProblem(404, "not_found");
        (await server.SendAsync("POST", "/api/v1/people", new { name = "张示例" }, user: user)).IsProblem(400, "idempotency_key_required");
        var key = Once();
        var body = new { name = "张示例", residentId = ResidentId.Fictitious(new DateOnly(1988, 3, 1), 31).Value, phone = "19900008801" };
        var made = (await server.SendAsync("POST", "/api/v1/people", body, user: user, headers: key)).Is(201);
        var id = made.Json.GetProperty("id").GetGuid();
        Assert.Equal($"/api/v1/people/{id}", made.Response.Headers.Location!.ToString());
        Assert.Equal(id, (await server.SendAsync("POST", "/api/v1/people", body, user: user, headers: key)).Is(201).Json.GetProperty("id").GetGuid());
        (await server.SendAsync("POST", "/api/v1/people", new { name = "别人" }, user: user, headers: key)).IsProblem(422, "idempotency_key_reused");
        Assert.Equal(id, (await server.SendAsync("POST", "/api/v1/people", body, user: user, headers: Once())).IsProblem(409, "conflict").Json.GetProperty("personId").GetGuid());

        var etag = made.ETag!;
        foreach (var (step, data) in ((string, string)[])
            [
                ("general", """{"gender":"male","ethnicity":"01","maritalStatus":"10","politicalStatus":"13","householdAddress":"示例市","residence":"示例市示范区"}"""),
                ("education", """{"highestEducation":"30","highestDegree":"0","hasTitle":false}"""),
                ("study", """{"studyExperience":[{"startMonth":"2006-09","school":"示例城市学院","major":"出版","level":"30"}]}"""),
                ("work", """{"hasWorked":false}"""),
                ("photo", """{"photo":"photo-1"}"""),
            ])
        {
            var refusal = (await server.SendAsync("POST", $"/api/v1/people/{id}/submit", "{}", user: user)).IsProblem(422, "invalid_form");
            Assert.Contains(refusal.Json.GetProperty("gaps").EnumerateArray(), g => g.GetProperty("step").GetString() == step && g.GetProperty("zh").GetString() is { Length: > 0 });
            var saved = (await server.SendAsync("PUT", $"/api/v1/people/{id}/steps/{step}", $$"""{"data":{{data}}}""", user: user, headers: ("If-Match", etag))).Is(200);
            (await server.SendAsync("PUT", $"/api/v1/people/{id}/steps/{step}", $$"""{"data":{{data}}}""", user: user, headers: ("If-Match", etag))).IsProblem(412, "precondition_failed");
            Assert.NotEqual(etag, saved.ETag);
            etag = saved.ETag!;
        }
        var done = (await server.SendAsync("POST", $"/api/v1/people/{id}/submit", "{}", user: user, headers: ("If-Match", etag))).Is(200).Json;
        Assert.True(done.GetProperty("progress").GetProperty("complete").GetBoolean());
        Assert.Equal(5, done.GetProperty("progress").GetProperty("done").GetInt32());
        Assert.NotEqual(JsonValueKind.Null, done.GetProperty("submittedAt").ValueKind);
        Assert.Equal("complete", done.GetProperty("steps")[0].GetProperty("state").GetString());
    }

    [Fact]
    public async Task Person_WhenReadAndFoundOverHttp_ThenNumbersAreMaskedEverywhere_R_AUD_2()
    {
        var (id, _) = await RegisterAsync(Li, new { name = "李示例", residentId = Number, phone = "19900008802", email = "li@private.example.cn" });
        var answers = new List<string>();

        foreach (var search in (object[])[new { name = "李" }, new { name = "示例" }, new { residentId = Number }, new { phone = "+8619900008802" }, new { email = "LI@private.example.cn" }])
        {
            var found = (await server.SendAsync("POST", "/api/v1/people/search", search, user: "bureau-reviewer-1")).Is(200);
            Assert.Contains(found.Json.GetProperty("items").EnumerateArray(), p => p.GetProperty("id").GetGuid() == id);
            answers.Add(found.Text);
        }
        answers.Add((await server.SendAsync("GET", $"/api/v1/people/{id}", user: "bureau-reviewer-1")).Is(200).Text);
        answers.Add((await server.SendAsync("GET", "/api/v1/people/me", user: Li)).Is(200).Text);
        answers.Add((await server.SendAsync("PUT", $"/api/v1/people/{id}/identity", new { phone = "1990000880" }, user: Li)).IsProblem(422, "invalid_form").Text);
        answers.Add((await server.SendAsync("PUT", $"/api/v1/people/{id}/identity", new { phone = "19900008802" }, user: Li)).Is(200).Text);

        Assert.Contains("199****8802", answers[0], StringComparison.Ordinal);
        foreach (var text in answers)
            Assert.All((string[])[Number, "19900008802", "li@private"], secret => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase));
        Assert.Empty((await server.SendAsync("POST", "/api/v1/people/search", new { phone = "19900008802" }, user: "emp-water-reviewer-1")).Is(200).Json.GetProperty("items").EnumerateArray());
        (await server.SendAsync("GET", $"/api/v1/people/{id}", user: "emp-water-reviewer-1")).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task Search_WhenTheKeyOnlyReads_ThenItMayFindAndNotRegister_R_AUD_2()
    {
        var (_, key) = await server.CreateKeyAsync(new { name = "read only", scopes = new[] { "cases:read" } });

        (await server.SendAsync("POST", "/api/v1/people/search", new { name = "李" }, key: key, user: "bureau-reviewer-1")).Is(200);
        (await server.SendAsync("POST", "/api/v1/people", new { name = "李" }, key: key, user: "applicant-wang", headers: Once())).IsProblem(403, "key_out_of_scope");
    }

    [Fact]
    public async Task Reveal_WhenAskedForOverHttp_ThenItTakesARightAndAReasonAndAnAdministratorSeesTheRecord_R_AUD_2()
    {
        var (id, _) = await RegisterAsync(Li, new { name = "李示例", residentId = Number, phone = "19900008802", email = "li@private.example.cn" });
        var path = $"/api/v1/people/{id}/reveal";
        (await server.SendAsync("POST", path, new { fields = new[] { "phone" }, reason = "核对电话" }, user: "bureau-reviewer-2")).IsProblem(403, "forbidden");
        await server.SqlAsync("insert into approvals.user_roles values ('bureau-reviewer-2', 'people.reveal', 'bureau') returning 1");
        (await server.SendAsync("POST", path, new { fields = new[] { "phone" }, reason = "" }, user: "bureau-reviewer-2")).IsProblem(400, "invalid_request");
        (await server.SendAsync("POST", path, new { fields = new[] { "phone" } }, user: "bureau-reviewer-2")).IsProblem(400, "invalid_request");
        (await server.SendAsync("POST", path, """{"fields":[null],"reason":"核对电话"}""", user: "bureau-reviewer-2")).IsProblem(400, "invalid_request");

        var shown = (await server.SendAsync("POST", path, new { fields = new[] { "phone", "residentId" }, reason = "核对电话" }, user: "bureau-reviewer-2")).Is(200).Json.GetProperty("fields");

        Assert.Equal(("19900008802", Number), (shown.GetProperty("phone").GetString(), shown.GetProperty("residentId").GetString()));
        var record = (await server.SendAsync("GET", $"/api/v1/data-reads?person={id}&user=bureau-reviewer-2", user: "bureau-superior")).Is(200);
        var read = Assert.Single(record.Json.GetProperty("items").EnumerateArray());
        Assert.Equal(("bureau-reviewer-2", "核对电话", "reveal"), (read.GetProperty("user").GetString(), read.GetProperty("reason").GetString(), read.GetProperty("purpose").GetString()));
        Assert.Equal(["phone", "residentId"], read.GetProperty("fields").EnumerateArray().Select(f => f.GetString()));
        Assert.DoesNotContain("19900008802", record.Text, StringComparison.Ordinal);
        var (_, key) = await server.CreateKeyAsync(new { name = "portal", scopes = new[] { "cases" } });
        (await server.SendAsync("GET", "/api/v1/data-reads", key: key, user: "bureau-superior")).IsProblem(403, "forbidden");
    }

    [Fact]
    public async Task Requests_WhenTheyAreWrong_ThenEachIsAClearProblemThatRepeatsNoNumber_R_AUD_2()
    {
        var (id, _) = await RegisterAsync("applicant-liu", new { name = "刘样本" });
        (string Method, string Path, string Body, int Status, string Code)[] wrong =
        [
            ("POST", "/api/v1/people/search", "{}", 400, "invalid_request"),
            ("POST", "/api/v1/people/search", """{"name":"刘","phone":"19900008803"}""", 400, "invalid_request"),
            ("POST", "/api/v1/people/search", """{"phone":"199000088031"}""", 400, "invalid_request"),
            ("POST", "/api/v1/people/search", """{"name":"刘","limit":0}""", 400, "invalid_request"),
            ("POST", "/api/v1/people/search", """{"name":"刘","cursor":"x"}""", 400, "invalid_request"),
            ("PUT", $"/api/v1/people/{id}/steps/hobbies", """{"data":{}}""", 404, "not_found"),
            ("PUT", $"/api/v1/people/{id}/steps/photo", "{}", 400, "invalid_request"),
            ("PUT", $"/api/v1/people/{id}/steps/photo", """{"data":[]}""", 422, "invalid_form"),
            ("PUT", $"/api/v1/people/{id}/steps/photo", """{"data":null}""", 422, "invalid_form"),
            ("PUT", $"/api/v1/people/{id}/steps/photo", """{"data":{"phone":"19900008803"}}""", 422, "invalid_form"),
            ("PUT", $"/api/v1/people/{id}/identity", """{"residentId":"110105194912310020"}""", 422, "invalid_form"),
            ("PUT", $"/api/v1/people/{Guid.NewGuid()}/identity", "{}", 404, "not_found"),
            ("POST", $"/api/v1/people/{Guid.NewGuid()}/submit", "{}", 404, "not_found"),
            ("POST", $"/api/v1/people/{Guid.NewGuid()}/reveal", """{"fields":["phone"],"reason":"核对电话"}""", 404, "not_found"),
        ];

        foreach (var (method, path, body, status, code) in wrong)
        {
            var text = (await server.SendAsync(method, path, body, user: "applicant-liu")).IsProblem(status, code).Text;
            Assert.DoesNotContain("1990000880", text, StringComparison.Ordinal);
            Assert.DoesNotContain("110105194912310020", text, StringComparison.Ordinal);
        }
        (await server.SendAsync("GET", "/api/v1/people/me")).IsProblem(400, "invalid_request");
        (await server.SendAsync("POST", "/api/v1/people", new { name = "x" }, headers: Once())).IsProblem(400, "invalid_request");
        (await server.SendAsync("PUT", $"/api/v1/people/{id}/identity", "{}", user: "applicant-liu", headers: ("If-Match", "x"))).IsProblem(400, "invalid_request");
    }

    [Fact]
    public async Task Database_WhenPeopleHaveUsedTheApi_ThenNoTableAndNoLogHoldsTheirNumbers_R_AUD_2()
    {
        await using var own = await RunningServer.StartAsync();
        var email = "canary-li@private.example.cn";
        var made = (await own.SendAsync("POST", "/api/v1/people", new { name = "李示例", residentId = Number, phone = "19900008899", email }, user: Li, headers: Once())).Is(201);
        var id = made.Json.GetProperty("id").GetGuid();
        (await own.SendAsync("PUT", $"/api/v1/people/{id}/steps/general", """{"data":{"emergencyPhone":"19900008898"}}""", user: Li)).Is(200);
        foreach (var search in (object[])[new { residentId = Number }, new { phone = "19900008899" }, new { email }])
            Assert.Single((await own.SendAsync("POST", "/api/v1/people/search", search, user: "bureau-reviewer-1")).Is(200).Json.GetProperty("items").EnumerateArray());
        (await own.SendAsync("POST", $"/api/v1/people/{id}/reveal", new { fields = new[] { "phone", "emergencyPhone" }, reason = "本人查看 19900008899" }, user: Li)).Is(200);
        await own.StopAsync();

        var tables = new List<string>();
        await using (var command = own.Database.DataSource.CreateCommand("select format('%I.%I', table_schema, table_name) from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'"))
        await using (var reader = await command.ExecuteReaderAsync())
            while (await reader.ReadAsync())
                tables.Add(reader.GetString(0));
        Assert.Contains("approvals.people", tables);
        var texts = new List<(string Name, string Text)>();
        foreach (var table in tables)
            texts.Add((table, (string)(await own.SqlAsync($"select coalesce(string_agg(r::text, E'\\n'), '') from {table} r"))!));
        foreach (var file in Directory.EnumerateFiles(own.DataFolder, "*", SearchOption.AllDirectories))
            texts.Add((file, await File.ReadAllTextAsync(file)));
        Assert.Contains(texts, t => t.Text.Contains("/api/v1/people", StringComparison.Ordinal)); // the log of requests is among them
        foreach (var (name, text) in texts)
            foreach (var secret in (string[])[Number, "19900008899", "19900008898", email])
                foreach (var spelling in (string[])[secret, Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(secret))])
                    Assert.False(text.Contains(spelling, StringComparison.OrdinalIgnoreCase), $"{name} holds {secret}.");
    }
}
