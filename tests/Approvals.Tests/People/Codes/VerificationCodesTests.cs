using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.People.Codes;

public sealed class VerificationCodesTests
{
    private const string Phone = "19900000054";

    [Fact]
    public async Task Code_WhenSentAgainstASolvedChallenge_ThenItPassesOnceForItsPhoneAndPurpose_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync();

        var issued = await desk.Node.SendAsync(Phone, purpose: CodePurpose.Register);
        await desk.Node.Deliver();

        var sms = Assert.Single(desk.Sent);
        Assert.Equal((Phone, "sms", true), (sms.To, sms.Channel, sms.Urgent));
        Assert.Matches("^[0-9]{6}$", sms.Params["code"]);
        Assert.Equal($"验证码{sms.Params["code"]}，用于注册账号，5分钟内有效。请勿告诉他人；非本人操作请忽略。", sms.Text);
        Assert.Equal("code_gone", await desk.Node.CheckAsync(issued.Id, "19900000055", sms.Params["code"], CodePurpose.Register));
        Assert.Equal("code_gone", await desk.Node.CheckAsync(issued.Id, Phone, sms.Params["code"], CodePurpose.Login));
        Assert.Equal("code_gone", await desk.Node.CheckAsync(Guid.NewGuid(), Phone, sms.Params["code"], CodePurpose.Register));
        Assert.Equal("passed", await desk.Node.CheckAsync(issued.Id, "+86 199-0000-0054", sms.Params["code"], CodePurpose.Register));
        Assert.Equal("code_used", await desk.Node.CheckAsync(issued.Id, Phone, sms.Params["code"], CodePurpose.Register));
    }

    [Theory]
    [InlineData(299_999, "passed")]
    [InlineData(300_000, "code_gone")]
    public async Task Code_WhenFiveMinutesHavePassed_ThenItIsGone_R_ACC_1(int milliseconds, string expected)
    {
        await using var desk = await CodeDesk.OpenAsync();
        var issued = await desk.Node.SendAsync(Phone);
        await desk.Node.Deliver();

        desk.Pass(TimeSpan.FromMilliseconds(milliseconds));

        Assert.Equal(expected, await desk.Node.CheckAsync(issued.Id, Phone, desk.CodeTo(Phone)));
    }

    [Fact]
    public async Task Code_WhenTriedWronglyAThousandTimesAtOnceOnTwoNodes_ThenFiveTriesAreCountedAndTheRightOneComesTooLate_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync();
        var second = desk.Open();
        var issued = await desk.Node.SendAsync(Phone);
        await desk.Node.Deliver();
        var right = desk.CodeTo(Phone);

        var tries = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => (i % 2 == 0 ? desk.Node : second).CheckAsync(issued.Id, Phone, CodeDesk.Other(right))));

        Assert.Equal(4, tries.Count(t => t == "code_wrong"));
        Assert.Equal(996, tries.Count(t => t == "code_locked"));
        Assert.Equal((short)5, await desk.Scalar<short>("select tries from approvals.codes"));
        // One after the other, and after a restart too.
        var third = desk.Open();
        for (var i = 0; i < 1000; i++)
            Assert.Equal("code_locked", await third.CheckAsync(issued.Id, Phone, right));
    }

    [Fact]
    public async Task Code_WhenTheRightOneIsSentAThousandTimesAtOnce_ThenItPassesOnce_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync();
        var second = desk.Open();
        var issued = await desk.Node.SendAsync(Phone);
        await desk.Node.Deliver();
        var right = desk.CodeTo(Phone);

        var tries = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => (i % 2 == 0 ? desk.Node : second).CheckAsync(issued.Id, Phone, right)));

        Assert.Equal(1, tries.Count(t => t == "passed"));
        Assert.Equal(999, tries.Count(t => t == "code_used"));
    }

    [Fact]
    public async Task Code_WhenTheFifthTryIsRight_ThenItPasses_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync();
        var issued = await desk.Node.SendAsync(Phone);
        await desk.Node.Deliver();
        var right = desk.CodeTo(Phone);

        for (var left = 4; left >= 1; left--)
        {
            var refusal = await Assert.ThrowsAsync<WorkflowException>(() => desk.Node.Codes.CheckAsync(issued.Id, PhoneOf(), CodePurpose.Login, CodeDesk.Other(right), null, default));
            Assert.Equal(("code_wrong", left), (refusal.Facts["fault"], refusal.Facts["triesLeft"]));
        }

        Assert.Equal("passed", await desk.Node.CheckAsync(issued.Id, Phone, $" {right[..3]} {right[3..]} "));
    }

    [Fact]
    public async Task Check_WhenTheSameRequestComesAgain_ThenItPassesAgainAndNoOtherDoes_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync();
        var issued = await desk.Node.SendAsync(Phone);
        await desk.Node.Deliver();
        var right = desk.CodeTo(Phone);
        var request = new Idempotency("key:a", "one", [1, 2, 3]);

        Assert.Equal("passed", await desk.Node.CheckAsync(issued.Id, Phone, right, receipt: request));

        desk.Pass(TimeSpan.FromHours(1));
        Assert.Equal("passed", await desk.Open().CheckAsync(issued.Id, Phone, right, receipt: request));
        foreach (var other in (Idempotency?[])[null, request with { Key = "two" }, request with { Credential = "key:b" }, request with { RequestHash = [1, 2, 4] }])
            Assert.Equal("code_used", await desk.Node.CheckAsync(issued.Id, Phone, right, receipt: other));
    }

    [Fact]
    public async Task Challenge_WhenAnsweredWronglyOnce_ThenItIsSpent_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync();
        var challenge = await desk.Node.ChallengeAsync();

        Assert.Equal("challenge_wrong", await CodeNode.FaultOf(() => desk.Node.IssueAsync(challenge, Phone, answer: "ACE77")));
        Assert.Equal("challenge_gone", await CodeNode.FaultOf(() => desk.Node.IssueAsync(challenge, Phone)));
        Assert.Equal("challenge_gone", await CodeNode.FaultOf(() => desk.Node.IssueAsync(Guid.NewGuid(), Phone)));
        var late = await desk.Node.ChallengeAsync();
        desk.Pass(VerificationCodes.Life);
        Assert.Equal("challenge_gone", await CodeNode.FaultOf(() => desk.Node.IssueAsync(late, Phone)));

        Assert.Equal(0L, await desk.Scalar<long>("select (select count(*) from approvals.codes) + (select count(*) from engine.outbox)"));
    }

    [Fact]
    public async Task Challenge_WhenItsRequestComesFortyTimesAtOnce_ThenOneSmsIsSentAndAllGetTheSameAnswer_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync();
        var second = desk.Open();
        var challenge = await desk.Node.ChallengeAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? desk.Node : second).IssueAsync(challenge, Phone, answer: " ａｃｅ７９")));
        await desk.Node.Deliver();

        Assert.Single(answers.Distinct());
        Assert.Single(desk.Sent);
        // The same challenge buys nothing for another telephone, purpose or answer.
        Assert.Equal("challenge_gone", await CodeNode.FaultOf(() => desk.Node.IssueAsync(challenge, "19900000055")));
        Assert.Equal("challenge_gone", await CodeNode.FaultOf(() => desk.Node.IssueAsync(challenge, Phone, purpose: CodePurpose.Register)));
        Assert.Equal("challenge_gone", await CodeNode.FaultOf(() => desk.Node.IssueAsync(challenge, Phone, answer: "ACE77")));
    }

    [Fact]
    public async Task Tables_WhenACodeIsUnderWay_ThenNoneHoldsThePhoneTheAddressOrTheCode_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync();
        await desk.Node.SendAsync(Phone, "203.0.113.7");
        var before = await EverythingAsync(desk);
        await desk.Node.Deliver();
        var code = desk.CodeTo(Phone);

        Assert.Contains("Sealed", before, StringComparison.Ordinal); // what is searched is really there
        foreach (var secret in (string[])[Phone, code, "203.0.113.7"])
            Assert.DoesNotContain(secret, before, StringComparison.Ordinal);
        Assert.Equal(0L, await desk.Scalar<long>("select (select count(*) from engine.outbox) + (select count(*) from engine.outbox_failed)"));
        Assert.DoesNotContain(Phone, await EverythingAsync(desk), StringComparison.Ordinal);
        Assert.True(await desk.Scalar<bool>("select sent_at is not null and send_error is null from approvals.codes"));

        // Bytes as the text that they may be; hexadecimal digits of a hash could be any digits.
        static Task<string> EverythingAsync(CodeDesk desk) => desk.Scalar<string>("""
            select coalesce(string_agg(convert_from(payload, 'UTF8'), ' '), '') || coalesce((select string_agg(concat_ws(' ', encode(phone, 'escape'), encode(hash, 'escape'), purpose, send_error), ' ') from approvals.codes), '')
                || coalesce((select string_agg(encode(key, 'escape'), ' ') from approvals.code_limits), '') from engine.outbox
            """);
    }

    [Fact]
    public async Task Code_WhenTheGatewayIsDownForItsLife_ThenItIsNeverSentAndLeavesNoDeadLetter_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync();
        desk.Missing["sms"] = true;
        await desk.Node.SendAsync(Phone);
        await desk.Node.Deliver();
        Assert.Single(await desk.Node.Failed());

        desk.Missing.Clear();
        desk.Pass(VerificationCodes.Life);
        await desk.Node.Deliver();

        Assert.Empty(desk.Sent);
        Assert.Empty(await desk.Node.Failed());
        Assert.Equal("it couldn't be sent while it was good", await desk.Scalar<string>("select send_error from approvals.codes"));
    }

    [Fact]
    public async Task Code_WhenTheGatewayRefusesTheNumber_ThenItLeavesNoDeadLetterAndSaysWhy_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync();
        desk.Refusals["sms"] = "isv.MOBILE_NUMBER_ILLEGAL";

        await desk.Node.SendAsync(Phone);
        await desk.Node.Deliver();

        Assert.Empty(await desk.Node.Failed());
        Assert.Equal("isv.MOBILE_NUMBER_ILLEGAL", await desk.Scalar<string>("select send_error from approvals.codes"));
    }

    [Fact]
    public async Task Node_WhenItsKeyIsAnother_ThenItTakesNoPart_R_ACC_1()
    {
        await using var desk = await CodeDesk.OpenAsync();
        await desk.Node.SendAsync(Phone);
        var stranger = desk.Open("elsewhere");

        foreach (var call in (Func<Task>[])[() => stranger.Codes.ChallengeAsync(null, default), () => stranger.IssueAsync(Guid.NewGuid(), Phone), () => stranger.Codes.CheckAsync(Guid.NewGuid(), PhoneOf(), CodePurpose.Login, "000000", null, default)])
            Assert.Equal(ErrorCodes.Unavailable, (await Assert.ThrowsAsync<WorkflowException>(call)).Code);
    }

    private static Approvals.People.PhoneNumber PhoneOf() => Approvals.People.PhoneNumber.TryParse(Phone, out var phone, out _) ? phone : throw new InvalidOperationException();
}
