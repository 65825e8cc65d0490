using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Letters;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Tests.Letters;

/// <summary>重新出具: one letter in the place of another, by the office that issued it.</summary>
public sealed class LetterReissuingTests
{
    private const string Employer = "emp-metro-reviewer-1", Unit = "unit-assets-reviewer-1", Superior = "unit-assets-superior", Why = "姓名用字有误，已更正。";

    [Fact]
    public async Task Letter_WhenItIsIssuedAgain_ThenTheNewOneReplacesItWithANumberOfItsOwnAndTheRecordSaysWhoAndWhy_R_DOC_1_R_AUD_1()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var (filed, first) = await DismissedAsync(desk);
        var before = await filed.Html(first);
        var (ended, finished) = (await desk.Scalar<DateTime>($"select ended_at from approvals.cases where id = '{filed.Id}'"), await desk.Scalar<DateTime>($"select finished_at from engine.instances where id = '{filed.Id}'"));
        // What was wrong is corrected; what was so at the step stays.
        await desk.Execute("update approvals.users set name = '李示范' where id = 'applicant-li'");
        await desk.AdvanceTo("2026-11-03 10:00");

        var again = await Reissue(desk, Superior, filed, first.Id, "key-1");

        var letters = await filed.Letters();
        Assert.Equal(["示国资退字〔2026〕1号", "示国资退字〔2026〕2号"], letters.Select(l => l.Number));
        var (old, now) = (letters[0], letters[1]);
        Assert.Equal((first.Id, again.Id, first.Sha256), (old.Id, now.Id, old.Sha256));
        Assert.Equal((now.Id, now.Number, old.Id, old.Number), (old.SupersededBy!.Id, old.SupersededBy.Number, now.Supersedes!.Id, now.Supersedes.Number));
        Assert.Equal(("letter.reissued", Superior, Why, CaseDesk.Local("2026-11-03 10:00"), (string?)null), (now.Event, now.IssuedBy!.Id, now.ReissueReason, now.IssuedAt, old.ReissueReason));
        Assert.Equal(before, await filed.Html(old));
        var html = await filed.Html(now);
        foreach (var said in (string[])["本文书系重新出具，取代示国资退字〔2026〕1号文书", "李示范：", "理由如下：不符合申报条件。", "2026年11月3日", "of 21 September 2026"])
            Assert.Contains(said, html, StringComparison.Ordinal);
        Assert.DoesNotContain("李示例：", html, StringComparison.Ordinal);
        // Whoever verifies the earlier one learns that it holds no more.
        var reader = desk.Get<LetterReader>();
        Assert.Equal((true, now.Number), Of(await reader.VerifyAsync(old.Number, old.Sha256, default)));
        Assert.Equal((true, null), Of(await reader.VerifyAsync(now.Number, now.Sha256, default)));
        Assert.Equal((false, null), Of(await reader.VerifyAsync(old.Number, now.Sha256, default)));
        // The case has ended when it did; what was done since is in its record, without the reason's words.
        var entry = (await filed.History())[^1];
        Assert.Equal(("letter.reissued", Superior), (entry.Action, entry.User!.Id));
        Assert.Contains(first.Id.ToString(), entry.Details!.Value.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("姓名用字", entry.Details!.Value.GetRawText(), StringComparison.Ordinal);
        Assert.Equal((ended, finished), (await desk.Scalar<DateTime>($"select ended_at from approvals.cases where id = '{filed.Id}'"), await desk.Scalar<DateTime>($"select finished_at from engine.instances where id = '{filed.Id}'")));
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);

        // And the one that replaced it may be wrong, too.
        var third = await Reissue(desk, Superior, filed, now.Id, "key-2");
        Assert.Equal(("示国资退字〔2026〕3号", third.Id), ((await filed.Letters())[^1].Number, (await filed.Letters())[^1].Id));
        Assert.Equal(3, await desk.Scalar<int>("select last from approvals.letter_serials where issuer_id = 'unit-assets'"));

        static (bool, string?) Of(LetterVerification verification) => (verification.Genuine, verification.ReplacedBy);
    }

    [Fact]
    public async Task Reissue_WhenItIsSentAgainOrByTwoAtOnce_ThenThereIsOneLetterMore_R_DOC_1()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var (filed, first) = await DismissedAsync(desk);

        var again = await Reissue(desk, Superior, filed, first.Id, "key-1");
        Assert.Equal(again, await Reissue(desk, Superior, filed, first.Id, "key-1"));
        var orders = await desk.Orders();
        foreach (var order in orders)
            Assert.Same(OutboxResult.Ok, await desk.Issuing().DeliverAsync(order, default));
        Assert.Equal(again, await Reissue(desk, Superior, filed, first.Id, "key-1"));
        var late = await Assert.ThrowsAsync<WorkflowException>(() => Reissue(desk, Superior, filed, first.Id, "key-2"));
        Assert.Equal((ErrorCodes.WrongState, "replaced"), (late.Code, late.Facts["reason"]));

        Assert.Equal(2, (await filed.Letters()).Count);
        Assert.Equal(ErrorCodes.IdempotencyKeyReused, (await Assert.ThrowsAsync<WorkflowException>(() => Reissue(desk, Superior, filed, first.Id, "key-1", "别的理由"))).Code);

        // Two who ask for the same at once: one of them does it.
        var (other, wrong) = await DismissedAsync(desk);
        var both = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
        {
            try
            {
                await Reissue(desk, Superior, other, wrong.Id, $"both-{i}");
                return "done";
            }
            catch (WorkflowException e) when (e.Code == ErrorCodes.WrongState)
            {
                return (string)e.Facts["reason"]!;
            }
        })));
        Assert.Equal(["being_issued", "being_issued", "being_issued", "done"], both.Order(StringComparer.Ordinal));
        Assert.Equal(2, (await other.Letters()).Count);
    }

    [Fact]
    public async Task Reissue_WhenItIsSomebodyElsesOrSaysNoReason_ThenItIsRefusedAndNothingIsIssued_R_DOC_1()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var (filed, first) = await DismissedAsync(desk);

        // Who decided it, another office's head, the employer's, whom it is about.
        foreach (var user in (string[])[Unit, "bureau-superior", "emp-metro-superior", "applicant-li"])
            Assert.Equal((user, ErrorCodes.Forbidden), (user, (await Assert.ThrowsAsync<WorkflowException>(() => Reissue(desk, user, filed, first.Id, user))).Code));
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => Reissue(desk, "unit-health-superior", filed, first.Id, "stranger"))).Code);
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => Reissue(desk, Superior, filed, Guid.NewGuid(), "nothing"))).Code);
        foreach (var reason in (string?[])[null, " ", new string('长', 501)])
            Assert.Equal(ErrorCodes.InvalidRequest, (await Assert.ThrowsAsync<WorkflowException>(() => Reissue(desk, Superior, filed, first.Id, "no-reason", reason))).Code);
        // A key for another office, or for other roles, isn't one for this.
        var reissuing = desk.Get<LetterReissuing>();
        foreach (var caller in (Approvals.People.Caller[])[desk.As(Superior).Caller with { Organisations = new HashSet<string> { "bureau" } }, desk.As(Superior).Caller with { Roles = new HashSet<string> { "unit.reviewer" } }])
            Assert.Contains((await Assert.ThrowsAsync<WorkflowException>(() => reissuing.ReissueAsync(caller, filed.Id, first.Id, Why, null, default))).Code, (string[])[ErrorCodes.Forbidden, ErrorCodes.NotFound]);

        Assert.Equal(first.Id, Assert.Single(await filed.Letters()).Id);
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.letter_reissues"));
        Assert.Equal(1, await desk.Scalar<int>("select last from approvals.letter_serials where issuer_id = 'unit-assets'"));
    }

    [Fact]
    public async Task Reissue_WhenTheDefinitionAsksForMoreOfTheStepByNow_ThenItIsSaidAsTheCaseHasItAndUntilThenTheLetterIsBeingIssued_R_DOC_1()
    {
        await using var desk = await CaseDesk.OpenAsync(prepare: folder => Declare(folder, "reason?"));
        var (filed, first) = await DismissedAsync(desk);
        using var node = await desk.AnotherAsync(folder => Declare(Path.Combine(folder, desk.Service), "reason?", "issuedOn", "noticeNumber?"));

        await Reissue(desk, Superior, filed, first.Id, "key-1");
        var early = await Assert.ThrowsAsync<WorkflowException>(() => Reissue(desk, Superior, filed, first.Id, "key-2"));
        Assert.Equal((ErrorCodes.WrongState, "being_issued"), (early.Code, early.Facts["reason"]));
        Assert.Same(OutboxResult.Ok, await node.Services.GetRequiredService<IEnumerable<IOutboxHandler>>().OfType<LetterIssuing>().Single().DeliverAsync(Assert.Single(await desk.Orders()), default));

        var late = await Assert.ThrowsAsync<WorkflowException>(() => Reissue(desk, Superior, filed, first.Id, "key-3"));
        Assert.Equal((ErrorCodes.WrongState, "replaced"), (late.Code, late.Facts["reason"]));
        var again = (await filed.Letters())[^1];
        Assert.Equal((2, first.Id), ((await filed.Letters()).Count, again.Supersedes!.Id));
        Assert.Contains("不符合申报条件。", await filed.Html(again), StringComparison.Ordinal);

        static void Declare(string folder, params string[] ofStep)
        {
            var file = Path.Combine(folder, "letters.json");
            var letters = JsonNode.Parse(File.ReadAllText(file))!;
            letters["letters"]!.AsArray().Single(l => (string?)l!["kind"] == "dismissal")!["fields"] =
                new JsonArray([.. ((string[])["you", "caseNumber", "serviceName", "submittedOn", "lapsedOn?", "hotline", "hotlineHours", "address?", .. ofStep]).Select(f => JsonValue.Create(f))]);
            File.WriteAllText(file, letters.ToJsonString());
        }
    }

    private static async Task<(FiledCase Filed, LetterSummary Letter)> DismissedAsync(CaseDesk desk)
    {
        var filed = await desk.SubmittedAsync();
        await desk.As(Employer).Approve(filed);
        await desk.As(Unit).Reject(filed, "不符合申报条件。");
        return (filed, await filed.Letter("dismissal"));
    }

    private static Task<LetterReissue> Reissue(CaseDesk desk, string user, FiledCase filed, Guid letter, string key, string? reason = Why) =>
        desk.Get<LetterReissuing>().ReissueAsync(desk.As(user).Caller, filed.Id, letter, reason, new Runtime.Instances.Idempotency("key:test", key, SHA256.HashData(Encoding.UTF8.GetBytes($"{user} {letter} {reason}"))), default);
}
