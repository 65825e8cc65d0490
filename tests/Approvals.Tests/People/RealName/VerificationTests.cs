using Talent.Workflows.Approvals.Integrations.Identity;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.People.RealName;
using Talent.Workflows.Approvals.Tests.People.Codes;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;
using static Talent.Workflows.Approvals.Tests.People.RealName.RealNameDesk;

namespace Talent.Workflows.Approvals.Tests.People.RealName;

/// <summary>实名认证: what the office says, who is bound, and what becomes of outages, repetitions and too many tries.</summary>
public sealed class VerificationTests
{
    private static readonly string Mismatched = PersonDesk.NumberOf(901);

    [Fact]
    public async Task Verification_WhenTheOfficeHasAnswered_ThenTheThreeAnswersAreTold_R_ACC_2_R_INT_1()
    {
        await using var desk = await OpenAsync();
        var (li, wang) = (await desk.RegisterAsync(Li, PhoneOfLi), await desk.RegisterAsync(Wang, "19900007702"));
        Assert.Equal("unverified verify", await StateAsync(Li, li));

        await desk.AskAsync(Li, li);
        Assert.Equal("pending", await StateAsync(Li, li));
        await desk.Desk.Deliver();
        Assert.Equal("verified", await StateAsync(Li, li));
        Assert.NotNull((await desk.ReadAsync(Li, li)).VerifiedAt);

        Assert.Equal("mismatch", await desk.VerifyAsync(Wang, wang, number: Mismatched));
        Assert.Equal("姓名与身份证号码不匹配，请核对后重新交验。", (await desk.ReadAsync(Wang, wang)).Zh);
        // What didn't fit was never the person's.
        Assert.Null((await desk.People.Reader.ReadOwnAsync(desk.People.As(Wang), default)).ResidentId);

        Assert.Equal("bound_to_another", await desk.VerifyAsync(Wang, wang));
        Assert.Equal("bound_to_another face_check rebind appeal verify", await StateAsync(Wang, wang));
        Assert.Equal((true, false), (await desk.IsVerified(li), await desk.IsVerified(wang)));
        // Nothing says whose account it is, to the person or to an officer.
        foreach (var user in (string[])[Wang, "bureau-reviewer-1"])
            Assert.DoesNotContain(Li, System.Text.Json.JsonSerializer.Serialize(await desk.ReadAsync(user, wang)), StringComparison.Ordinal);
        Assert.Equal(ErrorCodes.NotFound, await RefusalOf(() => desk.ReadAsync(Li, wang)));
        Assert.Equal(ErrorCodes.Forbidden, await RefusalOf(() => desk.AskAsync("bureau-reviewer-1", wang)));

        async Task<string> StateAsync(string user, Guid person) => await desk.ReadAsync(user, person) is var view ? string.Join(' ', view.NextActions.Select(a => a.Action).Prepend(view.State)) : "";
    }

    [Theory]
    [InlineData("110199198602140255", "id_check")]
    [InlineData("11019919860214025", "id_length")]
    [InlineData("110199198613140254", "id_birth")]
    [InlineData("", "id_length")]
    public async Task Verification_WhenTheNumberCantBeOne_ThenTheReasonIsSaidAndNobodyIsAsked_R_ACC_2(string number, string code)
    {
        await using var desk = await OpenAsync();
        var li = await desk.RegisterAsync(Li, PhoneOfLi);

        var refusal = await Assert.ThrowsAsync<WorkflowException>(() => desk.AskAsync(Li, li, number: number));

        Assert.Equal(ErrorCodes.InvalidForm, refusal.Code);
        Assert.Equal([code], ((IEnumerable<Approvals.Cases.Forms.FormError>)refusal.Facts["errors"]!).Select(e => e.Code));
        Assert.Equal(ErrorCodes.InvalidForm, await RefusalOf(() => desk.Desk.Get<RealNameCommands>().StartAsync(desk.People.As(Li), li, new NewVerification(), null, default)));
        await desk.Desk.Deliver();
        Assert.Equal((0, "unverified"), (desk.Office.Requests, (await desk.ReadAsync(Li, li)).State));
    }

    [Fact]
    public async Task Verification_WhenSeveralAccountsClaimANumberAtOnce_ThenOneIsBoundAndTheOthersAreTold_R_ACC_2()
    {
        await using var desk = await OpenAsync();
        var accounts = (string[])[Li, Wang, Zhang, Liu];
        var people = new List<Guid>();
        foreach (var user in accounts)
            people.Add(await desk.RegisterAsync(user, $"1990000770{people.Count}"));

        await Task.WhenAll(accounts.Zip(people, (user, person) => Task.Run(() => desk.AskAsync(user, person))));
        await desk.Desk.Deliver();

        var states = new List<string>();
        for (var i = 0; i < people.Count; i++)
            states.Add((await desk.ReadAsync(accounts[i], people[i])).State);
        Assert.Equal(["bound_to_another", "bound_to_another", "bound_to_another", "verified"], states.Order());
        Assert.Equal(1L, await desk.Desk.Scalar<long>("select count(*) from approvals.people where verified_at is not null"));
    }

    [Fact]
    public async Task Verification_WhenTheOfficeIsDownForDays_ThenItIsParkedVisiblyAndGoesOnByItselfOnce_R_ACC_2_R_INT_1()
    {
        await using var desk = await OpenAsync();
        var li = await desk.RegisterAsync(Li, PhoneOfLi);
        desk.Office.IsUp = false;

        await desk.AskAsync(Li, li);
        await desk.Desk.Deliver();
        var parked = await desk.ReadAsync(Li, li);
        Assert.Equal(("pending", 1), (parked.State, parked.Parked!.Attempts));
        for (var hour = 0; hour < 48; hour++)
        {
            desk.Pass(TimeSpan.FromHours(1));
            await desk.Desk.Deliver();
        }
        // Asking for the same again adds no question.
        await desk.AskAsync(Li, li);
        Assert.False(Assert.Single(await desk.Desk.Get<DeadLetters>().ListAsync(deadOnly: false, 0, 100, default)).Dead);

        desk.Office.IsUp = true;
        desk.Pass(TimeSpan.FromHours(1));
        await desk.Desk.Deliver();

        Assert.Equal(("verified", (ParkedVerification?)null), await desk.ReadAsync(Li, li) is var view ? (view.State, view.Parked) : default);
        Assert.Single(desk.Office.Answered);
        Assert.Empty(await desk.Desk.Get<DeadLetters>().ListAsync(deadOnly: false, 0, 100, default));
    }

    [Fact]
    public async Task Verification_WhenTheNodeDiedBetweenAnswerAndBinding_ThenTheRepetitionBindsOnce_R_ACC_2_R_INT_1()
    {
        await using var desk = await OpenAsync();
        var li = await desk.RegisterAsync(Li, PhoneOfLi);
        await desk.AskAsync(Li, li);
        // The office answered, and whoever asked was killed before it wrote the answer down.
        var id = await desk.Desk.Scalar<Guid>("select id from approvals.identity_verifications");
        Assert.True(ResidentId.TryParse(Number, DateOnly.MaxValue, out var number, out _));
        Assert.IsType<OutsideAnswer<IdentityResult>.Answered>(await desk.Desk.Get<IIdentityVerification>().VerifyAsync(id.ToString("N"), Name, number, default));
        await desk.Desk.Execute("""
            insert into engine.outbox (id, instance_id, kind, payload, created_at) select o.id, o.instance_id, o.kind, o.payload, o.created_at
            from engine.outbox o, generate_series(1, 5) where o.kind = 'outside.real-name'
            """);

        await desk.Desk.Deliver();

        Assert.Equal("verified", (await desk.ReadAsync(Li, li)).State);
        Assert.Equal(2L, await desk.Desk.Scalar<long>("select version from approvals.people"));
        Assert.Single(desk.Office.Answered);
        // And once more, long afterwards.
        await desk.Desk.Execute($"insert into engine.outbox (id, instance_id, kind, payload, created_at) values ('{id}', '{id}', 'outside.real-name', '{{}}', now())");
        await desk.Desk.Deliver();
        Assert.Equal(2L, await desk.Desk.Scalar<long>("select version from approvals.people"));
        Assert.Empty(await desk.Desk.Get<DeadLetters>().ListAsync(deadOnly: false, 0, 100, default));
    }

    [Fact]
    public async Task Verification_WhenTheAnswerIsBoundToAnotherAndComesTwice_ThenItIsTheSame_R_ACC_2()
    {
        await using var desk = await OpenAsync();
        var (_, wang) = await desk.BoundAsync();
        var before = await desk.Desk.Scalar<long>($"select version from approvals.people where id = '{wang}'");

        await desk.Desk.Execute("insert into engine.outbox (id, instance_id, kind, payload, created_at) select id, id, 'outside.real-name', '{}', now() from approvals.identity_verifications");
        await desk.Desk.Deliver();

        Assert.Equal(("bound_to_another", before), ((await desk.ReadAsync(Wang, wang)).State, await desk.Desk.Scalar<long>($"select version from approvals.people where id = '{wang}'")));
    }

    [Fact]
    public async Task Verification_WhenNameOrNumberChangeMeanwhile_ThenNothingIsBoundAndNobodyIsAsked_R_ACC_2()
    {
        await using var desk = await OpenAsync();
        var li = await desk.RegisterAsync(Li, PhoneOfLi);

        await desk.AskAsync(Li, li);
        await desk.People.Commands.ChangeAsync(desk.People.As(Li), li, new PersonChange(Name: "李改名"), null, default);
        await desk.Desk.Deliver();
        Assert.Equal(("changed", 0), ((await desk.ReadAsync(Li, li)).State, desk.Office.Requests));

        // A telephone is nobody's name.
        var (code, digits) = await desk.Desk.SentCode("19900007799", CodePurpose.PhoneChange);
        await desk.AskAsync(Li, li);
        await desk.People.Commands.ChangeAsync(desk.People.As(Li), li, new PersonChange(Phone: "19900007799", CodeId: code, Code: digits), null, default);
        await desk.Desk.Deliver();
        Assert.Equal("verified", (await desk.ReadAsync(Li, li)).State);
        Assert.Equal("199****7799", (await desk.People.Reader.ReadOwnAsync(desk.People.As(Li), default)).Phone);
    }

    [Fact]
    public async Task Verification_WhenSomebodyVerifiedHasAnotherName_ThenTheOldOneStaysUntilTheNewOneIsVerified_R_ACC_2()
    {
        await using var desk = await OpenAsync();
        var li = await desk.RegisterAsync(Li, PhoneOfLi);
        Assert.Equal("verified", await desk.VerifyAsync(Li, li));
        var refusal = await Assert.ThrowsAsync<WorkflowException>(() => desk.People.Commands.ChangeAsync(desk.People.As(Li), li, new PersonChange(Name: "李改名"), null, default));
        Assert.Equal(ErrorCodes.WrongState, refusal.Code);
        Assert.Contains("重新实名认证", refusal.MessageZh, StringComparison.Ordinal);
        Assert.Equal(ErrorCodes.WrongState, await RefusalOf(() => desk.People.Commands.ChangeAsync(desk.People.As(Li), li, new PersonChange(ResidentId: PersonDesk.NumberOf(27)), null, default)));

        Assert.Equal("mismatch", await desk.VerifyAsync(Li, li, IdentitySimulator.Nobody));
        Assert.Equal((Name, true), await OwnAsync());
        Assert.Equal("verified", await desk.VerifyAsync(Li, li, "李改名"));
        Assert.Equal(("李改名", true), await OwnAsync());
        Assert.Equal(Number, await desk.People.Revealed(Li, li, "residentId"));

        // A number that another account holds stays theirs, and one's own stays one's own.
        var wang = await desk.RegisterAsync(Wang, "19900007702");
        Assert.Equal("verified", await desk.VerifyAsync(Wang, wang, number: PersonDesk.NumberOf(27)));
        Assert.Equal("bound_to_another", await desk.VerifyAsync(Wang, wang));
        Assert.Equal((true, true), (await desk.IsVerified(li), await desk.IsVerified(wang)));
        Assert.Equal(PersonDesk.NumberOf(27), await desk.People.Revealed(Wang, wang, "residentId"));
        Assert.Equal("nothing_to_rebind", await RefusalOf(() => desk.SendCodeAsync(Wang, wang, Guid.NewGuid())));

        async Task<(string, bool)> OwnAsync() => await desk.People.Reader.ReadOwnAsync(desk.People.As(Li), default) is var own ? (own.Name, own.VerifiedAt is not null) : default;
    }

    [Fact]
    public async Task Verification_WhenTriedAThousandTimes_ThenItIsRefusedUntilTheNextDay_R_ACC_2()
    {
        await using var desk = await OpenAsync();
        var (li, wang) = (await desk.RegisterAsync(Li, PhoneOfLi), await desk.RegisterAsync(Wang, "19900007702"));
        var refusals = new Dictionary<string, int>(StringComparer.Ordinal);

        for (var i = 0; i < 1000; i++)
            try
            {
                await desk.AskAsync(Li, li, $"李{(char)('一' + i)}");
            }
            catch (WorkflowException e) when (e.Code == ErrorCodes.RateLimited)
            {
                var limit = (string)e.Facts["limit"]!;
                refusals[limit] = refusals.GetValueOrDefault(limit) + 1;
                Assert.InRange((int)e.Facts["retryAfterSeconds"]!, 1, 24 * 60 * 60);
            }

        Assert.Equal(995, Assert.Single(refusals).Value);
        Assert.Equal("verification", refusals.Keys.Single());
        // Of five that replaced each other one is left to ask.
        await desk.Desk.Deliver();
        Assert.Equal(1, desk.Office.Requests);
        Assert.Equal("bound_to_another", await desk.VerifyAsync(Wang, wang));
        desk.Pass(TimeSpan.FromDays(1));
        Assert.Equal("verified", await desk.VerifyAsync(Li, li));
    }

    [Fact]
    public async Task Verification_WhenANumberIsTriedByManyAccounts_ThenItsOwnLimitHolds_R_ACC_2()
    {
        await using var desk = await OpenAsync();
        var (taken, refused) = (0, new List<string>());

        foreach (var (user, index) in ((string[])[Li, Wang, Zhang, Liu, Huang]).Select((u, i) => (u, i)))
        {
            var person = await desk.RegisterAsync(user, $"1990000771{index}");
            for (var i = 0; i < 5; i++)
                try
                {
                    await desk.AskAsync(user, person, $"试{(char)('一' + index)}{(char)('一' + i)}");
                    taken++;
                }
                catch (WorkflowException e)
                {
                    refused.Add((string)e.Facts["limit"]!);
                }
        }

        Assert.Equal(20, taken);
        Assert.Equal(Enumerable.Repeat("verification-number", 5), refused);
    }

    [Fact]
    public async Task Verification_WhenTheRequestIsRepeated_ThenItIsOneTry_R_ACC_2()
    {
        await using var desk = await OpenAsync();
        var (li, wang) = (await desk.RegisterAsync(Li, PhoneOfLi), await desk.RegisterAsync(Wang, "19900007702"));
        var commands = desk.Desk.Get<RealNameCommands>();
        var once = new Idempotency("key:test", "k-1", new byte[32]);

        for (var i = 0; i < 10; i++)
            await commands.StartAsync(desk.People.As(Li), li, new NewVerification(Name, Mismatched), once, default);
        await desk.Desk.Deliver();
        await commands.StartAsync(desk.People.As(Li), li, new NewVerification(Name, Mismatched), once, default);

        Assert.Equal((1L, "mismatch"), (await desk.Desk.Scalar<long>("select count(*) from approvals.identity_verifications"), (await desk.ReadAsync(Li, li)).State));
        Assert.Equal(ErrorCodes.IdempotencyKeyReused, await RefusalOf(() => commands.StartAsync(desk.People.As(Li), li, new NewVerification(Name, Number), once with { RequestHash = [1] }, default)));
        Assert.Equal(ErrorCodes.IdempotencyKeyReused, await RefusalOf(() => commands.StartAsync(desk.People.As(Wang), wang, new NewVerification(Name, Number), once, default)));
    }

    [Fact]
    public async Task Verification_WhenItIsOver_ThenNoTableHasTheNumberInClearAndTheQuestionHasNone_R_ACC_2_R_AUD_2()
    {
        await using var desk = await OpenAsync();
        var (li, _) = await desk.BoundAsync();
        await desk.AskAsync(Li, li, "李又改");

        Assert.Equal(1L, await desk.Desk.Scalar<long>("select count(*) from approvals.identity_verifications where name is not null or resident_id is not null"));
        foreach (var (table, text) in await desk.People.DumpAsync())
        {
            Assert.All(PersonDesk.Spellings(Number), n => Assert.DoesNotContain(n, text, StringComparison.OrdinalIgnoreCase));
            if (table.StartsWith("engine.", StringComparison.Ordinal))
                Assert.All(PersonDesk.Spellings("李又改"), n => Assert.DoesNotContain(n, text, StringComparison.OrdinalIgnoreCase));
        }
    }
}
