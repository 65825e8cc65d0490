using System.Text.Json.Nodes;
using Npgsql;
using Talent.Workflows.Approvals.Letters;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Tests.Letters;

/// <summary>One letter for each decision, without gaps in the numbers, and never changed after.</summary>
public sealed class LetterIssuingTests
{
    private const string Employer = "emp-metro-reviewer-1", Unit = "unit-assets-reviewer-1";

    [Fact]
    public async Task Letters_WhenManyAreIssuedAtOnceAndEachSeveralTimes_ThenEachIsThereOnceAndNumbersHaveNoGap_R_DOC_1()
    {
        await using var desk = await CaseDesk.OpenAsync();
        for (var i = 0; i < 8; i++)
        {
            var filed = await desk.SubmittedAsync();
            await desk.As(Employer).Reject(filed, $"不符合申报条件{i}");
        }
        var orders = await desk.Orders();
        var issuing = desk.Issuing();

        // Three times each, in an order that mixes them.
        var random = new Random(20260922);
        await Task.WhenAll(Enumerable.Repeat(orders, 3).SelectMany(o => o).OrderBy(_ => random.Next()).ToArray().Select(o => Task.Run(() => issuing.DeliverAsync(o, default))));
        await desk.Deliver();

        Assert.Equal(8, orders.Count);
        Assert.Equal(orders.Select(o => o.Id).Order(), (await desk.Rows("select id from approvals.letters", r => r.GetGuid(0))).Order());
        Assert.Equal(Enumerable.Range(1, 8).Select(i => $"示例市城市运行集团有限公司退字〔2026〕{i}号").Order(StringComparer.Ordinal), (await desk.Rows("select number from approvals.letters", r => r.GetString(0))).Order(StringComparer.Ordinal));
        Assert.Equal(8, await desk.Scalar<int>("select last from approvals.letter_serials"));
    }

    [Fact]
    public async Task Letter_WhenItsTransactionFails_ThenNothingIsLeftAndTheNextGetsItsNumber_R_DOC_1()
    {
        await using var desk = await CaseDesk.OpenAsync();
        FiledCase[] filed = [await desk.SubmittedAsync(), await desk.SubmittedAsync()];
        foreach (var one in filed)
            await desk.As(Employer).Reject(one, "不符合申报条件");
        var orders = await desk.Orders();
        // As when the server dies between the number and the letter.
        await desk.Execute($"alter table approvals.letters add constraint broken check (case_id <> '{orders[0].InstanceId}') not valid");
        await Assert.ThrowsAsync<PostgresException>(() => desk.Issuing().DeliverAsync(orders[0], default));
        await desk.Issuing().DeliverAsync(orders[1], default);
        await desk.Execute("alter table approvals.letters drop constraint broken");
        await desk.Issuing().DeliverAsync(orders[0], default);

        Assert.Equal([(orders[1].Id, "1"), (orders[0].Id, "2")], await desk.Rows("select id, substring(number from '〕(.*)号') from approvals.letters order by 2", r => (r.GetGuid(0), r.GetString(1))));
    }

    [Fact]
    public async Task Letter_WhenAFieldIsMissingOrTheKindIsGone_ThenItIsADeadLetterThatSaysWhyAndTakesNoNumber_R_DOC_1()
    {
        await using var desk = await CaseDesk.OpenAsync(prepare: folder =>
        {
            var file = Path.Combine(folder, "letters.json");
            var letters = JsonNode.Parse(File.ReadAllText(file))!;
            letters["letters"]!.AsArray().Single(l => (string?)l!["kind"] == "dismissal")!["fields"] = new JsonArray("you", "caseNumber", "serviceName", "submittedOn", "reason?", "lapsedOn?", "noticeNumber", "hotline", "hotlineHours", "address?");
            File.WriteAllText(file, letters.ToJsonString());
        });
        var filed = await desk.SubmittedAsync();
        await desk.As(Employer).Reject(filed, "不符合申报条件");
        var order = Assert.Single(await desk.Orders());

        Assert.Contains("needs the field 'noticeNumber'", Assert.IsType<OutboxResult.Dead>(await desk.Issuing().DeliverAsync(order, default)).Why, StringComparison.Ordinal);
        var gone = order with { Payload = """{"kind":"diploma","seq":3}"""u8.ToArray() };
        Assert.Contains("no letter 'diploma'", Assert.IsType<OutboxResult.Dead>(await desk.Issuing().DeliverAsync(gone, default)).Why, StringComparison.Ordinal);
        Assert.Contains("has no case", Assert.IsType<OutboxResult.Dead>(await desk.Issuing().DeliverAsync(order with { InstanceId = Guid.NewGuid() }, default)).Why, StringComparison.Ordinal);
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.letter_serials"));
    }

    [Fact]
    public async Task Letter_WhenTheCaseGoesOnBeforeItIsIssued_ThenItSaysWhatWasSoAtItsStep_R_DOC_1()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.As(Employer).Approve(filed);
        await desk.As(Unit).Return(filed, "请补盖单位公章。");
        await filed.Supplement(filed.Sample.Correction!.Data);
        await desk.As(Unit).Return(filed, "请补充聘书。");

        // The outbox was held up all that time.
        var letters = await filed.Letters();

        Assert.Equal(["示国资补字〔2026〕1号", "示国资补字〔2026〕2号"], letters.Select(l => l.Number));
        Assert.Contains("<p>请补盖单位公章。</p>", await filed.Html(letters[0]), StringComparison.Ordinal);
        Assert.Contains("<p>请补充聘书。</p>", await filed.Html(letters[1]), StringComparison.Ordinal);
        Assert.All(letters, l => Assert.Equal(("case.returned", Unit), (l.Event, l.IssuedBy!.Id)));
        Assert.Equal(letters.Select(l => (l.CaseVersion, l.IssuedAt)), await desk.Rows($"select seq, at from approvals.audit where case_id = '{filed.Id}' and action = 'task.decided' and stage = 'unit-review' order by seq", r => (r.GetInt64(0), r.GetFieldValue<DateTimeOffset>(1))));
    }

    [Fact]
    public async Task Lapse_WhenAnotherStageHasSaidReturnSince_ThenItIsOfTheStageWhoseDecisionsMadeUpTheReturn_R_REV_3_R_DOC_1()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.As(Employer).Approve(filed);
        await desk.As(Unit).Return(filed, "请补盖单位公章。");
        var fix = await desk.Scalar<Guid>($"select id from approvals.tasks where case_id = '{filed.Id}' and kind = 'supplement'");
        // As a vote in another branch, which was outvoted there.
        await desk.Execute($"update approvals.tasks set decided_at = decided_at - interval '1 minute' where case_id = '{filed.Id}' and outcome = 'return'");
        await desk.Execute($"update approvals.tasks t set outcome = 'return', decided_at = f.opened_at from approvals.tasks f where f.id = '{fix}' and t.case_id = '{filed.Id}' and t.stage = 'employer-review'");

        Assert.Equal("unit-review", await LapsedAsync());

        // A case of before: times are all there is.
        await desk.Execute("delete from approvals.correction_requests");
        Assert.Equal("employer-review", await LapsedAsync());

        async Task<string?> LapsedAsync() => (await LetterFacts.LoadAsync(desk.Database, filed.Id, new LetterOrder { Lapsed = fix }, desk.Now, default))!.LapsedReturnOf;
    }

    [Fact]
    public async Task Letter_WhenSomebodyChangesItsRow_ThenTheDatabaseRefusesAndWhatWasForcedShows_R_DOC_1_R_AUD_1()
    {
        await using var desk = await CaseDesk.OpenAsync();
        FiledCase[] filed = [await desk.SubmittedAsync(), await desk.SubmittedAsync()];
        foreach (var one in filed)
            await desk.As(Employer).Reject(one, "不符合申报条件");
        var (first, second) = (await filed[0].Letter("dismissal"), await filed[1].Letter("dismissal"));
        foreach (var change in (string[])["set number = '示人才退字〔2026〕99号'", "set sha256 = repeat('0', 64)", "set content = fields", "set key_id = key_id + 1, issued_at = issued_at + interval '1 day'", "set case_id = gen_random_uuid()"])
            Assert.Equal("23001", (await Assert.ThrowsAsync<PostgresException>(() => desk.Execute($"update approvals.letters {change} where id = '{first.Id}'"))).SqlState);
        Assert.Equal("23001", (await Assert.ThrowsAsync<PostgresException>(() => desk.Execute($"delete from approvals.letters where id = '{first.Id}'"))).SqlState);

        // Whoever owns the database can take the trigger away, but not make what was sealed say something else.
        await desk.Execute("alter table approvals.letters disable trigger letters_frozen");
        await desk.Execute($"update approvals.letters set content = (select content from approvals.letters where id = '{second.Id}') where id = '{first.Id}'");
        await Assert.ThrowsAsync<SealedValueException>(() => filed[0].Html(first));
        await desk.Execute($"update approvals.letters set number = '示人才退字〔2026〕99号' where id = '{second.Id}'");
        await Assert.ThrowsAsync<SealedValueException>(() => filed[1].Html(second));
    }

    [Fact]
    public async Task Letter_WhenTheDataKeyIsChanged_ThenItIsSealedAgainAndSaysTheSame_R_DOC_1_R_AUD_2()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.As(Employer).Reject(filed, "不符合申报条件");
        var letter = await filed.Letter("dismissal");
        var before = await filed.Html(letter);

        var key = await desk.Get<DataKeys>().RotateAsync(default);
        await desk.Get<Reencryption>().RunAsync(default);

        Assert.Equal(key, await desk.Scalar<int>("select key_id from approvals.letters"));
        Assert.Equal(before, await filed.Html(letter));
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.letters where position('李示例'::bytea in content) > 0 or position('李示例'::bytea in fields) > 0"));
    }

    [Fact]
    public async Task Reading_WhenSomebodyMayNotSeeWhomTheLetterNames_ThenTheyGetItWithoutAndReadsAreRecorded_R_DOC_1_R_AUD_2()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.As(Employer).Approve(filed);
        await desk.As(Unit).Return(filed, "请补盖单位公章。");
        var letter = await filed.Letter("correction");
        var reader = desk.Get<LetterReader>();

        // Whoever it is to, and the office that issued it; the employer, which has nothing to do now, sees that it is there.
        var own = await reader.ReadAsync(filed.Applicant.Caller, filed.Id, letter.Id, null, default);
        Assert.Equal((true, "李示例", "请补盖单位公章。"), (own.Full, own.Addressee, own.Fields!["reason"]));
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.data_reads where purpose like 'letter%'"));
        Assert.Contains("李示例：", await filed.Html(letter, desk.As("unit-assets-reviewer-2")), StringComparison.Ordinal);
        var employers = desk.As(Employer);
        var masked = await reader.ReadAsync(employers.Caller, filed.Id, letter.Id, null, default);
        Assert.Equal((false, null, null, letter.Number), (masked.Full, masked.Addressee, masked.Fields, masked.Number));
        Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => filed.Html(letter, employers))).Code);
        foreach (var stranger in (string[])["applicant-wang", "emp-water-reviewer-1"])
            Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => filed.Letters(desk.As(stranger)))).Code);
        Assert.Equal([("unit-assets-reviewer-2", "letter.content", $"letter.{letter.Id}")], await desk.Rows("select user_id, purpose, fields[1] from approvals.data_reads where purpose like 'letter%'", r => (r.GetString(0), r.GetString(1), r.GetString(2))));

        var right = await reader.VerifyAsync(letter.Number, letter.Sha256, default);
        Assert.True(right.Genuine);
        Assert.False((await reader.VerifyAsync(letter.Number, new string('0', 64), default)).Genuine);
        Assert.False((await reader.VerifyAsync("示人才补字〔2026〕2号", letter.Sha256, default)).Genuine);
        Assert.Equal(ErrorCodes.InvalidRequest, (await Assert.ThrowsAsync<WorkflowException>(() => reader.VerifyAsync(letter.Number, "abc", default))).Code);
    }
}
