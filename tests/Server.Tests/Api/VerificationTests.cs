using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Talent.Workflows.Approvals;
using Talent.Workflows.Approvals.People.Codes;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>Verification codes over HTTP. What holds under load and over nodes is tested with the domain.</summary>
public sealed class VerificationTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Answer = "ACE79";
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Code_WhenAskedForCheckedAndUsed_ThenEachAnswerSaysWhatIsNext_R_ACC_1()
    {
        const string phone = "19900008101";
        var challenge = (await server.SendAsync("POST", "/api/v1/verification/challenges", new { address = "203.0.113.1" })).Is(201).Json;
        Assert.Equal("iVBORw0KGgo", challenge.GetProperty("image").GetString()![..11]);
        foreach (var words in (string[])["alt", "altEn", "help", "helpEn"])
            Assert.NotEmpty(challenge.GetProperty(words).GetString()!);
        var id = await SolvedAsync(challenge);
        var request = new { challengeId = id, answer = Answer, phone, purpose = "phone-change", address = "203.0.113.1" };

        var issued = (await server.SendAsync("POST", "/api/v1/verification/codes", request, headers: ("Idempotency-Key", "one"))).Is(202);
        Assert.Equal(issued.Text, (await server.SendAsync("POST", "/api/v1/verification/codes", request, headers: ("Idempotency-Key", "one"))).Is(202).Text);
        var code = await CapturedAsync(phone);

        (await server.SendAsync("POST", "/api/v1/verification/checks", new { id, phone, purpose = "login", code })).IsProblem(422, "invalid_form");
        var passed = (await server.SendAsync("POST", "/api/v1/verification/checks", new { id, phone, purpose = "phone-change", code }, headers: ("Idempotency-Key", "two"))).Is(200);
        Assert.Equal("phone-change", passed.Json.GetProperty("purpose").GetString());
        Assert.Equal(passed.Text, (await server.SendAsync("POST", "/api/v1/verification/checks", new { id, phone, purpose = "phone-change", code }, headers: ("Idempotency-Key", "two"))).Is(200).Text);
        var used = (await server.SendAsync("POST", "/api/v1/verification/checks", new { id, phone, purpose = "phone-change", code })).IsProblem(422, "invalid_form");
        Assert.Equal("code_used", used.Json.GetProperty("fault").GetString());
    }

    [Fact]
    public async Task Refusals_WhenACodeIsWrongUsedLockedOrGone_ThenAllHaveOneShape_R_ACC_1()
    {
        const string phone = "19900008102";
        var id = await IssuedAsync(phone, "203.0.113.2");
        var code = await CapturedAsync(phone);
        var refusals = new List<Answer>();
        for (var i = 0; i < 6; i++)
            refusals.Add(await CheckAsync(id, phone, code == "000000" ? "000001" : "000000"));
        refusals.Add(await CheckAsync(id, phone, code));
        refusals.Add(await CheckAsync(Guid.NewGuid(), phone, code));
        refusals.Add(await CheckAsync(id, "19900008103", code));

        Assert.Equal(["code_wrong", "code_wrong", "code_wrong", "code_wrong", "code_locked", "code_locked", "code_locked", "code_gone", "code_gone"], refusals.Select(r => r.IsProblem(422, "invalid_form").Json.GetProperty("fault").GetString()));
        Assert.Single(refusals.Select(r => string.Join(',', r.Json.EnumerateObject().Select(p => p.Name))).Distinct());

        Task<Answer> CheckAsync(Guid checkedId, string number, string text) => server.SendAsync("POST", "/api/v1/verification/checks", new { id = checkedId, phone = number, purpose = "login", code = text });
    }

    [Fact]
    public async Task Code_WhenThePhoneIsKnownOrNot_ThenTheAnswersAreTheSame_R_ACC_1()
    {
        await using var own = await RunningServer.StartAsync("Development", "--Talent:Codes:PhonePauseSeconds=3600");
        const string known = "19900000001", unknown = "19900008104";
        var directory = await File.ReadAllTextAsync(Path.Combine(own.ContentFolder, "shared", "organisations", "sample-city.json"));
        Assert.Equal((true, false), (directory.Contains(known, StringComparison.Ordinal), directory.Contains(unknown, StringComparison.Ordinal)));

        var (first, second) = (await AnswerAsync(known), await AnswerAsync(unknown));

        Assert.Equal((first.Status, Names(first)), (second.Status, Names(second)));
        var (limited, limitedToo) = ((await AnswerAsync(known)).IsProblem(429, "rate_limited"), (await AnswerAsync(unknown)).IsProblem(429, "rate_limited"));
        Assert.Equal(Names(limited), Names(limitedToo));
        Assert.True(limited.Response.Headers.RetryAfter!.Delta > TimeSpan.Zero);

        async Task<Answer> AnswerAsync(string phone) => await own.SendAsync("POST", "/api/v1/verification/codes",
            new { challengeId = await SolvedAsync(own, (await own.SendAsync("POST", "/api/v1/verification/challenges", new { address = "203.0.113.4" })).Is(201).Json), answer = Answer, phone, purpose = "login", address = "203.0.113.4" });

        static string Names(Answer answer) => string.Join(',', answer.Json.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task Requests_WhenTheyAreWrong_ThenEachRefusalIsAClearProblemAndTheChallengeIsntSpent_R_ACC_1()
    {
        var id = await SolvedAsync((await server.SendAsync("POST", "/api/v1/verification/challenges", new { address = "203.0.113.5" })).Is(201).Json);
        (object Body, int Status, string Code)[] wrong =
        [
            (new { challengeId = id, answer = Answer, phone = "1990000810", purpose = "login" }, 422, "invalid_form"),
            (new { challengeId = id, answer = Answer, phone = (string?)null, purpose = "login" }, 422, "invalid_form"),
            (new { challengeId = id, answer = Answer, phone = "19900008105", purpose = "anything" }, 400, "invalid_request"),
            (new { challengeId = id, answer = Answer, phone = "19900008105", purpose = "login", language = "fr" }, 400, "invalid_request"),
            (new { challengeId = id, answer = Answer, phone = "19900008105", purpose = "login", address = "here" }, 400, "invalid_request"),
            (new { challengeId = "none", answer = Answer, phone = "19900008105", purpose = "login" }, 400, "invalid_request"),
        ];
        foreach (var (body, status, code) in wrong)
            (await server.SendAsync("POST", "/api/v1/verification/codes", body)).IsProblem(status, code);
        (await server.SendAsync("POST", "/api/v1/verification/challenges", new { address = "203.0.113.5" }, key: null)).IsProblem(401, "unauthorized");
        (await server.SendAsync("POST", "/api/v1/verification/challenges", new { }, headers: ("Idempotency-Key", "one"))).IsProblem(400, "invalid_request");
        (await server.SendAsync("POST", "/api/v1/verification/checks", new { id, phone = "19900008105", purpose = "login", code = (string?)null })).IsProblem(422, "invalid_form");

        (await server.SendAsync("POST", "/api/v1/verification/codes", new { challengeId = id, answer = Answer, phone = "19900008105", purpose = "login", address = "203.0.113.5" })).Is(202);
    }

    [Fact]
    public async Task Logs_WhenCodesAreSentAndChecked_ThenTheyHoldNeitherPhoneNorAddressNorCode_R_ACC_1()
    {
        const string phone = "19900008106";
        await using var own = await RunningServer.StartAsync();
        var id = await IssuedAsync(own, phone, "203.0.113.106");
        var code = await CapturedAsync(own, phone);
        await own.SendAsync("POST", "/api/v1/verification/checks", new { id, phone, purpose = "register", code });
        await own.SendAsync("POST", "/api/v1/verification/checks", new { id, phone, purpose = "login", code });

        await own.StopAsync();

        var logs = string.Concat(Directory.EnumerateFiles(Path.Combine(own.DataFolder, "logs")).Select(File.ReadAllText));
        Assert.Contains("/api/v1/verification/checks", logs, StringComparison.Ordinal);
        foreach (var secret in (string[])[phone, "203.0.113.106", $"\"{code}\"", $" {code} "])
            Assert.DoesNotContain(secret, logs, StringComparison.Ordinal);
    }

    private Task<Guid> IssuedAsync(string phone, string address) => IssuedAsync(server, phone, address);

    private static async Task<Guid> IssuedAsync(RunningServer server, string phone, string address)
    {
        var id = await SolvedAsync(server, (await server.SendAsync("POST", "/api/v1/verification/challenges", new { address })).Is(201).Json);
        (await server.SendAsync("POST", "/api/v1/verification/codes", new { challengeId = id, answer = Answer, phone, purpose = "login", address })).Is(202);
        return id;
    }

    private Task<Guid> SolvedAsync(JsonElement challenge) => SolvedAsync(server, challenge);

    /// <summary>Nobody here reads images: from now on the challenge's answer is <see cref="Answer"/>.</summary>
    private static async Task<Guid> SolvedAsync(RunningServer server, JsonElement challenge)
    {
        var id = challenge.GetProperty("id").GetGuid();
        var key = new CodeKey(Options.Create(new ApprovalOptions { DataDir = server.DataFolder }));
        Assert.Equal(1, await server.SqlAsync($@"update approvals.code_challenges set answer = '\x{Convert.ToHexString(key.Answer(id, Answer))}' where id = '{id}' returning 1"));
        return id;
    }

    private Task<string> CapturedAsync(string phone) => CapturedAsync(server, phone);

    /// <summary>The code in the SMS, once it has gone out.</summary>
    private static async Task<string> CapturedAsync(RunningServer server, string phone)
    {
        while (true)
        {
            var messages = (await server.SendAsync("GET", "/dev/messages?format=json", key: null)).Is(200).Json.GetProperty("items").EnumerateArray();
            if (messages.Where(m => m.GetProperty("to").GetString() == phone).Select(m => m.GetProperty("text").GetString()!).LastOrDefault() is { } text)
                return text[3..(3 + VerificationCodes.Digits)] is var code && int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? code : throw new FormatException(text);
            await Task.Delay(20);
        }
    }
}
